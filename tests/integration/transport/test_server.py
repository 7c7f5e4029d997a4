"""The listener and its peers: who is let in, and what a slow or hostile one can do."""

import select
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.listening import ask, asking, read_answer

from oso_adapter.errors import Unreachable
from oso_adapter.identifiers import Oin
from oso_adapter.simulator.pki import LeafFiles, Pki
from oso_adapter.transport.client import HttpsClient
from oso_adapter.transport.tls import TlsFiles, client_context

CLIENT_OIN = Oin("00000099000000002000")
MEGABYTE = 2**20


def test_the_application_knows_the_oin_of_the_certificate_of_its_peer(
    shared: Any, client: HttpsClient
) -> None:
    assert CLIENT_OIN == ask(client, shared.url)["peer"]


def test_calls_one_after_another_use_one_connection(shared: Any, client: HttpsClient) -> None:
    ports = {ask(client, shared.url)["port"] for _ in range(3)}

    assert 1 == len(ports)


def test_a_certificate_without_an_oin_passes_the_handshake_for_the_application_to_judge(
    shared: Any, pki: Pki
) -> None:
    client = asking(pki.leaf("anonymous"), pki.roots)

    assert "no-oin" == ask(client, shared.url)["peer"]
    client.close()


def refused_leaves(pki: Pki, directory: Path) -> Iterator[tuple[str, LeafFiles]]:
    now = datetime.now(UTC)
    yield "unknown-ca", Pki.create(directory / "other").leaf("stranger", CLIENT_OIN)
    yield "expired", pki.leaf("expired", CLIENT_OIN, not_after=now - timedelta(days=1))
    yield (
        "not-yet-valid",
        pki.leaf("early", CLIENT_OIN, not_before=now + timedelta(days=1)),
    )
    yield "wrong-purpose", pki.leaf("wrong-purpose", CLIENT_OIN, purpose="server")


def test_a_certificate_that_is_not_valid_is_refused_in_the_handshake_and_the_log_says_why(
    shared: Any, pki: Pki, tmp_path: Path
) -> None:
    for reason, leaf in refused_leaves(pki, tmp_path):
        client = asking(leaf, pki.roots)
        with pytest.raises(Unreachable, match="tls"):
            ask(client, shared.url)
        client.close()
        line = shared.listener.wait_for("tls.handshake_refused")
        assert (reason, "127.0.0.1") == (line["reason"], line["peer"])


def test_a_client_without_a_certificate_is_refused(shared: Any, pki: Pki) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(pki.roots)

    with shared.tls(context) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        with pytest.raises(ssl.SSLError, match=r"(?i)alert"):
            connection.recv(1)

    assert "no-certificate" == shared.listener.wait_for("tls.handshake_refused")["reason"]


def test_what_is_not_tls_is_refused(shared: Any) -> None:
    with shared.tcp() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        while connection.recv(65536):
            pass

    assert "protocol" == shared.listener.wait_for("tls.handshake_refused")["reason"]


def test_a_suite_without_forward_secrecy_is_refused(shared: Any, client_files: TlsFiles) -> None:
    context = client_context(client_files)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("AES256-GCM-SHA384")

    with pytest.raises(ssl.SSLError):
        shared.tls(context)

    assert "protocol" == shared.listener.wait_for("tls.handshake_refused")["reason"]


def test_tls_1_2_is_spoken(shared: Any, client_files: TlsFiles) -> None:
    context = client_context(client_files)
    context.maximum_version = ssl.TLSVersion.TLSv1_2

    with shared.tls(context) as connection:
        assert "TLSv1.2" == connection.version()


def test_a_request_that_is_no_http_is_answered_and_not_repeated_in_the_log(
    shared: Any, client_files: TlsFiles
) -> None:
    with shared.tls(client_context(client_files)) as connection:
        connection.sendall(b"GET /123456782 WRONG\r\n\r\n")
        answer = connection.recv(65536)

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"123456782" not in answer
    shared.listener.wait_for("http.refused")
    assert "123456782" not in shared.listener.text


def test_a_revoked_certificate_is_refused_and_another_is_not(
    start: Callable[..., Any], pki: Pki, client: HttpsClient
) -> None:
    revoked = pki.leaf("revoked", CLIENT_OIN)
    address = start(crl=[str(pki.crl(revoked.certificate))])
    refused = asking(revoked, pki.roots)

    assert CLIENT_OIN == ask(client, address.url)["peer"]
    with pytest.raises(Unreachable, match="tls"):
        ask(refused, address.url)
    refused.close()
    assert "revoked" == address.listener.wait_for("tls.handshake_refused")["reason"]


def test_past_the_next_update_of_the_crl_everybody_is_refused_until_there_is_a_new_one(
    start: Callable[..., Any], pki: Pki, client: HttpsClient
) -> None:
    past = datetime.now(UTC) - timedelta(hours=1)
    address = start(crl=[str(pki.crl(next_update=past))])

    with pytest.raises(Unreachable, match="tls"):
        ask(client, address.url)
    assert "crl-expired" == address.listener.wait_for("tls.handshake_refused")["reason"]

    pki.crl()
    assert CLIENT_OIN == ask(client, address.url)["peer"]


def test_a_new_certificate_is_used_without_a_restart_and_a_broken_one_is_not(
    start: Callable[..., Any], pki: Pki, client_files: TlsFiles
) -> None:
    leaf = pki.leaf("renewing", CLIENT_OIN)
    address = start(certificate=str(leaf.certificate), key=str(leaf.key))

    def shown() -> str:
        with address.tls(client_context(client_files)) as connection:
            return str((connection.getpeercert() or {})["serialNumber"])

    first = shown()
    pki.leaf("renewing", CLIENT_OIN)
    second = shown()
    assert first != second
    address.listener.wait_for("tls.reloaded")

    leaf.certificate.write_text("half a certif")
    assert second == shown()
    address.listener.wait_for("tls.reload_failed")


def test_silent_and_stalled_peers_do_not_take_service_away(
    start: Callable[..., Any], client: HttpsClient, client_files: TlsFiles
) -> None:
    address = start(deadlines={"handshake": 30.0, "read": 30.0})
    context = client_context(client_files)
    with ExitStack() as open_connections:
        peers = []
        for _ in range(40):
            peers.append(open_connections.enter_context(address.tcp()))
        for _ in range(2):
            peer = open_connections.enter_context(address.tcp())
            peer.sendall(b"\x16\x03\x01\x02\x00\x01")
            peers.append(peer)
        for _ in range(2):
            peer = open_connections.enter_context(address.tls(context))
            peer.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf")
            peers.append(peer)

        assert CLIENT_OIN == ask(client, address.url)["peer"]

        still_open, _, _ = select.select(peers, [], [], 0)
        # a session ticket or an alert would make a peer readable; nothing was sent to any of them
        assert [] == still_open


def test_peers_that_are_silent_for_too_long_do_not_keep_a_thread_either(
    start: Callable[..., Any], client: HttpsClient
) -> None:
    address = start(deadlines={"handshake": 1.0})
    with ExitStack() as open_connections:
        for _ in range(40):
            open_connections.enter_context(address.tcp())
        last = open_connections.enter_context(address.tcp())
        # past TCP_DEFER_ACCEPT the kernel hands them over, and the server closes them
        assert b"" == last.recv(1)

        assert CLIENT_OIN == ask(client, address.url)["peer"]


@pytest.mark.parametrize(
    ("begin", "event"),
    [(b"\x16\x03\x01\x02\x00\x01", "tls.handshake_refused"), (b"", "http.stalled")],
    ids=["handshake", "request"],
)
def test_a_stalled_peer_is_left_at_the_deadline_and_logged(
    begin: bytes, event: str, start: Callable[..., Any], client_files: TlsFiles
) -> None:
    address = start(deadlines={"handshake": 0.3, "read": 0.3})
    if begin:
        with address.tcp() as peer:
            peer.sendall(begin)
            assert b"" == peer.recv(1)
    else:
        with address.tls(client_context(client_files)) as peer:
            peer.sendall(b"POST / HTTP/1.1\r\nHost: local")
            assert b"" == peer.recv(1)

    assert "127.0.0.1" == address.listener.wait_for(event)["peer"]
    assert "library.message" not in address.listener.text


def test_a_request_that_trickles_in_ends_at_the_deadline_of_the_whole(
    start: Callable[..., Any], client_files: TlsFiles
) -> None:
    address = start(deadlines={"request": 0.5})

    with address.tls(client_context(client_files)) as peer:
        peer.sendall(b"GET / HTTP/1.1\r\n")
        while not select.select([peer], [], [], 0.05)[0]:
            peer.sendall(b"X")

    address.listener.wait_for("http.stalled")


def test_a_length_beyond_the_limit_is_answered_without_reading_the_body(
    shared: Any, client_files: TlsFiles
) -> None:
    with shared.tls(client_context(client_files)) as connection:
        connection.sendall(
            b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2147483648\r\n\r\n"
        )
        connection.sendall(bytes(MEGABYTE))
        answer = read_answer(connection)

    assert (500, 2**31) == (answer["status"], answer["size"])


def test_a_client_that_waits_for_100_continue_gets_its_answer(
    shared: Any, client_files: TlsFiles
) -> None:
    with shared.tls(client_context(client_files)) as connection:
        connection.sendall(
            b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n"
            b"Expect: 100-continue\r\n\r\n"
        )
        assert connection.recv(65536).startswith(b"HTTP/1.1 100 ")
        connection.sendall(b"hello")
        answer = read_answer(connection)

    assert (200, 5) == (answer["status"], answer["size"])


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_a_client_that_goes_on_sending_can_read_its_answer_and_memory_stays_bounded(
    framing: str, shared: Any, client: HttpsClient, client_files: TlsFiles
) -> None:
    before = ask(client, shared.url)["memory"]
    piece = bytes(MEGABYTE)
    if framing == "length":
        header, data, end = f"Content-Length: {200 * MEGABYTE}", piece, b""
    else:
        header, data = "Transfer-Encoding: chunked", b"100000\r\n" + piece + b"\r\n"
        end = b"0\r\n\r\n"

    with shared.tls(client_context(client_files)) as connection:
        connection.sendall(f"POST / HTTP/1.1\r\nHost: localhost\r\n{header}\r\n\r\n".encode())
        for _ in range(200):
            connection.sendall(data)
        connection.sendall(end)
        answer = read_answer(connection)

    assert 500 == answer["status"]
    assert ask(client, shared.url)["memory"] - before < 20 * 1024

"""Calls of the client: what goes out, what counts as an answer, whom it trusts."""

import socket
import ssl
import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.answers import always, answer, read_request
from support.scripted import with_option

from oso_adapter.chain.soap import SoapCaller
from oso_adapter.errors import ConfigurationError, MalformedAnswer, Unreachable
from oso_adapter.simulator.pki import Pki
from oso_adapter.transport.client import HttpsClient
from oso_adapter.transport.tls import TlsFiles
from oso_adapter.wire.envelope import wrap
from oso_adapter.wire.messages import Message, write

PARTY = "Traffic Center"


def test_the_answer_to_a_post_is_the_root_of_its_document(scripted: Any, client: Any) -> None:
    url = scripted(always(answer(b"<answer/>")))

    assert "answer" == client.post_xml(url, b"<question/>", party=PARTY).tag


@pytest.mark.parametrize("value", ["", "{namespace}/{operation}"])
def test_the_soap_action_is_that_of_the_contract(scripted: Any, client: Any, value: str) -> None:
    heads = []

    def listen(tls: ssl.SSLSocket, _number: int) -> None:
        heads.append(read_request(tls).partition(b"\r\n\r\n")[0].decode())
        tls.sendall(answer(wrap(write(Message("pingResponse"), contract))))

    contract = with_option("soap_action", value)
    SoapCaller(client, contract).call(scripted(listen), Message("pingRequest"), party=PARTY)

    action = value and f"{contract.namespace}/ping"
    assert f'SOAPAction: "{action}"' in heads[0].split("\r\n")


def test_a_soap_fault_comes_with_status_500_and_is_an_answer(scripted: Any, client: Any) -> None:
    url = scripted(always(answer(b"<fault/>", "500 Internal Server Error")))

    assert "fault" == client.post_xml(url, b"<question/>", party=PARTY).tag


def test_the_request_names_xml_and_asks_for_no_compression(scripted: Any, client: Any) -> None:
    seen = []

    def script(tls: ssl.SSLSocket, _number: int) -> None:
        seen.append(read_request(tls).decode())
        tls.sendall(answer(b"<answer/>"))

    client.post_xml(scripted(script), b"<question/>", party=PARTY)

    assert "Content-Type: text/xml; charset=utf-8" in seen[0]
    assert 'SOAPAction: ""' in seen[0]
    assert "Accept-Encoding: identity" in seen[0]


@pytest.mark.parametrize(
    "reply",
    [
        answer(b"<not closed>"),
        answer(b"<!DOCTYPE a><a/>"),
        answer(b""),
        answer(b"<a/>", "404 Not Found"),
        answer(b"<a/>", "302 Found", "Location: https://localhost:1/"),
        answer(b"\x1f\x8b", "200 OK", "Content-Encoding: gzip"),
        answer(b"<a>" + b"x" * 5000 + b"</a>"),
    ],
    ids=["malformed", "doctype", "empty", "404", "redirect", "gzip", "too large"],
)
def test_what_is_no_proper_answer_is_refused(
    reply: bytes, scripted: Any, client_files: TlsFiles
) -> None:
    client = HttpsClient(client_files, max_size=4096)

    with pytest.raises(MalformedAnswer):
        client.post_xml(scripted(always(reply)), b"<question/>", party=PARTY)
    client.close()


def test_what_is_packed_in_an_answer_counts_against_the_same_limit(
    scripted: Any, client_files: TlsFiles
) -> None:
    contract = with_option("dossier_form", "base64-gzip")
    dossier = b'<d xmlns="http://www.edustandaard.nl/x">' + b"x" * 8192 + b"</d>"
    packed = wrap(write(Message("documentResponse", {}, dossier), contract))
    client = HttpsClient(client_files, max_size=4096)

    with pytest.raises(MalformedAnswer):
        ask_document(SoapCaller(client, contract), scripted(always(answer(packed))))
    client.close()

    larger = HttpsClient(client_files, max_size=2 * 8192)
    url = scripted(always(answer(packed)))
    assert dossier == ask_document(SoapCaller(larger, contract), url).dossier
    larger.close()


def ask_document(soap: SoapCaller, url: str) -> Message:
    address = {"bronBrin": "99AA", "bronRouteringsKenmerk": "0000000700099AA00001"}
    values = {
        **address,
        **{name.replace("bron", "doel"): value for name, value in address.items()},
        "koppelsleutel": "19677A96-B737-402E-B3B8-24A3EEF32000",
        "overdrachtsoort": "overstapdossier",
        "sessieId": "11111111-2222-4333-8444-555555555555",
    }
    return soap.call(url, Message("documentRequest", values), party=PARTY)


def test_a_peer_that_is_busy_or_down_behind_its_gateway_is_unreachable(
    scripted: Any, client: Any
) -> None:
    url = scripted(always(answer(b"busy", "503 Service Unavailable")))

    with pytest.raises(Unreachable, match="HTTP 503"):
        client.post_xml(url, b"<question/>", party=PARTY)


def test_an_answer_without_end_is_not_read_to_its_end(
    scripted: Any, client_files: TlsFiles
) -> None:
    def endless(tls: ssl.SSLSocket, _number: int) -> None:
        read_request(tls)
        tls.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n<a>\r\n")
        try:
            while True:
                tls.sendall(b"10\r\n0123456789abcdef\r\n" * 1000)
        except OSError:
            return

    client = HttpsClient(client_files, max_size=2**20)

    with pytest.raises(MalformedAnswer):
        client.post_xml(scripted(endless), b"<question/>", party=PARTY)
    client.close()


@pytest.mark.parametrize("framing", ["chunked", "length"])
def test_an_answer_that_trickles_ends_as_a_whole(
    framing: str, scripted: Any, client_files: TlsFiles
) -> None:
    gone = threading.Event()

    def trickle(tls: ssl.SSLSocket, _number: int) -> None:
        read_request(tls)
        if framing == "chunked":
            tls.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n<a>\r\n")
        else:
            tls.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n<a>")
        try:
            while not gone.wait(0.02):
                tls.sendall(b"1\r\nx\r\n" if framing == "chunked" else b"x")
        except OSError:
            return

    client = HttpsClient(client_files, read_timeout=10, answer_timeout=0.2)

    with pytest.raises(Unreachable, match="timeout"):
        client.post_xml(scripted(trickle), b"<question/>", party=PARTY)
    gone.set()
    client.close()


def test_a_peer_that_does_not_answer_is_a_timeout(scripted: Any, client_files: TlsFiles) -> None:
    def silent(tls: ssl.SSLSocket, _number: int) -> None:
        read_request(tls)
        tls.recv(1)

    client = HttpsClient(client_files, read_timeout=0.2)

    with pytest.raises(Unreachable, match="timeout"):
        client.post_xml(scripted(silent), b"<question/>", party=PARTY)
    client.close()


def test_the_reason_of_a_failure_is_a_word_and_not_the_text_of_a_library(client: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        free = taken.getsockname()[1]

    for url, reason in (
        (f"https://localhost:{free}/", "refused"),
        ("https://nobody.invalid/", "dns"),
    ):
        with pytest.raises(Unreachable) as failure:
            client.post_xml(url, b"<question/>", party=PARTY)
        assert reason == failure.value.reason
        assert f"{PARTY} could not be reached: {reason}" == str(failure.value)
        assert failure.value.__suppress_context__


def test_a_server_of_another_authority_is_refused_whatever_the_environment_says(
    scripted: Any, client_files: TlsFiles, pki: Pki, tmp_path: Path, monkeypatch: Any
) -> None:
    url = scripted(always(answer(b"<answer/>")))
    other = Pki.create(tmp_path / "other")
    for variable in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(variable, str(pki.roots))
    client = HttpsClient(replace(client_files, roots=(other.roots,)))

    with pytest.raises(Unreachable, match="tls"):
        client.post_xml(url, b"<question/>", party=PARTY)
    client.close()


def test_a_server_under_another_name_is_refused(scripted: Any, client: Any) -> None:
    url = scripted(always(answer(b"<answer/>"))).replace("localhost", "127.0.0.2")

    with pytest.raises(Unreachable, match="tls"):
        client.post_xml(url, b"<question/>", party=PARTY)


def test_an_address_without_tls_is_refused(client: Any) -> None:
    with pytest.raises(ConfigurationError, match="https"):
        client.post_xml("http://localhost/", b"<question/>", party=PARTY)


def test_proxies_of_the_environment_are_without_effect(
    scripted: Any, client: Any, monkeypatch: Any
) -> None:
    for variable in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(variable, "http://127.0.0.1:1")
    url = scripted(always(answer(b"<answer/>")))

    assert "answer" == client.post_xml(url, b"<question/>", party=PARTY).tag


def test_a_proxy_that_is_set_is_used_and_sees_only_the_tunnel(
    scripted: Any, client_files: TlsFiles
) -> None:
    url = scripted(always(answer(b"<answer/>")))
    seen = []

    def proxy(listener: socket.socket) -> None:
        near, _ = listener.accept()
        head = b""
        while b"\r\n\r\n" not in head:
            head += near.recv(4096)
        seen.append(head.split(b"\r\n")[0].decode())
        host, _, port = head.split()[1].decode().partition(":")
        with near, socket.create_connection((host, int(port))) as far:
            near.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            back = threading.Thread(target=pump, args=(far, near))
            back.start()
            pump(near, far)
            back.join()

    def pump(source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=proxy, args=(listener,))
        thread.start()
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        client = HttpsClient(client_files, proxy_url=address)
        assert "answer" == client.post_xml(url, b"<question/>", party=PARTY).tag
        client.close()
        thread.join(timeout=20)

    assert ["CONNECT", url.removeprefix("https://").rstrip("/")] == seen[0].split()[:2]

"""Who may connect: certificates, versions and suites, in both directions; and slow peers."""

import re
import shutil
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.asker import Asker
from support.chain import ACCOUNT, School, an_order
from support.dossiers import NUMBERS

from oso_adapter.errors import Unreachable
from oso_adapter.exchange.orders import place
from oso_adapter.identifiers import Oin
from oso_adapter.simulator.pki import LeafFiles, Pki
from oso_adapter.store import exchanges
from oso_adapter.transport.tls import TlsFiles, client_context
from oso_adapter.work.inline import Runner

STRANGER = Oin("00000099000000088000")
A_DAY = timedelta(days=1)
WARNED = pytest.warns(DeprecationWarning, match=r"TLSv1(\.1)?")


def knock(asker: Asker, context: ssl.SSLContext) -> None:
    """Connect and send a request; what is refused comes as an error of TLS or of the connection."""
    context.check_hostname = True
    with (
        asker.tcp() as plain,
        context.wrap_socket(plain, server_hostname="localhost") as sock,
    ):
        sock.sendall(b"GET /oso/20200910?wsdl HTTP/1.1\r\nHost: localhost\r\n\r\n")
        if not sock.recv(1):
            raise ConnectionResetError


def without_certificate(asker: Asker, _directory: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(asker.bron.chain.pki.roots)
    return context


def showing(leaf_of: Callable[[Pki, Path], LeafFiles]) -> Callable[[Asker, Path], ssl.SSLContext]:
    def make(asker: Asker, directory: Path) -> ssl.SSLContext:
        pki = asker.bron.chain.pki
        leaf = leaf_of(pki, directory)
        return client_context(TlsFiles(leaf.certificate, leaf.key, (pki.roots,)))

    return make


def speaking(change: Callable[[ssl.SSLContext], object]) -> Callable[[Asker, Path], ssl.SSLContext]:
    def make(asker: Asker, directory: Path) -> ssl.SSLContext:
        context = showing(lambda pki, _: pki.leaf("spreker", STRANGER))(asker, directory)
        change(context)
        return context

    return make


def at_most(version: ssl.TLSVersion) -> Callable[[ssl.SSLContext], None]:
    def change(context: ssl.SSLContext) -> None:
        context.set_ciphers("ALL:@SECLEVEL=0")
        with WARNED:
            context.minimum_version = version
        with WARNED:
            context.maximum_version = version

    return change


def with_suite(suite: str) -> Callable[[ssl.SSLContext], None]:
    def change(context: ssl.SSLContext) -> None:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(f"{suite}:@SECLEVEL=0")

    return change


REFUSED: dict[str, tuple[Callable[[Asker, Path], ssl.SSLContext], str]] = {
    "no certificate": (without_certificate, "no-certificate"),
    "a certificate of another CA": (
        showing(lambda _, folder: Pki.create(folder / "other").leaf("vreemd", STRANGER)),
        "unknown-ca",
    ),
    "an expired certificate": (
        showing(lambda pki, _: pki.leaf("oud", STRANGER, not_after=datetime.now(UTC) - A_DAY)),
        "expired",
    ),
    "a certificate that is not valid yet": (
        showing(lambda pki, _: pki.leaf("vroeg", STRANGER, not_before=datetime.now(UTC) + A_DAY)),
        "not-yet-valid",
    ),
    "a certificate for servers only": (
        showing(lambda pki, _: pki.leaf("server", STRANGER, purpose="server")),
        "wrong-purpose",
    ),
    "TLS 1.1": (speaking(at_most(ssl.TLSVersion.TLSv1_1)), "protocol"),
    "TLS 1.0": (speaking(at_most(ssl.TLSVersion.TLSv1)), "protocol"),
    "a suite without forward secrecy": (speaking(with_suite("AES256-GCM-SHA384")), "protocol"),
    "a suite with CBC": (speaking(with_suite("ECDHE-ECDSA-AES256-SHA384")), "protocol"),
    "a suite with SHA-1": (speaking(with_suite("ECDHE-ECDSA-AES128-SHA")), "protocol"),
    "a suite without encryption": (speaking(with_suite("ECDHE-ECDSA-NULL-SHA")), "protocol"),
    "a suite without a certificate": (speaking(with_suite("AECDH-AES128-SHA")), "protocol"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_peer_is_refused_in_the_handshake_and_the_log_says_why(
    asker: Asker, tmp_path: Path, kind: str
) -> None:
    make, reason = REFUSED[kind]
    before = refusals(asker, reason)

    with pytest.raises((ssl.SSLError, ConnectionError)):
        knock(asker, make(asker, tmp_path))

    while refusals(asker, reason) == before:
        asker.wait_for_event("tls.handshake_refused", reason=reason, peer="127.0.0.1")
    asker.assert_serves()


def refusals(asker: Asker, reason: str) -> int:
    lines = [line for line in asker.bron.logged() if line["event"] == "tls.handshake_refused"]
    return len([line for line in lines if line["reason"] == reason])


def test_plain_http_is_refused(asker: Asker) -> None:
    with asker.tcp() as sock:
        sock.sendall(b"POST /oso/20200910 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"HTTP" not in sock.recv(100)

    asker.assert_serves()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_tls_1_2_and_1_3_are_spoken(asker: Asker, tmp_path: Path, version: ssl.TLSVersion) -> None:
    def change(context: ssl.SSLContext) -> None:
        context.minimum_version = context.maximum_version = version

    context = speaking(change)(asker, tmp_path)

    assert 200 == asker.post(b"", method="GET", path="/oso/20200910?wsdl", context=context).status


def test_forty_silent_and_four_stalled_peers_do_not_keep_a_dossier_from_a_good_one(
    asker: Asker,
) -> None:
    with ExitStack() as connections:
        for _ in range(40):
            connections.enter_context(asker.tcp())
        for _ in range(2):
            connections.enter_context(asker.tcp()).sendall(b"\x16\x03\x01\x02\x00\x01")
        for _ in range(2):
            stalled = connections.enter_context(asker.tls())
            stalled.sendall(
                b"POST /oso/20200910 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n<"
            )

        asker.assert_serves()


@pytest.fixture
def impostor(asker: Asker) -> Iterator[School]:
    """A school beside the others, whose endpoint runs with whatever certificate it is given.

    Its certificate is replaced while it runs: new connections get the new one.
    """
    school = asker.bron.chain.add_school(f"99D{chr(ord('A') + len(asker.bron.chain.schools))}")
    school.start("public")
    yield school
    school.stop()


def test_our_client_asks_no_bron_with_a_certificate_that_is_not_right(
    asker: Asker, impostor: School, tmp_path: Path
) -> None:
    pki, doel = asker.bron.chain.pki, asker.doel
    leaf = impostor.brin.lower()
    places = impostor.settings().transport
    client = doel.client(keep_idle=0)
    reached = client.request_json("GET", impostor.url, party="bron")[0]

    def of_another_ca() -> None:
        other = Pki.create(tmp_path / "other").leaf(leaf, impostor.oin)
        shutil.copy(other.certificate, places.certificate)
        shutil.copy(other.key, places.key)

    changes: dict[str, Callable[[], object]] = {
        "another host": lambda: pki.leaf(leaf, impostor.oin, hosts=("elders.example",)),
        "expired": lambda: pki.leaf(leaf, impostor.oin, not_after=datetime.now(UTC) - A_DAY),
        "for clients only": lambda: pki.leaf(leaf, impostor.oin, purpose="client"),
        "another CA": of_another_ca,
    }
    outcomes = {}
    for name, change in changes.items():
        change()
        with pytest.raises(Unreachable, match="the bron could not be reached: tls") as raised:
            client.request_json("GET", impostor.url, party="the bron")
        outcomes[name] = raised.value.reason
    client.close()

    assert 405 == reached
    assert dict.fromkeys(changes, "tls") == outcomes
    doel_adapter = asker.adapter
    order = an_order(NUMBERS[0], bron=str(impostor.brin))
    ids = place(doel_adapter, doel.administration(doel_adapter), ACCOUNT, [order])
    Runner(doel_adapter).run_until_done(ids)
    with doel_adapter.store.reading() as session:
        assert "GeenAntwoord" == exchanges.found(session, ids[0]).result
    assert not re.search(r"endpoint\.fault", impostor.log.read_text())

"""Reading the OSR in the forms that it may have, over real mutual TLS."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from oso_adapter.chain.brake import Brake
from oso_adapter.chain.osr import Mandate, Osr, OsrRefused
from oso_adapter.errors import MalformedAnswer, Unreachable
from oso_adapter.identifiers import Brin, Oin, RoutingId
from oso_adapter.simulator.pki import Pki
from oso_adapter.transport.client import HttpsClient
from oso_adapter.transport.tls import TlsFiles, server_context

BRIN, OURS = Brin("99AA"), Oin("00000099000000011000")
ROUTING_ID = RoutingId("0000000700099AA00001")
SCHOOL = {"name": "School", "oin": "0000000700099AA00000", "brin": "99AA"}
ENDPOINT = {"id": 7, "routing_id": ROUTING_ID, "url": "https://las.example/oso"}
NUMBER = "123456782"


class Register(ThreadingHTTPServer):
    """Answers as it is told; asked: the methods and paths that were called."""

    daemon_threads = True
    status = 200
    answers: tuple[Any, ...] = ()

    def __init__(self, pki: Pki) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[str] = []
        leaf = pki.leaf("register", hosts=("localhost",))
        context = server_context(TlsFiles(leaf.certificate, leaf.key, (pki.roots,)))
        self.socket = context.wrap_socket(self.socket, server_side=True)

    def says(self, *answers: Any, status: int = 200) -> None:
        """One answer a call, the last for all that follow; None is an empty body."""
        self.answers, self.status = answers, status
        self.asked.clear()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Register

    def do_GET(self) -> None:
        self.server.asked.append(f"{self.command} {self.path.partition('?')[0]}")
        answer = self.server.answers[min(len(self.server.asked), len(self.server.answers)) - 1]
        body = b"" if answer is None else json.dumps(answer).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on standard error."""


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Register, HttpsClient]]:
    pki = Pki.create(tmp_path_factory.mktemp("osr"))
    leaf = pki.leaf("las", oin=OURS)
    client = HttpsClient(TlsFiles(leaf.certificate, leaf.key, (Path(pki.roots),)))
    with Register(pki) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server, client
        client.close()
        server.shutdown()
        thread.join()


@pytest.fixture
def server(register: tuple[Register, HttpsClient]) -> Register:
    return register[0]


@pytest.fixture
def osr(register: tuple[Register, HttpsClient]) -> Osr:
    server, client = register
    url = f"https://localhost:{server.server_address[1]}"
    return Osr(client, url, "urn:x", "key", "API-Key", Brake(burst=1000))


READS: dict[str, Callable[[Osr], Any]] = {
    "school": lambda osr: osr.school(BRIN),
    "mandate": lambda osr: osr.own_mandate(OURS, BRIN),
    "endpoint": lambda osr: osr.endpoint(ROUTING_ID),
    "endpoints": lambda osr: osr.endpoints_of_school(BRIN),
}


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize("answer", [["/api/v2/x/1"], [7], "x", 7, [None], [[]]])
def test_another_form_than_that_of_the_osr_is_malformed(
    server: Register, osr: Osr, read: str, answer: Any
) -> None:
    server.says(answer)

    with pytest.raises(MalformedAnswer):
        READS[read](osr)


@pytest.mark.parametrize(
    ("read", "answer"),
    [
        ("school", [{"name": "School", "brin": "99AA"}]),
        ("school", [{**SCHOOL, "brin": 7}]),
        ("school", None),
        ("mandate", [{"token": 7}]),
        ("mandate", [{"token": "t", "start_date": "morgen"}]),
        ("mandate", [{"token": "t", "start_date": 2025}]),
        ("endpoint", [{"routing_id": ROUTING_ID, "url": "https://x"}]),
        ("endpoint", [{**ENDPOINT, "url": None}]),
        ("endpoints", [{**ENDPOINT, "end_date": ["2025-01-01"]}]),
    ],
)
def test_what_is_missing_or_of_another_kind_is_malformed(
    server: Register, osr: Osr, read: str, answer: Any
) -> None:
    server.says(answer)

    with pytest.raises(MalformedAnswer):
        READS[read](osr)


def test_a_detail_that_is_none_is_malformed(server: Register, osr: Osr) -> None:
    server.says([ENDPOINT], None)

    with pytest.raises(MalformedAnswer):
        osr.endpoint(ROUTING_ID)


def test_fields_that_are_not_known_here_are_passed_over(server: Register, osr: Osr) -> None:
    server.says([{**SCHOOL, "vestigingen": [{"x": 1}], "oa_id": None}])

    found = osr.school(BRIN)
    assert found is not None
    assert "School" == found.name


def test_a_moment_counts_as_its_day_in_the_netherlands(server: Register, osr: Osr) -> None:
    moments = {"start_date": "2025-07-31T22:00:00Z", "end_date": "2026-07-31T00:00:00"}
    server.says([{"token": "t", **moments}])

    assert Mandate("t", date(2025, 8, 1), date(2026, 7, 31)) == osr.own_mandate(OURS, BRIN)


def test_a_school_or_endpoint_that_was_not_asked_for_is_not_taken(
    server: Register, osr: Osr
) -> None:
    server.says([{**SCHOOL, "brin": "99ZZ"}])
    assert osr.school(BRIN) is None

    server.says([{**SCHOOL, "brin": "99ZZ"}, SCHOOL])
    assert osr.school(BRIN) is not None

    server.says([{**ENDPOINT, "routing_id": "0000000700099AA00002"}])
    assert osr.endpoint(ROUTING_ID) is None


@pytest.mark.parametrize(
    ("status", "answer", "mandated"),
    [
        (200, None, True),
        (204, None, True),
        (200, "OK", True),
        (200, [{"_links": {}}], True),
        (200, [], False),
        (404, {"message": "mandate not found"}, False),
        (404, None, False),
    ],
)
def test_whether_there_is_a_mandate_is_told_by_the_status(
    server: Register, osr: Osr, status: int, answer: Any, mandated: bool
) -> None:
    server.says(answer, status=status)

    assert mandated is osr.is_mandated(OURS, BRIN)
    if answer != "OK":
        assert osr.own_mandate(OURS, BRIN) is None


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"message": "Validation error(s)"}, ": Validation error(s)"),
        ({"message": f"leerling {NUMBER} x"}, ": leerling *** x"),
        ({"message": "twee\nregels"}, ""),
        ({"message": ["x"]}, ""),
        (None, ""),
    ],
)
def test_the_reason_of_the_osr_is_told_without_numbers(
    server: Register, osr: Osr, answer: Any, said: str
) -> None:
    server.says(answer, status=400)

    with pytest.raises(OsrRefused) as refused:
        osr.school(BRIN)
    assert f"the OSR refused the request (HTTP 400){said}" == str(refused.value)


@pytest.mark.parametrize("status", [429, 503])
def test_an_osr_that_cannot_answer_now_is_out_of_reach(
    server: Register, osr: Osr, status: int
) -> None:
    server.says(None, status=status)

    with pytest.raises(Unreachable):
        osr.school(BRIN)


def test_reading_is_braked(server: Register, osr: Osr) -> None:
    pauses: list[float] = []
    braked = Osr(
        osr.client, osr.url, "urn:x", "key", "API-Key",
        Brake(burst=2, now=lambda: 0.0, sleep=pauses.append),
    )  # fmt: skip
    server.says([ENDPOINT], ENDPOINT)
    braked.endpoint(ROUTING_ID)
    assert [] == pauses

    server.says([SCHOOL])
    braked.school(BRIN)
    assert [1.0] == pauses

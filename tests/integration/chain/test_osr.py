"""Reading the OSR in the forms that it may have, over real mutual TLS."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from oso_adapter.chain.osr import Mandate, Osr, OsrBusy, OsrRefused, ServiceVersion
from oso_adapter.chain.osr_calls import BackOff, OsrCaller
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
    retry_after = ""
    kind = "application/json"
    answers: tuple[Any, ...] = ()

    def __init__(self, pki: Pki) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[str] = []
        leaf = pki.leaf("register", hosts=("localhost",))
        context = server_context(TlsFiles(leaf.certificate, leaf.key, (pki.roots,)))
        self.socket = context.wrap_socket(self.socket, server_side=True)

    def says(
        self,
        *answers: Any,
        status: int = 200,
        retry_after: str = "",
        kind: str = "application/json",
    ) -> None:
        """One answer a call, the last for all that follow; None is an empty body."""
        self.answers, self.status, self.retry_after = answers, status, retry_after
        self.kind = kind
        self.asked.clear()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Register

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.asked.append(f"{self.command} {self.path.partition('?')[0]}")
        answer = self.server.answers[min(len(self.server.asked), len(self.server.answers)) - 1]
        body = b"" if answer is None else json.dumps(answer).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Type", self.server.kind)
        self.send_header("Content-Length", str(len(body)))
        if self.server.retry_after:
            self.send_header("Retry-After", self.server.retry_after)
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_PUT = do_DELETE = do_GET

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
    return Osr(OsrCaller(client, url, "key", "API-Key", lambda: None), "urn:x")


READS: dict[str, Callable[[Osr], Any]] = {
    "school": lambda osr: osr.school(BRIN),
    "mandate": lambda osr: osr.own_mandates(),
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

    assert [Mandate("t", date(2025, 8, 1), date(2026, 7, 31))] == osr.own_mandates()


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


def test_a_page_that_says_not_found_is_no_answer_about_a_mandate(
    server: Register, osr: Osr
) -> None:
    """It is of a proxy, or of an address that is wrong; nobody is refused for it."""
    server.says("Not Found", status=404, kind="text/html; charset=utf-8")

    with pytest.raises(MalformedAnswer, match="a page came"):
        osr.is_mandated(OURS, BRIN)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"message": "Validation error(s)"}, ": Validation error(s)"),
        ({"message": f"leerling {NUMBER} x"}, ": leerling *** x"),
        ({"message": "twee\nregels"}, ""),
        ({"message": {"x": "y"}}, ""),
        ({"message": "nee", "errors": ["url", f"kenmerk {NUMBER}"]}, ": nee; url; kenmerk ***"),
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


def test_every_read_waits_for_its_turn_and_no_write_does(server: Register, osr: Osr) -> None:
    turns: list[int] = []
    paced = replace(osr, calls=replace(osr.calls, wait=lambda: turns.append(1)))
    server.says([ENDPOINT], ENDPOINT)
    paced.endpoint(ROUTING_ID)
    assert 2 == len(turns)

    paced.delete_endpoint("7")
    assert 2 == len(turns)


class Nap:
    """A sleeper that notes how long it was told to sleep."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def back_off(self, *pauses: float) -> BackOff:
        return BackOff(pauses, sleep=self.slept.append, jitter=lambda: 1.0)


@pytest.mark.parametrize("status", [429, 500, 503, 403])
def test_a_busy_osr_is_asked_again_after_pauses_and_then_given_up(
    server: Register, osr: Osr, status: int
) -> None:
    server.says(None, status=status)
    nap = Nap()

    with pytest.raises((OsrBusy, OsrRefused)):
        osr.patient(nap.back_off(2.0, 10.0)).school(BRIN)

    assert [2.0, 10.0] == nap.slept
    assert ["GET /schools"] * 3 == server.asked


def test_the_osr_says_itself_how_long_to_wait(server: Register, osr: Osr) -> None:
    server.says(None, status=429, retry_after="7")
    nap = Nap()
    with pytest.raises(OsrBusy):
        osr.patient(nap.back_off(2.0)).school(BRIN)
    assert [9.0] == nap.slept

    server.says(None, status=429, retry_after="86400")
    with pytest.raises(OsrBusy):
        osr.patient(nap.back_off(2.0)).school(BRIN)
    assert [9.0] == nap.slept


def test_those_who_wait_do_not_come_back_together() -> None:
    slept: list[float] = []
    for jitter in (0.0, 0.5):
        BackOff((10.0,), sleep=slept.append, jitter=lambda j=jitter: j).waited(0, 0.0)  # type: ignore[misc]

    assert [5.0, 7.5] == slept


def test_a_write_is_sent_once_whatever_comes(server: Register, osr: Osr) -> None:
    server.says(None, status=503)

    with pytest.raises(OsrBusy):
        osr.patient(Nap().back_off(1.0)).update_endpoint("7", url="https://x.example")
    assert ["PUT /endpoints/7"] == server.asked


def test_version_three_names_boards_and_endpoints_otherwise(server: Register, osr: Osr) -> None:
    uuid = "11111111-2222-4333-8444-555555555555"
    named = {**{n: v for n, v in ENDPOINT.items() if n != "id"}, "uuid": uuid}
    server.says([named], named)
    found = osr.endpoint(ROUTING_ID)
    assert found is not None
    assert uuid == found.id
    assert f"GET /endpoints/{uuid}" == server.asked[-1]

    for name in ("number", "bgeCode", "bge_code"):
        server.says({name: "40001", "schools": ["/api/v3/schools/1"]})
        board = osr.board_at("40001")
        assert board is not None
        assert ("40001", ("/api/v3/schools/1",)) == (board.number, board.schools)


def test_a_link_is_followed_on_the_same_host_only(server: Register, osr: Osr) -> None:
    server.says(SCHOOL)
    found = osr.school_at("/api/v9/schools/1")
    assert found is not None
    assert ["GET /api/v9/schools/1"] == server.asked

    for elsewhere in ("//evil.example/x", "https://evil.example/x", 7):
        server.says([{**SCHOOL, "_links": {"board": {"href": elsewhere}}}])
        with pytest.raises(MalformedAnswer):
            osr.school(BRIN)


def test_a_service_version_is_usable_when_it_is_active(server: Register, osr: Osr) -> None:
    server.says([{"namespace": "urn:a", "status": "active"}, {"namespace": "urn:b"}])

    assert [True, False] == [version.is_active for version in osr.service_versions()]
    assert ServiceVersion("urn:a", "active") == osr.service_versions()[0]


@pytest.mark.parametrize("answer", [{"routing_id": ROUTING_ID}, ROUTING_ID])
def test_a_routing_id_is_proposed_in_either_form(
    server: Register, osr: Osr, answer: object
) -> None:
    server.says(answer)

    assert ROUTING_ID == osr.available_routing_id(BRIN)

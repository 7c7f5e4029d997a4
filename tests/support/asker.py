"""The doelschool as a caller of a served endpoint: sessions by our client, bytes by hand."""

import base64
import http.client
import socket
import sqlite3
import ssl
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from lxml import etree

from oso_adapter.bounded_xml import parse
from oso_adapter.chain.traffic_center import Parties, subject
from oso_adapter.demo.comparison import canonical
from oso_adapter.exchange import prepare
from oso_adapter.exchange.adapter import Adapter, outgoing_files
from oso_adapter.identifiers import Pgn, RoutingId, SessionId
from oso_adapter.transport.tls import client_context
from oso_adapter.wire.contract import load
from oso_adapter.wire.envelope import SoapFault, open_envelope, read_fault, wrap
from oso_adapter.wire.messages import Message, read, write
from oso_adapter.wire.search_key import SearchKey
from support.chain import ACCOUNT, School
from support.dossiers import NUMBERS, dossier

MARKER = "Merkteken7Qx"
"""Put into what is sent, and searched in everything that is written and answered."""

CONTRACT = load()
PATIENCE = 30.0
XML = "text/xml; charset=utf-8"


@dataclass(frozen=True)
class Answer:
    """What came over HTTP."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def message(self) -> Message:
        """The OSO message of an answer that is no fault."""
        assert 200 == self.status, self.body
        return read(open_envelope(parse(self.body)), CONTRACT)

    @property
    def code(self) -> str:
        """The code of a refusal in ``resultaat``."""
        return str(self.message.values["resultaat"])

    @property
    def fault(self) -> SoapFault:
        """The fault, as our own client reads it."""
        assert 500 == self.status, self.body
        assert self.headers["Content-Type"] == XML
        return read_fault(open_envelope(parse(self.body)))

    @property
    def sentence(self) -> str:
        """The text of the fault."""
        return str(parse(self.body).findtext(".//faultstring"))


@dataclass
class Asker:
    """School ``doel`` asks the endpoint that ``bron`` serves.

    expected: the dossier of the first of NUMBERS, as the bronschool prepared it.
    """

    doel: School
    bron: School
    expected: bytes = b""

    @cached_property
    def adapter(self) -> Adapter:
        return self.doel.adapter()

    @cached_property
    def context(self) -> ssl.SSLContext:
        return client_context(outgoing_files(self.doel.settings()))

    @property
    def parties(self) -> Parties:
        return Parties(
            self.bron.brin, self.doel.brin, self.doel.routing_id, RoutingId(self.bron.routing_id)
        )

    def session(self, number: str) -> dict[str, Any]:
        """A session for a pupil, as the values of the documentRequest that belongs to it."""
        return self.session_with(self.adapter.search_key.make(Pgn(number)))

    def session_with(self, key: SearchKey) -> dict[str, Any]:
        """A session for a zoeksleutel."""
        center = self.adapter.traffic_center
        grant = center.open_session(self.parties, key, "overstapdossier")
        return {
            **self.parties.values(),
            **subject(key),
            "overdrachtsoort": "overstapdossier",
            "sessieId": str(grant.session_id),
        }

    def sign_off(self, values: Mapping[str, Any]) -> None:
        """Close the session of a documentRequest."""
        session = SessionId(values["sessieId"])
        self.adapter.traffic_center.sign_off(self.parties, session, "OverdrachtGeslaagd")

    @cached_property
    def good(self) -> dict[str, Any]:
        """A documentRequest in an open session that gets the dossier, as often as it is sent."""
        return self.session(NUMBERS[0])

    def assert_serves(self) -> None:
        """A good request still gets its dossier, unchanged."""
        came = self.ask(self.good).message.dossier
        assert came is not None
        assert canonical(parse(self.expected)) == canonical(parse(came))

    def ask(self, values: Mapping[str, Any], **how: Any) -> Answer:
        """Send a documentRequest."""
        return self.post(request(values), **how)

    def post(
        self,
        body: Any,
        *,
        method: str = "POST",
        path: str = "/oso/20200910",
        content_type: str = XML,
        headers: Mapping[str, str] | None = None,
        context: ssl.SSLContext | None = None,
    ) -> Answer:
        """One HTTP request on a connection of its own; a body that is an iterator goes chunked."""
        address = ("localhost", self.bron.port)
        connection = http.client.HTTPSConnection(
            *address, context=context or self.context, timeout=PATIENCE
        )
        with closing(connection):
            all_headers = {"Content-Type": content_type, **(headers or {})}
            connection.request(method, path, body, all_headers)
            return _answer(connection.getresponse())

    @contextmanager
    def tls(self) -> Iterator[ssl.SSLSocket]:
        """A connection to write bytes on."""
        with (
            self.tcp() as plain,
            self.context.wrap_socket(plain, server_hostname="localhost") as sock,
        ):
            yield sock

    def tcp(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.bron.port), timeout=PATIENCE)

    def wait_for_event(self, name: str, **fields: Any) -> dict[str, Any]:
        """The last logged event with this name and these fields, waiting until it is there."""
        process = self.bron.processes[-1]
        for _ in range(600):
            for line in reversed(self.bron.logged()):
                if line["event"] == name and fields.items() <= line.items():
                    return line
            try:
                process.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
            raise AssertionError(f"the endpoint ended without {name}")
        raise AssertionError(f"{name} did not come")

    def worker(self) -> int:
        """Process id of the worker that answers."""
        parent = self.bron.processes[-1].pid
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii")
        return int(children.split()[0])

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        """Everything in the store of the bronschool, but not the events and their chain."""
        with closing(sqlite3.connect(self.bron.store_file)) as db:
            db.row_factory = sqlite3.Row
            tables = db.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table'"
                " AND name NOT LIKE 'sqlite_%' AND name NOT IN ('events', 'event_chains')"
            ).fetchall()
            return {t: [dict(row) for row in db.execute(f"SELECT * FROM {t}")] for (t,) in tables}

    def written(self) -> bytes:
        """All bytes that the bronschool has written: store, write-ahead log and log."""
        files = [*self.bron.folder.glob("adapter.sqlite*"), self.bron.log]
        return b"".join(file.read_bytes() for file in files)


def answers_on(sock: ssl.SSLSocket, count: int = 1) -> list[Answer]:
    """Read answers from a connection that bytes were written on by hand."""
    found = []
    for _ in range(count):
        response = http.client.HTTPResponse(sock)
        response.begin()
        found.append(_answer(response))
    return found


def request(values: Mapping[str, Any]) -> bytes:
    """The SOAP document of a documentRequest."""
    return wrap(write(Message("documentRequest", values), CONTRACT))


def element(values: Mapping[str, Any]) -> etree._Element:
    """The documentRequest alone, to change."""
    return parse(write(Message("documentRequest", values), CONTRACT))


def prepared(school: School, *numbers: str, doel: str = "99BB", **more: Any) -> dict[str, bytes]:
    """Prepare dossiers and make them ready; gives what each number has to give."""
    adapter = school.adapter()
    owner = school.administration(adapter)
    found = {}
    for position, number in enumerate(numbers, 1):
        reference = f"P-{position}"
        prepare.put(adapter, owner, ACCOUNT, dossier(number, reference=reference, **more))
        inzage = prepare.Inzage(date(2025, 3, 2), "Ja")
        prepare.record_inzage(adapter, owner, ACCOUNT, reference, inzage)
        prepare.make_ready(adapter, owner, ACCOUNT, reference, [type(school.brin)(doel)])
        found[number] = prepare.show(adapter, owner, ACCOUNT, reference)
    return found


def forms(text: str) -> list[bytes]:
    """A text as it may stand in a file: plain, and in Base64 at each of the three offsets."""
    octets = text.encode()
    shifted = [base64.b64encode(b"-" * n + octets)[4:-4] for n in range(3)]
    return [octets, *(form for form in shifted if len(form) > 8)]


def _answer(response: http.client.HTTPResponse) -> Answer:
    return Answer(response.status, dict(response.getheaders()), response.read())

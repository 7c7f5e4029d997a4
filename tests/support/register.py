"""Many schools in a simulated OSR that is called without a network; all but TLS is real."""

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import islice, product
from pathlib import Path
from string import ascii_uppercase
from threading import get_ident
from typing import Any, cast
from urllib.parse import urlsplit

from sqlalchemy import select

from oso_adapter.chain.osr import Osr
from oso_adapter.chain.osr_calls import AT_ONCE, BackOff, OsrCaller
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.osr_sync import Outcome, sync
from oso_adapter.identifiers import Brin, Oin, RoutingId
from oso_adapter.simulator import osr, seed
from oso_adapter.simulator.register import Endpoint, endpoints
from oso_adapter.simulator.state import State
from oso_adapter.store import administrations
from oso_adapter.store.engine import Store
from oso_adapter.store.models import Administration, AdministrationKind
from oso_adapter.transport.client import HttpsClient, JsonAnswer
from support.fetching import TestClock
from support.stores import upgraded

KEY = "sleutel-van-ons"
OURS = Oin("00000099000000050000")
THEIRS = Oin("00000099000000051000")
NIGHT = datetime(2026, 3, 12, 2, tzinfo=UTC)
BEGIN = date(2024, 8, 1)
NEXT = "http://xml.kennisnet.nl/schemas/Overstapservice/20260901"
CUT_OVER = date(2026, 8, 1)


def brins(count: int) -> list[Brin]:
    """Different test BRINs."""
    letters = product(ascii_uppercase, repeat=2)
    return [Brin(f"99{''.join(pair)}") for pair in islice(letters, count)]


class Opened(State):
    """A state for thousands of calls in one thread, which opens its file once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._thread = get_ident()
        self._opened = ExitStack()
        self._db = self._opened.enter_context(super()._connection())
        super().__init__(path)

    def close(self) -> None:
        self._opened.close()

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        if get_ident() != self._thread:
            with super()._connection() as db:
                yield db
            return
        try:
            yield self._db
        finally:
            self._db.rollback()


@dataclass
class Direct:
    """Stands in for the HTTPS client."""

    state: State
    clock: TestClock

    def ask_json(self, method: str, url: str, **how: Any) -> JsonAnswer:
        found = re.fullmatch("/api/v([23])(/.*)", urlsplit(url).path)
        assert found is not None
        headers: Mapping[str, str] = how.get("headers") or {}
        body = json.loads(json.dumps(how.get("body")))
        request = osr.Request(
            *(method, found[2], OURS, how.get("params") or {}, body, headers.get("API-Key")),
            version=int(found[1]),
        )
        status, answer = osr.answer(request, state=self.state, clock=self.clock)
        return JsonAnswer(status, answer, {"Retry-After": "1"} if status == 429 else {})


@dataclass
class Night:
    """A register, an adapter with administrations, and a clock."""

    adapter: Adapter
    state: Opened
    clock: TestClock
    tokens: dict[str, str]

    def close(self) -> None:
        self.adapter.store.close()
        self.state.close()

    @property
    def namespace(self) -> str:
        return self.adapter.settings.chain.osr_namespace

    @property
    def url(self) -> str:
        return str(self.adapter.settings.transport.public_url)

    def administer(self, brin: Brin, serial: int = 1, **more: Any) -> RoutingId:
        """One administration more; gives its kenmerk."""
        return self.administer_all([brin], serial, **more)[0]

    def administer_all(self, schools: list[Brin], serial: int = 1, **more: Any) -> list[RoutingId]:
        values = {"kind": AdministrationKind.LAS, "valid_from": BEGIN, **more}
        found = [RoutingId.of_school(brin, serial) for brin in schools]
        with self.adapter.store.writing() as session:
            for brin, routing_id in zip(schools, found, strict=True):
                named = {"name": f"School {brin}", "tenant": "t"}
                administrations.add(session, brin=brin, routing_id=routing_id, **named, **values)
        return found

    def mandate_all(self, schools: list[Brin]) -> None:
        """The schools are in the register, and have mandated us."""
        with self.state.write() as db:
            board = db.execute("SELECT id FROM boards").fetchone()["id"]
            service = db.execute("SELECT id FROM services").fetchone()["id"]
            for brin in schools:
                school = db.execute(
                    "INSERT INTO schools (brin, name, sector, board) VALUES (?, ?, 'PO', ?)"
                    " RETURNING id",
                    (brin, f"School {brin}", board),
                ).fetchone()["id"]
                self.tokens[brin] = f"mandaat-{brin}"
                db.execute(
                    "INSERT INTO mandates (token, school, supplier, service, start_date)"
                    " VALUES (?, ?, ?, ?, ?)",
                    (self.tokens[brin], school, OURS, service, BEGIN.isoformat()),
                )

    def register_all(self, schools: list[Brin], url: str | None = None) -> None:
        """Their endpoints are in the register, by this software or former software of ours."""
        with self.state.write() as db:
            for brin in schools:
                db.execute(
                    "INSERT INTO endpoints (routing_id, mandate, service_version, url, attributes,"
                    " start_date) SELECT ?, mandates.id, service_versions.id, ?, 'LAS', ?"
                    " FROM mandates JOIN service_versions USING (service)"
                    " WHERE token = ? AND namespace = ?",
                    (
                        *(RoutingId.of_school(brin, 1), url or self.url, BEGIN.isoformat()),
                        *(self.tokens[brin], self.namespace),
                    ),
                )

    def sync(self, back_off: BackOff = AT_ONCE, **how: Any) -> Outcome:
        return sync(self.adapter, None, osr=self.adapter.osr.patient(back_off), **how)

    def calls(self, method: str = "") -> list[str]:
        """Calls that the register got, or those of a method."""
        return [e.message for e in self.state.events() if e.message.startswith(method)]

    def writes(self) -> int:
        return sum(not message.startswith("GET") for message in self.calls())

    def registered(self, brin: str | None = None) -> list[Endpoint]:
        """What is in the register and has not ended."""
        with self.state.read() as db:
            found = endpoints(db, brin=brin)
        today = self.clock().date().isoformat()
        return [e for e in found if (e.end_date or "9999") > today]

    def next_day(self) -> None:
        self.clock.forward(days=1)

    def end(self, last: date) -> None:
        """All administrations have this last day."""
        with self.adapter.store.writing() as session:
            for row in session.scalars(select(Administration)):
                row.valid_until = last

    def calling(self, kind: type[Direct]) -> "Night":
        """The same, with another kind of register."""
        client = cast(HttpsClient, kind(self.state, self.clock))
        calls = replace(self.adapter.osr.calls, client=client)
        osr = replace(self.adapter.osr, calls=calls)
        return replace(self, adapter=replace(self.adapter, osr=osr))

    def using(self, **chain: Any) -> "Night":
        """The same with other settings of [chain]."""
        settings = replace(
            self.adapter.settings, chain=replace(self.adapter.settings.chain, **chain)
        )
        caller = replace(self.adapter.osr.calls, url=settings.chain.osr_url)
        other = replace(
            self.adapter, settings=settings, osr=replace(self.adapter.osr, calls=caller)
        )
        return replace(self, adapter=other)


def next_year(night: Night, cut_over: date = CUT_OVER) -> Night:
    """Next year's version is known here and in the register."""
    with night.state.write() as db:
        service = db.execute("SELECT id FROM services").fetchone()["id"]
        db.execute(
            "INSERT OR IGNORE INTO service_versions (service, namespace, status)"
            " VALUES (?, ?, 'active')",
            (service, NEXT),
        )
    other = night.using(osr_next_namespace=NEXT)
    settings = other.adapter.settings
    dated = replace(settings, standard=replace(settings.standard, cut_over=cut_over))
    return replace(other, adapter=replace(other.adapter, settings=dated))


def night(folder: Path, adapter: Adapter) -> Night:
    """An empty register and an empty store; adapter: for all that is not of one night."""
    state = Opened(folder / "register.sqlite")
    seed.seed(state, adapter.settings.chain.osr_namespace)
    seed.add_supplier(state, OURS, "Ons systeem", KEY)
    seed.add_supplier(state, THEIRS, "Hun systeem", "sleutel-van-hen")
    state.close()
    upgraded(folder / "adapter.sqlite").close()
    return opened(folder, adapter, {})


def opened(folder: Path, adapter: Adapter, tokens: dict[str, str]) -> Night:
    """The register and the store in a folder; tokens: of the mandates, by BRIN."""
    clock = TestClock(NIGHT)
    state = Opened(folder / "register.sqlite")
    store = Store(f"sqlite:///{folder}/adapter.sqlite")
    client = cast(HttpsClient, Direct(state, clock))
    calls = OsrCaller(client, adapter.settings.chain.osr_url, KEY, "API-Key", lambda: None)
    register = Osr(calls, adapter.settings.chain.osr_namespace)
    return Night(replace(adapter, store=store, clock=clock, osr=register), state, clock, tokens)

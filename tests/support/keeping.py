"""A school with dossiers in every state, and a clock that a test moves."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from oso_adapter.exchange import prepare, receive
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.orders import place
from oso_adapter.hookspecs import ImportAnswer
from oso_adapter.identifiers import Pgn
from oso_adapter.store import exchanges, notifications, requests
from oso_adapter.store.models import (
    Administration,
    Event,
    ExchangeState,
    Notification,
    Prepared,
    Received,
    Request,
)
from oso_adapter.store.sealing import Purpose
from support.chain import ACCOUNT, Chain, School, an_order
from support.dossiers import dossier, sent
from support.fetching import TestClock

OIN = "00000099000000000099"
SELDOM = 45
"""The most days between two purges after which the clock is still believed."""


@dataclass
class Keeping:
    """A primary school, 99AA, without the chain."""

    school: School
    clock: TestClock
    adapter: Adapter
    owner: Administration = field(init=False)

    def __post_init__(self) -> None:
        self.owner = self.school.administration(self.adapter)

    def put(self, number: str, reference: str, **more: Any) -> Prepared:
        xml = dossier(number, seen=True, reference=reference, **more)
        prepare.put(self.adapter, self.owner, ACCOUNT, xml)
        return prepare.current(self.adapter, self.owner, reference)

    def withdraw(self, reference: str) -> None:
        prepare.withdraw(self.adapter, self.owner, ACCOUNT, reference)

    def ordered(self, number: str, bron: str = "99CC") -> str:
        """An order that is done, without a dossier."""
        [order_id] = place(self.adapter, self.owner, ACCOUNT, [an_order(number, bron)])
        with self.adapter.store.writing() as session:
            row = exchanges.found(session, order_id)
            row.state, row.finished_at = ExchangeState.DONE, self.clock()
            row.session_id = str(uuid4())
        return order_id

    def received(self, number: str, *, decided: bool = False) -> Received:
        """A dossier that came, and was accepted when it is decided."""
        came = self.arrived(self.ordered(number), sent(number))
        if decided:
            answer = ImportAnswer("accepted")
            receive.decide(self.adapter, came, answer, account=ACCOUNT)
        return came

    def arrived(self, order_id: str, xml: bytes) -> Received:
        """What came for an order."""
        with self.adapter.store.reading() as session:
            order = exchanges.found(session, order_id)
        arrival = receive.arrived(self.adapter, order, xml)
        with self.adapter.store.writing() as session:
            receive.keep(session, arrival)
        return arrival.received

    def requested(self, number: str) -> str:
        """A request of another school that came in; gives its session."""
        key = self.adapter.search_key.make(Pgn(number))
        sealed = self.adapter.sealer.seal_field(
            f"{key.fragment} {key.key}".encode(), Purpose.SEARCH_KEY
        )
        row = Request(
            administration_id=self.owner.id,
            session_id=str(uuid4()),
            peer_oin=OIN,
            doel_brin="99BB",
            doel_routing_id="0000000700099BB00001",
            overdrachtsoort="overstapdossier",
            fragment_hmac=self.adapter.sealer.digest(Purpose.FRAGMENT, key.fragment),
            key_sealed=sealed,
        )
        with self.adapter.store.writing() as session:
            requests.remember(session, row, self.clock())
        return row.session_id

    def notified(self, number: str) -> str:
        """A school that was asked in vain says that the dossier is ready; gives its id."""
        order = self.ordered(number)
        with self.adapter.store.writing() as session:
            row = exchanges.found(session, order)
            new = Notification(
                id=str(uuid4()),
                administration_id=row.administration_id,
                exchange_id=order,
                session_id=row.session_id,
                bron_brin="99CC",
                bron_routing_id="0000000700099CC00001",
                peer_oin=OIN,
            )
            notifications.remember(session, new, self.clock())
        return new.id

    def ids(self, model: Any) -> set[Any]:
        """The ids of all rows of a table."""
        with self.adapter.store.reading() as session:
            return set(session.scalars(select(model.id)))

    def events(self, *names: str) -> list[Event]:
        """The events of these names, in order."""
        with self.adapter.store.reading() as session:
            query = select(Event).where(Event.name.in_(names)).order_by(Event.id)
            return list(session.scalars(query))


@contextmanager
def keeping(folder: Path) -> Iterator[Keeping]:
    """A school of which nothing runs."""
    chain = Chain.create(folder)
    try:
        school = chain.add_school("99AA", "PO", registered=False)
        clock = TestClock()
        yield Keeping(school, clock, school.adapter(clock))
    finally:
        chain.stop()

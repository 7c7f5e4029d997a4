"""A doelschool that fetches from bronscholen whose systems say what a test wants them to say."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from string import ascii_uppercase
from typing import Any

from sqlalchemy import select

from oso_adapter.chain.traffic_center import Parties, TrafficCenter
from oso_adapter.exchange import receive
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.orders import Order, place
from oso_adapter.identifiers import Brin, Oin, RoutingId, SessionId
from oso_adapter.simulator import seed
from oso_adapter.simulator.sessions import Session, find
from oso_adapter.store import dossiers, exchanges
from oso_adapter.store.models import Attempt, Event, Exchange, Received
from oso_adapter.testing.clock import MovableClock
from oso_adapter.wire.messages import Message
from oso_adapter.work.inline import Runner
from support.chain import ACCOUNT, Chain, School, an_order, free_ports
from support.requester import numbers
from support.scripted import Reply, Scripted, scripted

OTHERS = Oin("00000099000000000099")
"""The supplier of the bronscholen."""

NUMBERS = numbers()
"""Numbers of pupils, each given once."""


class TestClock(MovableClock):
    """The clock of the kit, under a name that pytest would take for that of tests."""

    __test__ = False


@dataclass(frozen=True)
class Watched(TrafficCenter):
    """The Traffic Center, with a note of each sign-off: the endpoint that is named, the result.

    closes_at: where sign-offs go, when that is another address than the rest.
    """

    signed_off: list[tuple[str | None, str]] = field(default_factory=list)
    closes_at: str | None = None

    def sign_off(self, parties: Parties, session: SessionId, result: str) -> None:
        self.signed_off.append((parties.bron_routing_id, result))
        TrafficCenter(self.soap, self.closes_at or self.url).sign_off(parties, session, result)


@dataclass(frozen=True)
class Stage:
    """The parties that a module of tests works with."""

    chain: Chain
    school: School
    script: Scripted
    serials: Iterator[int] = field(default_factory=count)

    def bron(self, *replies: Reply | Callable[[Message], Reply] | str) -> Brin:
        """A new bronschool with an endpoint for each reply, in this order.

        A text is the address of an endpoint that is somewhere else.
        """
        letter, digits = divmod(next(self.serials), 100)
        brin = Brin(f"{digits:02d}Q{ascii_uppercase[letter]}")
        state = self.chain.state
        seed.add_school(state, brin, f"School {brin}", "PO")
        token = seed.add_mandate(state, brin, OTHERS)
        for serial, reply in enumerate(replies, 1):
            path = f"{brin}/{serial}"
            url = reply if isinstance(reply, str) else self.script.at(path, reply)
            seed.add_endpoint(state, token, RoutingId.of_school(brin, serial), url)
        return brin

    def asked(self, brin: Brin) -> list[int]:
        """The serials of the endpoints that were asked, in order."""
        paths = [path.strip("/").partition("/") for path, _ in self.script.asked]
        return [int(serial) for owner, _, serial in paths if owner == brin]

    def session(self, session_id: str | None) -> Session:
        """A session as the Traffic Center knows it."""
        with self.chain.state.read() as db:
            found = find(db, str(session_id))
        assert found is not None
        return found

    def doel(self) -> "Doel":
        clock = TestClock()
        adapter = self.school.adapter(clock)
        center = Watched(adapter.soap, adapter.settings.chain.traffic_center_url)
        return Doel(self, replace(adapter, traffic_center=center), clock, center)


@dataclass
class Doel:
    """The doelschool of one test."""

    stage: Stage
    adapter: Adapter
    clock: TestClock
    center: Watched

    def with_center(self, center: TrafficCenter) -> "Doel":
        """The same school and store, with another Traffic Center."""
        return replace(self, adapter=replace(self.adapter, traffic_center=center))

    def place(self, number: str, bron: Brin, **more: Any) -> str:
        return self.place_order(an_order(number, bron, **more))

    def place_order(self, order: Order) -> str:
        owner = self.stage.school.administration(self.adapter)
        [exchange_id] = place(self.adapter, owner, ACCOUNT, [order])
        return exchange_id

    def run(self, exchange_id: str) -> Exchange:
        """Carry out what is due of this order, now."""
        Runner(self.adapter).run_due([exchange_id])
        return self.row(exchange_id)

    def fetch(self, number: str, bron: Brin, **more: Any) -> Exchange:
        return self.run(self.place(number, bron, **more))

    def row(self, exchange_id: str) -> Exchange:
        with self.adapter.store.reading() as session:
            return exchanges.found(session, exchange_id)

    def results(self, exchange: Exchange) -> list[str | None]:
        """What each endpoint of the session gave."""
        with self.adapter.store.reading() as session:
            query = select(Attempt).filter_by(exchange_id=exchange.id)
            return [a.result for a in session.scalars(query.order_by(Attempt.position))]

    def received(self, exchange: Exchange) -> Received:
        with self.adapter.store.reading() as session:
            return dossiers.received_of(session, exchange.id)

    def opened(self, exchange: Exchange) -> bytes:
        """The dossier that came, in the clear."""
        return receive.opened(self.adapter, self.received(exchange))

    def events(self, subject: str) -> list[str]:
        """The names of the events about an order or a received dossier."""
        with self.adapter.store.reading() as session:
            query = select(Event.name).filter_by(subject=subject).order_by(Event.id)
            return list(session.scalars(query))


@contextmanager
def staged(folder: Path) -> Iterator[Stage]:
    """A Traffic Center that runs, doelschool 99BB, and a party that says what it is told."""
    chain = Chain.create(folder)
    try:
        chain.start("tc")
        school = chain.add_school("99BB", "VO")
        seed.add_supplier(chain.state, OTHERS, "Andere systemen", "sleutel-anderen")
        with scripted(chain.pki) as script:
            yield Stage(chain, school, script)
    finally:
        chain.stop()


def nowhere() -> str:
    """An address where nobody listens."""
    return f"https://localhost:{free_ports(1)[0]}/oso"

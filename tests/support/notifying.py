"""A bron that is asked in vain, by systems whose endpoints say what a test wants them to say."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import select

from oso_adapter.chain.traffic_center import TrafficCenter
from oso_adapter.errors import Refused
from oso_adapter.exchange import asked, notify
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.asked import RECEIVED, Asked
from oso_adapter.exchange.deliver import deliver
from oso_adapter.identifiers import RoutingId
from oso_adapter.simulator import seed
from oso_adapter.store.models import Event, Notice
from oso_adapter.wire.messages import Message
from support.chain import ACCOUNT, Chain, School
from support.fetching import TestClock
from support.requester import DELIVERED, Preparer, Requester, Values
from support.scripted import Reply, Scripted, says, scripted

THANKS = says("notificatieResponse", resultaat=RECEIVED)


@dataclass
class Stage:
    """Po school 99AA, and vo school 99BB of which every endpoint says what a test wants."""

    chain: Chain
    bron: School
    doel: School
    script: Scripted
    adapter: Adapter
    clock: TestClock
    preparer: Preparer
    serials: Iterator[int] = field(default_factory=lambda: count(10))

    def system(self, reply: Reply = THANKS, url: str | None = None) -> Requester:
        """A new system of the doelschool, with an endpoint of its own."""
        serial = next(self.serials)
        routing_id = RoutingId.of_school(self.doel.brin, serial)
        token = seed.add_mandate(self.chain.state, self.doel.brin, self.doel.oin)
        seed.add_endpoint(
            self.chain.state, token, routing_id, url or self.script.at(str(serial), reply)
        )
        client = self.doel.adapter().soap.client
        return Requester.of(client, self.chain.url("tc"), routing_id)

    def ask(self, who: Requester, number: str, **more: Any) -> tuple[str, Values]:
        """Ask the bron for a dossier in a session of its own; the result, and what was asked."""
        values = who.open(number, self.bron.routing_id, **more)
        try:
            deliver(self.adapter, Message("documentRequest", values), self.doel.oin)
        except Refused as refusal:
            return refusal.code, values
        finally:
            who.close(values)
            self.clock.forward(minutes=1)
        return DELIVERED, values

    def waiting(self, prepared: str) -> list[Asked]:
        """Who is offered when this pupil's dossier is ready."""
        found = self.preparer.current(prepared)
        return asked.of_dossier(self.adapter, self.preparer.administration, found.id)

    def told(self, who: Requester) -> list[Message]:
        """The notifications that a system got."""
        return self.script.messages(str(int(who.routing_id[-5:])))

    def notify(self, item: Asked) -> Notice:
        return self.notify_id(item.request.id)

    def notify_id(self, request_id: int, adapter: Adapter | None = None) -> Notice:
        by = adapter or self.adapter
        ordered = notify.order(by, self.preparer.administration, ACCOUNT, request_id)
        return notify.carry_out(by, ordered)

    def with_center(self, url: str) -> Adapter:
        return replace(self.adapter, traffic_center=TrafficCenter(self.adapter.soap, url))

    def events(self, notice: Notice) -> list[tuple[str, str | None]]:
        with self.adapter.store.reading() as session:
            query = select(Event.name, Event.result).filter_by(subject=notice.id)
            return [tuple(row) for row in session.execute(query.order_by(Event.id))]


@contextmanager
def asked_bron(folder: Path) -> Iterator[Stage]:
    """Those schools, and a Traffic Center that runs."""
    chain = Chain.create(folder)
    try:
        chain.start("tc")
        bron, doel = chain.add_school("99AA", "PO"), chain.add_school("99BB", "VO")
        clock = TestClock()
        adapter = bron.adapter(clock)
        preparer = Preparer(adapter, bron.administration(adapter))
        with scripted(chain.pki) as script:
            yield Stage(chain, bron, doel, script, adapter, clock, preparer)
    finally:
        chain.stop()

"""A doelschool driven step by step: real sessions, real mutual TLS, each answer looked at."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from oso_adapter.chain.soap import SoapCaller
from oso_adapter.chain.traffic_center import Parties, TrafficCenter, subject
from oso_adapter.errors import Refused
from oso_adapter.exchange import prepare
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.identifiers import Brin, Pgn, RoutingId, SessionId
from oso_adapter.simulator import seed
from oso_adapter.store import administrations
from oso_adapter.store.models import Administration, AdministrationKind, Event, Prepared, Request
from oso_adapter.transport.client import HttpsClient
from oso_adapter.wire.contract import load
from oso_adapter.wire.envelope import SoapFault, open_envelope, read_fault, wrap
from oso_adapter.wire.messages import Message, write
from oso_adapter.wire.search_key import SearchKey, SimulationSearchKey
from support.chain import ACCOUNT, Chain, School
from support.dossiers import dossier

DELIVERED = "OverdrachtGeslaagd"
CONTRACT = load()

Values = dict[str, Any]


@dataclass(frozen=True)
class Requester:
    """Speaks for one endpoint of a doelschool."""

    caller: SoapCaller
    center: TrafficCenter
    brin: Brin
    routing_id: RoutingId

    @classmethod
    def of(cls, client: HttpsClient, center: str, routing_id: RoutingId) -> "Requester":
        caller = SoapCaller(client, CONTRACT)
        brin = routing_id.brin
        assert brin is not None
        return cls(caller, TrafficCenter(caller, center), brin, routing_id)

    def open(
        self, number: str, bron: RoutingId, overdrachtsoort: str = "overstapdossier", **more: Any
    ) -> Values:
        """A session for a pupil; gives the documentRequest that belongs to it."""
        key = more.pop("key", None) or SimulationSearchKey().make(Pgn(number))
        grant = self.center.open_session(self.parties(bron), key, overdrachtsoort)
        return self.request(grant.session_id, key, bron, overdrachtsoort, **more)

    def request(
        self,
        session: str,
        key: SearchKey,
        bron: RoutingId,
        overdrachtsoort: str = "overstapdossier",
        **more: Any,
    ) -> Values:
        """A documentRequest."""
        return {
            **self.parties(bron).values(),
            **subject(key),
            "overdrachtsoort": overdrachtsoort,
            "sessieId": session,
            **more,
        }

    def ask(self, url: str, values: Mapping[str, Any]) -> tuple[str, bytes | None]:
        """Send a documentRequest: the result code, and the dossier when it came."""
        try:
            answer = self.caller.call(url, Message("documentRequest", values), party="the bron")
        except Refused as refusal:
            return refusal.code, None
        return answer.values.get("resultaat", DELIVERED), answer.dossier

    def close(self, values: Mapping[str, Any], result: str = DELIVERED) -> None:
        """Sign the session of a documentRequest off."""
        parties = self.parties(RoutingId(values["bronRouteringsKenmerk"]))
        self.center.sign_off(parties, SessionId(values["sessieId"]), result)

    def parties(self, bron: RoutingId) -> Parties:
        assert bron.brin is not None
        return Parties(bron.brin, self.brin, self.routing_id, bron)


@dataclass(frozen=True)
class Preparer:
    """Prepares dossiers of one administration."""

    adapter: Adapter
    administration: Administration

    def put(self, number: str, reference: str, name: str = "POVO", **more: Any) -> None:
        brin = self.administration.brin
        xml = dossier(number, name, reference=reference, brin=brin, **more)
        prepare.put(self.adapter, self.administration, ACCOUNT, xml, reference)

    def seen(self, reference: str, toestemming: prepare.Answer | None = None) -> None:
        inzage = prepare.Inzage(date(2025, 3, 2), "Ja", toestemming=toestemming)
        prepare.record_inzage(self.adapter, self.administration, ACCOUNT, reference, inzage)

    def ready(self, reference: str, *brins: str, until: date | None = None) -> bytes:
        """Make ready; gives what will be sent."""
        schools = [Brin(brin) for brin in brins]
        prepare.make_ready(
            self.adapter, self.administration, ACCOUNT, reference, schools, until=until
        )
        return prepare.show(self.adapter, self.administration, ACCOUNT, reference)

    def last_day(self, reference: str, day: date) -> None:
        """Let the version that is ready have been so until a day, perhaps one in the past."""
        prepared = prepare.current(self.adapter, self.administration, reference)
        with self.adapter.store.writing() as session:
            session.get_one(Prepared, prepared.id).ready_until = day

    def all(
        self, number: str, reference: str, *brins: str, name: str = "POVO", **more: Any
    ) -> bytes:
        """Put, seen with consent, and ready for these schools."""
        self.put(number, reference, name, **more)
        self.seen(reference, toestemming="Ja")
        return self.ready(reference, *brins)

    def current(self, reference: str) -> Prepared:
        """The newest version of a pupil."""
        return prepare.current(self.adapter, self.administration, reference)

    def withdraw(self, reference: str) -> None:
        prepare.withdraw(self.adapter, self.administration, ACCOUNT, reference)


def numbers(ending: str = "") -> Iterator[str]:
    """Synthetic BSNs that pass the 11-test, each once, that end in these digits."""
    width = 8 - len(ending)
    for serial in range(10**width):
        digits = f"9{serial:0{width}d}{ending}"
        if Pgn(digits).kind == "bsn":
            yield digits


def add_administration(
    school: School, brin: str, serial: int, sector: str = "PO", *, url: str | None = None
) -> RoutingId:
    """One more administration of this adapter, in its store and in the OSR; gives its kenmerk."""
    routing_id = RoutingId.of_school(Brin(brin), serial)
    register_endpoint(school, routing_id, sector, url=url)
    store = school.adapter().store
    with store.writing() as session:
        administrations.add(
            session,
            brin=Brin(brin),
            routing_id=routing_id,
            kind=AdministrationKind.LAS,
            name=f"School {brin} {serial}",
            tenant=brin.lower(),
            valid_from=date(2020, 8, 1),
            sector=sector,
        )
    return routing_id


def register_endpoint(
    school: School, routing_id: RoutingId, sector: str = "PO", *, url: str | None = None
) -> None:
    """An endpoint of this adapter in the OSR, and its school."""
    brin, state = Brin(str(routing_id.brin)), school.chain.state
    seed.add_school(state, brin, f"School {brin}", sector)
    token = seed.add_mandate(state, brin, school.oin)
    seed.add_endpoint(state, token, routing_id, url or school.url)


def event_counts(adapter: Adapter) -> dict[str, int]:
    """How often each event was recorded."""
    with adapter.store.reading() as session:
        rows = session.execute(select(Event.name, func.count()).group_by(Event.name))
        return {row[0]: row[1] for row in rows}


@dataclass(frozen=True)
class World:
    """A bron that is served: po school 99AA with two administrations, and vo school 99EE.

    Askers: vo school 99BB, vo school 99CC, po school 99DD, and the second administration of 99AA.
    """

    chain: Chain
    school: School
    adapter: Adapter
    po: Preparer
    vo: Preparer
    to_vo: Requester
    to_other_vo: Requester
    to_po: Requester
    within: Requester

    @property
    def po_id(self) -> RoutingId:
        return self.school.routing_id

    @property
    def vo_id(self) -> RoutingId:
        return RoutingId(self.vo.administration.routing_id)

    def ask(self, who: Requester, values: Values) -> tuple[str, bytes | None]:
        return who.ask(self.school.url, values)

    def fault_of(self, bron: School, values: Values) -> SoapFault:
        """The SOAP fault that answers a documentRequest of school 99BB."""
        body = wrap(write(Message("documentRequest", values), CONTRACT))
        root = self.to_vo.caller.client.post_xml(bron.url, body, party="the bron")
        return read_fault(open_envelope(root))

    def remembered(self, values: Values) -> Request | None:
        """What the bron keeps of a documentRequest."""
        with self.adapter.store.reading() as session:
            return session.scalar(select(Request).filter_by(session_id=values["sessieId"]))


@contextmanager
def served_bron(folder: Path) -> Iterator[World]:
    """That world, with the Traffic Center and the public endpoint as processes."""
    with ExitStack() as stack:
        chain = Chain.create(folder)
        stack.callback(chain.stop)
        chain.start("tc")
        bron, vo, other, po = (
            chain.add_school("99AA", "PO"),
            chain.add_school("99BB", "VO"),
            chain.add_school("99CC", "VO"),
            chain.add_school("99DD", "PO"),
        )
        adapter = bron.adapter()
        second = add_administration(bron, "99AA", 2)
        vo_id = add_administration(bron, "99EE", 1, "VO")
        bron.start("public")

        def requester(school: School, routing_id: RoutingId) -> Requester:
            client = school.client()
            stack.callback(client.close)
            return Requester.of(client, chain.url("tc"), routing_id)

        with adapter.store.reading() as session:
            vo_administration = administrations.by_routing_id(session, vo_id)
        assert vo_administration is not None
        yield World(
            chain,
            bron,
            adapter,
            Preparer(adapter, bron.administration(adapter)),
            Preparer(adapter, vo_administration),
            requester(vo, vo.routing_id),
            requester(other, other.routing_id),
            requester(po, po.routing_id),
            requester(bron, second),
        )

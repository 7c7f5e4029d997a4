"""A supplier's own check before delivery: it refuses, also by failing, and never allows."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from support.chain import ACCOUNT, Chain
from support.dossiers import NUMBERS, dossier
from support.plugins import bare

from oso_adapter.errors import Refused
from oso_adapter.exchange import deliver, prepare
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.hookspecs import DeliveryRequest, HookContext, PreparedRef, hookimpl
from oso_adapter.identifiers import Brin, Oin, Pgn, RoutingId
from oso_adapter.store import mandate_checks
from oso_adapter.store.models import Administration, Event, Request
from oso_adapter.wire.messages import Message

VO = Brin("99BB")
PEER = Oin("00000099000000011000")


class Confirming:
    """A Traffic Center that confirms every session."""

    def check_session(self, values: object) -> str:
        return "VO"


class Check:
    """Answers what it was made with, and remembers what it was asked."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.asked: list[tuple[HookContext, DeliveryRequest, PreparedRef]] = []

    @hookimpl
    def oso_refuse_delivery(
        self, context: HookContext, request: DeliveryRequest, prepared: PreparedRef
    ) -> Any:
        self.asked.append((context, request, prepared))
        if isinstance(self.answer, Exception):
            raise self.answer
        if isinstance(self.answer, threading.Event):
            self.answer.wait()
            return None
        return self.answer


@dataclass(frozen=True)
class Bron:
    adapter: Adapter
    owner: Administration
    sent: bytes

    def asked(self, *checks: object, session: str, budget: float = 5.0) -> bytes:
        """What a system that may have it gets, with these checks in the adapter."""
        adapter: Any = replace(self.adapter, plugins=bare(*checks, budget=budget))
        key = adapter.search_key.make(Pgn(NUMBERS[0]))
        values = {
            "bronBrin": "99AA",
            "bronRouteringsKenmerk": self.owner.routing_id,
            "doelBrin": str(VO),
            "doelRouteringsKenmerk": str(RoutingId.of_school(VO, 1)),
            "zoeksleutelPgnfrag": {"zoeksleutel": key.key, "pgnfrag": key.fragment},
            "overdrachtsoort": "overstapdossier",
            "sessieId": f"11111111-2222-4333-8444-{session:0>12}",
        }
        return deliver.deliver(adapter, Message("documentRequest", values), PEER)

    def refused(self, *checks: object, session: str, budget: float = 5.0) -> Refused:
        with pytest.raises(Refused) as refusal:
            self.asked(*checks, session=session, budget=budget)
        return refusal.value

    def events(self, session: str) -> list[tuple[str, str | None, str | None]]:
        with self.adapter.store.reading() as reading:
            query = select(Event).where(Event.session_id.endswith(f"{session:0>12}"))
            found = reading.scalars(query.order_by(Event.id))
            return [(e.name, e.result, e.reason) for e in found]


@pytest.fixture(scope="module")
def bron(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bron]:
    chain = Chain.create(tmp_path_factory.mktemp("check"))
    school = chain.add_school("99AA", "PO", registered=False)
    built: Any = school.adapter()
    adapter = replace(built, traffic_center=Confirming())
    owner = school.administration(adapter)
    with adapter.store.writing() as session:
        mandate_checks.checked(session, PEER, VO, True, adapter.clock())
    mine = (adapter, owner, ACCOUNT)
    prepare.put(*mine, dossier(NUMBERS[0]))
    prepare.record_inzage(*mine, "P-1", prepare.Inzage(date(2025, 3, 2), "Ja"))
    prepare.make_ready(*mine, "P-1", [VO])
    yield Bron(adapter, owner, prepare.show(*mine, "P-1"))
    chain.stop()


def test_a_check_that_has_nothing_against_it_lets_it_go(bron: Bron) -> None:
    check = Check(None)

    assert bron.sent == bron.asked(check, session="1")

    [(context, request, prepared)] = check.asked
    assert context.administration is not None
    assert ("uitleveren", "99AA") == (context.reason, context.administration.brin)
    assert (str(VO), str(PEER), "VO") == (request.doel_brin, request.peer_oin, request.sector)
    assert ("P-1", "POVO", 1) == (prepared.pupil, prepared.profile, prepared.version)


@pytest.mark.parametrize(
    ("code", "session"),
    [
        ("LeerlinginfoNietBeschikbaar", "21"),
        ("LeerlinginfoNietOpvraagbaar", "22"),
        ("LeerlinginfoNietVoorDoel", "23"),
    ],
)
def test_a_check_refuses_with_a_result_and_the_event_names_its_plugin(
    bron: Bron, code: str, session: str
) -> None:
    assert code == bron.refused(Check(None), Check(code), session=session).code

    assert [("request.refused", code, "plugin p1")] == bron.events(session)
    with bron.adapter.store.reading() as reading:
        query = select(Request.result).where(Request.session_id.endswith(f"{session:0>12}"))
        assert code == reading.scalar(query)


@pytest.mark.parametrize(
    ("answer", "session"),
    [
        ("OverdrachtGeslaagd", "31"),
        ("TechnischeFout", "32"),
        (NUMBERS[0], "33"),
        ("", "34"),
        (True, "35"),
        (ValueError(NUMBERS[0]), "36"),
    ],
    ids=["delivered", "not-its-own", "number", "empty", "type", "raise"],
)
def test_a_check_that_fails_refuses_too(bron: Bron, answer: Any, session: str) -> None:
    refusal = bron.refused(Check(answer), session=session)

    assert ("TechnischeFout", "plugin p0") == (refusal.code, refusal.text)
    assert [("request.refused", "TechnischeFout", "plugin p0")] == bron.events(session)


def test_a_check_that_hangs_is_not_waited_for(bron: Bron) -> None:
    go_on = threading.Event()

    refusal = bron.refused(Check(go_on), session="4", budget=0.05)
    go_on.set()

    assert "TechnischeFout" == refusal.code


def test_the_same_request_again_is_checked_again(bron: Bron) -> None:
    assert bron.sent == bron.asked(session="5")

    refused = bron.refused(Check("LeerlinginfoNietVoorDoel"), session="5")

    assert "LeerlinginfoNietVoorDoel" == refused.code
    assert bron.sent == bron.asked(Check(None), session="5")


def test_what_we_refuse_ourselves_is_not_asked_of_a_check(bron: Bron) -> None:
    mine = (bron.adapter, bron.owner, ACCOUNT)
    check = Check(None)
    prepare.make_ready(*mine, "P-1", [Brin("99CC")])

    assert "LeerlinginfoNietVoorDoel" == bron.refused(check, session="6").code
    prepare.make_ready(*mine, "P-1", [VO])

    assert [] == check.asked

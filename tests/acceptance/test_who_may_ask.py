"""Who may ask: only a system that the school has mandated, known without the OSR in the path."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from support.chain import Chain, School
from support.fetching import TestClock
from support.requester import Requester, Values, World, event_counts, numbers, served_bron

from oso_adapter.chain.asking import Asking
from oso_adapter.errors import Refused
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.authorisation import check_due
from oso_adapter.exchange.deliver import deliver
from oso_adapter.identifiers import Oin
from oso_adapter.simulator import seed
from oso_adapter.wire.messages import Message

UNAUTHORISED = "CertificaatNietGeautoriseerd"
DELIVERED = "OverdrachtGeslaagd"
NUMBERS = numbers()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with served_bron(tmp_path_factory.mktemp("who")) as world:
        yield world


class Doel:
    """A new vo school with a system of its own, that asks for a pupil who is ready for it."""

    def __init__(self, world: World, brin: str) -> None:
        self.world, self.clock = world, TestClock()
        self.school: School = world.chain.add_school(brin, "VO")
        self.oin = self.school.oin
        adapter = world.school.adapter(self.clock)
        self.adapter: Adapter = replace(adapter, asking=Asking(rest=0.0))
        client = self.school.client()
        center = world.chain.url("tc")
        self.requester = Requester.of(client, center, self.school.routing_id)

    def ready(self) -> Values:
        """A session for a pupil who is ready for this school."""
        number = next(NUMBERS)
        self.world.po.all(number, f"P-{number[-5:]}", self.school.brin)
        return self.requester.open(number, self.world.po_id)

    def asks(self, oin: Oin | None = None, adapter: Adapter | None = None) -> str:
        """The result of asking, by this system or another, in a session of its own."""
        message = Message("documentRequest", self.ready())
        try:
            deliver(adapter or self.adapter, message, oin or self.oin)
        except Refused as refused:
            return refused.code
        return DELIVERED


def mandates_asked(chain: Chain) -> int:
    """How often the OSR was asked whether somebody is mandated."""
    return sum(event.message == "GET /mandates" for event in chain.state.events())


def test_over_real_tls_the_osr_is_asked_once_for_all_requests(world: World) -> None:
    doel, before = Doel(world, "99FA"), mandates_asked(world.chain)

    for _ in range(3):
        result, dossier = world.ask(doel.requester, doel.ready())
        assert (DELIVERED, True) == (result, dossier is not None)

    assert 1 == mandates_asked(world.chain) - before


def test_a_session_of_another_school_does_not_let_a_stranger_in(world: World) -> None:
    doel = Doel(world, "99FB")
    values = doel.ready()

    refused = world.ask(replace(doel.requester, caller=world.to_vo.caller), values)
    assert (UNAUTHORISED, None) == refused
    assert world.remembered(values) is None
    assert DELIVERED == world.ask(doel.requester, values)[0]


def test_who_exchanged_yesterday_exchanges_today_without_the_osr(world: World) -> None:
    doel = Doel(world, "99FC")
    assert DELIVERED == doel.asks()

    with world.chain.without("osr"):
        for days in (1, 6):
            doel.clock.forward(days=days - 0.01)
            assert DELIVERED == doel.asks()
        doel.clock.forward(days=1)
        assert UNAUTHORISED == doel.asks()
    assert DELIVERED == doel.asks()


def test_without_the_osr_one_who_is_not_known_is_refused_or_let_through_with_a_flag(
    world: World,
) -> None:
    doel = Doel(world, "99FD")
    lenient = replace(
        doel.adapter,
        settings=replace(
            doel.adapter.settings,
            chain=replace(doel.adapter.settings.chain, osr_unavailable="allow_and_flag"),
        ),
    )

    with world.chain.without("osr"):
        assert UNAUTHORISED == doel.asks()
        before = event_counts(doel.adapter).get("request.unchecked", 0)
        assert DELIVERED == doel.asks(adapter=lenient)
        assert before + 1 == event_counts(doel.adapter)["request.unchecked"]


def test_a_no_is_a_no_also_where_one_who_is_not_known_would_be_let_through(world: World) -> None:
    doel, stranger = Doel(world, "99FE"), Oin("00000099000000098000")
    lenient = replace(
        doel.adapter,
        settings=replace(
            doel.adapter.settings,
            chain=replace(doel.adapter.settings.chain, osr_unavailable="allow_and_flag"),
        ),
    )
    assert UNAUTHORISED == doel.asks(stranger)

    with world.chain.without("osr"):
        doel.clock.forward(days=30)
        assert UNAUTHORISED == doel.asks(stranger, lenient)


def test_a_mandate_that_ends_is_noticed_in_the_background(world: World) -> None:
    doel = Doel(world, "99FG")
    assert DELIVERED == doel.asks()
    token = seed.add_mandate(world.chain.state, doel.school.brin, doel.oin)
    seed.end_mandate(world.chain.state, token, date(2024, 7, 31))
    check_due(doel.adapter)  # what others left
    assert 0 == check_due(doel.adapter)

    doel.clock.forward(days=1)
    check_due(doel.adapter)

    with world.chain.without("osr"), pytest.raises(Refused, match=UNAUTHORISED):
        deliver(doel.adapter, Message("documentRequest", closed(doel)), doel.oin)


def closed(doel: Doel) -> Values:
    """A session that was granted while the mandate was there."""
    state, school = doel.world.chain.state, doel.school
    token = seed.add_mandate(state, school.brin, school.oin, start=date(2024, 8, 1))
    seed.add_endpoint(state, token, school.routing_id, school.url)
    return doel.ready()


def test_a_mandate_that_is_given_after_all_is_noticed_in_the_background(world: World) -> None:
    doel, newcomer = Doel(world, "99FH"), Oin("00000099000000097000")
    assert UNAUTHORISED == doel.asks(newcomer)
    seed.add_supplier(world.chain.state, newcomer, "Nieuwkomer", "sleutel-nieuwkomer")
    seed.add_mandate(world.chain.state, doel.school.brin, newcomer)
    check_due(doel.adapter)
    assert UNAUTHORISED == doel.asks(newcomer)

    doel.clock.forward(minutes=2)
    check_due(doel.adapter)

    assert DELIVERED == doel.asks(newcomer)


def test_what_nobody_asks_any_more_is_forgotten(world: World) -> None:
    doel = Doel(world, "99FJ")
    assert DELIVERED == doel.asks()
    doel.clock.forward(days=31)
    check_due(doel.adapter)

    before = mandates_asked(world.chain)
    assert DELIVERED == doel.asks()
    assert before + 1 == mandates_asked(world.chain)

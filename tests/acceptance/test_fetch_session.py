"""Fetching: the session that is asked for and signed off."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from support.dossiers import sent
from support.fetching import Doel, Stage, Watched, nowhere
from support.requester import CONTRACT, DELIVERED
from support.scripted import Reply, delivers, refuses, says, with_option

from oso_adapter import results
from oso_adapter.chain.traffic_center import Parties, TrafficCenter
from oso_adapter.exchange.adapter import build
from oso_adapter.hookspecs import HookContext, ImportAnswer, ReceivedDossier, hookimpl
from oso_adapter.identifiers import Brin, RoutingId, SessionId
from oso_adapter.simulator.sessions import session_counts
from oso_adapter.simulator.state import make_late
from oso_adapter.store.models import ExchangeState, ReceivedState
from oso_adapter.wire.envelope import SoapFault, wrap, write_fault
from oso_adapter.wire.messages import Message

UNAVAILABLE = "LeerlinginfoNietBeschikbaar"
UNSEEN = "LeerlinginfoNietOpvraagbaar"
FAULTS = with_option("refusal_form", "fault")
REFUSALS = [code for code, known in results.CATALOGUE.items() if known.cls != "normal"]


# --- the Traffic Center ------------------------------------------------------------------------


def test_a_session_without_endpoints_ends_as_no_answer_and_is_signed_off(
    stage: Stage, doel: Doel, number: str
) -> None:
    def center(message: Message) -> Reply:
        if message.name == "overdrachtRequest":
            return says("overdrachtResponse", sessieId=str(uuid4()))
        return says("afmeldingResponse", resultaat=DELIVERED)

    watched = Watched(doel.adapter.soap, stage.script.at("empty", center))
    done = doel.with_center(watched).fetch(number, stage.bron())
    assert (ExchangeState.DONE, "GeenAntwoord") == (done.state, done.result)
    assert [(None, "TechnischeFout")] == watched.signed_off


@pytest.mark.parametrize("code", ["SessieVerleend", "TechnischeFout"])
def test_a_session_with_a_result_beside_it_is_used_and_signed_off(
    stage: Stage, doel: Doel, number: str, code: str
) -> None:
    bron = stage.bron(delivers(sent(number)))
    endpoint = {
        "routeringsKenmerk": RoutingId.of_school(bron, 1),
        "url": f"https://localhost:{stage.script.port}/{bron}/1",
    }

    def center(message: Message) -> Reply:
        if message.name == "overdrachtRequest":
            granted = {"sessieId": str(uuid4()), "aanleverpunt": [endpoint]}
            return says("overdrachtResponse", resultaat=code, **granted)
        return says("afmeldingResponse", resultaat=DELIVERED)

    watched = Watched(doel.adapter.soap, stage.script.at("beside", center))
    done = doel.with_center(watched).fetch(number, bron)
    assert (ExchangeState.DONE, DELIVERED) == (done.state, done.result)
    assert [(endpoint["routeringsKenmerk"], DELIVERED)] == watched.signed_off


@pytest.mark.parametrize("code", REFUSALS)
@pytest.mark.parametrize("form", ["resultaat", "fault"])
def test_what_the_traffic_center_refuses_with_is_the_result(
    stage: Stage, doel: Doel, number: str, code: str, form: str
) -> None:
    contract = CONTRACT if form == "resultaat" else FAULTS
    url = stage.script.at("refusing", refuses(code, "overdrachtResponse", contract))
    refusing = doel.with_center(Watched(doel.adapter.soap, url))
    done = refusing.fetch(number, stage.bron())
    assert (ExchangeState.DONE, code) == (done.state, done.result)
    assert done.session_id is None
    assert ["fetch.ordered", "fetch.not_granted"] == doel.events(done.id)


def test_the_traffic_center_says_which_school_cannot_be_asked(
    stage: Stage, doel: Doel, number: str
) -> None:
    assert "VerstrekkerNietBekend" == doel.fetch(number, Brin("97ZZ")).result
    assert "VerstrekkerAanleverpuntNietActief" == doel.fetch(number, stage.bron()).result


def test_a_school_without_an_endpoint_of_its_own_cannot_ask(stage: Stage, number: str) -> None:
    school = stage.chain.add_school("99CC", "VO", registered=False)
    doel = replace(stage, school=school).doel()
    bron = stage.bron(delivers(sent(number)))
    assert "AanvragerNietBekend" == doel.fetch(number, bron).result
    assert [] == stage.asked(bron)


@pytest.mark.parametrize("late", ["overdrachtRequest", "afmeldingRequest"])
def test_a_traffic_center_that_answers_too_late_is_asked_again(
    stage: Stage, number: str, late: str
) -> None:
    doel = stage.doel()
    settings = doel.adapter.settings
    hasty = build(
        replace(settings, transport=replace(settings.transport, read_timeout=0.3)),
        clock=doel.clock,
    )
    stage.school.adapters.append(hasty)
    before = session_counts(stage.chain.state, datetime.now(UTC))
    make_late(stage.chain.state, late)
    try:
        exchange_id = doel.place(number, stage.bron(delivers(sent(number))))
        waiting = replace(doel, adapter=hasty).run(exchange_id)
    finally:
        make_late(stage.chain.state)
    assert ExchangeState.DONE != waiting.state
    doel.clock.forward(seconds=31)
    done = doel.run(exchange_id)

    assert (ExchangeState.DONE, DELIVERED) == (done.state, done.result)
    lost = 1 if late == "overdrachtRequest" else 0
    in_two_hours = datetime.now(UTC) + timedelta(hours=2)
    after = session_counts(stage.chain.state, in_two_hours)
    assert (1 + lost, 1) == (after.granted - before.granted, after.signed_off - before.signed_off)
    assert lost == after.expired - before.expired - before.open


def test_an_order_waits_for_a_traffic_center_that_is_down(
    stage: Stage, doel: Doel, number: str
) -> None:
    down = doel.with_center(TrafficCenter(doel.adapter.soap, nowhere()))
    exchange_id = doel.place(number, stage.bron(delivers(sent(number))))
    waiting = down.run(exchange_id)
    assert (ExchangeState.ORDERED, 1) == (waiting.state, waiting.attempt)
    assert doel.clock.now + timedelta(seconds=30) == waiting.due_at
    assert 1 == down.run(exchange_id).attempt  # not due yet
    doel.clock.forward(seconds=30)
    waiting = down.run(exchange_id)
    assert doel.clock.now + timedelta(seconds=60) == waiting.due_at
    doel.clock.forward(seconds=60)
    assert DELIVERED == doel.run(exchange_id).result


def test_an_order_gives_up_after_the_attempts_of_the_settings(
    stage: Stage, doel: Doel, number: str
) -> None:
    down = doel.with_center(TrafficCenter(doel.adapter.soap, nowhere()))
    exchange_id = down.place(number, stage.bron(delivers(sent(number))))
    attempts = 0
    while down.row(exchange_id).state == ExchangeState.ORDERED:
        down.run(exchange_id)
        attempts += 1
        doel.clock.forward(hours=1)
    done = down.row(exchange_id)
    assert doel.adapter.settings.fetching.attempts == attempts
    assert (ExchangeState.DONE, "GeenAntwoord") == (done.state, done.result)
    assert ["fetch.ordered", "fetch.not_granted"] == doel.events(done.id)


CENTER_NONSENSE = {
    "html": Reply(200, b"<html/>", "text/html"),
    "a fault without a code": Reply(500, write_fault(SoapFault("Server", "stuk"))),
    "a fault that claims success": refuses(DELIVERED, contract=FAULTS),
    "success without a session": refuses(DELIVERED, "overdrachtResponse"),
}


@pytest.mark.parametrize("kind", CENTER_NONSENSE)
def test_nonsense_of_the_traffic_center_is_tried_again(
    stage: Stage, doel: Doel, number: str, kind: str
) -> None:
    url = stage.script.at("nonsense", CENTER_NONSENSE[kind])
    confused = doel.with_center(TrafficCenter(doel.adapter.soap, url))
    exchange_id = doel.place(number, stage.bron(delivers(sent(number))))
    waiting = confused.run(exchange_id)
    assert (ExchangeState.ORDERED, 1, None) == (waiting.state, waiting.attempt, waiting.result)
    doel.clock.forward(seconds=30)
    assert DELIVERED == doel.run(exchange_id).result


def answers(name: str, content: str) -> Reply:
    """An answer as another Traffic Center or school may write it."""
    return Reply(200, wrap(f'<{name} xmlns="{CONTRACT.namespace}">{content}</{name}>'.encode()))


def center_of_its_own(stage: Stage, doel: Doel, grant: str) -> Doel:
    """The school with a Traffic Center that grants every session so, and knows a word more."""

    def center(message: Message) -> Reply:
        if message.name == "overdrachtRequest":
            return answers("overdrachtResponse", grant)
        return answers("afmeldingResponse", "<melding>Dank u</melding>")

    return doel.with_center(Watched(doel.adapter.soap, stage.script.at("own", center)))


def test_what_an_answer_says_more_than_is_known_here_is_passed_over(
    stage: Stage, doel: Doel, number: str
) -> None:
    more = "<melding>x</melding>"
    refusal = answers("documentResponse", f"<resultaat>{UNSEEN}</resultaat>{more}")
    place = stage.script.at("meer", refusal)
    usable = f"<routeringsKenmerk>0000000700099QQ00001</routeringsKenmerk><url>{place}</url>"
    grant = (
        f"<sessieId>{uuid4()}</sessieId><geldigTot>morgen</geldigTot>"
        f"<aanleverpunt>{usable}<naam>School</naam></aanleverpunt>"
        "<aanleverpunt><routeringsKenmerk>kort</routeringsKenmerk></aanleverpunt>"
    )
    done = center_of_its_own(stage, doel, grant).fetch(number, stage.bron())

    assert (ExchangeState.DONE, UNSEEN) == (done.state, done.result)
    assert [UNSEEN] == doel.results(done)
    assert done.signed_off_at is not None


@pytest.mark.parametrize("wrong", ["<resultaat>0 - goed</resultaat>", "tekst"])
def test_a_session_in_an_answer_that_cannot_be_used_is_signed_off_and_not_asked_again(
    stage: Stage, doel: Doel, number: str, wrong: str
) -> None:
    session, before = str(uuid4()), len(stage.script.messages("own"))
    grant = f"<sessieId>{session}</sessieId>{wrong}"
    done = center_of_its_own(stage, doel, grant).fetch(number, stage.bron())

    assert (ExchangeState.DONE, "GeenAntwoord") == (done.state, done.result)
    asked, closed = stage.script.messages("own")[before:]
    assert ("overdrachtRequest", "afmeldingRequest") == (asked.name, closed.name)
    assert (session, "TechnischeFout") == (closed.values["sessieId"], closed.values["resultaat"])


# --- signing off -------------------------------------------------------------------------------


class Las:
    """A school's own system; ready from the second offer on."""

    def __init__(self) -> None:
        self.offered = 0

    @hookimpl
    def oso_import_dossier(
        self, context: HookContext, received: ReceivedDossier
    ) -> ImportAnswer | None:
        self.offered += 1
        return ImportAnswer("accepted") if self.offered > 1 else None


def test_the_user_has_the_dossier_also_when_the_sign_off_fails(
    stage: Stage, doel: Doel, number: str
) -> None:
    las = Las()
    doel.adapter.plugins.register(las, "las")
    half = doel.with_center(replace(doel.center, closes_at=nowhere()))
    waiting = half.fetch(number, stage.bron(delivers(sent(number))))
    assert (ExchangeState.CLOSING, DELIVERED) == (waiting.state, waiting.result)
    assert (ReceivedState.PENDING, 1) == (doel.received(waiting).state, las.offered)
    doel.clock.forward(minutes=5)
    assert ExchangeState.CLOSING == half.run(waiting.id).state
    assert (ReceivedState.ACCEPTED, 2) == (doel.received(waiting).state, las.offered)
    assert stage.session(waiting.session_id).signed_off is None

    doel.clock.forward(minutes=5)
    done = doel.run(waiting.id)
    assert (ExchangeState.DONE, doel.clock.now) == (done.state, done.signed_off_at)
    assert DELIVERED == stage.session(done.session_id).result
    assert 2 == las.offered


def test_a_session_that_cannot_be_signed_off_in_its_life_is_left_to_expire(
    stage: Stage, doel: Doel, number: str
) -> None:
    half = doel.with_center(replace(doel.center, closes_at=nowhere()))
    waiting = half.fetch(number, stage.bron(refuses(UNSEEN)))
    assert (ExchangeState.CLOSING, UNSEEN) == (waiting.state, waiting.result)
    doel.clock.forward(minutes=61)
    done = half.run(waiting.id)
    assert (ExchangeState.DONE, UNSEEN, None) == (done.state, done.result, done.signed_off_at)
    assert "fetch.expired" == doel.events(done.id)[-1]


def test_a_session_that_was_closed_already_is_closed(stage: Stage, doel: Doel, number: str) -> None:
    def closes_first(message: Message) -> Reply:
        center = TrafficCenter(doel.adapter.soap, doel.center.url)
        own = doel.stage.school
        parties = Parties(Brin(message.values["bronBrin"]), own.brin, own.routing_id)
        center.sign_off(parties, SessionId(message.values["sessieId"]), UNSEEN)
        return delivers(sent(number))

    done = doel.fetch(number, stage.bron(closes_first))
    assert (ExchangeState.DONE, DELIVERED) == (done.state, done.result)
    assert "fetch.signed_off" == doel.events(done.id)[-1]
    assert done.signed_off_at is not None


@pytest.mark.parametrize(
    ("code", "state"),
    [("SessieOnbekend", ExchangeState.DONE), ("SessieAfwijkend", ExchangeState.CLOSING)],
)
def test_a_refused_sign_off_is_tried_until_the_session_is_gone(
    stage: Stage, doel: Doel, number: str, code: str, state: ExchangeState
) -> None:
    url = stage.script.at("stubborn", refuses(code, "afmeldingResponse"))
    half = doel.with_center(replace(doel.center, closes_at=url))
    row = half.fetch(number, stage.bron(refuses(UNAVAILABLE)))
    assert state == row.state
    doel.clock.forward(minutes=61)
    done = half.run(row.id)
    assert (ExchangeState.DONE, UNAVAILABLE, None) == (done.state, done.result, done.signed_off_at)
    assert "fetch.expired" == doel.events(done.id)[-1]

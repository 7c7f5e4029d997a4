"""Fetching: who is asked, in which order, what is signed off, and what the user gets to know."""

from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO
from uuid import uuid4

import pytest
from sqlalchemy import select
from support.dossiers import sent
from support.fetching import Doel, Stage, nowhere
from support.requester import CONTRACT, DELIVERED
from support.scripted import Reply, delivers, refuses, says, with_option

from oso_adapter import results
from oso_adapter.bounded_xml import parse
from oso_adapter.demo.comparison import canonical
from oso_adapter.exchange.adapter import build, key_provider
from oso_adapter.identifiers import Pgn, RoutingId
from oso_adapter.store.models import Event, Exchange, ExchangeState
from oso_adapter.store.sealing import Purpose, Sealed, Sealer
from oso_adapter.wire.envelope import SoapFault, wrap, write_fault
from oso_adapter.wire.messages import format_moment
from oso_adapter.wire.search_key import SearchKey, SimulationSearchKey

UNAVAILABLE = "LeerlinginfoNietBeschikbaar"
UNSEEN = "LeerlinginfoNietOpvraagbaar"
FAULTS = with_option("refusal_form", "fault")
REFUSALS = [code for code, known in results.CATALOGUE.items() if known.cls != "normal"]


def test_the_endpoints_are_asked_until_a_dossier_comes(
    stage: Stage, doel: Doel, number: str
) -> None:
    xml = sent(number)
    bron = stage.bron(refuses(UNSEEN), delivers(xml), delivers(xml))
    done = doel.fetch(number, bron)

    assert (ExchangeState.DONE, DELIVERED) == (done.state, done.result)
    assert [1, 2] == stage.asked(bron)
    assert [UNSEEN, DELIVERED, None] == doel.results(done)
    assert [(RoutingId.of_school(bron, 2), DELIVERED)] == doel.center.signed_off
    assert DELIVERED == stage.session(done.session_id).result
    assert canonical(parse(xml)) == canonical(parse(doel.opened(done)))
    assert [
        "fetch.ordered",
        "fetch.session",
        "fetch.answered",
        "fetch.answered",
        "fetch.received",
        "fetch.signed_off",
    ] == doel.events(done.id)


def test_the_traffic_center_sees_one_session_and_one_sign_off(
    stage: Stage, doel: Doel, number: str
) -> None:
    before = len(stage.chain.state.events())
    done = doel.fetch(number, stage.bron(refuses(UNAVAILABLE), delivers(sent(number))))
    seen = stage.chain.state.events()[before:]
    assert [("overdrachtRequest", "2 aanleverpunt"), ("afmeldingRequest", DELIVERED)] == [
        (event.message, event.result) for event in seen
    ]
    assert {done.session_id} == {event.session for event in seen}


def test_the_best_result_is_signed_off_and_of_equals_the_last_asked_is_named(
    stage: Stage, doel: Doel, number: str
) -> None:
    bron = stage.bron(
        refuses(UNAVAILABLE), refuses(UNSEEN), refuses(UNSEEN), refuses("LeerlinginfoNietVoorDoel")
    )
    done = doel.fetch(number, bron)
    assert UNSEEN == done.result
    assert [1, 2, 3, 4] == stage.asked(bron)
    assert [(RoutingId.of_school(bron, 3), UNSEEN)] == doel.center.signed_off
    assert UNSEEN == stage.session(done.session_id).result


def test_a_code_that_nobody_knows_is_kept_and_goes_between_bron_and_session(
    stage: Stage, doel: Doel, number: str
) -> None:
    bron = stage.bron(refuses("NieuweUitkomst"), refuses("SessieAfwijkend"))
    assert "NieuweUitkomst" == doel.fetch(number, bron).result
    bron = stage.bron(refuses(UNAVAILABLE), refuses("NieuweUitkomst"))
    assert UNAVAILABLE == doel.fetch(number, bron).result


@pytest.mark.parametrize("code", REFUSALS)
@pytest.mark.parametrize("form", ["resultaat", "fault"])
def test_what_a_bron_refuses_with_is_the_result(
    stage: Stage, doel: Doel, number: str, code: str, form: str
) -> None:
    contract = CONTRACT if form == "resultaat" else FAULTS
    done = doel.fetch(number, stage.bron(refuses(code, contract=contract)))
    assert (ExchangeState.DONE, code) == (done.state, done.result)
    signed_off = "TechnischeFout" if results.result(code).evidence == "own" else code
    assert signed_off == stage.session(done.session_id).result


def test_the_fault_id_of_the_bron_is_kept(stage: Stage, doel: Doel, number: str) -> None:
    fault = SoapFault("Server", "fout", str(uuid4()), "TechnischeFout")
    done = doel.fetch(number, stage.bron(Reply(500, write_fault(fault))))
    assert ("TechnischeFout", fault.fault_id) == (done.result, done.fault_id)


NO_ANSWERS = {
    "html": (Reply(200, b"<html><body>Onderhoud</body></html>", "text/html"), "malformed"),
    "not XML": (Reply(200, b"\x00\x01", "application/octet-stream"), "encoding"),
    "nothing": (Reply(200, b""), "not-well-formed"),
    "unavailable": (Reply(503, b"<html>later</html>", "text/html"), "HTTP 503"),
    "not found": (Reply(404, b"<html>weg</html>", "text/html"), "HTTP 404"),
    "moved": (Reply(302, b""), "HTTP 302"),
    "another message": (says("pingResponse"), "malformed"),
    "no dossier and no result": (
        Reply(200, wrap(f'<documentResponse xmlns="{CONTRACT.namespace}"/>'.encode())),
        "malformed",
    ),
    "success without a dossier": (refuses(DELIVERED), "no-dossier"),
    "a fault that claims success": (refuses(DELIVERED, contract=FAULTS), "fault"),
    "a code of another flow": (refuses("NotificatieOntvangen"), "no-dossier"),
    "a fault without a code": (Reply(500, write_fault(SoapFault("Client", "wat"))), "fault"),
    "no Base64": (
        Reply(
            200,
            wrap(f'<documentResponse xmlns="{CONTRACT.namespace}">???</documentResponse>'.encode()),
        ),
        "malformed",
    ),
}


@pytest.mark.parametrize("kind", NO_ANSWERS)
def test_nonsense_of_a_bron_is_no_answer_and_the_reason_is_kept(
    stage: Stage, doel: Doel, number: str, kind: str, log: StringIO
) -> None:
    reply, reason = NO_ANSWERS[kind]
    done = doel.fetch(number, stage.bron(reply))
    assert (ExchangeState.DONE, "GeenAntwoord") == (done.state, done.result)
    assert "TechnischeFout" == stage.session(done.session_id).result
    assert [(reason, None)] == reasons(doel, done)
    assert f'"party": "the bronschool", "reason": "{reason}"' in log.getvalue()


def test_an_answer_above_our_own_limit_is_a_fault_of_ours(
    stage: Stage, doel: Doel, number: str, log: StringIO
) -> None:
    settings = doel.adapter.settings
    limits = replace(settings.limits, message_size=1000)
    tight = build(replace(settings, limits=limits), clock=doel.clock)
    stage.school.adapters.append(tight)
    done = replace(doel, adapter=tight).fetch(number, stage.bron(delivers(sent(number))))
    assert (ExchangeState.DONE, "TechnischeFout") == (done.state, done.result)
    assert done.fault_id is not None
    assert [("too-large", done.fault_id)] == reasons(doel, done)
    assert f'"reason": "too-large", "fault_id": "{done.fault_id}"' in log.getvalue()


def test_an_endpoint_without_a_proper_address_gave_no_answer(
    stage: Stage, doel: Doel, number: str
) -> None:
    done = doel.fetch(number, stage.bron("http://localhost/oso", delivers(sent(number))))
    assert ["GeenAntwoord", DELIVERED] == doel.results(done)
    assert ("address", None) == reasons(doel, done)[0]


class NoKey(SimulationSearchKey):
    """An algorithm that fails."""

    def make(self, pgn: Pgn) -> SearchKey:
        raise RuntimeError(pgn.reveal())


class NoSeal(Sealer):
    """Seals no dossier."""

    def seal(self, data: bytes, purpose: Purpose) -> Sealed:
        if purpose == Purpose.PAYLOAD:
            raise RuntimeError(data.decode())
        return super().seal(data, purpose)


@pytest.mark.parametrize("broken", ["search_key", "sealer"])
def test_what_fails_here_again_and_again_ends_as_a_fault_of_ours(
    stage: Stage, doel: Doel, number: str, broken: str, log: StringIO
) -> None:
    adapter = doel.adapter
    provider = key_provider(adapter.settings, adapter.plugins)
    parts = {"search_key": NoKey(), "sealer": NoSeal(provider)}
    doel.adapter = replace(adapter, **{broken: parts[broken]})  # type: ignore[arg-type]
    order = doel.place(number, stage.bron(delivers(sent(number))))
    attempts = 0
    while ExchangeState.DONE != doel.run(order).state:
        attempts += 1
        doel.clock.forward(minutes=10)
    done = doel.row(order)
    assert ("TechnischeFout", adapter.settings.fetching.attempts - 1) == (done.result, attempts)
    assert f'"reason": "RuntimeError", "fault_id": "{done.fault_id}"' in log.getvalue()
    assert number not in log.getvalue()
    assert "fetch.failed" in doel.events(order)
    if done.session_id is not None:
        assert "TechnischeFout" == stage.session(done.session_id).result


def reasons(doel: Doel, exchange: Exchange) -> list[tuple[str | None, str | None]]:
    """The reason and the fault id that are kept of each answer."""
    with doel.adapter.store.reading() as session:
        query = select(Event.reason, Event.fault_id).filter_by(
            subject=exchange.id, name="fetch.answered"
        )
        return [(row[0], row[1]) for row in session.execute(query.order_by(Event.id))]


def test_a_bron_that_is_down_gave_no_answer_and_the_next_is_asked(
    stage: Stage, doel: Doel, number: str
) -> None:
    bron = stage.bron(nowhere(), nowhere())
    done = doel.fetch(number, bron)
    assert "GeenAntwoord" == done.result
    assert ["GeenAntwoord", "GeenAntwoord"] == doel.results(done)
    assert [(RoutingId.of_school(bron, 2), "TechnischeFout")] == doel.center.signed_off
    assert "TechnischeFout" == stage.session(done.session_id).result
    later = doel.fetch(number, stage.bron(nowhere(), delivers(sent(number))))
    assert DELIVERED == later.result


def test_a_bron_whose_certificate_is_for_another_host_is_not_asked(
    stage: Stage, doel: Doel, number: str
) -> None:
    url = stage.script.at("elsewhere", delivers(sent(number)))
    done = doel.fetch(number, stage.bron(url.replace("localhost", "127.0.0.1")))
    assert "GeenAntwoord" == done.result
    assert [] == stage.script.messages("elsewhere")


@pytest.mark.parametrize("form", ["base64", "base64-gzip"])
def test_a_dossier_in_another_form_is_read(
    stage: Stage, doel: Doel, number: str, form: str
) -> None:
    xml = sent(number)
    done = doel.fetch(number, stage.bron(delivers(xml, with_option("dossier_form", form))))
    assert DELIVERED == done.result
    assert canonical(parse(xml)) == canonical(parse(doel.opened(done)))


def test_only_the_endpoint_that_the_order_names_is_asked(
    stage: Stage, doel: Doel, number: str
) -> None:
    bron = stage.bron(delivers(sent(number)), delivers(sent(number)))
    done = doel.fetch(number, bron, bron_routing_id=RoutingId.of_school(bron, 2))
    assert DELIVERED == done.result
    assert [2] == stage.asked(bron)


def test_the_bron_is_told_after_which_moment_the_dossier_must_be_collected(
    stage: Stage, doel: Doel, number: str
) -> None:
    asked = datetime(2025, 2, 1, 8, 30, tzinfo=UTC)
    bron = stage.bron(refuses("LeerlinginfoNietGewijzigd"))
    done = doel.fetch(number, bron, asked_after=asked)
    assert "LeerlinginfoNietGewijzigd" == done.result
    [request] = stage.script.messages(f"{bron}/1")
    assert "2025-02-01T09:30:00+01:00" == format_moment(asked) == request.values["aanvraagdatum"]
    doel.fetch(number, bron)
    assert "aanvraagdatum" not in stage.script.messages(f"{bron}/1")[1].values

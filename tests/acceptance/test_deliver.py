"""What the bron delivers, and with which result it refuses, in sessions that are in order."""

from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from support.chain import ACCOUNT
from support.dossiers import content
from support.requester import (
    DELIVERED,
    Requester,
    Values,
    World,
    event_counts,
    numbers,
    served_bron,
)

from oso_adapter.bounded_xml import parse
from oso_adapter.clock import school_date
from oso_adapter.demo.comparison import canonical
from oso_adapter.errors import NotAllowed
from oso_adapter.exchange import prepare, ready
from oso_adapter.exchange.policy import fits
from oso_adapter.hookspecs import CollectedDossier, HookContext, hookimpl
from oso_adapter.store.models import Event, Prepared, Request
from oso_adapter.wire.messages import format_moment

NUMBERS = numbers()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with served_bron(tmp_path_factory.mktemp("deliver")) as world:
        yield world


def po_po(world: World) -> tuple[Requester, Values, bytes]:
    number = next(NUMBERS)
    sent = world.po.all(number, "po-po", "99DD", name="POPO")
    return world.to_po, world.to_po.open(number, world.po_id), sent


def po_vo(world: World) -> tuple[Requester, Values, bytes]:
    number = next(NUMBERS)
    world.po.put(number, "po-vo")
    world.po.seen("po-vo")  # no toestemming: po-vo does not need it
    sent = world.po.ready("po-vo", "99CC", "99BB")
    return world.to_vo, world.to_vo.open(number, world.po_id), sent


def vo_vo(world: World) -> tuple[Requester, Values, bytes]:
    number = next(NUMBERS)
    sent = world.vo.all(number, "vo-vo", "99BB", name="VOVO")
    return world.to_vo, world.to_vo.open(number, world.vo_id), sent


def binnen_brin(world: World) -> tuple[Requester, Values, bytes]:
    number = next(NUMBERS)
    world.po.put(number, "binnen", "BB")
    sent = world.po.ready("binnen", "99AA")
    values = world.within.open(number, world.po_id, "overdrachtbinnenbrin")
    return world.within, values, sent


Kind = Callable[[World], tuple[Requester, Values, bytes]]
KINDS: list[Kind] = [po_po, po_vo, vo_vo, binnen_brin]


@pytest.mark.parametrize("kind", KINDS)
def test_a_dossier_that_is_ready_is_delivered_unchanged(world: World, kind: Kind) -> None:
    who, values, sent = kind(world)
    code, came = world.ask(who, values)
    assert DELIVERED == code
    assert came is not None
    assert canonical(parse(sent)) == canonical(parse(came))


def test_an_unknown_pupil_is_not_available_and_the_request_is_remembered(world: World) -> None:
    values = world.to_vo.open(next(NUMBERS), world.po_id)
    assert ("LeerlinginfoNietBeschikbaar", None) == world.ask(world.to_vo, values)
    request = remembered(world, values)
    assert "LeerlinginfoNietBeschikbaar" == request.result
    assert "99BB" == request.doel_brin
    assert world.to_vo.routing_id == request.doel_routing_id
    assert request.prepared_id is None


def test_a_dossier_that_is_not_ready_is_not_available(world: World) -> None:
    number = next(NUMBERS)
    world.po.put(number, "seen")
    world.po.seen("seen")
    assert "LeerlinginfoNietBeschikbaar" == fetched_by_vo(world, number)


def test_a_dossier_is_not_available_after_its_last_day(world: World) -> None:
    number = next(NUMBERS)
    world.po.put(number, "until")
    world.po.seen("until")
    today = school_date(datetime.now(UTC))
    world.po.ready("until", "99BB", until=today)
    assert DELIVERED == fetched_by_vo(world, number)
    world.po.last_day("until", today - timedelta(days=3))
    assert "LeerlinginfoNietBeschikbaar" == fetched_by_vo(world, number)
    world.po.ready("until", "99BB", until=today + timedelta(days=3))
    assert DELIVERED == fetched_by_vo(world, number)


def test_a_withdrawn_dossier_is_not_available(world: World) -> None:
    number = next(NUMBERS)
    world.po.all(number, "withdrawn", "99BB")
    world.po.withdraw("withdrawn")
    assert "LeerlinginfoNietBeschikbaar" == fetched_by_vo(world, number)


def test_who_withdraws_just_after_another_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.po.all(next(NUMBERS), "contested", "99BB")
    seen = prepare.current(world.adapter, world.po.administration, "contested")
    world.po.withdraw("contested")
    monkeypatch.setattr(ready, "current", lambda *_: seen)  # as it was before the other
    with pytest.raises(NotAllowed, match="ingetrokken"):
        world.po.withdraw("contested")


def test_withdrawing_means_every_profile_of_the_pupil(world: World) -> None:
    number = next(NUMBERS)
    world.po.all(number, "both", "99DD", name="POPO")
    world.po.put(number, "both", "POVO")
    values = world.to_po.open(number, world.po_id)
    assert DELIVERED == world.ask(world.to_po, values)[0]
    world.po.withdraw("both")
    values = world.to_po.open(number, world.po_id)
    assert "LeerlinginfoNietBeschikbaar" == world.ask(world.to_po, values)[0]


def test_a_dossier_that_the_parents_have_not_seen_cannot_be_asked(world: World) -> None:
    number = next(NUMBERS)
    world.po.put(number, "unseen")
    assert "LeerlinginfoNietOpvraagbaar" == fetched_by_vo(world, number)


@pytest.mark.parametrize("toestemming", [None, "Nee"])
def test_vo_vo_without_consent_cannot_be_asked(
    world: World, toestemming: prepare.Answer | None
) -> None:
    number = next(NUMBERS)
    world.vo.put(number, f"no-consent-{toestemming}", "VOVO")
    world.vo.seen(f"no-consent-{toestemming}", toestemming)
    values = world.to_vo.open(number, world.vo_id)
    assert "LeerlinginfoNietOpvraagbaar" == world.ask(world.to_vo, values)[0]


def test_a_dossier_for_another_school_is_not_for_this_one(world: World) -> None:
    number = next(NUMBERS)
    world.po.all(number, "elsewhere", "99CC")
    assert "LeerlinginfoNietVoorDoel" == fetched_by_vo(world, number)
    values = world.to_other_vo.open(number, world.po_id)
    assert DELIVERED == world.ask(world.to_other_vo, values)[0]


def test_each_school_gets_the_version_that_is_ready_for_it(world: World) -> None:
    number = next(NUMBERS)
    to_po = world.po.all(number, "twice", "99DD", name="POPO")
    to_vo = world.po.all(number, "twice", "99BB", name="POVO")
    came = {}
    for who in (world.to_vo, world.to_po):
        _, dossier = world.ask(who, who.open(number, world.po_id))
        assert dossier is not None
        came[who.brin] = canonical(parse(dossier))
    assert {"99BB": canonical(parse(to_vo)), "99DD": canonical(parse(to_po))} == came


def refused_because(world: World) -> str | None:
    """The reason of the last refusal, of which the asker gets the code only."""
    query = select(Event.reason).filter_by(name="request.refused").order_by(Event.id.desc())
    with world.adapter.store.reading() as session:
        return session.scalars(query).first()


def test_another_profile_does_not_get_round_the_consent_between_vo_schools(world: World) -> None:
    number = next(NUMBERS)
    with pytest.raises(NotAllowed, match="past niet bij een school van de sector VO"):
        world.vo.put(number, "round", "POVO")
    before_it_was_vo = copy(world.vo.administration)
    before_it_was_vo.sector = None
    earlier = replace(world.vo, administration=before_it_was_vo)
    earlier.put(number, "round", "POVO")
    earlier.seen("round")
    earlier.ready("round", "99BB")
    values = world.to_vo.open(number, world.vo_id)
    assert "LeerlinginfoNietBeschikbaar" == world.ask(world.to_vo, values)[0]


def test_a_dossier_for_a_school_of_the_other_sector_is_not_for_this_one(world: World) -> None:
    number, other = next(NUMBERS), next(NUMBERS)
    world.po.all(number, "to-po", "99BB", name="POPO")
    assert "LeerlinginfoNietBeschikbaar" == fetched_by_vo(world, number)
    assert "other-profile" == refused_because(world)
    assert "LeerlinginfoNietBeschikbaar" == fetched_by_vo(world, next(NUMBERS))
    assert refused_because(world) is None
    world.po.all(other, "to-vo", "99DD", name="POVO")
    values = world.to_po.open(other, world.po_id)
    assert "LeerlinginfoNietBeschikbaar" == world.ask(world.to_po, values)[0]


@pytest.mark.parametrize("sector", ["SO", "VSO", " vo ", "onbekend"])
@pytest.mark.parametrize("own", [None, "PO", "SO"])
def test_a_sector_that_is_of_both_or_unknown_stops_nothing(sector: str, own: str | None) -> None:
    assert fits("POVO", own, sector.strip().upper())


def test_a_dossier_that_is_ready_goes_before_a_newer_one_that_is_not(world: World) -> None:
    number = next(NUMBERS)
    first = world.po.all(number, "newer", "99BB")
    world.po.put(number, "newer")
    _, came = world.ask(world.to_vo, world.to_vo.open(number, world.po_id))
    assert came is not None
    assert canonical(parse(first)) == canonical(parse(came))


def test_aanvraagdatum_asks_for_what_was_collected_later(world: World) -> None:
    number = next(NUMBERS)
    before = datetime.now(UTC) - timedelta(minutes=1)
    world.po.all(number, "dated", "99BB")
    after = datetime.now(UTC) + timedelta(minutes=1)
    asked = {"aanvraagdatum": format_moment(after)}
    assert "LeerlinginfoNietGewijzigd" == fetched_by_vo(world, number, **asked)
    asked = {"aanvraagdatum": format_moment(before)}
    assert DELIVERED == fetched_by_vo(world, number, **asked)


def test_a_dossier_of_a_release_that_is_not_in_use_is_of_the_wrong_version(world: World) -> None:
    number = next(NUMBERS)
    world.po.all(number, "old", "99BB")
    prepared = prepare.current(world.adapter, world.po.administration, "old")
    with world.adapter.store.writing() as session:
        session.get_one(Prepared, prepared.id).release = "2018.1"
    assert "DossierVersieOnjuist" == fetched_by_vo(world, number)


def test_each_kind_of_transfer_has_its_own_dossier(world: World) -> None:
    number, other = next(NUMBERS), next(NUMBERS)
    world.po.all(number, "overstap", "99BB", "99AA")
    within = world.within.open(number, world.po_id, "overdrachtbinnenbrin")
    assert "LeerlinginfoNietBeschikbaar" == world.ask(world.within, within)[0]
    world.po.put(other, "within", "BB")
    world.po.ready("within", "99AA")
    assert "LeerlinginfoNietBeschikbaar" == fetched_by_vo(world, other)


def test_the_same_request_again_gets_the_same_bytes_and_one_more_event(world: World) -> None:
    number = next(NUMBERS)
    world.po.all(number, "again", "99BB")
    values = world.to_vo.open(number, world.po_id)
    before = event_counts(world.adapter)
    first = world.ask(world.to_vo, values)
    world.po.all(number, "again", "99BB", surname="Nieuwer")
    again = world.ask(world.to_vo, values)

    assert first == again
    after = event_counts(world.adapter)
    assert 1 == after["request.delivered"] - before["request.delivered"]
    assert 1 == after["request.repeated"] - before.get("request.repeated", 0)
    assert 2 == remembered(world, values).times
    new_session = world.to_vo.open(number, world.po_id)
    _, newer = world.ask(world.to_vo, new_session)
    assert newer not in (None, first[1])


def test_a_repeated_request_does_not_bring_back_what_was_withdrawn_or_is_too_old(
    world: World,
) -> None:
    number = next(NUMBERS)
    world.po.all(number, "gone", "99BB")
    values = world.to_vo.open(number, world.po_id)
    sent = world.ask(world.to_vo, values)
    later = {**values, "aanvraagdatum": format_moment(datetime.now(UTC) + timedelta(minutes=1))}
    assert "LeerlinginfoNietGewijzigd" == world.ask(world.to_vo, later)[0]
    assert sent == world.ask(world.to_vo, values)
    world.po.withdraw("gone")
    assert "LeerlinginfoNietBeschikbaar" == world.ask(world.to_vo, values)[0]


def test_a_repeated_request_is_answered_as_the_school_has_it_now(world: World) -> None:
    number = next(NUMBERS)
    world.po.all(number, "moved", "99BB")
    values = world.to_vo.open(number, world.po_id)
    assert DELIVERED == world.ask(world.to_vo, values)[0]
    world.po.ready("moved", "99CC")
    assert "LeerlinginfoNietVoorDoel" == world.ask(world.to_vo, values)[0]
    world.po.ready("moved", "99BB")
    world.po.last_day("moved", datetime.now(UTC).date() - timedelta(days=3))
    assert "LeerlinginfoNietBeschikbaar" == world.ask(world.to_vo, values)[0]
    world.po.ready("moved", "99BB")
    assert DELIVERED == world.ask(world.to_vo, values)[0]


def test_after_the_sign_off_the_session_gives_nothing_more(world: World) -> None:
    number = next(NUMBERS)
    world.po.all(number, "closed", "99BB")
    values = world.to_vo.open(number, world.po_id)
    assert DELIVERED == world.ask(world.to_vo, values)[0]
    world.to_vo.close(values)
    assert ("SessieReedsAfgemeld", None) == world.ask(world.to_vo, values)


def test_a_pupil_who_becomes_ready_in_an_open_session_is_delivered(world: World) -> None:
    number = next(NUMBERS)
    world.po.put(number, "later")
    world.po.seen("later")
    values = world.to_vo.open(number, world.po_id)
    assert "LeerlinginfoNietBeschikbaar" == world.ask(world.to_vo, values)[0]
    world.po.ready("later", "99BB")
    assert DELIVERED == world.ask(world.to_vo, values)[0]
    assert DELIVERED == remembered(world, values).result


def test_two_pupils_with_the_same_last_four_digits_are_told_apart(world: World) -> None:
    alike = numbers("4321")
    number, other = next(alike), next(alike)
    sent = {
        number: world.po.all(number, "alike-1", "99BB", surname="Een"),
        other: world.po.all(other, "alike-2", "99BB", surname="Twee"),
    }
    for wanted, dossier in sent.items():
        _, came = world.ask(world.to_vo, world.to_vo.open(wanted, world.po_id))
        assert came is not None
        assert canonical(parse(dossier)) == canonical(parse(came))
    assert "LeerlinginfoNietBeschikbaar" == fetched_by_vo(world, next(alike))


class FormerNumbers:
    """A supplier whose pupil had another number before."""

    def __init__(self, number: str, former: str) -> None:
        self.number, self.former = number, former

    @hookimpl
    def oso_collect_dossier(
        self, context: HookContext, pupil: str, profile: str
    ) -> CollectedDossier:
        return CollectedDossier(content(self.number, reference=pupil), (self.former,))


def test_a_former_number_finds_the_dossier(world: World) -> None:
    number, former = next(NUMBERS), next(NUMBERS)
    adapter = world.school.adapter()
    adapter.plugins.register(FormerNumbers(number, former), "former")
    prepare.collect(adapter, world.po.administration, ACCOUNT, "renumbered", "POVO")
    world.po.seen("renumbered")
    world.po.ready("renumbered", "99BB")
    assert DELIVERED == fetched_by_vo(world, former)
    assert DELIVERED == fetched_by_vo(world, number)


def test_the_dossier_of_one_administration_is_not_given_for_another(world: World) -> None:
    number = next(NUMBERS)
    world.vo.all(number, "other-brin", "99BB", name="VOVO")
    assert "LeerlinginfoNietBeschikbaar" == fetched_by_vo(world, number)


def remembered(world: World, values: Values) -> Request:
    with world.adapter.store.reading() as session:
        return session.scalars(select(Request).filter_by(session_id=values["sessieId"])).one()


def fetched_by_vo(world: World, number: str, **more: str) -> str:
    """Ask school 99AA for this pupil in a session of its own: the result."""
    code, dossier = world.ask(world.to_vo, world.to_vo.open(number, world.po_id, **more))
    assert (DELIVERED == code) == (dossier is not None)
    return code

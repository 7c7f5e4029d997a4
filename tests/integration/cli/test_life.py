"""The life of a prepared dossier: its versions, what each profile asks, and where it ends."""

import json
import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from support.chain import ACCOUNT, School
from support.dossiers import NUMBERS, dossier
from support.fetching import TestClock

from oso_adapter.clock import school_date, utc_now
from oso_adapter.errors import NotAllowed
from oso_adapter.exchange import former, prepare, unfinished
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.identifiers import Brin, Pgn
from oso_adapter.store.models import Event, Prepared, PreparedNumber, PreparedState
from oso_adapter.store.sealing import Purpose
from oso_adapter.work.inline import Runner

BY = ("--administration", "99AA", "--account", ACCOUNT)
SEEN = ("--on", "2025-03-02", "--akkoord", "Ja")


def run(school: School, command: str, *arguments: str, **more: Any) -> Any:
    return school.cli("dossier", command, *arguments, *BY, **more)


def put_xml(school: School, xml: bytes) -> None:
    file = school.folder / "dossier.xml"
    file.write_bytes(xml)
    assert 0 == run(school, "put", str(file)).exit_code


def versions(school: School) -> dict[int, str]:
    """The state of each version of the one pupil."""
    return {row["versie"]: row["stand"] for row in listed(school)}


def listed(school: School) -> list[dict[str, Any]]:
    shown = school.cli("dossier", "list", "--administration", "99AA", "--format", "json").stdout
    rows: list[dict[str, Any]] = json.loads(shown)
    return rows


def recorded(school: School, *names: str) -> list[tuple[str, str | None, str | None]]:
    """Name, account and reason of the events about dossiers, in order."""
    with school.adapter().store.reading() as session:
        query = select(Event.name, Event.account, Event.reason).where(Event.name.in_(names))
        return [(row[0], row[1], row[2]) for row in session.execute(query.order_by(Event.id))]


def one_tick(adapter: Adapter) -> None:
    """What the runner of ``serve`` does in one round."""

    class Stop(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            self.set()
            return True

    Runner(adapter).run_forever(Stop())


def still_open(adapter: Adapter, school: School) -> list[tuple[str | None, str, str | None]]:
    """What is still to do: pupil, what is missing, and the school that waits."""
    found = unfinished.listed(adapter, school.administration(adapter))
    return [(item.pupil, item.missing, item.destination) for item in found]


def vo(school: School) -> None:
    """Make the school one for secondary education."""
    assert 0 == school.cli("administration", "sector", "99AA", "VO").exit_code


def test_from_vo_to_vo_consent_is_needed_too(school: School, put: Any) -> None:
    vo(school)
    put(profile="VOVO")
    run(school, "inzage", "P-1", *SEEN)
    refused = run(school, "ready", "P-1", "--for", "99BB")
    assert 1 == refused.exit_code
    assert "leg eerst de toestemming vast (dossier inzage --toestemming Ja)" in refused.stderr

    run(school, "inzage", "P-1", *SEEN, "--toestemming", "Ja")

    assert 0 == run(school, "ready", "P-1", "--for", "99BB").exit_code


def test_consent_between_vo_schools_is_a_setting(school: School, put: Any) -> None:
    school.configure("[policy]\nconsent_between_vo = false\n")
    vo(school)
    put(profile="VOVO")
    run(school, "inzage", "P-1", *SEEN, "--toestemming", "Nee")

    assert 0 == run(school, "ready", "P-1", "--for", "99BB").exit_code


def test_a_new_collection_needs_inzage_again_and_the_old_one_stays_as_it_was_shown(
    school: School,
) -> None:
    put_xml(school, dossier(NUMBERS[0], surname="Eerst"))
    run(school, "inzage", "P-1", *SEEN)
    shown = run(school, "show", "P-1").stdout_bytes

    put_xml(school, dossier(NUMBERS[0], surname="Later"))

    assert {1: "vervallen", 2: "verzameld"} == versions(school)
    refused = run(school, "ready", "P-1", "--for", "99BB")
    assert "leg eerst vast dat de ouders het dossier hebben ingezien" in refused.stderr
    assert shown == run(school, "show", "P-1", "--version", "1").stdout_bytes
    assert b"Later" in run(school, "show", "P-1").stdout_bytes
    html = run(school, "show", "P-1", "--version", "1", "--format", "html").stdout
    assert ("Eerst" in html, "Later" in html) == (True, False)


def test_of_a_pupil_with_two_profiles_a_step_is_about_the_one_that_is_named(
    school: School, put: Any
) -> None:
    """The parents saw the dossier for the other school, not the one within the own BRIN."""
    put()
    put(profile="BB")
    for step in (("inzage", "P-1", *SEEN), ("ready", "P-1", "--for", "99AA")):
        refused = run(school, *step)
        assert (1, True) == (refused.exit_code, "noem het profiel" in refused.stderr)

    assert 0 == run(school, "inzage", "P-1", *SEEN, "--profile", "POVO").exit_code
    assert 0 == run(school, "ready", "P-1", "--for", "99BB", "--profile", "POVO").exit_code

    states = {row["profiel"]: row["stand"] for row in listed(school)}
    assert {"POVO": "klaargezet", "BB": "verzameld"} == states
    assert 0 == run(school, "ready", "P-1", "--for", "99AA").exit_code  # the one that waits


def test_a_former_number_finds_what_counts_of_every_profile(school: School, put: Any) -> None:
    put()
    put(profile="BB")
    adapter = school.adapter()
    owner = school.administration(adapter)

    former.add(adapter, owner, ACCOUNT, "P-1", [Pgn(NUMBERS[1])])

    digest = adapter.sealer.digest(Purpose.PGN, NUMBERS[1])
    with adapter.store.reading() as session:
        found = session.scalars(
            select(Prepared.profile)
            .join(PreparedNumber, PreparedNumber.prepared_id == Prepared.id)
            .where(PreparedNumber.pgn_hmac == digest)
        )
        assert ["BB", "POVO"] == sorted(found)


def test_the_same_dossier_again_is_no_new_version_though_another_profile_came_between(
    school: School, put: Any
) -> None:
    put()
    put(profile="BB")

    put()

    assert [1, 1] == [row["versie"] for row in listed(school)]


@pytest.mark.parametrize(("days", "warned"), [(0, []), (1, ["INZAGE.eerder"])])
def test_inzage_before_the_version_was_collected_is_warned_of(
    school: School, put: Any, days: int, warned: list[str]
) -> None:
    put()
    on = school_date(utc_now()) - timedelta(days=days)

    done = run(school, "inzage", "P-1", "--on", f"{on}", "--akkoord", "Ja", "--format", "json")

    assert (0, warned) == (
        done.exit_code,
        [f["rule"] for f in json.loads(done.stdout)[0]["bevindingen"] if "INZAGE" in f["rule"]],
    )


def test_a_version_that_is_not_there_is_told_with_the_newest(school: School, put: Any) -> None:
    put()

    assert "de nieuwste is versie 1" in run(school, "show", "P-1", "--version", "2").stderr
    other = run(school, "show", "P-1", "--profile", "POPO")
    assert (1, True) == (other.exit_code, "nog niets verzameld" in other.stderr)


def test_an_older_version_stays_ready_until_the_newer_one_is(school: School, put: Any) -> None:
    """So that no school finds nothing while the parents look at the new one."""
    put()
    run(school, "inzage", "P-1", *SEEN)
    run(school, "ready", "P-1", "--for", "99BB")
    put_xml(school, dossier(NUMBERS[0], surname="Later"))
    assert {1: "klaargezet", 2: "verzameld"} == versions(school)
    run(school, "inzage", "P-1", *SEEN)
    assert {1: "klaargezet", 2: "ingezien"} == versions(school)

    ready = run(school, "ready", "P-1", "--for", "99CC", "--format", "json")

    assert {1: "vervallen", 2: "klaargezet"} == versions(school)
    told = {f["rule"]: f["message"] for f in json.loads(ready.stdout)[0]["bevindingen"]}
    assert "Een eerdere versie stond klaar voor 99BB; dat is nu voorbij." == told["KLAAR.vervallen"]
    assert [("dossier.lapsed", ACCOUNT, "newer-version")] == recorded(school, "dossier.lapsed")


def test_a_school_that_is_not_named_again_loses_the_dossier_and_that_is_told(
    school: School, put: Any
) -> None:
    put()
    run(school, "inzage", "P-1", *SEEN)
    run(school, "ready", "P-1", "--for", "99BB", "--for", "99CC")

    again = run(school, "ready", "P-1", "--for", "99CC", "--for", "99DD", "--format", "json")

    findings = json.loads(again.stdout)[0]["bevindingen"]
    told = [f["message"] for f in findings if f["rule"] == "KLAAR.vervallen"]
    assert ["Het dossier stond klaar voor 99BB; dat is nu voorbij."] == told
    assert [("dossier.withdrawn", ACCOUNT, None)] == recorded(school, "dossier.withdrawn")


def test_a_dossier_within_one_brin_is_for_the_own_school_only(school: School, put: Any) -> None:
    """To another school it would never be delivered, and nobody would be told."""
    put(profile="BB")

    refused = run(school, "ready", "P-1", "--for", "99BB")

    assert (1, True) == (refused.exit_code, "zet het klaar voor 99AA" in refused.stderr)
    assert 0 == run(school, "ready", "P-1", "--for", "99AA").exit_code


def test_what_lapsed_on_its_last_day_can_be_made_ready_again(school: School, put: Any) -> None:
    put()
    run(school, "inzage", "P-1", *SEEN)
    clock = TestClock()
    adapter = school.adapter(clock)
    ours = (adapter, school.administration(adapter), ACCOUNT, "P-1", [Brin("99BB")])
    last_day = school_date(clock.now)
    prepare.make_ready(*ours, until=last_day)
    one_tick(adapter)
    assert {1: "klaargezet"} == versions(school)

    clock.forward(days=2)
    one_tick(adapter)

    assert {1: "vervallen"} == versions(school)
    assert [("dossier.lapsed", None, "past-last-day")] == recorded(school, "dossier.lapsed")
    past = [("P-1", "niet opgehaald, laatste dag voorbij", "99BB")]
    assert past == still_open(adapter, school)
    with pytest.raises(NotAllowed, match="al voorbij"):
        prepare.make_ready(*ours, until=last_day)
    assert PreparedState.READY == prepare.make_ready(*ours).state
    assert [("P-1", "niet opgehaald", "99BB")] == still_open(adapter, school)


def test_what_lapsed_on_its_last_day_is_open_until_it_is_withdrawn_or_collected_again(
    school: School, put: Any
) -> None:
    clock = TestClock()
    adapter = school.adapter(clock)
    ours = (adapter, school.administration(adapter), ACCOUNT)
    for reference, number in (("P-1", NUMBERS[0]), ("P-2", NUMBERS[1])):
        put(number, reference)
        run(school, "inzage", reference, *SEEN)
        last_day = school_date(clock.now)
        prepare.make_ready(*ours, reference, [Brin("99BB")], until=last_day)
    clock.forward(days=2)
    one_tick(adapter)
    assert {"P-1", "P-2"} == {line[0] for line in still_open(adapter, school)}

    assert PreparedState.WITHDRAWN == prepare.withdraw(*ours, "P-1").state
    assert 2 == prepare.put(*ours, dossier(NUMBERS[1], surname="Later", reference="P-2")).version

    assert [("P-2", "niet ingezien", None)] == still_open(adapter, school)


def test_what_was_fetched_does_not_lapse_on_its_last_day(school: School, put: Any) -> None:
    """Its last day has no more to end: that it was fetched is what the school wants to see."""
    put()
    run(school, "inzage", "P-1", *SEEN)
    clock = TestClock()
    adapter = school.adapter(clock)
    administration = school.administration(adapter)
    last_day = school_date(clock.now)
    prepare.make_ready(adapter, administration, ACCOUNT, "P-1", [Brin("99BB")], until=last_day)
    with adapter.store.writing() as session:
        session.merge(prepare.current(adapter, administration, "P-1")).state = PreparedState.FETCHED
    clock.forward(days=2)

    one_tick(adapter)

    assert {1: "opgehaald"} == versions(school)


def test_every_change_is_an_event_with_the_account_that_ordered_it(
    school: School, put: Any
) -> None:
    put()
    run(school, "inzage", "P-1", *SEEN)
    run(school, "ready", "P-1", "--for", "99BB")
    run(school, "withdraw", "P-1")

    steps = ["dossier.collected", "dossier.seen", "dossier.ready", "dossier.withdrawn"]
    assert [(step, ACCOUNT, None) for step in steps] == recorded(school, *steps)

"""Following mandates and registers: years, versions, administrations and schools that go."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from support.register import CUT_OVER, NEXT, THEIRS, Night, brins, next_year

from oso_adapter.errors import ConfigurationError
from oso_adapter.exchange.osr_night import plan_next, sync_when_due
from oso_adapter.exchange.osr_plan import Remark
from oso_adapter.exchange.osr_sync import Outcome
from oso_adapter.identifiers import RoutingId
from oso_adapter.simulator import seed
from oso_adapter.simulator.osr_faults import Faults, make_ill
from oso_adapter.store.models import Administration, AdministrationKind, Event, Exchange
from oso_adapter.store.pace import moment

BRIN, OTHER = brins(2)


@pytest.fixture
def school(empty: Night) -> Night:
    """One school that has mandated us, with one administration."""
    empty.administer(BRIN)
    empty.mandate_all([BRIN])
    return empty


def remarks(outcome: Outcome) -> list[tuple[str, str, str]]:
    return [(remark.code, remark.brin, remark.routing_id) for remark in outcome.remarks]


def done(outcome: Outcome) -> list[tuple[str, str, str]]:
    return [(write.method, write.routing_id, write.reason) for write in outcome.done]


def test_each_administration_of_a_school_gets_its_endpoint(school: Night) -> None:
    second = school.administer(BRIN, 2, kind=AdministrationKind.RIS)

    assert 2 == len(school.sync().done)

    found = {e.routing_id: (e.url, e.attributes) for e in school.registered(BRIN)}
    first = RoutingId.of_school(BRIN, 1)
    assert {first: (school.url, "LAS"), second: (school.url, "RIS")} == found


def test_whoever_waits_is_told_how_many_schools_were_read(school: Night) -> None:
    school.administer(OTHER)
    told: list[int] = []

    next_year(school).sync(read=told.append)

    assert [1, 2, 3, 4] == told


def test_a_write_is_an_event_with_the_account_that_ordered_it(school: Night) -> None:
    school.sync()
    with school.adapter.store.reading() as session:
        [row] = session.scalars(select(Event).where(Event.name.startswith("osr.")))

    routing_id = RoutingId.of_school(BRIN, 1)
    assert ("osr.registered", routing_id, "nieuw") == (row.name, row.counterpart, row.reason)


def test_next_years_endpoint_is_there_ahead_of_time_and_this_years_ends_after_the_switch(
    school: Night,
) -> None:
    school.sync()
    night = next_year(school)

    assert [("POST", RoutingId.of_school(BRIN, 1), "nieuw")] == done(night.sync())
    found = {e.namespace: (e.start_date, e.end_date) for e in night.registered(BRIN)}
    assert ("2026-08-01", None) == found[NEXT]
    assert () == night.sync().to_do

    night.clock.now = datetime(2026, 8, 1, 3, tzinfo=UTC)
    held = night.sync()
    assert ["einde-niet-bevestigd"] == [remark.code for remark in held.remarks]
    ended = night.sync(confirmed=1)
    assert [("PUT", RoutingId.of_school(BRIN, 1), "volgende release in gebruik")] == done(ended)
    assert [NEXT] == [endpoint.namespace for endpoint in night.registered(BRIN)]
    night.next_day()
    assert ((), []) == ((rest := night.sync()).to_do, remarks(rest))


def test_when_the_switch_is_put_off_next_years_endpoint_begins_later_too(school: Night) -> None:
    next_year(school).sync()
    later = next_year(school, date(2026, 8, 15))

    assert [("PUT", RoutingId.of_school(BRIN, 1), "andere begindag")] == done(later.sync())
    assert "2026-08-15" in [endpoint.start_date for endpoint in later.registered(BRIN)]
    assert () == later.sync().to_do


def test_after_the_switch_no_administration_counts_as_stranded(school: Night) -> None:
    school.sync()
    night = next_year(school)
    night.sync()
    with night.adapter.store.writing() as session:
        order(session)
    night.clock.now = datetime(2026, 8, 1, 3, tzinfo=UTC)

    assert ["einde-niet-bevestigd"] == [remark.code for remark in night.sync().remarks]


def test_a_version_that_the_register_does_not_have_gets_no_writes(school: Night) -> None:
    unknown = replace(
        school.adapter.settings,
        standard=replace(school.adapter.settings.standard, cut_over=CUT_OVER),
    )
    night = replace(school, adapter=replace(school.adapter, settings=unknown))

    outcome = night.using(osr_next_namespace=NEXT).sync()

    assert 1 == len(outcome.done)
    assert (Remark("dienstversie-onbekend", detail=NEXT),) == outcome.remarks


def test_next_year_without_a_day_is_no_configuration(school: Night) -> None:
    with pytest.raises(ConfigurationError, match="cut_over"):
        school.using(osr_next_namespace=NEXT).sync()


def test_an_administration_that_ends_takes_its_endpoint_along(school: Night) -> None:
    school.sync()
    school.end(date(2026, 3, 11))

    assert ["einde-niet-bevestigd"] == [remark.code for remark in school.sync().remarks]
    ended = school.sync(confirmed=1)
    assert [("PUT", RoutingId.of_school(BRIN, 1), "administratie geëindigd")] == done(ended)
    assert [] == school.registered(BRIN)


def test_an_endpoint_that_has_yet_to_begin_is_removed_when_it_is_not_wanted(empty: Night) -> None:
    empty.administer(BRIN, valid_from=date(2026, 8, 1))
    empty.mandate_all([BRIN])
    empty.sync()
    assert ["2026-08-01"] == [endpoint.start_date for endpoint in empty.registered(BRIN)]
    empty.clock.now = datetime(2026, 7, 1, tzinfo=UTC)
    empty.end(date(2026, 6, 30))

    assert [("DELETE", RoutingId.of_school(BRIN, 1), "administratie geëindigd")] == done(
        empty.sync(confirmed=1)
    )
    assert [] == empty.registered(BRIN)


def test_a_school_that_comes_back_before_its_end_is_opened_again(school: Night) -> None:
    school.sync()
    with school.state.write() as db:
        db.execute("UPDATE endpoints SET end_date = '2026-12-31'")

    outcome = school.sync()

    assert [("PUT", RoutingId.of_school(BRIN, 1), "einde vervalt")] == done(outcome)
    assert [None] == [endpoint.end_date for endpoint in school.registered(BRIN)]


def test_what_is_ours_under_a_kenmerk_that_nobody_has_is_told_and_not_touched(
    school: Night,
) -> None:
    school.sync()
    third = RoutingId.of_school(BRIN, 3)
    seed.add_endpoint(school.state, school.tokens[BRIN], third, "https://x.example/oso")

    outcome = school.sync()

    assert [("kenmerk-onbekend", BRIN, third)] == remarks(outcome)
    assert () == outcome.to_do


@pytest.mark.parametrize(("known", "code"), [(True, "geen-mandaat"), (False, "school-onbekend")])
def test_a_school_without_a_mandate_is_told_with_what_is_wrong(
    empty: Night, known: bool, code: str
) -> None:
    empty.administer(OTHER)
    if known:
        seed.add_school(empty.state, OTHER, "School", "PO")

    assert [(code, OTHER, "")] == remarks(empty.sync())


def test_a_mandate_of_a_school_that_has_no_administration_is_told(empty: Night) -> None:
    empty.mandate_all([OTHER])

    assert [("geen-administratie", OTHER, "")] == remarks(empty.sync())


def test_what_another_system_registered_first_is_found_by_its_kenmerk(empty: Night) -> None:
    """Also under another school than its BRIN says."""
    odd = RoutingId("12345678901234567890")
    with empty.adapter.store.writing() as session:
        session.add(
            Administration(
                brin=BRIN,
                routing_id=odd,
                kind="SWV",
                name="x",
                tenant="t",
                valid_from=date(2024, 8, 1),
            )
        )
    empty.mandate_all([BRIN, OTHER])
    token = seed.add_mandate(empty.state, OTHER, THEIRS)
    seed.add_endpoint(empty.state, token, odd, "https://hun.example/oso")

    assert ("kenmerk-van-ander", BRIN, odd) in remarks(empty.sync())
    assert [] == empty.calls("POST")


@pytest.mark.parametrize(
    ("last", "code", "begin"),
    [("2026-07-31", None, "2026-08-01"), (None, "kenmerk-van-ander", "2026-09-01")],
)
def test_no_endpoint_of_ours_overlaps_one_of_another_system(
    school: Night, last: str | None, code: str | None, begin: str
) -> None:
    """Ours begins when theirs has ended (U14); one without an end is told."""
    school.register_all([BRIN])
    theirs = seed.add_mandate(school.state, BRIN, THEIRS)
    with school.state.write() as db:
        db.execute("UPDATE endpoints SET start_date = '2026-09-01'")
        db.execute(
            "INSERT INTO endpoints (routing_id, mandate, service_version, url, attributes,"
            " start_date, end_date) SELECT routing_id, (SELECT id FROM mandates WHERE token = ?),"
            " service_version, 'https://hun.example/oso', 'LAS', '2024-08-01', ? FROM endpoints",
            (theirs, last),
        )

    told = [remark.code for remark in school.sync().remarks]

    assert [code] * (code is not None) == told
    mine = [e.start_date for e in school.registered(BRIN) if e.url == school.url]
    assert [begin] == mine
    assert () == school.sync().to_do


def test_in_version_three_all_goes_the_same_way(school: Night) -> None:
    three = school.using(osr_url="https://osr.example/api/v3")
    assert 1 == len(three.sync().done)
    moved = replace(three.adapter.settings.transport, public_url="https://nieuw.example/oso")
    settings = replace(three.adapter.settings, transport=moved)
    three = replace(three, adapter=replace(three.adapter, settings=settings))
    assert [("PUT", RoutingId.of_school(BRIN, 1), "ander adres")] == done(three.sync())
    assert ["https://nieuw.example/oso"] == [e.url for e in three.registered(BRIN)]


def test_a_mandate_of_a_board_registers_nothing_and_is_told(school: Night) -> None:
    school.state.set_option("board_level", "OSO-OV")

    outcome = school.sync()

    assert ("mandaat-van-bestuur", "", "") in remarks(outcome)
    assert () == outcome.to_do


def due(night: Night) -> datetime | None:
    with night.adapter.store.reading() as session:
        return moment(session, "next-sync")


def test_the_runner_repeats_it_each_night_from_a_persons_first_run_on(school: Night) -> None:
    school.clock.now = datetime(2026, 3, 11, 20, tzinfo=UTC)
    assert not sync_when_due(school.adapter)

    first = plan_next(school.adapter)
    assert datetime(2026, 3, 12, 2, tzinfo=UTC) < first < datetime(2026, 3, 12, 3, tzinfo=UTC)
    assert not sync_when_due(school.adapter)
    school.clock.now = first
    assert sync_when_due(school.adapter)

    assert 1 == len(school.registered(BRIN))
    after = due(school)
    assert after is not None
    assert timedelta(hours=22) < after - first < timedelta(hours=26)


def test_a_night_on_which_the_register_is_down_is_tried_again_in_an_hour(school: Night) -> None:
    school.clock.now = plan_next(school.adapter)
    make_ill(school.state, Faults(status=401))

    assert sync_when_due(school.adapter)

    assert school.clock() + timedelta(hours=1) == due(school)
    assert [] == school.registered(BRIN)


def test_what_still_waits_at_an_administration_that_ended_is_told(school: Night) -> None:
    school.sync()
    school.end(date(2026, 3, 11))
    with school.adapter.store.writing() as session:
        order(session)

    told = [remark for remark in school.sync().remarks if remark.code == "gestrand"]

    assert [Remark("gestrand", BRIN, RoutingId.of_school(BRIN, 1), "1 bestellingen")] == told


def order(session: Any) -> None:
    now = datetime(2026, 3, 12, tzinfo=UTC)
    session.add(
        Exchange(
            id="x",
            administration_id=1,
            account="a",
            order_sealed=b"",
            pgn_hmac=b"",
            bron_brin="99ZZ",
            overdrachtsoort="overstapdossier",
            ordered_at=now,
            state="besteld",
            due_at=now,
        )
    )

"""The OSR's bad night: hundreds of schools, and a register that is ill in every way.

Nothing ends unconfirmed, a second run writes nothing, and a trial tells what the run does.
"""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from support.register import THEIRS, Night, brins, night, opened

from oso_adapter.chain.osr import OsrBusy, OsrRefused
from oso_adapter.chain.osr_calls import BackOff
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.osr_sync import Outcome
from oso_adapter.identifiers import RoutingId
from oso_adapter.simulator import seed
from oso_adapter.simulator.osr_faults import Faults, make_ill

MANY = 300
SCHOOLS = brins(MANY)
FEW = 5
"""The most that may end by themselves."""


@pytest.fixture
def new(empty: Night) -> Night:
    """300 schools that have mandated us; nothing is registered yet."""
    empty.administer_all(SCHOOLS)
    empty.mandate_all(SCHOOLS)
    return empty


@pytest.fixture(scope="module")
def yesterday(
    tmp_path_factory: pytest.TempPathFactory, adapter: Adapter
) -> tuple[Path, dict[str, str]]:
    """The files of schools of which all was as it should be and was seen to be, and tokens."""
    folder = tmp_path_factory.mktemp("yesterday")
    made = night(folder, adapter)
    made.administer_all(SCHOOLS)
    made.mandate_all(SCHOOLS)
    made.register_all(SCHOOLS)
    assert [] == codes(made.sync())
    made.close()
    return folder, made.tokens


@pytest.fixture
def settled(
    yesterday: tuple[Path, dict[str, str]], tmp_path: Path, adapter: Adapter
) -> Iterator[Night]:
    """A copy of these, on the next day."""
    folder, tokens = yesterday
    copy = opened(shutil.copytree(folder, tmp_path / "copy"), adapter, {**tokens})
    copy.next_day()
    yield copy
    copy.close()


def codes(outcome: Outcome) -> list[str]:
    return sorted({remark.code for remark in outcome.remarks})


def test_all_are_registered_once_as_the_trial_told_and_a_second_run_writes_nothing(
    new: Night,
) -> None:
    trial = new.sync(dry_run=True)
    assert (MANY, 0) == (len(trial.to_do), new.writes())

    done = new.sync()

    assert trial.to_do == done.to_do
    assert ["POST /endpoints"] * MANY == new.calls("POST")
    assert MANY == len(new.registered())
    assert () == new.sync().to_do
    assert MANY == new.writes()


@pytest.mark.parametrize("part", [0.0, 0.5])
def test_a_list_of_mandates_that_is_not_whole_ends_nothing(settled: Night, part: float) -> None:
    missing = MANY - int(MANY * part)
    make_ill(settled.state, Faults(lists={"/school-mandates": part}))
    assert (["mandaat-gemist"], ()) == seen(settled.sync())

    settled.next_day()
    held = settled.sync()
    assert (["einde-niet-bevestigd", "mandaat-geëindigd"], ()) == seen(held)
    assert missing == len(held.plan.endings)
    wrong = settled.sync(confirmed=missing - 1)
    assert () == wrong.to_do

    make_ill(settled.state)
    assert ([], ()) == seen(settled.sync())
    assert (0, MANY) == (settled.writes(), len(settled.registered()))


def seen(outcome: Outcome) -> tuple[list[str], tuple[object, ...]]:
    return codes(outcome), outcome.to_do


def test_many_end_when_a_person_names_their_number(settled: Night) -> None:
    make_ill(settled.state, Faults(lists={"/school-mandates": 0.5}))
    settled.sync()
    settled.next_day()
    number = MANY // 2

    trial = settled.sync(confirmed=number, dry_run=True)
    done = settled.sync(confirmed=number)

    assert trial.to_do == done.to_do
    assert number == len(done.done)
    assert MANY - number == len(settled.registered())
    assert () == settled.sync(confirmed=number).to_do


@pytest.mark.parametrize("part", [0.0, 0.5])
def test_endpoints_that_are_not_shown_are_not_registered_again(settled: Night, part: float) -> None:
    make_ill(settled.state, Faults(lists={"/endpoints": part}))

    assert (["endpoints-verdwenen"], ()) == seen(settled.sync())
    make_ill(settled.state)
    assert ([], ()) == seen(settled.sync())
    assert 0 == settled.writes()


def test_also_after_days_without_the_register_what_it_does_not_show_is_not_registered_again(
    settled: Night,
) -> None:
    make_ill(settled.state, Faults(status=500))
    for _ in range(3):
        with pytest.raises(OsrBusy):
            settled.sync()
        settled.next_day()
    make_ill(settled.state, Faults(lists={"/endpoints": 0.0}))
    for _ in range(2):
        assert (["endpoints-verdwenen"], ()) == seen(settled.sync())

    settled.next_day()
    again = settled.sync(dry_run=True)

    assert ([], MANY, 0) == (codes(again), len(again.to_do), settled.writes())


def test_a_night_without_versions_of_the_service_is_no_look_at_endpoints(settled: Night) -> None:
    make_ill(settled.state, Faults(lists={"/service-versions": 0.0}))
    assert (["dienstversie-onbekend"], ()) == seen(settled.sync())
    settled.next_day()

    make_ill(settled.state, Faults(lists={"/endpoints": 0.0}))
    assert (["endpoints-verdwenen"], ()) == seen(settled.sync())
    assert 0 == settled.writes()


def test_a_register_that_fails_after_twenty_writes_gets_the_rest_later_and_nothing_twice(
    new: Night,
) -> None:
    make_ill(new.state, Faults(writes=20))
    broken = new.sync()
    assert (20, True) == (len(broken.done), isinstance(broken.stopped, OsrBusy))
    assert 22 == new.writes(), "once no answer may be about one endpoint, twice is not"

    make_ill(new.state)
    rest = new.sync()

    assert (MANY - 21, None) == (len(rest.done), rest.stopped)
    assert sorted(RoutingId.of_school(b, 1) for b in SCHOOLS) == sorted(
        endpoint.routing_id for endpoint in new.registered()
    )
    assert () == new.sync().to_do


@pytest.mark.parametrize(("status", "error"), [(429, OsrBusy), (401, OsrRefused)])
def test_a_register_that_lets_nobody_in_changes_nothing(
    settled: Night, status: int, error: type[Exception]
) -> None:
    make_ill(settled.state, Faults(status=status))

    for _ in range(2):
        with pytest.raises(error):
            settled.sync()
        settled.next_day()
    make_ill(settled.state)
    assert ([], ()) == seen(settled.sync())
    assert 0 == settled.writes()


def test_who_is_sent_away_for_reading_too_fast_comes_back_and_finishes(settled: Night) -> None:
    make_ill(settled.state, Faults(reads_a_second=10))
    naps: list[float] = []

    def nap(seconds: float) -> None:
        naps.append(seconds)
        settled.clock.forward(seconds=seconds)

    assert ([], ()) == seen(settled.sync(BackOff((1.0, 1.0), sleep=nap)))
    assert MANY // 10 <= len(naps)


def test_endpoints_of_former_software_of_ours_are_taken_over_and_never_doubled(
    new: Night,
) -> None:
    new.register_all(SCHOOLS, "https://vorige.example/oso")

    done = new.sync()

    assert {("PUT", "ander adres")} == {(write.method, write.reason) for write in done.to_do}
    assert [new.url] * MANY == [endpoint.url for endpoint in new.registered()]
    assert [] == new.calls("POST")


def test_the_kenmerk_of_another_system_is_told_and_not_touched(settled: Night) -> None:
    brin = SCHOOLS[7]
    token = seed.add_mandate(settled.state, brin, THEIRS)
    with settled.state.write() as db:
        db.execute(
            "UPDATE endpoints SET url = 'https://hun.example/oso', mandate ="
            " (SELECT id FROM mandates WHERE token = ?) WHERE routing_id = ?",
            (token, RoutingId.of_school(brin, 1)),
        )

    assert (["kenmerk-van-ander"], ()) == seen(settled.sync())
    assert ["https://hun.example/oso"] == [e.url for e in settled.registered(brin)]


def test_a_few_that_leave_end_by_themselves_on_the_second_day(settled: Night) -> None:
    for brin in SCHOOLS[:FEW]:
        seed.end_mandate(settled.state, settled.tokens[brin], date(2026, 3, 12))
    first = settled.sync()
    assert (["mandaat-gemist"], ()) == seen(first)
    assert () == settled.sync().to_do

    settled.next_day()
    done = settled.sync()

    assert {("PUT", "mandaat geëindigd")} == {(w.method, w.reason) for w in done.to_do}
    assert (FEW, MANY - FEW) == (len(done.done), len(settled.registered()))
    settled.next_day()
    assert (["mandaat-geëindigd"], ()) == seen(settled.sync())


def test_a_mandate_whose_last_day_was_told_ends_at_once(settled: Night) -> None:
    seed.end_mandate(settled.state, settled.tokens[SCHOOLS[0]], date(2026, 3, 13))
    assert ([], ()) == seen(settled.sync())
    settled.next_day()

    assert 1 == len(settled.sync().done)
    assert [] == settled.registered(SCHOOLS[0])


def test_a_trial_is_no_look_by_which_a_mandate_is_missed(settled: Night) -> None:
    make_ill(settled.state, Faults(lists={"/school-mandates": 0.0}))
    settled.sync(dry_run=True)
    settled.next_day()

    assert ["mandaat-gemist"] == codes(settled.sync(dry_run=True))

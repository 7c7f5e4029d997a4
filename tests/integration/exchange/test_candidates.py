"""Whom a request means of whom nothing is prepared: a plugin knows, the zoeksleutel decides."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select
from support.dossiers import NUMBERS
from support.keeping import Keeping, keeping
from support.plugins import bare

from oso_adapter.exchange import asked, candidates, unfinished
from oso_adapter.hookspecs import Candidate, HookContext, hookimpl
from oso_adapter.store.models import Request

UNKNOWN = "123456782"
SAME_END = "999996782"
"""Another number with the same last four digits."""


class System:
    """A supplier's system with these pupils, which fails as long as it is told to."""

    def __init__(self, *given: Any, fails: int = 0) -> None:
        self.given = list(given)
        self.fails = fails
        self.asked: list[tuple[HookContext, str]] = []

    @hookimpl
    def oso_candidates(self, context: HookContext, pgnfrag: str) -> Any:
        self.asked.append((context, pgnfrag))
        if len(self.asked) <= self.fails:
            raise ValueError(UNKNOWN)
        return self.given


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keeping]:
    with keeping(tmp_path_factory.mktemp("candidates")) as kept:
        yield kept


@pytest.fixture
def kept(world: Keeping) -> Iterator[Keeping]:
    """The school without the requests of other tests."""
    yield world
    with world.adapter.store.writing() as session:
        for row in session.scalars(select(Request)):
            session.delete(row)


def look_up(kept: Keeping, *systems: object) -> int:
    return candidates.look_up(replace(kept.adapter, plugins=bare(*systems)))


def known(kept: Keeping, session_id: str) -> str | None:
    with kept.adapter.store.reading() as session:
        row = session.scalars(select(Request).filter_by(session_id=session_id)).one()
    return candidates.pupil_of(kept.adapter, row)


def test_the_pupil_whom_the_key_fits_is_remembered_and_shown(kept: Keeping) -> None:
    request = kept.requested(UNKNOWN)
    system = System(Candidate("LL-11", SAME_END), Candidate("LL-12", UNKNOWN))

    assert 1 == look_up(kept, system)

    assert "LL-12" == known(kept, request)
    [(context, fragment)] = system.asked
    assert context.administration is not None
    assert ("99AA", "aanvraag", UNKNOWN[-4:]) == (
        context.administration.brin,
        context.reason,
        fragment,
    )
    [open_] = unfinished.listed(kept.adapter, kept.owner)
    assert ("LL-12", "niet verzameld", "99BB") == (open_.pupil, open_.missing, open_.destination)
    [item] = asked.of_administration(kept.adapter, kept.owner)
    assert "LL-12" == asked.pupil_of(kept.adapter, item)
    shown = kept.school.cli("dossier", "list", "--open", "--administration", "99AA")
    waiting = kept.school.cli(
        *("notifications", "waiting", "--all", "--administration", "99AA", "--format", "json")
    )
    assert "LL-12" in shown.stdout
    assert ["LL-12"] == [row["leerling"] for row in json.loads(waiting.stdout)]
    [event] = kept.events("request.recognised")
    assert (request, "99BB", None) == (event.session_id, event.counterpart, event.subject)
    assert UNKNOWN.encode() not in kept.school.store_file.read_bytes()


def test_a_request_is_looked_up_once(kept: Keeping) -> None:
    kept.requested(UNKNOWN)
    system = System(Candidate("LL-12", UNKNOWN))

    assert [1, 0] == [look_up(kept, system) for _ in range(2)]
    assert 1 == len(system.asked)


@pytest.mark.parametrize(
    "given",
    [
        [],
        [Candidate("LL-11", SAME_END)],
        [Candidate("LL-11", UNKNOWN), Candidate("LL-12", UNKNOWN)],
    ],
    ids=["nobody", "another", "several"],
)
def test_a_pupil_whom_nobody_can_tell_stays_unknown_and_is_not_asked_again(
    kept: Keeping, given: list[Candidate]
) -> None:
    request = kept.requested(UNKNOWN)
    system = System(*given)

    assert [0, 0] == [look_up(kept, system) for _ in range(2)]
    assert (1, None) == (len(system.asked), known(kept, request))


def test_a_pupil_with_two_numbers_is_one(kept: Keeping) -> None:
    request = kept.requested(UNKNOWN)

    look_up(kept, System(Candidate("LL-12", UNKNOWN), Candidate("LL-12", UNKNOWN)))

    assert "LL-12" == known(kept, request)


def test_two_pupils_whose_numbers_end_alike_are_both_still_to_be_collected(kept: Keeping) -> None:
    kept.requested(UNKNOWN)
    kept.requested(SAME_END)
    assert [None] == [item.pupil for item in unfinished.listed(kept.adapter, kept.owner)]

    look_up(kept, System(Candidate("LL-11", SAME_END), Candidate("LL-12", UNKNOWN)))

    assert {"LL-11", "LL-12"} == {i.pupil for i in unfinished.listed(kept.adapter, kept.owner)}


def test_what_failed_is_tried_again_later_and_not_for_ever(
    kept: Keeping, capsys: pytest.CaptureFixture[str]
) -> None:
    request = kept.requested(UNKNOWN)
    system = System(Candidate("LL-12", UNKNOWN), fails=2)

    assert [0, 0] == [look_up(kept, system) for _ in range(2)]
    kept.clock.forward(minutes=5)
    assert (0, 2) == (look_up(kept, system), len(system.asked))
    kept.clock.forward(hours=1)
    assert (1, "LL-12") == (look_up(kept, system), known(kept, request))

    kept.requested(UNKNOWN)
    hopeless = System(fails=9)
    for _ in range(5):
        look_up(kept, hopeless)
        kept.clock.forward(hours=1)
    assert 3 == len(hopeless.asked)
    assert UNKNOWN not in capsys.readouterr().err


@pytest.mark.parametrize(
    "wrong",
    [
        Candidate("LL-12", "12345"),
        Candidate("LL-12", None),  # type: ignore[arg-type]
        Candidate(UNKNOWN, UNKNOWN),
        Candidate("", UNKNOWN),
        Candidate(12, UNKNOWN),  # type: ignore[arg-type]
    ],
    ids=["short", "none", "number-as-reference", "empty", "no-text"],
)
def test_candidates_that_are_no_use_are_a_failure(kept: Keeping, wrong: Candidate) -> None:
    request = kept.requested(UNKNOWN)
    system = System(wrong)

    assert (0, None) == (look_up(kept, system), known(kept, request))
    kept.clock.forward(minutes=5)
    look_up(kept, system)
    assert 2 == len(system.asked)


def test_a_request_that_cannot_be_opened_holds_up_nobody(kept: Keeping) -> None:
    kept.requested(UNKNOWN)
    with kept.adapter.store.writing() as session:
        session.scalars(select(Request)).one().key_sealed = b"broken"
    request = kept.requested(UNKNOWN)
    system = System(Candidate("LL-12", UNKNOWN))

    assert [0, 1] == [look_up(kept, system) for _ in range(2)]
    assert "LL-12" == known(kept, request)


def test_a_plugin_that_fails_is_not_asked_for_one_after_another(kept: Keeping) -> None:
    for _ in range(3):
        kept.requested(UNKNOWN)
    system = System(Candidate("LL-12", UNKNOWN), fails=1)

    assert [0, 2] == [look_up(kept, system) for _ in range(2)]
    assert 3 == len(system.asked)


def test_too_many_candidates_are_not_compared(kept: Keeping) -> None:
    request = kept.requested(UNKNOWN)
    many = [Candidate(f"LL-{n}", UNKNOWN) for n in range(candidates.MOST + 1)]

    assert (0, None) == (look_up(kept, System(*many)), known(kept, request))


def test_a_pupil_who_was_collected_meanwhile_is_not_asked_for(kept: Keeping) -> None:
    kept.requested(NUMBERS[1])
    kept.put(NUMBERS[1], "P-2")
    system = System(Candidate("P-2", NUMBERS[1]))

    assert (0, []) == (look_up(kept, system), system.asked)
    assert (0, []) == (look_up(kept, system), system.asked)


def test_without_such_a_plugin_a_request_waits_for_one(kept: Keeping) -> None:
    request = kept.requested(UNKNOWN)

    assert 0 == look_up(kept)
    assert 1 == look_up(kept, System(Candidate("LL-12", UNKNOWN)))
    assert "LL-12" == known(kept, request)


def test_few_are_looked_up_at_a_time(kept: Keeping) -> None:
    for _ in range(candidates.AT_A_TIME + 1):
        kept.requested(UNKNOWN)
    system = System(Candidate("LL-12", UNKNOWN))

    assert [candidates.AT_A_TIME, 1] == [look_up(kept, system) for _ in range(2)]

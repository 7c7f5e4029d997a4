"""What is known of a pupil beside what came, and pupils that are looked for."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from support.chain import ACCOUNT
from support.dossiers import BORN, NUMBERS, SURNAME, content
from support.keeping import Keeping, keeping
from support.plugins import bare

from oso_adapter.errors import NotFound, PluginFailed
from oso_adapter.exchange import find, known
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.hookspecs import (
    FoundPupil,
    HookContext,
    KnownPupil,
    PupilMatch,
    PupilQuery,
    hookimpl,
)

ONE, TWO, *_ = NUMBERS


class System:
    """Gives what it was made with, and remembers what it was asked."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.asked: list[tuple[HookContext, Any]] = []

    @hookimpl
    def oso_known_pupil(self, context: HookContext, match: PupilMatch) -> Any:
        return self._say(context, match)

    @hookimpl
    def oso_find_pupils(self, context: HookContext, query: PupilQuery) -> Any:
        return self._say(context, query)

    def _say(self, context: HookContext, asked: Any) -> Any:
        self.asked.append((context, asked))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keeping]:
    with keeping(tmp_path_factory.mktemp("known")) as kept:
        yield kept


def adapter_of(kept: Keeping, *systems: object) -> Adapter:
    return replace(kept.adapter, plugins=bare(*systems))


def there(**pupil: Any) -> KnownPupil:
    """The pupil who is known here as in the dossier, but for these fields."""
    dossier = deepcopy(content(ONE))
    del dossier["huidigeschool"]["leerling"]["leerlingid"]
    dossier["huidigeschool"]["leerling"] |= pupil
    return KnownPupil("LL-1", dossier)


def compared(kept: Keeping, answer: Any) -> known.Known | None:
    return known.known_pupil(adapter_of(kept, System(answer)), kept.received(ONE), ACCOUNT)


def test_only_what_differs_is_told_with_its_dutch_name(kept: Keeping) -> None:
    found = compared(kept, there(achternaam="Anders", geboortedatum=date(2013, 6, 1)))

    assert found is not None
    assert ("LL-1", [("Achternaam", "Anders", SURNAME)]) == (
        found.pupil,
        [(d.label, d.known, d.new) for d in found.differences if d.path.endswith("/achternaam")],
    )
    assert ["achternaam", "geboortedatum"] == [d.path.rpartition("/")[2] for d in found.differences]
    assert SURNAME not in repr(found)


def test_the_plugin_is_told_by_what_the_pupil_may_be_known(kept: Keeping) -> None:
    system = System(None)

    assert known.known_pupil(adapter_of(kept, system), kept.received(ONE), ACCOUNT) is None

    [(context, match)] = system.asked
    assert ("vergelijken", ACCOUNT) == (context.reason, context.account)
    assert (
        PupilMatch(
            pgn=ONE, leerlingid="P-1", achternaam=SURNAME, voornamen="Test", date_of_birth=BORN
        )
        == match
    )


def test_reading_it_is_recorded(kept: Keeping) -> None:
    before = len(kept.events("received.shown"))

    compared(kept, there())

    shown = kept.events("received.shown")[before:]
    assert [ACCOUNT] == [event.account for event in shown]


@pytest.mark.parametrize(
    "answer",
    [ValueError(ONE), KnownPupil(ONE, {}), KnownPupil("LL-1", None), object()],  # type: ignore[arg-type]
    ids=["raise", "number", "no-dossier", "other"],
)
def test_a_plugin_that_fails_is_named_without_a_value(kept: Keeping, answer: Any) -> None:
    with pytest.raises(PluginFailed, match="plugin p0 failed in oso_known_pupil") as failed:
        compared(kept, answer)
    assert ONE not in str(failed.value)


PUPIL = FoundPupil("LL-1", "Tess Test", "8a", BORN, "99BB", date(2026, 7, 31))


def finding(kept: Keeping, *systems: object, **query: Any) -> list[FoundPupil]:
    asked = PupilQuery(**query)
    return list(find.find_pupils(adapter_of(kept, *systems), kept.owner, ACCOUNT, asked))


def test_who_is_found_is_given_and_who_searched_is_recorded(kept: Keeping) -> None:
    system = System([PUPIL, replace(PUPIL, pupil="LL-2")])

    assert ["LL-1", "LL-2"] == [pupil.pupil for pupil in finding(kept, system, group="8a")]

    assert ("zoeken", "8a") == (system.asked[0][0].reason, system.asked[0][1].group)
    event = kept.events("pupils.found")[-1]
    assert (ACCOUNT, "2", None) == (event.account, event.reason, event.subject)


def test_no_more_are_given_than_were_asked_for(kept: Keeping) -> None:
    assert 1 == len(finding(kept, System([PUPIL] * 3), limit=1))
    assert find.MOST == len(finding(kept, System([PUPIL] * (find.MOST + 1)), limit=10**6))


def test_without_a_plugin_that_can_search_the_user_is_told(kept: Keeping) -> None:
    for systems in ((), (System(None),)):
        with pytest.raises(NotFound, match="geen plugin kan leerlingen"):
            finding(kept, *systems)


@pytest.mark.parametrize(
    "answer",
    [
        ValueError(ONE),
        [FoundPupil(ONE, "Tess")],
        [FoundPupil("LL-1", None)],  # type: ignore[arg-type]
        [FoundPupil("LL-1", f"Tess {TWO}")],
        [FoundPupil("", "Tess")],
        ["LL-1"],
    ],
    ids=["raise", "number", "no-name", "number-in-name", "empty", "other"],
)
def test_an_answer_that_is_no_use_gives_nobody(kept: Keeping, answer: Any) -> None:
    before = len(kept.events("pupils.found"))

    with pytest.raises(PluginFailed, match="plugin p0 failed in oso_find_pupils") as failed:
        finding(kept, System(answer))

    assert not any(number in str(failed.value) for number in (ONE, TWO))
    assert before == len(kept.events("pupils.found"))

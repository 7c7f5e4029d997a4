"""The suite for plugins: what is in order passes all of it, and no test passes whatever happens."""

import inspect
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from pluggy import PluginValidationError
from support.faulty_las import PUPIL, FaultyLas

from oso_adapter.errors import OsoError
from oso_adapter.hookspecs import hookimpl
from oso_adapter.testing.clock import MovableClock
from oso_adapter.testing.contract import PluginContract, Section
from oso_adapter.testing.contract.case import Case

FAULTS = {
    "test_the_host_loads_the_plugin": ("wrong argument", "child"),
    "test_a_pupil_is_collected_in_the_dict_form": ("dates are text", "geboortedatum"),
    "test_collecting_twice_gives_the_same": ("by chance", "/leerling/roepnaam"),
    "test_a_pupil_who_is_not_there_is_none": ("numbered", "it raised ValueError"),
    "test_a_reference_is_taken_as_it_is": ("trims", "found"),
    "test_a_pupil_of_another_school_is_none": ("any school", "99ZZ was given a pupil of 99AA"),
    "test_the_dossier_is_of_the_pupil_who_was_asked": ("nameless", "L-1"),
    "test_nothing_of_ours_is_given": ("gives ours", "overdrachtsoort"),
    "test_a_dossier_is_taken_over": ("rejects", "a new pupil was rejected"),
    "test_every_block_of_the_standard_is_taken_over": ("loses", "toetslijst"),
    "test_a_huge_dossier_is_taken_over": ("small", "it raised ValueError"),
    "test_an_unusual_name_is_kept_as_it_is": ("one alphabet", "right to left"),
    "test_a_number_keeps_its_zero": ("numbers are numbers", "/leerling/bsn"),
    "test_the_same_dossier_offered_twice_is_taken_over_once": (
        "always new",
        "offered twice, the dossier made a second pupil",
    ),
    "test_the_same_pupil_from_a_second_order_is_no_second_pupil": (
        "by id",
        "a second order made a second pupil",
    ),
    "test_a_dossier_fetched_again_replaces_the_first": (
        "keeps the first",
        "these elements came, and are not",
    ),
    "test_a_pupil_whose_number_changed_is_no_second_pupil": (
        "one number",
        "under the new number there is a second pupil",
    ),
    "test_an_own_pupil_is_left_to_a_person": ("overwrites", "replaced what the school knew itself"),
    "test_two_pupils_stay_two": ("by name", "one more pupil; it gave 0"),
    "test_a_dossier_for_another_school_is_not_taken_over_here": (
        "for any school",
        "another school fetched is a pupil of this school",
    ),
    "test_what_is_offered_is_left_as_it_is": ("changes", "the plugin changed what it was offered"),
    "test_an_answer_names_no_pupil": ("talks", "assert [] == "),
    "test_an_exception_half_way_leaves_nothing_behind": ("half", "half a pupil was left behind"),
    "test_a_store_that_fails_half_way_leaves_nothing_behind": (
        "no transaction",
        "done: half a pupil was left behind",
    ),
    "test_a_slow_store_costs_one_attempt": ("checks too early", "there are 2 new pupils"),
    "test_the_next_dossier_is_taken_over_after_a_failure": ("stays locked", "it raised StoreFails"),
    "test_a_collected_dossier_reaches_another_school": ("incomplete", "verzorger"),
    "test_a_dossier_of_another_school_arrives": ("postpones", "uitgesteld: "),
}
"""A fault that each test of the suite has to find, and what it says then."""


class WrongArgument:
    """A plugin that the host does not take."""

    @hookimpl
    def oso_collect_dossier(self, context: object, child: str) -> None:
        """The hook has no such argument."""


class Tried(PluginContract):
    """The suite, for a plugin with a fault; pytest does not collect it."""

    name, pupil = "faulty", PUPIL

    def __init__(self, fault: str = "") -> None:
        self.las = FaultyLas(fault)
        self.plugin = WrongArgument() if fault == "wrong argument" else self.las  # type: ignore[misc]

    def make_store(self, folder: Path) -> Section:
        return {}

    def references(self, section: Section) -> Collection[str]:
        return self.las.pupils

    def slow(self, section: Section) -> AbstractContextManager[None]:
        return self.las.slow()

    def failures(self, section: Section) -> Mapping[str, AbstractContextManager[None]]:
        return {part: self.las.failing(part) for part in ("pupils", "done")}


Run = Callable[[str, str], None]


@pytest.fixture
def run(oso_clock: MovableClock, oso_school: Any) -> Run:
    """Run one test of the suite for a plugin with a fault."""

    def call(test: str, fault: str) -> None:
        suite = Tried(fault)
        oso_clock.now = suite.now
        given = {"case": Case(suite, {}, oso_clock), "oso_school": oso_school, "profile": "POVO"}
        method = getattr(suite, test)
        method(**{name: given[name] for name in inspect.signature(method).parameters})

    return call


def suite() -> set[str]:
    return {name for name, _ in inspect.getmembers(PluginContract) if name.startswith("test_")}


def test_every_test_of_the_suite_has_a_fault_to_find() -> None:
    assert suite() == set(FAULTS)


@pytest.mark.parametrize("test", FAULTS)
def test_a_plugin_that_is_in_order_passes(run: Run, test: str) -> None:
    run(test, "")


@pytest.mark.parametrize("test", FAULTS)
def test_a_fault_is_found_by_the_test_for_it(run: Run, test: str) -> None:
    fault, says = FAULTS[test]
    with pytest.raises((AssertionError, OsoError, PluginValidationError)) as found:
        run(test, fault)
    assert says in str(found.value)


def test_each_test_says_what_it_means_and_what_to_do() -> None:
    assert [] == [name for name in FAULTS if not inspect.getdoc(getattr(PluginContract, name))]


def test_what_a_plugin_does_not_do_is_skipped_with_the_reason(oso_clock: MovableClock) -> None:
    class OnlyTold(Tried):
        def __init__(self) -> None:
            super().__init__()
            self.plugin = object()  # type: ignore[misc]

    told = OnlyTold()
    case = Case(told, {}, oso_clock)
    with pytest.raises(pytest.skip.Exception) as skipped:
        told.test_a_dossier_is_taken_over(case)
    assert "the plugin has no oso_import_dossier" == skipped.value.msg


def test_an_author_is_asked_for_what_is_missing() -> None:
    class Nothing(PluginContract):
        pass

    with pytest.raises(NotImplementedError) as asked:
        Nothing().make_store(Path())
    assert "make_store(self, folder)" in str(asked.value)
    with pytest.raises(NotImplementedError) as asked:
        Nothing().references({})
    assert "references(self, section)" in str(asked.value)

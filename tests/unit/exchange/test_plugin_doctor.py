"""What the doctor says of plugins that nobody has to load for it."""

from dataclasses import replace
from importlib.metadata import EntryPoint

import pytest
from support.plugins import NOW, settings

from oso_adapter.exchange.plugin_doctor import examine
from oso_adapter.hookspecs import GROUP
from oso_adapter.settings import Settings, StoreSettings


def without_a_store(given: Settings) -> Settings:
    return replace(given, store=StoreSettings(url="sqlite:////nonexistent/adapter.sqlite"))


def test_production_needs_a_search_key_and_the_simulation_does_not() -> None:
    given = without_a_store(settings())

    assert () == examine(given, lambda: NOW, list).found
    examined = examine(replace(given, environment="production"), lambda: NOW, list)

    [missing] = examined.found
    assert ("no-search-key", "-", False) == (
        *(missing.problem.code, missing.problem.plugin),
        examined.is_healthy,
    )
    assert "De adapter start niet" in missing.problem.school


def test_that_earlier_failures_are_not_known_is_no_clean_bill_of_health() -> None:
    assert not examine(without_a_store(settings()), lambda: NOW, list).failures_known


@pytest.mark.parametrize(
    ("does", "told"),
    [
        ("exits", "exit: ended its process (exit code 9)"),
        ("garbage", "no-use: gave nothing of the type that this hook gives"),
    ],
)
def test_a_search_key_that_ends_its_process_or_is_none_is_told_like_any_other_problem(
    does: str, told: str
) -> None:
    points = [EntryPoint(does, f"support.search_keys:{does}", GROUP)]

    [found] = examine(without_a_store(settings(does)), lambda: NOW, lambda: points).found

    assert ("oso_search_key", told) == (
        found.hook,
        f"{found.problem.code}: {found.problem.reason}",
    )


def test_of_two_search_keys_the_second_is_told_and_one_that_fails_at_the_start_too() -> None:
    points = [
        EntryPoint(name, f"support.search_keys:{name}", GROUP) for name in ("first", "second")
    ]

    examined = examine(without_a_store(settings("first", "second")), lambda: NOW, lambda: points)

    assert [
        ("second", "not-used", None),
        ("first", "raised", "oso_search_key"),
    ] == [(each.problem.plugin, each.problem.code, each.hook) for each in examined.found]

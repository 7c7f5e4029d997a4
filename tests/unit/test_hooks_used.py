"""Each hook has a flow in which the adapter itself calls it, and an explanation."""

import ast
import inspect
from pathlib import Path

import pytest

from oso_adapter import hookspecs

EXCHANGE, ACCEPTANCE = "integration/exchange/", "acceptance/"
USED = {
    "oso_collect_dossier": (
        "integration/cli/test_dossier.py",
        "test_dossiers_are_collected_through_the_plugin",
    ),
    "oso_import_dossier": (
        ACCEPTANCE + "test_received.py",
        "test_a_dossier_that_fits_is_handed_over_with_its_attachments",
    ),
    "oso_notification_received": (
        ACCEPTANCE + "test_notified.py",
        "test_every_plugin_is_told_once_and_one_that_fails_again_later_with_the_same_id",
    ),
    "oso_search_key": (
        ACCEPTANCE + "test_plugin_parts.py",
        "test_a_dossier_is_found_by_the_algorithm_and_sealed_by_the_keys_of_a_plugin",
    ),
    "oso_key_provider": (
        ACCEPTANCE + "test_plugin_parts.py",
        "test_a_dossier_is_found_by_the_algorithm_and_sealed_by_the_keys_of_a_plugin",
    ),
    "oso_event": (
        "unit/test_plugin_events.py",
        "test_a_listener_is_told_of_every_event_once_in_order",
    ),
    "oso_find_pupils": (
        "integration/cli/test_plugin_hooks.py",
        "test_pupils_are_found_by_a_name_that_is_no_argument",
    ),
    "oso_candidates": (
        EXCHANGE + "test_candidates.py",
        "test_the_pupil_whom_the_key_fits_is_remembered_and_shown",
    ),
    "oso_enrich_dossier": (
        EXCHANGE + "test_merging.py",
        "test_the_example_of_two_systems_makes_one_dossier",
    ),
    "oso_known_pupil": (
        "integration/cli/test_plugin_hooks.py",
        "test_what_differs_from_what_is_known_is_shown_side_by_side",
    ),
    "oso_refuse_delivery": (
        EXCHANGE + "test_supplier_check.py",
        "test_a_check_refuses_with_a_result_and_the_event_names_its_plugin",
    ),
    "oso_extra_rules": (
        EXCHANGE + "test_extra_rules.py",
        "test_an_error_keeps_a_dossier_from_being_collected_and_from_being_put",
    ),
    "oso_commands": (
        "integration/cli/test_plugin_hooks.py",
        "test_a_plugin_brings_commands_below_its_own_name",
    ),
}
"""Of each hook the test in which the adapter itself calls it, in the flow that it is for."""
SPECIFIED = {name for name, _ in inspect.getmembers(hookspecs) if name.startswith("oso_")}
ROOT = Path(__file__).parents[2]


def test_every_hook_has_a_flow_that_calls_it_and_is_explained() -> None:
    page = (ROOT / "docs" / "hooks.md").read_text(encoding="utf-8")

    assert SPECIFIED == set(USED)
    for hook in SPECIFIED:
        explained = inspect.getdoc(getattr(hookspecs, hook)) or ""
        assert f"## {hook}\n" in page
        assert "budget" in explained or "start-up" in explained, hook


@pytest.mark.parametrize("hook", sorted(USED))
def test_a_hook_is_called_in_a_test_that_names_it(hook: str) -> None:
    file, name = USED[hook]
    source = (ROOT / "tests" / file).read_text(encoding="utf-8")
    tests = [n.name for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FunctionDef)]

    assert name in tests

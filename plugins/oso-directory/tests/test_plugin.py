"""oso-directory as the host sees it."""

import tomllib
from collections.abc import Callable
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pluggy
import pytest
from oso_directory import plugin
from support.plugins import SCHOOL, settings

from oso_adapter import hookspecs
from oso_adapter.errors import PluginFailed
from oso_adapter.hookspecs import HookContext
from oso_adapter.plugins import PluginHost

PACKAGE = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))


def test_the_hooks_have_the_signatures_that_the_host_expects() -> None:
    manager = pluggy.PluginManager(hookspecs.GROUP)
    manager.add_hookspecs(hookspecs)
    manager.register(plugin)
    manager.check_pending()
    callers = manager.get_hookcallers(plugin) or []
    expected = {"oso_collect_dossier", "oso_import_dossier", "oso_notification_received"}
    assert expected == {caller.name for caller in callers}


def test_the_host_finds_it_under_the_name_of_its_section() -> None:
    assert {plugin.NAME: plugin.__name__} == PACKAGE["project"]["entry-points"][hookspecs.GROUP]


def test_a_configured_host_collects_through_it(
    root: Path, put: Callable[..., Path], as_json: str
) -> None:
    point = EntryPoint(plugin.NAME, plugin.__name__, hookspecs.GROUP)
    section = {plugin.NAME: {"folder": str(root)}}
    host = PluginHost(settings(plugin.NAME, **section), found=lambda: [point])
    file = put("P-1.json", as_json[:-1])
    assert ([], [plugin.NAME]) == (host.problems, host.names)
    with pytest.raises(PluginFailed) as caught:
        host.collect_dossier(SCHOOL, "j.admin", "P-1", "POVO")
    assert "NotCompleteYet" in str(caught.value)
    file.write_text(as_json)
    found = host.collect_dossier(SCHOOL, "j.admin", "P-1", "POVO")
    assert found is not None
    assert "leerling" in found.dossier["huidigeschool"]


@pytest.mark.parametrize(
    "section",
    [{"folder": ""}, {"folder": 5}, {"form": "json"}, {"format": "csv"}, {"answer": "never"}],
)
def test_a_section_that_is_not_right_is_told_by_its_keys(
    told: Callable[..., HookContext], section: dict[str, Any]
) -> None:
    with pytest.raises(plugin.NotConfigured) as caught:
        plugin.settings_of(told(**section))
    assert f"[plugins.oso-directory]: look at {next(iter(section))}" == str(caught.value)


def test_without_a_section_the_folder_is_asked_for() -> None:
    assert {"folder"} == plugin.OSO_SETTINGS().validate({}).keys()

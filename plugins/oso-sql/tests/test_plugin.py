"""oso-sql as the host sees it."""

import tomllib
from pathlib import Path

import pluggy
from oso_sql import plugin

from oso_adapter import hookspecs

PACKAGE = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))


def test_the_hooks_have_the_signatures_that_the_host_expects() -> None:
    manager = pluggy.PluginManager(hookspecs.GROUP)
    manager.add_hookspecs(hookspecs)
    manager.register(plugin)
    manager.check_pending()
    callers = manager.get_hookcallers(plugin) or []
    assert {"oso_collect_dossier", "oso_import_dossier"} == {caller.name for caller in callers}


def test_the_host_finds_it_under_the_name_of_its_section() -> None:
    assert {plugin.NAME: plugin.__name__} == PACKAGE["project"]["entry-points"][hookspecs.GROUP]

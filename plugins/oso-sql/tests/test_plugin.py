"""oso-sql as the host sees it."""

import tomllib
from collections.abc import Callable
from importlib.metadata import EntryPoint
from pathlib import Path

import pluggy
import pytest
from oso_sql import plugin
from support.plugins import SCHOOL, settings

from oso_adapter import hookspecs
from oso_adapter.errors import PluginFailed
from oso_adapter.plugins import PluginHost

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


@pytest.fixture
def host(database: Path, write: Callable[..., Path]) -> PluginHost:
    """A host that is configured as docs/oso-sql.md says."""
    section = {"mapping": str(write()), "database": f"sqlite:///{database}"}
    point = EntryPoint(plugin.NAME, plugin.__name__, hookspecs.GROUP)
    return PluginHost(settings(plugin.NAME, **{plugin.NAME: section}), found=lambda: [point])


def test_a_configured_host_collects_through_it(host: PluginHost) -> None:
    assert ([], [plugin.NAME]) == (host.problems, host.names)
    found = host.collect_dossier(SCHOOL, "j.admin", "A1", "POVO")
    assert found is not None
    assert "Vos" == found.dossier["huidigeschool"]["leerling"]["achternaam"]


def test_a_value_that_does_not_fit_costs_one_pupil_and_is_not_told(host: PluginHost) -> None:
    with pytest.raises(PluginFailed) as caught:
        host.collect_dossier(SCHOOL, "j.admin", "A3", "POVO")
    assert "it raised WrongValue" in str(caught.value)
    assert host.collect_dossier(SCHOOL, "j.admin", "A2", "POVO") is not None


def test_the_address_of_the_database_is_a_secret_and_no_other_key_passes() -> None:
    schema = plugin.OSO_SETTINGS()
    assert {"mapping": False, "database": True} == {
        name: bool(field.metadata.get("secret")) for name, field in schema.fields.items()
    }
    assert {} == schema.validate({"mapping": "oso-sql.toml"})
    wrong = {"mapping": "", "database": "las.sqlite", "databse": "x"}
    assert wrong.keys() == schema.validate(wrong).keys()
    assert {"mapping"} == schema.validate({}).keys()

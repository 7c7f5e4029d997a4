"""The example passes the suite that every plugin has to pass: its code, and its mapping."""

from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from shutil import copy

import pytest
from magister_like import database, plugin
from magister_like.generator import Generated
from magister_like.schema import leerling
from oso_sql import plugin as oso_sql
from sqlalchemy import select

from oso_adapter.testing.contract import PluginContract, Section

MAPPING = Path(__file__).parents[1] / "oso-sql.toml"


class OfTheExample(PluginContract):
    """What both have in common: the database of the po school."""

    pupil = "P0281"

    @pytest.fixture(autouse=True)
    def generated(self, schools: Generated) -> None:
        self.po = schools.po

    def references(self, section: Section) -> Collection[str]:
        with database.opened(self.database(section)) as connection:
            return list(connection.execute(select(leerling.c.leerlingcode)).scalars())

    def database(self, section: Section) -> Path:
        return Path(section["database"].removeprefix("sqlite:///"))

    def failures(self, section: Section) -> Mapping[str, AbstractContextManager[None]]:
        """Of its many tables one in six, from the first to the last."""
        return dict(list(super().failures(section).items())[::6])


class TestCode(OfTheExample):
    plugin, name = plugin, "magister_like"

    def make_store(self, folder: Path) -> Section:
        return {"database": copy(self.po, folder)}


class TestMapping(OfTheExample):
    plugin, name = oso_sql, oso_sql.NAME

    def make_store(self, folder: Path) -> Section:
        return {"mapping": str(MAPPING), "database": f"sqlite:///{copy(self.po, folder)}"}

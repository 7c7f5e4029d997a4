"""The same mapping on another database: nothing but the address differs."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from magister_like import database, plugin, schema
from magister_like.generator import Generated
from magister_like.mapping import CHANGED_BY_MOVE
from oso_sql import database as databases
from oso_sql import plugin as oso_sql
from oso_sql.database import DatabaseTrouble
from sqlalchemy import Engine, NullPool, create_engine, func, insert, select, text
from support.postgres import server

from oso_adapter.hookspecs import CollectedDossier, HookContext, ReceivedDossier

Told = Callable[[Path, str], HookContext]
SOME = 12


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """An empty PostgreSQL."""
    with server() as address:
        made = create_engine(address, poolclass=NullPool, hide_parameters=True)
        yield made
        made.dispose()


@pytest.fixture(scope="module")
def pupils(engine: Engine, schools: Generated) -> list[str]:
    """Some pupils of the primary school, in PostgreSQL; those who leave have everything."""
    with database.opened(schools.po) as connection:
        school = database.load_school(connection)
        codes = database.leavers(schools.po)[:SOME]
        numbers = [database.number_of_code(connection, code) for code in codes]
        records = [database.load(connection, number) for number in numbers if number]
    with engine.begin() as connection:
        schema.metadata.drop_all(connection)
        schema.metadata.create_all(connection)
        connection.execute(insert(schema.school), [school.main])
        for part, table in (("adres", schema.school_adres), ("contact", schema.school_contact)):
            rows = [{c.name: row.get(c.name) for c in table.columns} for row in school.of(part)]
            connection.execute(insert(table), rows)
        database.save_new(connection, records)
    return codes


@pytest.fixture
def here(engine: Engine, schools: Generated, told: Told) -> HookContext:
    """What oso-sql is told: as for SQLite, but for the address."""
    usual = told(schools.po, "99AA")
    address = engine.url.render_as_string(hide_password=False)
    section = {**usual.settings("oso-sql"), "database": address}
    return replace(usual, sections={**usual.sections, "oso-sql": section})


@pytest.mark.parametrize("profile", ["POVO", "BB"])
def test_the_same_mapping_makes_the_same_dossiers(
    pupils: list[str], here: HookContext, profile: str
) -> None:
    assert SOME == len(pupils)
    for pupil in pupils:
        by_code = plugin.oso_collect_dossier(here, pupil, profile)
        by_mapping = oso_sql.oso_collect_dossier(here, pupil, profile)
        assert isinstance(by_mapping, CollectedDossier)
        assert by_code == by_mapping, pupil


def test_the_session_for_collecting_cannot_write(engine: Engine, pupils: list[str]) -> None:
    address = engine.url.render_as_string(hide_password=False)
    with (
        pytest.raises(DatabaseTrouble, match="the database gave InternalError"),
        databases.reading(address) as connection,
    ):
        connection.execute(text("DELETE FROM leerling"))


def test_taking_over_is_whole_and_once(
    engine: Engine, pupils: list[str], here: HookContext
) -> None:
    collected = oso_sql.oso_collect_dossier(here, pupils[0], "BB")
    assert collected is not None
    original: dict[str, Any] = dict(collected.dossier["huidigeschool"]["leerling"])
    with engine.begin() as connection:
        for table in reversed(schema.metadata.sorted_tables):
            if not table.name.startswith("school"):
                connection.execute(table.delete())
    received = ReceivedDossier("r-1", collected.dossier, b"", "2019.1", None, "99AA")
    for _ in range(2):
        answer = oso_sql.oso_import_dossier(here, received)
        assert answer is not None
        assert "accepted" == answer.outcome
    with engine.connect() as connection:
        assert 1 == connection.execute(select(func.count()).select_from(schema.leerling)).scalar()
    again = oso_sql.oso_collect_dossier(here, "N00001", "BB")
    assert again is not None
    found = again.dossier["huidigeschool"]["leerling"]
    for name in original.keys() - CHANGED_BY_MOVE.keys():
        assert original[name] == found[name], name

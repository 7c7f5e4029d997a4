"""The two generated schools, and what a host would hand to the plugin."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from shutil import copy
from typing import Any

import pytest
from magister_like import database, plugin, schema
from magister_like.generator import Generated, generate
from magister_like.record import Record
from sqlalchemy import select

from oso_adapter.hookspecs import (
    AdministrationRef,
    CollectedDossier,
    HookContext,
    ImportAnswer,
    ReceivedDossier,
)

TODAY = date(2027, 5, 12)
NOW = datetime(2027, 5, 12, 9, 0, tzinfo=UTC)

Collect = Callable[..., dict[str, Any]]
TakeOver = Callable[..., ImportAnswer]
Told = Callable[[Path, str], HookContext]
MAPPING = Path(__file__).parents[1] / "oso-sql.toml"


def _context(database: Path, brin: str) -> HookContext:
    return HookContext(
        administration=AdministrationRef(brin, f"00000007000{brin}00001", "LAS", "school", "t"),
        account="j.admin",
        release="2019.1",
        contract="20200910",
        clock=lambda: NOW,
        deadline=NOW,
        reason="test",
        sections={
            "magister_like": {"database": str(database)},
            "oso-sql": {"mapping": str(MAPPING), "database": f"sqlite:///{database}"},
        },
    )


@pytest.fixture(scope="session")
def told() -> Told:
    """What the plugin and oso-sql are told, for a database and the BRIN of its school."""
    return _context


@pytest.fixture(scope="session")
def schools(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    """The generated schools; not to be changed by a test."""
    return generate(tmp_path_factory.mktemp("schools"), today=TODAY)


@pytest.fixture(scope="session")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    """The schools with a marker in every personal text; not to be changed by a test."""
    return generate(tmp_path_factory.mktemp("marked"), markers=True, today=TODAY)


@pytest.fixture(scope="session")
def records() -> Callable[[Path], list[Record]]:
    """The files of all pupils of a school, read a table at a time; not to be changed by a test."""

    @cache
    def read(path: Path) -> list[Record]:
        with database.opened(path) as connection:
            pupils = connection.execute(select(schema.leerling).order_by("nr")).mappings()
            found = {row["nr"]: Record(row) for row in pupils}
            for table in schema.PARTS:
                rows = connection.execute(select(table).order_by("leerling_nr", "volgnr"))
                for row in rows.mappings():
                    found[row["leerling_nr"]].parts[table.name].append(dict(row))
        return list(found.values())

    return read


@pytest.fixture(scope="session")
def today() -> date:
    """The day of the story, also that of the host's clock."""
    return TODAY


@pytest.fixture
def own_schools(schools: Generated, tmp_path: Path) -> Generated:
    """The same schools, that a test may change."""
    po, vo = (Path(copy(path, tmp_path)) for path in (schools.po, schools.vo))
    return replace(schools, po=po, vo=vo)


@pytest.fixture(scope="session")
def hook() -> Callable[[Path, str, str, str], CollectedDossier | None]:
    """oso_collect_dossier as the host calls it: database, BRIN, pupil code, profile."""

    def call(database: Path, brin: str, pupil: str, profile: str) -> CollectedDossier | None:
        return plugin.oso_collect_dossier(_context(database, brin), pupil, profile)

    return call


@pytest.fixture(scope="session")
def collect(hook: Callable[[Path, str, str, str], CollectedDossier | None]) -> Collect:
    """The collected dict of a pupil who is there."""

    def call(database: Path, pupil: str, profile: str, brin: str = "99AA") -> dict[str, Any]:
        collected = hook(database, brin, pupil, profile)
        assert collected is not None
        return dict(collected.dossier)

    return call


@pytest.fixture(scope="session")
def take_over() -> TakeOver:
    """oso_import_dossier as the host calls it."""

    def call(
        database: Path,
        received_id: str,
        dossier: Mapping[str, Any],
        brin: str = "99BB",
        former: tuple[str, ...] = (),
    ) -> ImportAnswer:
        received = ReceivedDossier(received_id, dossier, b"", "2019.1", None, "99AA", former)
        answer = plugin.oso_import_dossier(_context(database, brin), received)
        assert answer is not None
        return answer

    return call

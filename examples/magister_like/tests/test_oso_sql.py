"""The same database through a mapping alone: no code, and the same dossiers."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from magister_like import database, plugin
from magister_like.generator import Generated
from magister_like.mapping import to_dossier
from magister_like.record import Record
from magister_like.schema import leerling
from oso_sql import plugin as oso_sql
from sqlalchemy import select

from oso_adapter.hookspecs import CollectedDossier, HookContext

Told = Callable[[Path, str], HookContext]
Records = Callable[[Path], list[Record]]


def codes(path: Path) -> list[str]:
    with database.opened(path) as connection:
        return list(connection.execute(select(leerling.c.leerlingcode)).scalars())


def both(told: HookContext, pupil: str, profile: str) -> tuple[Any, Any]:
    return (
        plugin.oso_collect_dossier(told, pupil, profile),
        oso_sql.oso_collect_dossier(told, pupil, profile),
    )


@pytest.mark.parametrize("school", ["po", "vo"])
def test_every_pupil_of_the_school_gets_the_same_dossier(
    schools: Generated, told: Told, records: Records, today: date, school: str
) -> None:
    path: Path = getattr(schools, school)
    here = told(path, {"po": "99AA", "vo": "99BB"}[school])
    assert len(records(path)) > 200
    with database.opened(path) as connection:
        place = database.load_school(connection)
    for record in records(path):
        pupil = record.main["leerlingcode"]
        former = tuple(row["nummer"] for row in record.of("oud_nummer"))
        expected = CollectedDossier(to_dossier(record, place, "BB", today), former)
        assert expected == oso_sql.oso_collect_dossier(here, pupil, "BB"), pupil


@pytest.mark.parametrize(
    ("school", "brin", "profile"),
    [("po", "99AA", profile) for profile in ("POPO", "POVO", "BB")]
    + [("vo", "99BB", profile) for profile in ("VOVO", "BB")],
)
def test_what_a_profile_leaves_out_is_the_same(
    schools: Generated, told: Told, school: str, brin: str, profile: str
) -> None:
    path = getattr(schools, school)
    for pupil in codes(path)[::16]:
        by_code, by_mapping = both(told(path, brin), pupil, profile)
        assert isinstance(by_mapping, CollectedDossier)
        assert by_code == by_mapping, pupil


def test_a_pupil_or_a_school_that_is_not_there_is_not_ours(schools: Generated, told: Told) -> None:
    assert (None, None) == both(told(schools.po, "99AA"), "nobody", "POVO")
    assert (None, None) == both(told(schools.po, "99BB"), "P0001", "POVO")
    nowhere = replace(told(schools.po, "99AA"), administration=None)
    assert (None, None) == both(nowhere, "P0001", "POVO")

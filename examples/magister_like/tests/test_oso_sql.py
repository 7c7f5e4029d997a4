"""The same database through a mapping alone: no code, and the same dossiers."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from magister_like import database, plugin
from magister_like.generator import Generated
from magister_like.schema import leerling
from oso_sql import plugin as oso_sql
from sqlalchemy import select

from oso_adapter.hookspecs import CollectedDossier, HookContext

Told = Callable[[Path, str], HookContext]


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
    schools: Generated, told: Told, school: str
) -> None:
    here = told(getattr(schools, school), {"po": "99AA", "vo": "99BB"}[school])
    pupils = codes(getattr(schools, school))
    assert len(pupils) > 200
    for pupil in pupils:
        by_code, by_mapping = both(here, pupil, "BB")
        assert by_code == by_mapping, pupil


@pytest.mark.parametrize("profile", ["POPO", "POVO", "VOVO"])
def test_what_a_profile_leaves_out_is_the_same(
    schools: Generated, told: Told, profile: str
) -> None:
    path, brin = (schools.vo, "99BB") if profile == "VOVO" else (schools.po, "99AA")
    for pupil in codes(path)[::16]:
        by_code, by_mapping = both(told(path, brin), pupil, profile)
        assert isinstance(by_mapping, CollectedDossier)
        assert by_code == by_mapping, pupil


def test_a_pupil_or_a_school_that_is_not_there_is_not_ours(schools: Generated, told: Told) -> None:
    assert (None, None) == both(told(schools.po, "99AA"), "nobody", "POVO")
    assert (None, None) == both(told(schools.po, "99BB"), "P0001", "POVO")
    nowhere = replace(told(schools.po, "99AA"), administration=None)
    assert (None, None) == both(nowhere, "P0001", "POVO")

"""A second system beside the LAS: a pupil monitoring system (LVS) that adds test results.

Configuration: ``[plugins.magister_like_lvs]`` with ``database``, the path of its database file. It
knows pupils by the pupil code of the LAS and gives nothing but its own part; what both systems give
of one test must be the same, or the adapter prepares nothing.
"""

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, NamedTuple

from magister_like.mapping import tests_from
from magister_like.settings import SettingsSchema
from oso_adapter.clock import school_date
from oso_adapter.hookspecs import HookContext, hookimpl

OSO_API: Final = (1, 1)
OSO_SETTINGS: Final = SettingsSchema
NAME: Final = "magister_like_lvs"

_TABLE: Final = """
create table score (
  leerlingcode text, toets text, vakgebied text, naam text, afgenomen text, vaardigheid text
)
"""


class Score(NamedTuple):
    """A score as this system keeps it: of whom, on which test, when, and how high."""

    leerlingcode: str
    toets: str
    vakgebied: str
    naam: str
    afgenomen: date
    vaardigheid: Decimal


class DatabaseTrouble(Exception):
    """The database of the LVS could not do the work; names the kind of trouble, never a value."""


def create(path: Path, scores: Iterable[Score]) -> None:
    """Make the database file of an LVS."""
    rows = [(*s[:4], s.afgenomen.isoformat(), str(s.vaardigheid)) for s in scores]
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(_TABLE)
        connection.executemany("insert into score values (?, ?, ?, ?, ?, ?)", rows)


@hookimpl
def oso_enrich_dossier(context: HookContext, pupil: str, profile: str) -> Mapping[str, Any] | None:
    """The tests of this pupil, or None when there are none; from po to vo only the recent ones."""
    path = Path(context.settings(NAME)["database"])
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            rows = database.execute(
                "select toets, vakgebied, naam, afgenomen, vaardigheid from score "
                "where leerlingcode = ? order by afgenomen, toets",
                (pupil,),
            ).fetchall()
    except sqlite3.Error as error:
        raise DatabaseTrouble(f"the database of the LVS gave {type(error).__name__}") from None
    tests = [_test(*row) for row in rows]
    if profile == "POVO":
        start = tests_from(school_date(context.clock()))
        tests = [test for test in tests if test["afname"]["afnamedatum"] >= start]
    if not tests:
        return None
    return {"huidigeschool": {"leerling": {"toetslijst": {"toets": tests}}}}


def _test(code: str, area: str, name: str, taken: str, score: str) -> dict[str, Any]:
    return {
        "toetsidentificatie": {"eldtoetscode": code, "leergebied": area, "toetsnaam": name},
        "afname": {"afnamedatum": date.fromisoformat(taken)},
        "resultaat": {"toetsscore": {"vaardigheidsscore": Decimal(score)}},
    }

"""The plugin: the hooks through which the OSO adapter reaches this LAS.

Configuration: ``[plugins.magister_like]`` with ``database``, the path of the school's database
file. No message that leaves this module holds a value from the database or from a dossier.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from magister_like import database, imports, mapping, queries
from magister_like.record import Record
from magister_like.settings import SettingsSchema
from oso_adapter.clock import school_date
from oso_adapter.hookspecs import (
    Candidate,
    CollectedDossier,
    FoundPupil,
    HookContext,
    ImportAnswer,
    KnownPupil,
    PupilMatch,
    PupilQuery,
    ReceivedDossier,
    hookimpl,
)

NAME: Final = "magister_like"
OSO_API: Final = (1, 1)
OSO_SETTINGS: Final = SettingsSchema


class DatabaseTrouble(Exception):
    """The database of the LAS could not do the work; names the kind of trouble, never a value."""

    def __init__(self, error: SQLAlchemyError) -> None:
        super().__init__(f"the database of the LAS gave {type(error).__name__}")


@hookimpl
def oso_collect_dossier(context: HookContext, pupil: str, profile: str) -> CollectedDossier | None:
    """Collect the dossier of the pupil with this pupil code, or None when it is not our pupil."""
    try:
        with database.opened(_path(context)) as connection:
            school = database.load_school(connection)
            number = database.number_of_code(connection, pupil)
            if number is None or not _serves(school, context):
                return None
            record = database.load(connection, number)
    except SQLAlchemyError as error:
        raise DatabaseTrouble(error) from None
    dossier = mapping.to_dossier(record, school, profile, school_date(context.clock()))
    former = tuple(row["nummer"] for row in record.of("oud_nummer"))
    return CollectedDossier(dossier, former)


@hookimpl
def oso_import_dossier(context: HookContext, received: ReceivedDossier) -> ImportAnswer | None:
    """Take over a received dossier; None when this database is not of the receiving school."""
    try:
        with database.opened(_path(context), writes=True) as connection:
            school = database.load_school(connection)
            if not _serves(school, context):
                return None
            decision = imports.take_over(
                connection,
                received.id,
                received.dossier,
                received.bron_brin,
                received.former_numbers,
            )
    except SQLAlchemyError as error:
        raise DatabaseTrouble(error) from None
    return ImportAnswer(decision.outcome, decision.categories, decision.reason)


@hookimpl
def oso_find_pupils(context: HookContext, query: PupilQuery) -> list[FoundPupil] | None:
    """The school's own pupils who fit the question, or None when it is another school's."""
    with _asked(context) as connection:
        if connection is None:
            return None
        return [_found(row) for row in queries.pupils(connection, query)]


@hookimpl
def oso_candidates(context: HookContext, pgnfrag: str) -> list[Candidate] | None:
    """Every pupil with a number, present or former, that ends in these digits."""
    with _asked(context) as connection:
        if connection is None:
            return None
        return [Candidate(code, pgn) for code, pgn in queries.numbers_like(connection, pgnfrag)]


@hookimpl
def oso_known_pupil(context: HookContext, match: PupilMatch) -> KnownPupil | None:
    """What stands here of the pupil with this number, but for what each school has of its own."""
    pgns = [pgn for pgn in (match.pgn, *match.former_pgns) if pgn is not None]
    with _asked(context) as connection:
        number = None if connection is None else queries.number_of(connection, pgns)
        if connection is None or number is None:
            return None
        record = database.load(connection, number)
        school = database.load_school(connection)
    dossier = mapping.to_dossier(record, school, "BB", school_date(context.clock()))
    pupil = dossier["huidigeschool"]["leerling"]
    kept = {name: pupil[name] for name in pupil.keys() - mapping.CHANGED_BY_MOVE.keys()}
    return KnownPupil(record.main["leerlingcode"], {"huidigeschool": {"leerling": kept}})


def _found(row: dict[str, Any]) -> FoundPupil:
    parts = (row["roepnaam"] or (row["voornamen"] or [""])[0], row["tussenvoegsel"])
    return FoundPupil(
        pupil=row["leerlingcode"],
        name=" ".join(part for part in (*parts, row["achternaam"]) if part),
        group=row["klas"],
        date_of_birth=row["geboren"],
        destination=row["bestemming_brin"],
        leaving_on=row["uitgeschreven"],
    )


@contextmanager
def _asked(context: HookContext) -> Iterator[Connection | None]:
    """A connection to read with; None when this database is of another school."""
    try:
        with database.opened(_path(context)) as connection:
            yield connection if _serves(database.load_school(connection), context) else None
    except SQLAlchemyError as error:
        raise DatabaseTrouble(error) from None


def _serves(school: Record, context: HookContext) -> bool:
    return context.administration is not None and school.main["brin"] == context.administration.brin


def _path(context: HookContext) -> Path:
    return Path(context.settings(NAME)["database"])

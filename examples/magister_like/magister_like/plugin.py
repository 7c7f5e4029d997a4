"""The plugin: the two hooks through which the OSO adapter reaches this LAS.

Configuration: ``[plugins.magister_like]`` with ``database``, the path of the school's database
file. No message that leaves this module holds a value from the database or from a dossier.
"""

from pathlib import Path
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from magister_like import database, imports, mapping
from magister_like.record import Record
from oso_adapter.clock import school_date
from oso_adapter.hookspecs import (
    CollectedDossier,
    HookContext,
    ImportAnswer,
    ReceivedDossier,
    hookimpl,
)

NAME: Final = "magister_like"
OSO_API: Final = (1, 1)


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


def _serves(school: Record, context: HookContext) -> bool:
    return context.administration is not None and school.main["brin"] == context.administration.brin


def _path(context: HookContext) -> Path:
    return Path(context.settings(NAME)["database"])

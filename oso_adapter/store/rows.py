"""Rows of which there may be thousands, each put in the place of the one with the same key."""

from collections.abc import Iterable
from functools import cache

from sqlalchemy import Table, func
from sqlalchemy.dialects.sqlite import Insert, insert
from sqlalchemy.orm import Session

from oso_adapter.store.models import Base


def put(session: Session, rows: Iterable[Base], *, lasting: tuple[str, ...] = ()) -> None:
    """Store new objects of one model, by one statement that does not look at what is there first.

    What is not set is stored as NULL, also where the model has a default. lasting: the columns of
    which a value stays as long as no other comes.
    """
    objects = list(rows)
    if not objects:
        return
    table = Base.metadata.tables[objects[0].__tablename__]
    names = [column.name for column in table.columns]
    session.connection().execute(
        _putting(table, lasting),
        [{name: getattr(row, name) for name in names} for row in objects],
    )


@cache
def _putting(table: Table, lasting: tuple[str, ...]) -> Insert:
    adding = insert(table)
    new = adding.excluded
    values = {
        column.name: func.coalesce(new[column.name], column)
        if column.name in lasting
        else new[column.name]
        for column in table.columns
        if not column.primary_key
    }
    return adding.on_conflict_do_update(index_elements=table.primary_key, set_=values)

"""Writing rows: statements from the tables as they are in the database, values always bound."""

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import (
    JSON,
    Boolean,
    Connection,
    Date,
    DateTime,
    Engine,
    Integer,
    MetaData,
    Numeric,
    Table,
    select,
)
from sqlalchemy.types import TypeEngine

from oso_sql.database import DatabaseTrouble, Row, trouble
from oso_sql.mapping import WrongValue

_TABLES: Final[dict[tuple[Engine, str], Table]] = {}


def find(connection: Connection, name: str, match: Row) -> Row | None:
    """The row whose columns have these values, or None."""
    table = _table(connection, name)
    query = select(table).where(*_matches(table, match))
    with trouble(f"table {name}"):
        row = connection.execute(query).mappings().first()
    return None if row is None else dict(row)


def insert(connection: Connection, name: str, rows: Iterable[Row]) -> None:
    """Add rows; a column that only some of them have is empty in the others."""
    rows = list(rows)
    if not rows:
        return
    table = _table(connection, name)
    columns = dict.fromkeys(column for row in rows for column in row)
    _known(table, columns)
    fitted = [{c: _fit(row.get(c), table, c) for c in columns} for row in rows]
    with trouble(f"table {name}"):
        connection.execute(table.insert(), fitted)


def update(connection: Connection, name: str, match: Row, row: Row) -> None:
    """Give the row with these values other ones."""
    table = _table(connection, name)
    _known(table, row)
    values = {column: _fit(value, table, column) for column, value in row.items()}
    with trouble(f"table {name}"):
        connection.execute(table.update().where(*_matches(table, match)).values(values))


def delete(connection: Connection, name: str, match: Row) -> None:
    """Take away the rows with these values."""
    table = _table(connection, name)
    with trouble(f"table {name}"):
        connection.execute(table.delete().where(*_matches(table, match)))


def columns(connection: Connection, name: str) -> set[str]:
    """The names of the columns of a table."""
    return set(_table(connection, name).c.keys())


def fit(value: Any, kind: TypeEngine[Any]) -> Any:
    """A value in the form that a column of this kind takes; what does not fit goes as it is."""
    if value is None or isinstance(kind, JSON):
        return value
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False)
    match kind:
        case Boolean():
            return value if isinstance(value, bool) else {"1": True, "0": False}.get(value, value)
        case Integer():
            return int(value) if isinstance(value, str | bool | Decimal) else value
        case Numeric():
            return Decimal(value) if isinstance(value, str | int) else value
        case DateTime():
            return datetime.combine(value, time()) if isinstance(value, date) else value
        case Date():
            return date.fromisoformat(value) if isinstance(value, str) else value
    if isinstance(value, bool):
        return str(int(value))
    return str(value) if isinstance(value, date | Decimal | int) else value


def _matches(table: Table, match: Row) -> list[Any]:
    _known(table, match)
    return [table.c[name] == _fit(value, table, name) for name, value in match.items()]


def _fit(value: Any, table: Table, column: str) -> Any:
    """As :func:`fit`; WrongValue names the column, where Python's error would quote the value."""
    try:
        return fit(value, table.c[column].type)
    except (ArithmeticError, TypeError, ValueError):
        reason = f"table {table.name} has a column of another type"
        raise WrongValue(f"{table.name}/{column}", reason) from None


def _known(table: Table, columns: Iterable[str] | Mapping[str, Any]) -> None:
    for name in columns:
        if name not in table.c:
            raise DatabaseTrouble(f"no column {name}", f"table {table.name}")


def _table(connection: Connection, name: str) -> Table:
    """The table as it is in the database, read once; ``schema.table`` where it is in another."""
    key = (connection.engine, name)
    if key not in _TABLES:
        schema, _, own = name.rpartition(".")
        with trouble(f"table {name}"):
            table = Table(
                own, MetaData(), schema=schema or None, autoload_with=connection, resolve_fks=False
            )
        for column in table.c:
            if isinstance(column.type, JSON):
                column.type.none_as_null = True  # else what is not there becomes the text "null"
        _TABLES[key] = table
    return _TABLES[key]

"""The database: engines, a session that only reads, one that writes, and the bound parameters."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

from sqlalchemy import (
    Connection,
    Date,
    Engine,
    NullPool,
    TextClause,
    bindparam,
    create_engine,
    event,
    text,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from oso_sql.mapping import Query

Row = Mapping[str, Any]

_READ_ONLY: Final[Mapping[str, str]] = {
    "postgresql": "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
    "oracle": "SET TRANSACTION READ ONLY",
}
"""What makes a transaction read one state of the database and write nothing. SQLite has a pragma;
in any other database the transaction is rolled back; use an account that may only read."""


_DRIVER: Final = "install the driver that the address names, beside the adapter"
_TO_DO: Final[Mapping[str, str]] = {
    "ArgumentError": "write it as postgresql+psycopg://las@db.example/las",
    "DataError": "a column is too short or of another type: try what dry-run shows",
    "DatabaseError": "look in the log of the database",
    "IntegrityError": "what is written is there already, or a key that it refers to is not",
    "InterfaceError": "see that the database runs and takes connections from here",
    "ModuleNotFoundError": _DRIVER,
    "NoSuchModuleError": _DRIVER,
    "NoSuchTableError": "correct the name in the mapping, or give the account the right to see it",
    "OperationalError": (
        "see that the database runs, that address and account are right, and that tables and "
        "columns have these names: try the query in the database itself"
    ),
    "ProgrammingError": (
        "a table, a column or a word is not known to it, or the account may not: try the query in "
        "the database itself"
    ),
    "no such file": "correct the path; a relative one starts where the command is started",
}
"""What to do, by the kind of an error; texts of the database itself quote values."""


class DatabaseTrouble(Exception):
    """The database could not do the work; names the place and the kind, never a value or a text."""

    def __init__(self, kind: str, place: str = "the database") -> None:
        to_do = _TO_DO.get(kind)
        super().__init__(f"{place} gave {kind}" + (f"; {to_do}" if to_do else ""))


@contextmanager
def reading(url: str) -> Iterator[Connection]:
    """A connection that sees one state of the database and cannot change it."""
    with trouble("the database"), _engine(url, False).connect() as connection:
        statement = _READ_ONLY.get(connection.dialect.name)
        if statement:
            connection.exec_driver_sql(statement)
        try:
            yield connection
        finally:
            connection.rollback()


@contextmanager
def writing(url: str, *, keep: bool = True) -> Iterator[Connection]:
    """A connection in one transaction, which is rolled back at the end unless it is to be kept."""
    with trouble("the database"), _engine(url, True).connect() as connection:
        try:
            yield connection
        except BaseException:
            connection.rollback()
            raise
        if keep:
            connection.commit()
        else:
            connection.rollback()


@contextmanager
def trouble(place: str) -> Iterator[None]:
    """Messages of databases quote values, so only the kind of an error goes on."""
    try:
        yield
    except SQLAlchemyError as error:
        raise DatabaseTrouble(type(error).__name__, place) from None


def rows(connection: Connection, query: Query, parameters: Row, place: str) -> list[Row]:
    """The rows of a query; its parameters are bound, never written into its text."""
    with trouble(place):
        result = connection.execute(statement(query), _bound(query, parameters, place))
        return [dict(row) for row in result.mappings()]


def columns(connection: Connection, query: Query, parameters: Row, place: str) -> list[str]:
    """The names of the columns that a query gives."""
    with trouble(place):
        result = connection.execute(statement(query), _bound(query, parameters, place))
        names = list(result.keys())
        result.close()
    return names


def _bound(query: Query, parameters: Row, place: str) -> dict[str, Any]:
    missing = query.parameters - parameters.keys()
    if missing:
        names = ", ".join(f":{name}" for name in sorted(missing))
        raise DatabaseTrouble(f"no value for {names}", place)
    return {name: parameters[name] for name in query.parameters}


@cache
def statement(query: Query) -> TextClause:
    """The statement of a query; a day is bound as one, whatever form the database has for it."""
    made = text(query.sql)
    if "today" in query.parameters:
        made = made.bindparams(bindparam("today", type_=Date))
    return made


@cache
def _engine(url: str, writes: bool) -> Engine:
    try:
        kind = make_url(url)
        engine = create_engine(url, poolclass=NullPool, hide_parameters=True)
    except (ArgumentError, ImportError) as error:
        raise DatabaseTrouble(type(error).__name__, "the database address") from None
    if kind.get_backend_name() == "sqlite":
        _transactions_of_sqlite(engine, writes)
    return engine


def _transactions_of_sqlite(engine: Engine, writes: bool) -> None:
    """Python's own transactions for SQLite begin too late to see one state, or to write alone."""

    @event.listens_for(engine, "do_connect")
    def _is_there(_dialect: Any, _record: Any, arguments: list[Any], _options: Any) -> None:
        # SQLite would make an empty database of a name that was mistyped.
        if not Path(arguments[0]).exists():
            raise DatabaseTrouble("no such file")

    @event.listens_for(engine, "connect")
    def _own_transactions(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys = ON")
        if not writes:
            connection.execute("PRAGMA query_only = ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

"""The database file of one school: opening it, loading and saving pupils' files."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    Connection,
    Engine,
    NullPool,
    Table,
    bindparam,
    create_engine,
    delete,
    event,
    func,
    insert,
    or_,
    select,
    update,
)

from magister_like import schema
from magister_like.record import Record, Row


@cache
def _engine(path: Path, writes: bool) -> Engine:
    """One engine per file, for its compiled statements; it keeps no connection open."""
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _own_transactions(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


@contextmanager
def opened(path: Path, *, writes: bool = False) -> Iterator[Connection]:
    """A connection in one transaction, committed at the end; with ``writes`` it is the only writer.

    Parameters never appear in the text of an error.
    """
    with _engine(path, writes).begin() as connection:
        yield connection


def create(path: Path, school: Record) -> None:
    """Make the database file of a school without pupils."""
    with opened(path, writes=True) as connection:
        schema.metadata.create_all(connection)
        _put(connection, schema.school, [school.main])
        _put(connection, schema.school_adres, school.of("adres"))
        _put(connection, schema.school_contact, school.of("contact"))


def _put(connection: Connection, table: Table, rows: Iterable[Row]) -> None:
    names = [column.name for column in table.columns]
    complete = [{name: row.get(name) for name in names} for row in rows]
    if complete:
        connection.execute(insert(table), complete)


def _rows(connection: Connection, table: Table) -> list[Row]:
    return [dict(row) for row in connection.execute(select(table)).mappings()]


def load_school(connection: Connection) -> Record:
    """The school of this database."""
    school = Record({**connection.execute(select(schema.school)).mappings().one()})
    for part, table in (("adres", schema.school_adres), ("contact", schema.school_contact)):
        for row in _rows(connection, table):
            school.parts[part].append({**row, "eigenaar": "SCHOOL", "eigenaar_nr": 0})
    return school


_NUMBER: Final[BindParameter[int]] = bindparam("number")
_PUPIL: Final = select(schema.leerling).where(schema.leerling.c.nr == _NUMBER)
_PARTS: Final = {
    table.name: select(table).where(table.c.leerling_nr == _NUMBER).order_by(table.c.volgnr)
    for table in schema.PARTS
}
"""The queries of a pupil, made once: there are forty for each."""


def load(connection: Connection, number: int) -> Record:
    """The whole file of a pupil, by its ``nr``."""
    pupil = {"number": number}
    record = Record({**connection.execute(_PUPIL, pupil).mappings().one()})
    for name, query in _PARTS.items():
        for row in connection.execute(query, pupil).mappings():
            record.parts[name].append(dict(row))
    return record


def save_new(connection: Connection, records: list[Record]) -> None:
    """Add the files of pupils whose ``nr`` is not yet in the database."""
    _put(connection, schema.leerling, [record.main for record in records])
    _put_parts(connection, records)


def replace(connection: Connection, record: Record) -> None:
    """Put a file in the place of the one that has the same ``nr``."""
    number = record.main["nr"]
    for table in schema.PARTS:
        connection.execute(delete(table).where(table.c.leerling_nr == number))
    main = {column.name: record.main.get(column.name) for column in schema.leerling.columns}
    connection.execute(update(schema.leerling).where(schema.leerling.c.nr == number).values(main))
    _put_parts(connection, [record])


def _put_parts(connection: Connection, records: list[Record]) -> None:
    for table in schema.PARTS:
        _put(
            connection,
            table,
            (
                {"leerling_nr": record.main["nr"], **row}
                for record in records
                for row in record.of(table.name)
            ),
        )


def number_of_code(connection: Connection, code: str) -> int | None:
    """The ``nr`` of the pupil with this pupil code."""
    query = select(schema.leerling.c.nr).where(schema.leerling.c.leerlingcode == code)
    return connection.execute(query).scalar()


def numbers_of_pgn(connection: Connection, pgn: str) -> set[int]:
    """The ``nr`` of every pupil who has this BSN or onderwijsnummer, or had it: rarely two."""
    pupil, old = schema.leerling.c, schema.oud_nummer.c
    has = select(pupil.nr).where(or_(pupil.bsn == pgn, pupil.onderwijsnr == pgn))
    had = select(old.leerling_nr).where(old.nummer == pgn)
    return {*connection.execute(has).scalars(), *connection.execute(had).scalars()}


def next_number(connection: Connection) -> int:
    """The ``nr`` for a new pupil."""
    highest = connection.execute(select(func.max(schema.leerling.c.nr))).scalar()
    return 1 + (highest or 0)


def leavers(path: Path, destination: str = "99BB") -> list[str]:
    """The pupil codes of those who leave for a school (BRIN), in the order of their codes."""
    pupil = schema.leerling.c
    query = select(pupil.leerlingcode).where(pupil.bestemming_brin == destination)
    with opened(path) as connection:
        return list(connection.execute(query.order_by(pupil.leerlingcode)).scalars())


def intake(path: Path) -> list[Row]:
    """The announced new pupils of a school: pgn, achternaam, geboortedatum, bron_brin."""
    new = schema.aanmelding.c
    columns = (new.pgn, new.achternaam, new.geboren.label("geboortedatum"), new.bron_brin)
    with opened(path) as connection:
        rows = connection.execute(select(*columns).order_by(new.nr)).mappings()
        return [dict(row) for row in rows]

"""What the adapter asks of the LAS beside whole files: who is there, and who it can be."""

from collections.abc import Collection

from sqlalchemy import Connection, func, or_, select

from magister_like import database, schema
from magister_like.record import Row
from oso_adapter.hookspecs import PupilQuery

_GROUP = schema.metadata.tables["inschrijving"]


def pupils(connection: Connection, query: PupilQuery) -> list[Row]:
    """The pupils who fit a question, by name: their row, with ``klas`` of the last enrolment."""
    pupil = schema.leerling.c
    last = (
        select(_GROUP.c.klas)
        .where(_GROUP.c.leerling_nr == pupil.nr)
        .order_by(_GROUP.c.schooljaar.desc(), _GROUP.c.volgnr.desc())
        .limit(1)
        .scalar_subquery()
    )
    found = select(schema.leerling, last.label("klas")).where(pupil.status == "ACTIEF")
    if query.name is not None:
        part = query.name.lower()
        names = (pupil.achternaam, pupil.roepnaam)
        found = found.where(or_(*(func.lower(n).contains(part, autoescape=True) for n in names)))
    if query.group is not None:
        found = found.where(last == query.group)
    if query.leaving_before is not None:
        found = found.where(pupil.uitgeschreven < query.leaving_before)
    if query.destination is not None:
        found = found.where(pupil.bestemming_brin == query.destination)
    found = found.order_by(pupil.achternaam, pupil.leerlingcode).limit(query.limit)
    return [dict(row) for row in connection.execute(found).mappings()]


def numbers_like(connection: Connection, fragment: str) -> list[tuple[str, str]]:
    """Pupil code and number of every pupil who has, or had, a number that ends so."""
    pupil, old = schema.leerling.c, schema.oud_nummer.c
    code = pupil.leerlingcode
    now = [
        select(code, column).where(column.endswith(fragment, autoescape=True))
        for column in (pupil.bsn, pupil.onderwijsnr)
    ]
    before = (
        select(code, old.nummer)
        .join(schema.oud_nummer, old.leerling_nr == pupil.nr)
        .where(old.nummer.endswith(fragment, autoescape=True))
    )
    return [(row[0], row[1]) for query in (*now, before) for row in connection.execute(query)]


def number_of(connection: Connection, pgns: Collection[str]) -> int | None:
    """The ``nr`` of the one pupil who has or had one of these numbers; None for nobody or two."""
    numbers = {nr for pgn in pgns for nr in database.numbers_of_pgn(connection, pgn)}
    return numbers.pop() if len(numbers) == 1 else None

"""What everybody may read in the simulated OSR: schools, boards, services and their versions."""

import sqlite3
from typing import Any

from oso_adapter.simulator.osr_forms import OsrError
from oso_adapter.simulator.osr_visit import Visit
from oso_adapter.simulator.register import School, schools

Answer = tuple[int, Any]


def list_schools(visit: Visit, _: str) -> Answer:
    """The name is searched as a part, without regard to case (assumed)."""
    query = visit.request.query
    found = []
    for school in schools(visit.db, brin=query.get("brin")):
        form = _school(visit, school)
        if query.get("name", "").casefold() in school.name.casefold() and all(
            form[key] == query[key] for key in ("oin", "brin", "oa_id") if key in query
        ):
            found.append(form)
    return 200, found


def get_school(visit: Visit, place: str) -> Answer:
    """One school."""
    number = visit.number(place)
    for school in schools(visit.db, number=number):
        return 200, _school(visit, school)
    raise OsrError(404, f"School with id {number} does not exist")


def get_board(visit: Visit, place: str) -> Answer:
    """One board: by id in version 2, by bevoegd-gezagnummer in version 3."""
    visit.number(place)
    key = "id" if visit.request.version == 2 else "number"
    row = visit.db.execute(f"SELECT * FROM boards WHERE {key} = ?", (place,)).fetchone()  # noqa: S608 - a word of ours
    if row is None:
        raise OsrError(404, f"Board with id {place} does not exist")
    own = [school for school in schools(visit.db) if school.board == row["id"]]
    return 200, visit.forms.board(row, own)


def list_services(visit: Visit, _: str) -> Answer:
    """The name is searched as a part."""
    name = visit.request.query.get("name", "").casefold()
    rows = visit.db.execute("SELECT * FROM services ORDER BY id").fetchall()
    return 200, [visit.forms.service(row) for row in rows if name in row["name"].casefold()]


def get_service(visit: Visit, place: str) -> Answer:
    """One service."""
    number = visit.number(place)
    row = visit.db.execute("SELECT * FROM services WHERE id = ?", (number,)).fetchone()
    if row is None:
        raise OsrError(404, f"Service with id {number} does not exist")
    return 200, visit.forms.service(row)


def list_service_versions(visit: Visit, _: str) -> Answer:
    """The parameter's name is assumed; without it all versions are given."""
    code = visit.request.query.get("service_code")
    rows = visit.db.execute(
        "SELECT service_versions.* FROM service_versions"
        " JOIN services ON services.id = service_versions.service"
        " WHERE ?1 IS NULL OR services.code = ?1 ORDER BY service_versions.id",
        (code,),
    )
    return 200, [visit.forms.service_version(row) for row in rows]


def get_service_version(visit: Visit, place: str) -> Answer:
    """One version of a service."""
    number = visit.number(place)
    row = visit.db.execute("SELECT * FROM service_versions WHERE id = ?", (number,)).fetchone()
    if row is None:
        raise OsrError(404, f"Service version with id {number} does not exist")
    return 200, visit.forms.service_version(row)


def board_of(db: sqlite3.Connection, school: int) -> sqlite3.Row:
    """The board of a school."""
    row: sqlite3.Row = db.execute(
        "SELECT boards.* FROM boards JOIN schools ON schools.board = boards.id"
        " WHERE schools.id = ?",
        (school,),
    ).fetchone()
    return row


def _school(visit: Visit, school: School) -> dict[str, Any]:
    return visit.forms.school(school, board_of(visit.db, school.id))

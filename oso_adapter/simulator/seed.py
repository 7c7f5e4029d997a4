"""Filling the simulated registers: schools, suppliers, mandates, and the test school 00YY."""

import sqlite3
from datetime import date
from typing import Final
from uuid import uuid4

from oso_adapter.errors import ConfigurationError
from oso_adapter.identifiers import Brin, Oin, RoutingId
from oso_adapter.simulator.register import digest, school_of
from oso_adapter.simulator.state import State

OSO_SERVICE: Final = "OSO-OV"
"""Code of the OSO service as the OSR's own pages show it (osr-and-security 1.6)."""

FIRST_DAY: Final = date(2022, 8, 15)
"""OSO has used the OSR since this day; mandates and endpoints begin here unless told otherwise."""

TC_OIN: Final = Oin("00000099000000001000")
OSR_OIN: Final = Oin("00000099000000002000")
TEST_SCHOOL_OIN: Final = Oin("00000099000000003000")
TEST_SCHOOL: Final = Brin("00YY")
TEST_SCHOOL_ROUTING_ID: Final = RoutingId.of_school(TEST_SCHOOL, 931)

_BOARD: Final = "99999"


def seed(state: State, namespace: str) -> None:
    """Put in what every simulation has: the OSO service, this version of it, the test school.

    namespace: of the OSO messages; the OSR lists the version under the same text (assumed).
    """
    with state.write() as db:
        db.execute("INSERT OR IGNORE INTO boards (number) VALUES (?)", (_BOARD,))
        db.execute(
            "INSERT OR IGNORE INTO services (code, name, description) VALUES (?, ?, ?)",
            (OSO_SERVICE, "OSO Overstap", "Overstapservice Onderwijs"),
        )
        db.execute(
            "INSERT OR IGNORE INTO service_versions (service, namespace, status) VALUES (?, ?, ?)",
            (_service(db, OSO_SERVICE), namespace, "active"),
        )
    add_school(state, TEST_SCHOOL, "OSO Testschool", "PO")
    add_supplier(state, TEST_SCHOOL_OIN, "Simulatie testschool", str(uuid4()))
    add_mandate(state, TEST_SCHOOL, TEST_SCHOOL_OIN)


def add_school(state: State, brin: Brin, name: str, sector: str, board: str = _BOARD) -> None:
    """Add a school, as if it came from RIO; one that is there already stays as it is.

    sector: ``PO``, ``VO`` or ``SO``, what a sessiecontrole answers (wire U14, assumed).
    board: bevoegd-gezagnummer of five digits.
    """
    with state.write() as db:
        db.execute("INSERT OR IGNORE INTO boards (number) VALUES (?)", (board,))
        db.execute(
            "INSERT OR IGNORE INTO schools (brin, name, sector, board)"
            " SELECT ?, ?, ?, id FROM boards WHERE number = ?",
            (brin, name, sector, board),
        )


def add_supplier(state: State, oin: Oin, name: str, api_key: str) -> None:
    """Add the administration system of a supplier, or give it another name and API key.

    A supplier has one system here; of the key only a digest is kept.
    """
    with state.write() as db:
        db.execute(
            "INSERT INTO suppliers VALUES (?, ?, ?) ON CONFLICT (oin) DO UPDATE"
            " SET name = excluded.name, api_key_digest = excluded.api_key_digest",
            (oin, name, digest(api_key)),
        )


def add_mandate(
    state: State,
    brin: Brin,
    supplier: Oin,
    service: str = OSO_SERVICE,
    *,
    start: date = FIRST_DAY,
    end: date | None = None,
) -> str:
    """Give a supplier's system a school's mandate, as the school does in the OSR; the same twice
    gives the one that is there.

    Returns the token with which the supplier registers endpoints. Raises ConfigurationError when
    the school, the supplier or the service is not there.
    """
    with state.write() as db:
        school = school_of(db, brin)
        if school is None:
            raise ConfigurationError("the simulation has no school with this BRIN")
        if not db.execute("SELECT 1 FROM suppliers WHERE oin = ?", (supplier,)).fetchone():
            raise ConfigurationError("the simulation has no supplier with this OIN")
        wanted = (school.id, supplier, _service(db, service), start.isoformat(), _text(end))
        same = db.execute(
            "SELECT token FROM mandates WHERE school = ? AND supplier = ? AND service = ?"
            " AND start_date = ? AND end_date IS ?",
            wanted,
        ).fetchone()
        if same:
            return str(same["token"])
        token = str(uuid4())
        db.execute(
            "INSERT INTO mandates (token, school, supplier, service, start_date, end_date)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (token, *wanted),
        )
        return token


def end_mandate(state: State, token: str, end: date) -> None:
    """Let a mandate end, as the school does in the OSR; ``end`` is the last day in force."""
    with state.write() as db:
        db.execute("UPDATE mandates SET end_date = ? WHERE token = ?", (end.isoformat(), token))


def add_endpoint(
    state: State,
    token: str,
    routing_id: RoutingId,
    url: str,
    *,
    attributes: str = "LAS",
    start: date = FIRST_DAY,
    end: date | None = None,
) -> None:
    """Put an endpoint in the register without the OSR's interface, for every version of the
    service that the mandate names; one with the same routing id gets the new address.
    """
    with state.write() as db:
        db.execute(
            "DELETE FROM endpoints WHERE routing_id = ?"
            " AND mandate = (SELECT id FROM mandates WHERE token = ?)",
            (routing_id, token),
        )
        db.execute(
            "INSERT INTO endpoints (routing_id, mandate, service_version, url, attributes,"
            " start_date, end_date)"
            " SELECT ?, mandates.id, service_versions.id, ?, ?, ?, ? FROM mandates"
            " JOIN service_versions ON service_versions.service = mandates.service"
            " WHERE mandates.token = ?",
            (routing_id, url, attributes, start.isoformat(), _text(end), token),
        )


def publish_test_school(state: State, url: str) -> None:
    """Make this the address of the test school."""
    token = add_mandate(state, TEST_SCHOOL, TEST_SCHOOL_OIN)
    add_endpoint(state, token, TEST_SCHOOL_ROUTING_ID, url)


def _service(db: sqlite3.Connection, code: str) -> int:
    row = db.execute("SELECT id FROM services WHERE code = ?", (code,)).fetchone()
    if row is None:
        raise ConfigurationError("the simulation has no service with this code")
    return int(row["id"])


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None

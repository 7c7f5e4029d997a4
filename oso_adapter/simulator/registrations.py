"""Writing endpoints in the simulated OSR: register, change, remove (osr-and-security 1.7)."""

import sqlite3
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from oso_adapter.identifiers import Brin, Oin, RoutingId
from oso_adapter.simulator.osr_forms import OsrError
from oso_adapter.simulator.register import Endpoint, Mandate, endpoints, mandates, school_of

_LAST_SERIAL = 99_999


def the_endpoint(db: sqlite3.Connection, number: int) -> Endpoint:
    """The endpoint with that id; 404 when there is none."""
    for endpoint in endpoints(db, number=number):
        return endpoint
    raise OsrError(404, f"Endpoint with id {number} does not exist.")


def register(db: sqlite3.Connection, peer: Oin, body: Any, today: date) -> Endpoint:
    """Register an endpoint with the token of an own mandate.

    One routing id has one endpoint for a version of the service until that has ended: 409.
    """
    token, routing_id = _text(body, "mandate_token"), _routing_id(_text(body, "routing_id"))
    version = _version(db, _text(body, "service_version_namespace"))
    url = _url(_text(body, "url"))
    start = _date(body, "start_date") or today.isoformat()
    end = _date(body, "end_date")
    _check_period(start, end)
    mandate = _own_mandate(db, peer, token)
    if mandate.service != version["service"]:
        raise _invalid("the mandate is for another service")
    if not mandate.holds_on(date.fromisoformat(start)):
        raise _invalid("the mandate is not in force on the start date")
    if routing_id.brin is not None and school_of_mandate(db, mandate) != routing_id.brin:
        raise _invalid("the routing_id is of another school")
    for present in endpoints(db, namespace=version["namespace"], routing_id=routing_id):
        if (present.end_date or "9999-12-31") >= today.isoformat():
            raise OsrError(409, "There is an endpoint for this routing_id and service version")
    row = db.execute(
        "INSERT INTO endpoints (routing_id, mandate, service_version, url, attributes,"
        " start_date, end_date) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (routing_id, mandate.id, version["id"], url, _attributes(body) or "LAS", start, end),
    ).fetchone()
    return the_endpoint(db, int(row["id"]))


def change(db: sqlite3.Connection, peer: Oin, number: int, body: Any) -> None:
    """Change url, attributes or dates of an own endpoint; what is not named stays."""
    present = _own_endpoint(db, peer, number)
    start = _date(body, "start_date") or present.start_date
    end = _date(body, "end_date") if "end_date" in body else present.end_date
    _check_period(start, end)
    db.execute(
        "UPDATE endpoints SET url = ?, attributes = ?, start_date = ?, end_date = ? WHERE id = ?",
        (
            _url(_text(body, "url")) if "url" in body else present.url,
            _attributes(body) or present.attributes,
            start,
            end,
            number,
        ),
    )


def remove(db: sqlite3.Connection, peer: Oin, number: int) -> None:
    """Remove an own endpoint."""
    _own_endpoint(db, peer, number)
    db.execute("DELETE FROM endpoints WHERE id = ?", (number,))


def free_routing_id(db: sqlite3.Connection, namespace: str, school_oin: str) -> RoutingId:
    """The lowest routing id of a school that no endpoint of this version of the service has."""
    brin = _routing_id(school_oin).brin
    if brin is None or school_of(db, brin) is None:
        raise OsrError(404, "School does not exist")
    taken = {endpoint.routing_id for endpoint in endpoints(db, namespace=namespace, brin=brin)}
    for serial in range(1, _LAST_SERIAL + 1):
        candidate = RoutingId.of_school(brin, serial)
        if candidate not in taken:
            return candidate
    raise OsrError(409, "This school has no free routing_id")


def school_of_mandate(db: sqlite3.Connection, mandate: Mandate) -> Brin:
    """The BRIN of the school that gave the mandate."""
    row = db.execute("SELECT brin FROM schools WHERE id = ?", (mandate.school,)).fetchone()
    return Brin(row["brin"])


def _own_mandate(db: sqlite3.Connection, peer: Oin, token: str) -> Mandate:
    for mandate in mandates(db, token=token):
        if mandate.supplier == peer:
            return mandate
    raise OsrError(403, "The mandate is not of this system")


def _own_endpoint(db: sqlite3.Connection, peer: Oin, number: int) -> Endpoint:
    endpoint = the_endpoint(db, number)
    if endpoint.supplier != peer:
        raise OsrError(403, "The endpoint is not of this system")
    return endpoint


def _version(db: sqlite3.Connection, namespace: str) -> sqlite3.Row:
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM service_versions WHERE namespace = ? AND status = 'active'", (namespace,)
    ).fetchone()
    if row is None:
        raise _invalid("there is no active service version with this namespace")
    return row


def _invalid(what: str) -> OsrError:
    return OsrError(400, f"Validation error(s): {what}")


def _text(body: Any, name: str) -> str:
    value = body.get(name) if isinstance(body, Mapping) else None
    if not isinstance(value, str) or not value:
        raise _invalid(f"{name} is required")
    return value


def _attributes(body: Mapping[str, Any]) -> str | None:
    return _text(body, "attributes") if "attributes" in body else None


def _date(body: Mapping[str, Any], name: str) -> str | None:
    if not isinstance(body, Mapping):
        raise _invalid("a JSON object is required")
    if body.get(name) is None:
        return None
    try:
        return date.fromisoformat(_text(body, name)).isoformat()
    except ValueError:
        raise _invalid(f"{name} is a date of the form YYYY-MM-DD") from None


def _check_period(start: str, end: str | None) -> None:
    if end is not None and end < start:
        raise _invalid("end_date is before start_date")


def _routing_id(text: str) -> RoutingId:
    try:
        return RoutingId(text)
    except ValueError:
        raise _invalid("this is not a routing_id of 20 positions") from None


def _url(text: str) -> str:
    """An https address without query or fragment (assumed)."""
    try:
        parts = urlsplit(text)
        proper = parts.scheme == "https" and parts.hostname and parts.port != 0
    except ValueError:
        proper = False
    if not proper or parts.query or parts.fragment:
        raise _invalid("url is an https address without query or fragment")
    return text

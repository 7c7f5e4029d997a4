"""The simulated OSR, version 2 of its interface: schools, services, mandates and endpoints.

Paths, names and answers follow osr-and-security 1.3 to 1.7; the statuses 401, 403 and 409, the
form of an error and the answer to a DELETE are assumed there. One supplier has one system, so an
API key belongs to a supplier.
"""

import re
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from oso_adapter.clock import Clock, school_date
from oso_adapter.identifiers import Oin
from oso_adapter.simulator import registrations
from oso_adapter.simulator.osr_forms import (
    OsrError,
    endpoint_form,
    href,
    mandate_form,
    school_form,
    service_form,
    service_version_form,
)
from oso_adapter.simulator.register import (
    Endpoint,
    Mandate,
    endpoints,
    has_api_key,
    mandates,
    schools,
)
from oso_adapter.simulator.state import State, add_event

PARTY: Final = "osr"


@dataclass(frozen=True)
class Request:
    """One call: ``path`` without ``/api/v2``, ``body`` as parsed JSON, ``peer`` the caller."""

    method: str
    path: str
    peer: Oin
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    api_key: str | None = None


@dataclass(frozen=True)
class Visit:
    """A request at the register: the open transaction, the day, and whether the API key is good."""

    db: sqlite3.Connection
    today: date
    request: Request
    has_key: bool

    def parameter(self, name: str) -> str:
        """A required parameter."""
        value = self.request.query.get(name)
        if not value:
            raise OsrError(400, "Validation error(s)")
        return value

    def day(self) -> date:
        """The day on which the state is asked: ``reference_date``, otherwise today."""
        try:
            return date.fromisoformat(self.request.query.get("reference_date") or str(self.today))
        except ValueError:
            raise OsrError(400, "Validation error(s)") from None

    def require_key(self) -> None:
        """Refuse a caller that did not show the API key of its system."""
        if not self.has_key:
            raise OsrError(401, "API key required")

    def owns(self, endpoint: Endpoint) -> bool:
        """Whether the endpoint is of the caller's system."""
        return self.has_key and endpoint.supplier == self.request.peer


def answer(request: Request, *, state: State, clock: Clock) -> tuple[int, Any]:
    """Handle one call and record it; gives the HTTP status and the JSON to answer with."""
    moment = clock()
    with state.write() as db:
        try:
            status, body = _answer(db, school_date(moment), request)
        except OsrError as error:
            status, body = error.status, {"message": str(error)}
        add_event(
            db,
            moment,
            sender=request.peer,
            receiver=PARTY,
            message=f"{request.method} {_template(request.path)}",
            result=str(status),
        )
    return status, body


def _answer(db: sqlite3.Connection, today: date, request: Request) -> tuple[int, Any]:
    has_key = request.api_key is not None and has_api_key(db, request.peer, request.api_key)
    if request.api_key is not None and not has_key:
        raise OsrError(401, "API key not valid for this certificate")
    visit = Visit(db, today, request, has_key)
    methods = _OPERATIONS.get(_template(request.path))
    if methods is None:
        raise OsrError(404, "Not found")
    operation = methods.get(request.method)
    if operation is None:
        raise OsrError(405, "Method not allowed")
    number = re.search(r"/([0-9]+)\Z", request.path)
    return operation(visit, int(number[1]) if number else 0)


def _template(path: str) -> str:
    """The path with ``{id}`` for its number, or ``?`` when the register has no such path."""
    template = re.sub(r"/[0-9]{1,18}\Z", "/{id}", path)
    return template if template in _OPERATIONS else "?"


def _list_schools(visit: Visit, _: int) -> tuple[int, Any]:
    """The name is searched as a part, without regard to case (assumed)."""
    query = visit.request.query
    found = []
    for school in schools(visit.db):
        form = school_form(school)
        if query.get("name", "").casefold() in school.name.casefold() and all(
            form[key] == query[key] for key in ("oin", "brin", "oa_id") if key in query
        ):
            found.append(form)
    return 200, found


def _get_school(visit: Visit, number: int) -> tuple[int, Any]:
    for school in schools(visit.db):
        if school.id == number:
            return 200, school_form(school)
    raise OsrError(404, f"School with id {number} does not exist")


def _get_board(visit: Visit, number: int) -> tuple[int, Any]:
    row = visit.db.execute("SELECT * FROM boards WHERE id = ?", (number,)).fetchone()
    if row is None:
        raise OsrError(404, f"Board with id {number} does not exist")
    of_board = [
        href("schools", school.id) for school in schools(visit.db) if school.board == number
    ]
    return 200, {"number": row["number"], "schools": of_board}


def _list_services(visit: Visit, _: int) -> tuple[int, Any]:
    name = visit.request.query.get("name", "").casefold()
    rows = visit.db.execute("SELECT * FROM services ORDER BY id").fetchall()
    return 200, [service_form(row) for row in rows if name in row["name"].casefold()]


def _get_service(visit: Visit, number: int) -> tuple[int, Any]:
    row = visit.db.execute("SELECT * FROM services WHERE id = ?", (number,)).fetchone()
    if row is None:
        raise OsrError(404, f"Service with id {number} does not exist")
    return 200, service_form(row)


def _list_service_versions(visit: Visit, _: int) -> tuple[int, Any]:
    """The parameter's name is assumed; without it all versions are given."""
    code = visit.request.query.get("service_code")
    rows = visit.db.execute(
        "SELECT service_versions.* FROM service_versions"
        " JOIN services ON services.id = service_versions.service"
        " WHERE ?1 IS NULL OR services.code = ?1 ORDER BY service_versions.id",
        (code,),
    )
    return 200, [service_version_form(row) for row in rows]


def _get_service_version(visit: Visit, number: int) -> tuple[int, Any]:
    row = visit.db.execute("SELECT * FROM service_versions WHERE id = ?", (number,)).fetchone()
    if row is None:
        raise OsrError(404, f"Service version with id {number} does not exist")
    return 200, service_version_form(row)


def _list_mandates(visit: Visit, _: int) -> tuple[int, Any]:
    """Somebody else's mandate is only confirmed; anything that does not match is the same 404."""
    supplier, school_oin = visit.parameter("supplier_oin"), visit.parameter("school_oin")
    row = visit.db.execute(
        "SELECT service FROM service_versions WHERE namespace = ?",
        (visit.parameter("service_version_namespace"),),
    ).fetchone()
    day = visit.day()
    with_oin = {
        school.id for school in schools(visit.db) if school_form(school)["oin"] == school_oin
    }
    found = [
        mandate
        for mandate in mandates(visit.db)
        if row is not None
        and (mandate.supplier, mandate.service) == (supplier, row["service"])
        and mandate.school in with_oin
        and mandate.holds_on(day)
    ]
    if not found:
        raise OsrError(404, "mandate not found")
    with_details = visit.has_key and supplier == visit.request.peer
    return 200, [mandate_form(mandate, with_details=with_details) for mandate in found]


def _get_mandate(visit: Visit, number: int) -> tuple[int, Any]:
    """Only for the mandated party itself."""
    visit.require_key()
    for mandate in mandates(visit.db):
        if mandate.id == number and mandate.supplier == visit.request.peer:
            return 200, mandate_form(mandate, with_details=True)
    raise OsrError(404, "mandate not found")


def _list_school_mandates(visit: Visit, _: int) -> tuple[int, Any]:
    """All own mandates of a service that have not ended, also those that have yet to begin."""
    code = visit.parameter("service_code")
    visit.require_key()
    row = visit.db.execute("SELECT id FROM services WHERE code = ?", (code,)).fetchone()

    def is_own(mandate: Mandate) -> bool:
        return (
            row is not None
            and (mandate.supplier, mandate.service) == (visit.request.peer, row["id"])
            and (mandate.end_date or "9999-12-31") >= visit.today.isoformat()
        )

    own = [mandate for mandate in mandates(visit.db) if is_own(mandate)]
    return 200, [mandate_form(mandate, with_details=True) for mandate in own]


def _list_endpoints(visit: Visit, _: int) -> tuple[int, Any]:
    query = visit.request.query
    namespace, day = visit.parameter("service_version_namespace"), visit.day()
    routing_id, school_oin = query.get("routing_id"), query.get("school_oin")
    if not (routing_id or school_oin):
        raise OsrError(400, "Validation error(s)")
    with_future = query.get("include_future_endpoints", "").lower() == "true"
    brins = {
        school.brin for school in schools(visit.db) if school_form(school)["oin"] == school_oin
    }

    def fits(endpoint: Endpoint) -> bool:
        return (
            (school_oin is None or endpoint.brin in brins)
            and query.get("attributes") in (None, endpoint.attributes)
            and (endpoint.holds_on(day) or (with_future and endpoint.start_date > day.isoformat()))
        )

    found = endpoints(visit.db, namespace=namespace, routing_id=routing_id)
    return 200, [
        endpoint_form(endpoint, is_owner=visit.owns(endpoint))
        for endpoint in found
        if fits(endpoint)
    ]


def _get_endpoint(visit: Visit, number: int) -> tuple[int, Any]:
    endpoint = registrations.the_endpoint(visit.db, number)
    return 200, endpoint_form(endpoint, is_owner=visit.owns(endpoint))


def _post_endpoint(visit: Visit, _: int) -> tuple[int, Any]:
    visit.require_key()
    made = registrations.register(visit.db, visit.request.peer, visit.request.body, visit.today)
    return 201, endpoint_form(made, is_owner=True)


def _put_endpoint(visit: Visit, number: int) -> tuple[int, Any]:
    visit.require_key()
    registrations.change(visit.db, visit.request.peer, number, visit.request.body)
    return 201, {"message": "Endpoint is updated."}


def _delete_endpoint(visit: Visit, number: int) -> tuple[int, Any]:
    visit.require_key()
    registrations.remove(visit.db, visit.request.peer, number)
    return 200, {"message": "Endpoint is deleted."}


def _free_routing_id(visit: Visit, _: int) -> tuple[int, Any]:
    """Parameters and form of the answer are assumed."""
    visit.require_key()
    namespace, school_oin = (
        visit.parameter("service_version_namespace"),
        visit.parameter("school_oin"),
    )
    free = registrations.free_routing_id(visit.db, namespace, school_oin)
    return 200, {"routing_id": free}


_OPERATIONS: Final[Mapping[str, Mapping[str, Callable[[Visit, int], tuple[int, Any]]]]] = (
    MappingProxyType(
        {
            "/schools": {"GET": _list_schools},
            "/schools/{id}": {"GET": _get_school},
            "/boards/{id}": {"GET": _get_board},
            "/services": {"GET": _list_services},
            "/services/{id}": {"GET": _get_service},
            "/service-versions": {"GET": _list_service_versions},
            "/service-versions/{id}": {"GET": _get_service_version},
            "/mandates": {"GET": _list_mandates},
            "/mandates/{id}": {"GET": _get_mandate},
            "/school-mandates": {"GET": _list_school_mandates},
            "/endpoints": {"GET": _list_endpoints, "POST": _post_endpoint},
            "/endpoints/available-routing-id": {"GET": _free_routing_id},
            "/endpoints/{id}": {
                "GET": _get_endpoint,
                "PUT": _put_endpoint,
                "DELETE": _delete_endpoint,
            },
        }
    )
)

"""The simulated OSR, versions 2 and 3 of its interface: schools, services, mandates and endpoints.

Paths, names and answers follow osr-and-security 1.3 to 1.7; the statuses 401, 403 and 409, the
form of an error and the answer to a DELETE are assumed there. One supplier has one system, so an
API key belongs to a supplier.
"""

import re
import sqlite3
from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from oso_adapter.clock import Clock, school_date
from oso_adapter.simulator import osr_endpoints, osr_mandates, osr_registers
from oso_adapter.simulator.osr_faults import faults_of
from oso_adapter.simulator.osr_forms import OsrError
from oso_adapter.simulator.osr_visit import Request, Visit
from oso_adapter.simulator.register import has_api_key
from oso_adapter.simulator.state import State, add_event

__all__ = ["VERSIONS", "Request", "answer"]

PARTY: Final = "osr"
VERSIONS: Final = (2, 3)

_ONE: Final = re.compile("/(schools|boards|services|service-versions|mandates|endpoints)/([^/]+)")


def answer(request: Request, *, state: State, clock: Clock) -> tuple[int, Any]:
    """Handle one call and record it; gives the HTTP status and the JSON to answer with."""
    moment = clock()
    with state.write() as db:
        try:
            faults = faults_of(db)
            faults.before(db, moment, request)
            status, body = faults.after(db, request, _answer(db, school_date(moment), request))
        except OsrError as error:
            status, body = error.status, {"message": str(error)}
        add_event(
            db,
            moment,
            sender=request.peer,
            receiver=PARTY,
            message=f"{request.method} {_template(request.path)[0]}",
            result=str(status),
        )
    return status, body


def _answer(db: sqlite3.Connection, today: date, request: Request) -> tuple[int, Any]:
    has_key = request.api_key is not None and has_api_key(db, request.peer, request.api_key)
    if request.api_key is not None and not has_key:
        raise OsrError(401, "API key not valid for this certificate")
    template, place = _template(request.path)
    methods = _OPERATIONS.get(template)
    if methods is None:
        raise OsrError(404, "Not found")
    operation = methods.get(request.method)
    if operation is None:
        raise OsrError(405, "Method not allowed")
    return operation(Visit(db, today, request, has_key), place)


def _template(path: str) -> tuple[str, str]:
    """The path with ``{id}`` for what it asks one object by, or ``?`` when there is no such path;
    and what it asks by.
    """
    one = _ONE.fullmatch(path)
    if one and path not in _OPERATIONS:
        return f"/{one[1]}/{{id}}", one[2]
    return (path if path in _OPERATIONS else "?"), ""


_OPERATIONS: Final[Mapping[str, Mapping[str, Callable[[Visit, str], tuple[int, Any]]]]] = (
    MappingProxyType(
        {
            "/schools": {"GET": osr_registers.list_schools},
            "/schools/{id}": {"GET": osr_registers.get_school},
            "/boards/{id}": {"GET": osr_registers.get_board},
            "/services": {"GET": osr_registers.list_services},
            "/services/{id}": {"GET": osr_registers.get_service},
            "/service-versions": {"GET": osr_registers.list_service_versions},
            "/service-versions/{id}": {"GET": osr_registers.get_service_version},
            "/mandates": {"GET": osr_mandates.list_mandates},
            "/mandates/{id}": {"GET": osr_mandates.get_mandate},
            "/school-mandates": {"GET": osr_mandates.list_school_mandates},
            "/endpoints": {
                "GET": osr_endpoints.list_endpoints,
                "POST": osr_endpoints.post_endpoint,
            },
            "/endpoints/available-routing-id": {"GET": osr_endpoints.free_routing_id},
            "/endpoints/{id}": {
                "GET": osr_endpoints.get_endpoint,
                "PUT": osr_endpoints.put_endpoint,
                "DELETE": osr_endpoints.delete_endpoint,
            },
        }
    )
)

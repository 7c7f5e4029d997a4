"""The JSON forms of the simulated OSR (osr-and-security 1.5)."""

import sqlite3
from typing import Any

from oso_adapter.errors import OsoError
from oso_adapter.simulator.register import Endpoint, Mandate, School


class OsrError(OsoError):
    """The register refuses the call."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def href(kind: str, number: int) -> dict[str, str]:
    """A link: a path relative to the host."""
    return {"href": f"/api/v2/{kind}/{number}"}


def school_form(school: School) -> dict[str, Any]:
    """A school; ``oa_id`` is not filled, as in version 2 of the real register."""
    return {
        "name": school.name,
        "oin": school.oin,
        "brin": school.brin,
        "oa_id": None,
        "_links": {"self": href("schools", school.id), "board": href("boards", school.board)},
    }


def service_form(row: sqlite3.Row) -> dict[str, Any]:
    """A service (dienst)."""
    return {
        "code": row["code"],
        "name": row["name"],
        "description": row["description"],
        "_links": {"self": href("services", row["id"])},
    }


def service_version_form(row: sqlite3.Row) -> dict[str, Any]:
    """A version of a service (dienstversie); its key is the namespace."""
    return {
        "namespace": row["namespace"],
        "status": row["status"],
        "_links": {
            "self": href("service-versions", row["id"]),
            "service": href("services", row["service"]),
        },
    }


def mandate_form(mandate: Mandate, *, with_details: bool) -> dict[str, Any]:
    """A mandate; whoever may not see the details learns only that there is one."""
    links = {
        "school": href("schools", mandate.school),
        "service": href("services", mandate.service),
    }
    if not with_details:
        return {"_links": links}
    return {
        "token": mandate.token,
        "start_date": mandate.start_date,
        "end_date": mandate.end_date,
        "_links": {"self": href("mandates", mandate.id), **links},
    }


def endpoint_form(endpoint: Endpoint, *, is_owner: bool) -> dict[str, Any]:
    """An endpoint; ``user_is_owner`` says whether the caller's system registered it."""
    return {
        "id": endpoint.id,
        "routing_id": endpoint.routing_id,
        "url": endpoint.url,
        "attributes": endpoint.attributes,
        "start_date": endpoint.start_date,
        "end_date": endpoint.end_date,
        "user_is_owner": is_owner,
        "_links": {
            "self": href("endpoints", endpoint.id),
            "school": href("schools", endpoint.school),
            "service": href("services", endpoint.service),
            "service_version": href("service-versions", endpoint.service_version),
        },
    }

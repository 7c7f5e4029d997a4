"""The JSON forms of the simulated OSR, of version 2 and version 3 (osr-and-security 1.2, 1.5).

Of version 3 only some renames are public: endpoints are known by ``uuid``, boards by ``bgeCode``.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from oso_adapter.errors import OsoError
from oso_adapter.simulator.register import Endpoint, Mandate, School


class OsrError(OsoError):
    """The register refuses the call."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def endpoint_uuid(number: int) -> str:
    """By what version 3 knows an endpoint."""
    return str(uuid5(NAMESPACE_URL, f"osr/endpoints/{number}"))


@dataclass(frozen=True)
class Forms:
    """The forms of one version."""

    version: int = 2

    def href(self, kind: str, place: int | str) -> dict[str, str]:
        """A link: a path relative to the host."""
        return {"href": f"/api/v{self.version}/{kind}/{place}"}

    def board_href(self, row: sqlite3.Row) -> dict[str, str]:
        """A link to a board."""
        return self.href("boards", row["id"] if self.version == 2 else row["number"])

    def school(self, school: School, board: sqlite3.Row) -> dict[str, Any]:
        """A school; ``oa_id`` is not filled, as in version 2 of the real register."""
        links = {"self": self.href("schools", school.id), "board": self.board_href(board)}
        return {
            "name": school.name,
            "oin": school.oin,
            "brin": school.brin,
            "oa_id": None,
            "_links": links,
        }

    def board(self, row: sqlite3.Row, schools: Iterable[School]) -> dict[str, Any]:
        """A board with links to its schools."""
        name = "number" if self.version == 2 else "bgeCode"
        return {
            name: row["number"],
            "schools": [self.href("schools", school.id) for school in schools],
        }

    def service(self, row: sqlite3.Row) -> dict[str, Any]:
        """A service (dienst)."""
        return {
            "code": row["code"],
            "name": row["name"],
            "description": row["description"],
            "_links": {"self": self.href("services", row["id"])},
        }

    def service_version(self, row: sqlite3.Row) -> dict[str, Any]:
        """A version of a service (dienstversie); its key is the namespace."""
        return {
            "namespace": row["namespace"],
            "status": row["status"],
            "_links": {
                "self": self.href("service-versions", row["id"]),
                "service": self.href("services", row["service"]),
            },
        }

    def mandate(
        self, mandate: Mandate, *, with_details: bool, board: sqlite3.Row | None = None
    ) -> dict[str, Any]:
        """A mandate; whoever may not see the details learns only that there is one.

        board: the one that gave it, when no school did.
        """
        giver = (
            {"school": self.href("schools", mandate.school)}
            if board is None
            else {"board": self.board_href(board)}
        )
        links = {**giver, "service": self.href("services", mandate.service)}
        if not with_details:
            return {"_links": links}
        return {
            "token": mandate.token,
            "start_date": mandate.start_date,
            "end_date": mandate.end_date,
            "_links": {"self": self.href("mandates", mandate.id), **links},
        }

    def endpoint(self, endpoint: Endpoint, *, is_owner: bool) -> dict[str, Any]:
        """An endpoint; ``user_is_owner`` says whether the caller's system registered it."""
        named: tuple[str, int | str] = ("id", endpoint.id)
        if self.version > 2:
            named = ("uuid", endpoint_uuid(endpoint.id))
        return {
            named[0]: named[1],
            "routing_id": endpoint.routing_id,
            "url": endpoint.url,
            "attributes": endpoint.attributes,
            "start_date": endpoint.start_date,
            "end_date": endpoint.end_date,
            "user_is_owner": is_owner,
            "_links": {
                "self": self.href("endpoints", named[1]),
                "school": self.href("schools", endpoint.school),
                "service": self.href("services", endpoint.service),
                "service_version": self.href("service-versions", endpoint.service_version),
            },
        }

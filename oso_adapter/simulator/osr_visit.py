"""A call at the simulated OSR: what was asked, by whom, and what the caller may see."""

import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from oso_adapter.identifiers import Oin
from oso_adapter.simulator.osr_forms import Forms, OsrError
from oso_adapter.simulator.register import Endpoint
from oso_adapter.simulator.state import option


@dataclass(frozen=True)
class Request:
    """One call: ``path`` without ``/api/v2``, ``body`` as parsed JSON, ``peer`` the caller."""

    method: str
    path: str
    peer: Oin
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    api_key: str | None = None
    version: int = 2


@dataclass(frozen=True)
class Visit:
    """A request at the register: the open transaction, the day, and whether the API key is good."""

    db: sqlite3.Connection
    today: date
    request: Request
    has_key: bool

    @property
    def forms(self) -> Forms:
        """The forms of the version that is spoken."""
        return Forms(self.request.version)

    def parameter(self, name: str) -> str:
        """A required parameter."""
        value = self.request.query.get(name)
        if not value:
            raise OsrError(400, "Validation error(s)")
        return value

    def number(self, place: str) -> int:
        """The number by which an object is asked."""
        if not re.fullmatch("[0-9]{1,18}", place):
            raise OsrError(400, "Validation error(s)")
        return int(place)

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

    def is_for_boards(self, service: int) -> bool:
        """Whether mandates for this service are given by boards (version 3); then it has no
        endpoints.
        """
        row = self.db.execute("SELECT code FROM services WHERE id = ?", (service,)).fetchone()
        return row is not None and row["code"] in option(self.db, "board_level").split()

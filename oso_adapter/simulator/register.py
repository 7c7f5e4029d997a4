"""Schools, mandates and endpoints as the simulated OSR keeps them and the Traffic Center uses them.

Dates are text of the form YYYY-MM-DD, so that they compare as they are.
"""

import hashlib
import hmac
import sqlite3
from dataclasses import dataclass
from datetime import date
from typing import Final

from oso_adapter.identifiers import Brin, Oin

_ENDPOINTS: Final = """
SELECT endpoints.*, schools.brin, schools.sector, schools.id AS school, mandates.supplier,
       mandates.start_date AS mandated_from, mandates.end_date AS mandated_until,
       service_versions.namespace, service_versions.service
FROM endpoints
JOIN mandates ON mandates.id = endpoints.mandate
JOIN schools ON schools.id = mandates.school
JOIN service_versions ON service_versions.id = endpoints.service_version
WHERE (:namespace IS NULL OR service_versions.namespace = :namespace)
  AND (:brin IS NULL OR schools.brin = :brin)
  AND (:routing_id IS NULL OR endpoints.routing_id = :routing_id)
  AND (:number IS NULL OR endpoints.id = :number)
ORDER BY endpoints.id
"""


@dataclass(frozen=True)
class School:
    """A school at the grain of OSR, one per BRIN."""

    id: int
    brin: str
    name: str
    sector: str
    board: int

    @property
    def oin(self) -> Oin:
        """The OIN that goes with its BRIN."""
        return Oin.of_school(Brin(self.brin))


@dataclass(frozen=True)
class Mandate:
    """A school's leave for one supplier's system to speak for it in one service."""

    id: int
    token: str
    school: int
    supplier: str
    service: int
    start_date: str
    end_date: str | None

    def holds_on(self, day: date) -> bool:
        """Whether the mandate is in force on that day."""
        return _holds(self.start_date, self.end_date, day)


@dataclass(frozen=True)
class Endpoint:
    """Where one administration of a school is served for one version of a service."""

    id: int
    routing_id: str
    mandate: int
    service_version: int
    url: str
    attributes: str
    start_date: str
    end_date: str | None
    brin: str
    sector: str
    school: int
    supplier: str
    mandated_from: str
    mandated_until: str | None
    namespace: str
    service: int

    def holds_on(self, day: date) -> bool:
        """Whether the endpoint's own dates cover that day."""
        return _holds(self.start_date, self.end_date, day)

    def is_active_on(self, day: date) -> bool:
        """Whether it may be used that day: its own dates, and a mandate still in force.

        That an endpoint without its mandate is not usable is assumed (osr-and-security 1.6, 7).
        """
        return self.holds_on(day) and _holds(self.mandated_from, self.mandated_until, day)


def school_of(db: sqlite3.Connection, brin: str) -> School | None:
    """The school with that BRIN."""
    row = db.execute("SELECT * FROM schools WHERE brin = ?", (brin,)).fetchone()
    return School(**row) if row else None


def schools(
    db: sqlite3.Connection, *, brin: str | None = None, number: int | None = None
) -> list[School]:
    """The schools that fit all that is given, in the order in which they were added."""
    wanted = {"brin": brin, "number": number}
    query = (
        "SELECT * FROM schools WHERE (:brin IS NULL OR brin = :brin)"
        " AND (:number IS NULL OR id = :number) ORDER BY id"
    )
    return [School(**row) for row in db.execute(query, wanted)]


def brin_of(oin: str) -> str:
    """The BRIN of a school's OIN, or an empty text when it has none."""
    brin = oin[11:15]
    return brin if oin == f"00000007000{brin}00000" else ""


def mandates(
    db: sqlite3.Connection, *, token: str | None = None, number: int | None = None
) -> list[Mandate]:
    """The mandates that fit all that is given, also those that ended or have not begun."""
    wanted = {"token": token, "number": number}
    query = (
        "SELECT * FROM mandates WHERE (:token IS NULL OR token = :token)"
        " AND (:number IS NULL OR id = :number) ORDER BY id"
    )
    return [Mandate(**row) for row in db.execute(query, wanted)]


def endpoints(
    db: sqlite3.Connection,
    *,
    namespace: str | None = None,
    brin: str | None = None,
    routing_id: str | None = None,
    number: int | None = None,
) -> list[Endpoint]:
    """The endpoints that fit all that is given, in the order in which they were registered."""
    wanted = {"namespace": namespace, "brin": brin, "routing_id": routing_id, "number": number}
    return [Endpoint(**row) for row in db.execute(_ENDPOINTS, wanted)]


def has_api_key(db: sqlite3.Connection, supplier: str, api_key: str) -> bool:
    """Whether this is the API key of that supplier's system."""
    row = db.execute("SELECT api_key_digest FROM suppliers WHERE oin = ?", (supplier,)).fetchone()
    return row is not None and hmac.compare_digest(row["api_key_digest"], digest(api_key))


def digest(secret: str) -> str:
    """What is kept of a key: SHA-256, in hexadecimal."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _holds(start: str, end: str | None, day: date) -> bool:
    return start <= day.isoformat() <= (end or "9999-12-31")

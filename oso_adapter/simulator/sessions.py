"""The sessions of the simulated Traffic Center."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from oso_adapter.simulator.state import State, instant


@dataclass(frozen=True)
class Session:
    """What was granted, to compare every later message with.

    owner: OIN of the doel's certificate.
    key_digest: SHA-256 of the zoeksleutel without white space, or of the koppelsleutel in capitals.
    endpoints: routing ids that may be questioned.
    result, signed_off: None while the session is open.
    """

    id: str
    granted: datetime
    expires: datetime
    owner: str
    doel_brin: str
    doel_routing_id: str
    bron_brin: str
    overdrachtsoort: str
    key_digest: str
    endpoints: frozenset[str]
    result: str | None = None
    signed_off: datetime | None = None

    def has_expired(self, moment: datetime) -> bool:
        """Whether its time is over without a sign-off."""
        return self.signed_off is None and moment >= self.expires


@dataclass(frozen=True)
class SessionCounts:
    """How many sessions were granted, and what became of them."""

    granted: int
    open: int
    signed_off: int
    expired: int


def grant(db: sqlite3.Connection, session: Session) -> None:
    """Remember a new session."""
    db.execute(
        "INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL)",
        (
            session.id,
            instant(session.granted),
            instant(session.expires),
            session.owner,
            session.doel_brin,
            session.doel_routing_id,
            session.bron_brin,
            session.overdrachtsoort,
            session.key_digest,
        ),
    )
    db.executemany(
        "INSERT INTO session_endpoints VALUES (?, ?)",
        [(session.id, routing_id) for routing_id in session.endpoints],
    )


def find(db: sqlite3.Connection, session_id: str) -> Session | None:
    """The session with that sessieId, open or not."""
    row = db.execute("SELECT * FROM sessions WHERE id = ?", (session_id,)).fetchone()
    if row is None:
        return None
    endpoints = db.execute(
        "SELECT routing_id FROM session_endpoints WHERE session = ?", (session_id,)
    )
    return _session(row, (endpoint["routing_id"] for endpoint in endpoints))


def last_of(
    db: sqlite3.Connection, bron_routing_id: str, session_id: str | None = None
) -> Session | None:
    """The last session in which this endpoint could be asked, or that one when it is named."""
    row = db.execute(
        "SELECT sessions.id FROM sessions JOIN session_endpoints ON session = sessions.id"
        " WHERE routing_id = :endpoint AND (:wanted IS NULL OR sessions.id = :wanted)"
        " ORDER BY granted DESC LIMIT 1",
        {"endpoint": bron_routing_id, "wanted": session_id},
    ).fetchone()
    return find(db, row["id"]) if row else None


def sign_off(db: sqlite3.Connection, session_id: str, result: str, moment: datetime) -> None:
    """Close an open session with the best result."""
    db.execute(
        "UPDATE sessions SET result = ?, signed_off = ? WHERE id = ?",
        (result, instant(moment), session_id),
    )


def session_counts(state: State, moment: datetime) -> SessionCounts:
    """Count the sessions as they are at that moment."""
    with state.read() as db:
        rows = db.execute("SELECT * FROM sessions").fetchall()
    sessions = [_session(row, ()) for row in rows]
    signed_off = sum(session.signed_off is not None for session in sessions)
    expired = sum(session.has_expired(moment) for session in sessions)
    return SessionCounts(
        granted=len(sessions),
        open=len(sessions) - signed_off - expired,
        signed_off=signed_off,
        expired=expired,
    )


def _session(row: sqlite3.Row, endpoints: Iterable[str]) -> Session:
    return Session(
        id=row["id"],
        granted=datetime.fromisoformat(row["granted"]),
        expires=datetime.fromisoformat(row["expires"]),
        owner=row["owner"],
        doel_brin=row["doel_brin"],
        doel_routing_id=row["doel_routing_id"],
        bron_brin=row["bron_brin"],
        overdrachtsoort=row["overdrachtsoort"],
        key_digest=row["key_digest"],
        endpoints=frozenset(endpoints),
        result=row["result"],
        signed_off=datetime.fromisoformat(row["signed_off"]) if row["signed_off"] else None,
    )

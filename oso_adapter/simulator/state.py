"""What the simulated parties remember: one SQLite file that several processes share.

A party that was killed knows everything again when it is started on the same file. Nothing here
leads to a pupil: a zoeksleutel is kept as a SHA-256 digest only, and events hold no key at all.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from oso_adapter.identifiers import SessionId

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS options (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS boards (id INTEGER PRIMARY KEY, number TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS schools (
  id INTEGER PRIMARY KEY, brin TEXT NOT NULL UNIQUE, name TEXT NOT NULL, sector TEXT NOT NULL,
  board INTEGER NOT NULL REFERENCES boards);
CREATE TABLE IF NOT EXISTS services (
  id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, name TEXT NOT NULL, description TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS service_versions (
  id INTEGER PRIMARY KEY, service INTEGER NOT NULL REFERENCES services,
  namespace TEXT NOT NULL UNIQUE, status TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS suppliers (
  oin TEXT PRIMARY KEY, name TEXT NOT NULL, api_key_digest TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS mandates (
  id INTEGER PRIMARY KEY, token TEXT NOT NULL UNIQUE, school INTEGER NOT NULL REFERENCES schools,
  supplier TEXT NOT NULL REFERENCES suppliers, service INTEGER NOT NULL REFERENCES services,
  start_date TEXT NOT NULL, end_date TEXT);
CREATE TABLE IF NOT EXISTS endpoints (
  id INTEGER PRIMARY KEY, routing_id TEXT NOT NULL, mandate INTEGER NOT NULL REFERENCES mandates,
  service_version INTEGER NOT NULL REFERENCES service_versions, url TEXT NOT NULL,
  attributes TEXT NOT NULL, start_date TEXT NOT NULL, end_date TEXT);
CREATE INDEX IF NOT EXISTS endpoints_by_routing_id ON endpoints (routing_id);
CREATE TABLE IF NOT EXISTS sessions (
  id TEXT PRIMARY KEY, granted TEXT NOT NULL, expires TEXT NOT NULL, owner TEXT NOT NULL,
  doel_brin TEXT NOT NULL, doel_routing_id TEXT NOT NULL, bron_brin TEXT NOT NULL,
  overdrachtsoort TEXT NOT NULL, key_digest TEXT NOT NULL, result TEXT, signed_off TEXT);
CREATE TABLE IF NOT EXISTS session_endpoints (
  session TEXT NOT NULL REFERENCES sessions, routing_id TEXT NOT NULL,
  PRIMARY KEY (session, routing_id));
CREATE TABLE IF NOT EXISTS replies (
  id INTEGER PRIMARY KEY, moment TEXT NOT NULL, session TEXT NOT NULL, result TEXT NOT NULL,
  dossier_digest TEXT, dossier_size INTEGER);
CREATE TABLE IF NOT EXISTS events (
  id INTEGER PRIMARY KEY AUTOINCREMENT, moment TEXT NOT NULL, sender TEXT NOT NULL,
  receiver TEXT NOT NULL, message TEXT NOT NULL, result TEXT NOT NULL, session TEXT);
CREATE TRIGGER IF NOT EXISTS events_are_not_changed BEFORE UPDATE ON events
  BEGIN SELECT RAISE(ABORT, 'events are only added'); END;
CREATE TRIGGER IF NOT EXISTS events_are_not_removed BEFORE DELETE ON events
  BEGIN SELECT RAISE(ABORT, 'events are only added'); END
"""
_STATEMENT_END: Final = ";\nCREATE"


@dataclass(frozen=True)
class Event:
    """One message that a simulated party handled; ``number`` rises, ``session`` may be None.

    sender: OIN of the caller; who has none is not recorded here, but in the log.
    receiver: ``tc``, ``osr`` or ``school``.
    result: a code of the results, the sector or number of endpoints given, or an HTTP status.
    """

    number: int
    moment: datetime
    sender: str
    receiver: str
    message: str
    result: str
    session: str | None


class State:
    """The file, made with its tables when it is not there yet.

    Every read and write has a connection of its own, so threads and processes need no care. A
    write begins with BEGIN IMMEDIATE and waits at most 30 seconds for another writer. What was
    written outlives a killed process, but not a crash of the machine, which no simulation needs.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._connection() as db:
            db.execute("PRAGMA journal_mode = WAL")
        with self.write() as db:
            first, *others = _SCHEMA.split(_STATEMENT_END)
            for statement in (first, *(f"CREATE{other}" for other in others)):
                db.execute(statement)

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees one moment of the state."""
        with self._connection() as db:
            db.execute("BEGIN")
            yield db
            db.execute("COMMIT")

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A connection in a write transaction, committed unless the block raises."""
        with self._connection() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")

    def option(self, name: str) -> str:
        """The value of an option, empty when it was never set."""
        with self.read() as db:
            return option(db, name)

    def set_option(self, name: str, value: str) -> None:
        """Set an option; running parties see it at their next message."""
        with self.write() as db:
            db.execute("INSERT OR REPLACE INTO options VALUES (?, ?)", (name, value))

    def events(self, after: int = 0) -> list[Event]:
        """All events with a number above ``after``, oldest first."""
        with self.read() as db:
            rows = db.execute("SELECT * FROM events WHERE id > ? ORDER BY id", (after,)).fetchall()
        return [
            Event(
                number=row["id"],
                moment=datetime.fromisoformat(row["moment"]),
                sender=row["sender"],
                receiver=row["receiver"],
                message=row["message"],
                result=row["result"],
                session=row["session"],
            )
            for row in rows
        ]

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        db = sqlite3.connect(self.path, timeout=30, isolation_level=None)
        try:
            db.row_factory = sqlite3.Row
            db.execute("PRAGMA foreign_keys = ON")
            db.execute("PRAGMA synchronous = OFF")
            yield db
        finally:
            db.close()


def option(db: sqlite3.Connection, name: str) -> str:
    """The value of an option as this transaction sees it, empty when it was never set."""
    row = db.execute("SELECT value FROM options WHERE name = ?", (name,)).fetchone()
    return str(row["value"]) if row else ""


def add_event(
    db: sqlite3.Connection,
    moment: datetime,
    *,
    sender: str,
    receiver: str,
    message: str,
    result: str,
    session: str | None = None,
) -> None:
    """Add an event; a ``session`` without the form of a sessieId is left out."""
    db.execute(
        "INSERT INTO events (moment, sender, receiver, message, result, session)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (instant(moment), sender, receiver, message, result, _session_id(session)),
    )


def instant(moment: datetime) -> str:
    """An aware moment as sortable text in UTC."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def make_late(state: State, *messages: str) -> None:
    """Let the Traffic Center answer these requests only after the caller has gone.

    The request is handled first, so a session may be granted of which the caller never hears.
    messages: names such as ``overdrachtRequest``; none at all makes it prompt again.
    """
    state.set_option("late", " ".join(messages))


def is_late(state: State, message: str) -> bool:
    """Whether :func:`make_late` named this request."""
    return message in state.option("late").split()


def _session_id(text: str | None) -> str | None:
    try:
        return None if text is None else SessionId(text)
    except ValueError:
        return None

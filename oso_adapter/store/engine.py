"""The database behind two doors: one for reading, one for writing.

SQLite lets one process write at a time. SQLAlchemy's defaults begin a transaction late, so that two
readers who both go on to write lose each other's updates or fail with "database is locked". Here a
unit of work that writes begins with BEGIN IMMEDIATE and waits its turn, and one that reads cannot
write. Network, plugins, key derivation and sealing stay outside a write transaction.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

from oso_adapter.errors import ConfigurationError, StoreUnavailable
from oso_adapter.store import migrate

_WRITES: Final = "oso_writes"
_POOL: Final = 32

_REASONS: Final = {
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_BUSY: "locked",
    sqlite3.SQLITE_LOCKED: "locked",
    sqlite3.SQLITE_CORRUPT: "damaged",
    sqlite3.SQLITE_NOTADB: "damaged",
    sqlite3.SQLITE_CONSTRAINT: "conflict",
}
_SENTENCES: Final = {
    "full": "the store is full; make room on the disk, then it goes on by itself",
    "locked": "the store is locked by another process for too long; look what holds it",
    "damaged": "the store is damaged or is no database of the adapter; restore a backup",
    "conflict": "the store refused what contradicts what is there; please report this",
    "missing-tables": "the store has no tables yet; run: oso-adapter db upgrade",
    "unavailable": "the store cannot be used; look at the file, its folder and its rights",
}


class Store:
    """One database; the engine is made when it is first used, and anew after a fork."""

    def __init__(self, url: str, *, timeout: float = 30.0) -> None:
        """url: of SQLAlchemy, such as ``sqlite:////var/lib/oso/adapter.sqlite``; timeout: seconds
        that a write waits for another one. Raises :class:`ConfigurationError`."""
        try:
            self._url = make_url(url)
        except ArgumentError:
            raise ConfigurationError("[store] url is not a database URL") from None
        self._timeout = timeout
        self._lock = Lock()
        self._engine: Engine | None = None
        self._pid = os.getpid()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one state of the database and cannot write."""
        with self._session(writes=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A unit of work: all of it is durable at the end, or nothing when something raises."""
        with self._session(writes=True) as session:
            yield session
            session.commit()

    def check_ready(self) -> None:
        """Raise :class:`ConfigurationError` unless the tables are those of this version.

        It only reads: a health check does not wait for whoever writes.
        """
        with _our_words():
            present = migrate.current(self._bind(writes=False))
        if present != migrate.head():
            raise ConfigurationError(
                "the store is not of this version; run: oso-adapter db upgrade"
            )

    def upgrade(self) -> list[str]:
        """Bring the tables to this version; gives the revisions that were applied."""
        with _our_words():
            return migrate.upgrade(self.engine())

    def truncate_log(self) -> bool:
        """Bring what was committed into the database file and empty the write-ahead log, in which
        destroyed things still stand; False when somebody reads for too long.
        """
        with _our_words():
            connection = self.engine().raw_connection()
            try:
                busy, *_ = connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                connection.close()
        return not busy

    def rewrite(self) -> None:
        """Make the whole file anew, of what is there now; others who write wait for that long.

        Deleted content is overwritten, but not the copies that SQLite leaves in the unused part of
        a page when it moves rows to another one.
        """
        with _our_words():
            connection = self.engine().raw_connection()
            try:
                connection.cursor().execute("PRAGMA query_only = 0")
                connection.cursor().execute("VACUUM")
            finally:
                connection.close()

    def size(self) -> int:
        """How many octets the database has."""
        with _our_words(), self._bind(writes=False).connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            return int(pages * connection.exec_driver_sql("PRAGMA page_size").scalar_one())

    def engine(self) -> Engine:
        """The engine of this process."""
        with self._lock:
            if self._engine is not None and self._pid != os.getpid():
                self._engine.dispose(close=False)
                self._engine = None
            if self._engine is None:
                self._pid = os.getpid()
                self._engine = _engine(self._url, self._timeout)
            return self._engine

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            if self._engine is not None:
                self._engine.dispose()
                self._engine = None

    @contextmanager
    def _session(self, *, writes: bool) -> Iterator[Session]:
        with _our_words(), Session(self._bind(writes=writes), expire_on_commit=False) as session:
            yield session

    def _bind(self, *, writes: bool) -> Engine:
        return self.engine().execution_options(**{_WRITES: writes})


@contextmanager
def _our_words() -> Iterator[None]:
    """Say what is wrong in a word: the library's text quotes statements and values."""
    try:
        yield
    except DBAPIError as error:
        code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
        reason = _REASONS.get(code, "unavailable")
        if code == sqlite3.SQLITE_ERROR and "no such table" in str(error.orig):
            reason = "missing-tables"
        raise StoreUnavailable(reason, _SENTENCES[reason]) from None
    except SQLAlchemyError as error:
        message = f"the store could not do the work ({type(error).__name__})"
        raise StoreUnavailable("unavailable", message) from None


def _engine(url: Any, timeout: float) -> Engine:
    if url.get_backend_name() != "sqlite":
        raise ConfigurationError("[store] url must begin with sqlite:///")
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=_POOL,
        connect_args={"timeout": timeout, "check_same_thread": False},
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: sqlite3.Connection, record: object) -> None:
    """The transactions are ours, and what is committed is on the disk."""
    connection.isolation_level = None
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "secure_delete = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, True)
    connection.exec_driver_sql(f"PRAGMA query_only = {0 if writes else 1}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

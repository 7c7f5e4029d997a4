"""A SQLite database that is slow, or fails: what a plugin meets sooner or later."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path


def tables(path: Path) -> list[str]:
    """The tables of a database file, by name."""
    with closing(sqlite3.connect(path)) as connection:
        query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        return [name for (name,) in connection.execute(f"{query} ORDER BY name")]


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """While in the block another writer holds the database, so that whoever writes has to wait."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


@contextmanager
def failing(path: Path, table: str) -> Iterator[None]:
    """While in the block no row can be added to this table, as when a disk is full."""
    quoted = table.replace('"', '""')
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(
            f'CREATE TRIGGER oso_testing_fails BEFORE INSERT ON "{quoted}"'
            " BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
        )
        try:
            yield
        finally:
            connection.execute("DROP TRIGGER oso_testing_fails")

"""Copies of a database: made while others write, put back while nobody is there."""

import os
import sqlite3
from contextlib import closing, suppress
from itertools import count
from pathlib import Path
from typing import Final

from sqlalchemy.engine import make_url

from oso_adapter.errors import ConfigurationError, NotAllowed, StoreUnavailable

_BESIDE: Final = ("", "-wal", "-shm", "-journal")


def file_of(url: str) -> Path:
    """The file of the database; raises :class:`ConfigurationError` when it has none."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        raise ConfigurationError("[store] url is not a SQLite file; use the tools of that database")
    return Path(str(parsed.database))


def copy(source: Path, target: Path) -> None:
    """Copy a database as it is at one moment, whoever writes in it; only its owner can read it.

    It is there whole or not at all. Raises NotAllowed when the target exists, StoreUnavailable
    when the source is no database or the copy cannot be written.
    """
    if target.exists():
        raise NotAllowed(f"{target} is there already; name another file, or remove it")
    if not source.is_file():
        raise NotAllowed(f"there is no file {source}")
    unfinished = target.with_name(f"{target.name}.unfinished")
    _remove(unfinished)
    try:
        os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        with closing(sqlite3.connect(source)) as begin, closing(sqlite3.connect(unfinished)) as end:
            begin.backup(end)
            end.execute("PRAGMA journal_mode = DELETE")
            (verdict,) = end.execute("PRAGMA quick_check").fetchone()
        if verdict != "ok":
            raise StoreUnavailable("damaged", f"{source} is damaged; use another backup")
        _durable(unfinished)
        unfinished.rename(target)
        _durable(target.parent)
    except sqlite3.DatabaseError:
        message = f"{source} is no database that can be read, or the disk of {target} is full"
        raise StoreUnavailable("damaged", message) from None
    except OSError as error:
        raise ConfigurationError(f"{target} cannot be written: {error.strerror}") from None
    finally:
        _remove(unfinished)


def require_alone(file: Path) -> None:
    """Raise :class:`NotAllowed` when somebody has the database open, be it without doing anything.

    Leaving write-ahead logging takes that nobody else is there; what stood in that log is in the
    file then.
    """
    with closing(sqlite3.connect(file, timeout=0.5)) as db:
        try:
            db.execute("PRAGMA journal_mode = DELETE").fetchone()
            db.execute("BEGIN EXCLUSIVE")
            db.execute("ROLLBACK")
        except sqlite3.OperationalError:
            raise NotAllowed(
                f"the adapter, or another program, has {file} open; stop it first"
            ) from None
        except sqlite3.DatabaseError:
            return  # it is no database (any more), so nobody works in it


def put_in_place(file: Path, new: Path) -> Path | None:
    """Let a new database take the place of another; gives where that is now, if there was one.

    Whatever was put aside before stays.
    """
    aside = None
    if file.exists():
        require_alone(file)
        aside = _unused(f"{file}.before-restore")
        file.replace(aside)
        for suffix in _BESIDE[1:]:
            file.with_name(file.name + suffix).unlink(missing_ok=True)
    new.replace(file)
    _durable(file.parent)
    return aside


def _unused(name: str) -> Path:
    """The first of name-1, name-2 and so on that is not there yet."""
    return next(path for n in count(1) if not (path := Path(f"{name}-{n}")).exists())


def _durable(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove(file: Path) -> None:
    for suffix in _BESIDE:
        with suppress(OSError):
            file.with_name(file.name + suffix).unlink(missing_ok=True)

"""A PostgreSQL of the tests' own: a cluster in a temporary folder, or the one that is named."""

import glob
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, NoReturn

import pytest

VARIABLE: Final = "OSO_TEST_POSTGRES"
"""Names another server, as an address of SQLAlchemy for an empty database that may be filled."""

_PLACES: Final = "/usr/lib/postgresql/*/bin"
_FOR_TESTS: Final = ("-c", "fsync=off", "-c", "listen_addresses=")


@contextmanager
def server() -> Iterator[str]:
    """The address of an empty database; a test is skipped without one, and fails with CI=true."""
    if find_spec("psycopg") is None:
        _lacking("the Python package psycopg")
    given = os.environ.get(VARIABLE)
    if given:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="oso-pg-") as name:
        folder = Path(name)
        who = _who(folder)
        data = folder / "data"
        _run([_program("initdb"), "-D", str(data), "-U", "oso", "--auth=trust", "-N"], who)
        options = " ".join((*_FOR_TESTS, "-c", f"unix_socket_directories={folder}"))
        control = [_program("pg_ctl"), "-D", str(data), "-w"]
        _run([*control, "-l", str(folder / "log"), "-o", options, "start"], who)
        try:
            yield f"postgresql+psycopg://oso@/postgres?host={folder}"
        finally:
            _run([*control, "-m", "immediate", "stop"], who)


def _program(name: str) -> str:
    """The path of a program; Debian keeps those of the server out of the way."""
    places = os.pathsep.join([os.environ.get("PATH", ""), *sorted(glob.glob(_PLACES))[::-1]])
    return shutil.which(name, path=places) or _lacking(name)


def _lacking(what: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} is not on this machine")
    pytest.skip(f"{what} is not on this machine")


def _who(folder: Path) -> dict[str, Any]:
    """PostgreSQL does not run as root: then it runs as postgres, in a folder that is its own."""
    if os.getuid() != 0:
        return {}
    try:
        user = pwd.getpwnam("postgres")
    except KeyError:
        _lacking("the user postgres")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _run(command: list[str], who: dict[str, Any]) -> None:
    done = subprocess.run(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", check=False, **who
    )
    assert 0 == done.returncode, Path(command[0]).name

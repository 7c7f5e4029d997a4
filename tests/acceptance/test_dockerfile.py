"""What the Dockerfile does, done without Docker: by an ordinary user in an empty folder."""

import json
import os
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.chain import Chain, School, end, wait_for_port

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
BUILD, _, FINAL = DOCKERFILE.partition("FROM python:3.11-slim")


def instructions(text: str, name: str) -> list[str]:
    """What stands after this word at the beginning of a line."""
    return re.findall(rf"^{name} (.*)$", text, re.MULTILINE)


def who() -> dict[str, Any]:
    """Whom to run as: nobody when these tests run as root, else simply the present user."""
    if os.getuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


@pytest.fixture
def empty() -> Iterator[Path]:
    """An empty folder that the ordinary user can reach, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="oso-image-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@pytest.fixture
def school(empty: Path) -> Iterator[School]:
    """A school with a configuration for the simulation; nothing of it runs."""
    chain = Chain.create(empty)
    yield chain.add_school("99AA")
    chain.stop()


def test_the_image_installs_serves_and_is_healthy(empty: Path, school: School) -> None:
    app = empty / "app"
    app.mkdir()
    for line in instructions(BUILD, "COPY"):
        *sources, target = line.split()
        for source in sources:
            _copy(ROOT / source, app / target / source if target == "./" else app / target)
    environment = _environment(empty, app, school)
    give_away(empty)

    for line in instructions(BUILD, "RUN"):
        done = subprocess.run(
            line, shell=True, cwd=app, env=environment, capture_output=True, check=False, **who()
        )
        assert 0 == done.returncode, done.stderr.decode()
    with school.log.open("ab") as log:
        process = subprocess.Popen(
            json.loads(instructions(FINAL, "CMD")[0]),
            cwd=school.folder,
            env=environment,
            stdout=log,
            stderr=log,
            **who(),
        )
    try:
        wait_for_port(school.internal, process, school.log)
        wait_for_port(school.port, process, school.log)
        check = instructions(FINAL, "HEALTHCHECK")[0].partition("CMD ")[2]
        healthy = _asked(check, environment)
    finally:
        end(process)

    assert 0 == healthy
    assert 0 != _asked(check, environment)


def test_the_image_runs_as_an_ordinary_user_and_installs_with_make_alone() -> None:
    assert ["make install"] == instructions(BUILD, "RUN")
    assert [] == instructions(FINAL, "RUN")
    assert ["10001:10001"] == instructions(FINAL, "USER")


def give_away(folder: Path) -> None:
    """Everything in the folder to the user whom it is run as."""
    if who():
        for path in (folder, *folder.rglob("*")):
            os.chown(path, who()["user"], who()["group"])


def _asked(check: str, environment: dict[str, str]) -> int:
    """The exit code of the health check."""
    command = json.loads(check)
    return subprocess.run(
        command, cwd="/", env=environment, capture_output=True, check=False, **who()
    ).returncode


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)


def _environment(home: Path, app: Path, school: School) -> dict[str, str]:
    """The machine's environment, with the home folder and the PATH of the image."""
    for name in (".config/pip/pip.conf", ".pip/pip.conf"):
        if (Path.home() / name).exists():
            (home / name).parent.mkdir(parents=True)
            shutil.copy(Path.home() / name, home / name)
    return {
        **os.environ,
        "HOME": str(home),
        "PATH": f"{app}/.venv/bin:{os.environ['PATH']}",
        "PYTHON": _python(),
        "OSO_CONFIG": str(school.config),
        "OSO_INTERNAL__PORT": str(school.internal),
    }


def _python() -> str:
    """A Python of the machine that the ordinary user may run, with which venvs can be made."""
    fit = "import ensurepip, sys; sys.exit(sys.version_info < (3, 11))"
    for candidate in (str(Path(sys.base_prefix) / "bin" / "python3"), "/usr/bin/python3"):
        try:
            subprocess.run([candidate, "-c", fit], check=True, cwd="/", **who())
        except (OSError, subprocess.CalledProcessError):
            continue
        return candidate
    raise AssertionError("an ordinary user cannot run any Python of this machine")

"""A plugin that `plugins new` made passes its own tests at once, and its types hold."""

import re
import sqlite3
import subprocess
import sys
from contextlib import chdir, closing
from importlib.metadata import distributions
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from mypy import api
from oso_sql.cli import main as oso_sql
from support.authors import ADAPTER_ALONE, WITHOUT_OTHERS

from oso_adapter.cli.main import main
from oso_adapter.scaffold.made import KINDS

ROOT = Path(__file__).parents[2]
WRONG = """
from oso_adapter.standard.typed.release_2019_1 import GivenDossier, Leerling

PUPIL: Leerling = {"achternaam": "Vos", "geboortedatum": "2015-01-31"}
OTHER: Leerling = {"achternaam": "Vos", "geboortedag": "31"}
THIRD: Leerling = {"voornaam": ["Ada"]}
"""


def new(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["plugins", "new", *arguments])


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package of a plugin in Python."""
    folder = tmp_path_factory.mktemp("scaffold") / "my-las"
    made = new("my-las", "--directory", str(folder))
    assert 0 == made.exit_code, made.output
    return folder


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_made_passes_its_own_tests(package: Path, tmp_path: Path, kind: str) -> None:
    folder, options = package, WITHOUT_OTHERS
    if kind != "python":
        folder, options = tmp_path / "made", ADAPTER_ALONE
        assert 0 == new("my-las", "--kind", kind, "--directory", str(folder)).exit_code

    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert 0 == done.returncode, done.stdout[-4000:]
    # a folder cannot be made slow, so that one test is left out there
    assert (", 1 skipped" in done.stdout) == (kind == "directory"), done.stdout[-400:]


def test_the_commands_that_its_readme_has_for_a_mapping_find_nothing_wrong(tmp_path: Path) -> None:
    assert 0 == new("my-las", "--kind", "sql", "--directory", str(tmp_path)).exit_code
    with closing(sqlite3.connect(tmp_path / "las.sqlite")) as database:
        database.executescript((tmp_path / "las.sql").read_text(encoding="utf-8"))
    readme = (tmp_path / "README.md").read_text(encoding="utf-8")
    commands = re.findall(r"^oso-sql (.*)$", readme, re.MULTILINE)

    assert ["check", "preview"] == [command.split()[0] for command in commands]
    with chdir(tmp_path):
        for command in commands:
            done = CliRunner().invoke(oso_sql, command.split())
            assert (0, False) == (done.exit_code, "error" in done.output), done.output


def test_it_installs_as_a_plugin_of_its_name(package: Path, tmp_path: Path) -> None:
    options = ("--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--no-compile")
    command = [sys.executable, "-m", "pip", "install", *options, "--target", tmp_path, package]
    subprocess.run(command, check=True)

    (made,) = distributions(path=[str(tmp_path)])
    points = {(p.group, p.name, p.value) for p in made.entry_points}
    assert ("my-las", {("oso_adapter", "my_las", "my_las.plugin")}) == (made.name, points)
    assert (tmp_path / "my_las" / "py.typed").exists()


def test_mypy_finds_nothing_in_it_and_every_wrong_element_beside_it(package: Path) -> None:
    (package / "src/my_las/wrong.py").write_text(WRONG, encoding="utf-8")
    try:
        config = str(package / "pyproject.toml")
        told, _, _ = api.run(
            ["--config-file", config, "--cache-dir=/dev/null", str(package / "src")]
        )
    finally:
        (package / "src/my_las/wrong.py").unlink()

    found = [line.partition("wrong.py:")[2] for line in told.splitlines()]
    assert ["4", "5", "6"] == [line.partition(":")[0] for line in found[:-1]], told
    assert "geboortedag" in found[1]

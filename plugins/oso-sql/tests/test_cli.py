"""The command: what it prints, and its exit codes."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from oso_sql.cli import main

from oso_adapter.standard.samples import sample_xml

Write = Callable[..., Path]
Run = Callable[..., Result]


@pytest.fixture
def run(write: Write, database: Path) -> Run:
    """Run a command with the mapping, and with the database unless that is not wanted."""

    def call(
        *words: str, connected: bool = True, changes: tuple[tuple[str, str], ...] = ()
    ) -> Result:
        address = ["--database", f"sqlite:///{database}"] if connected else []
        options = ["--mapping", str(write(*changes)), *address, "--on", "2027-05-12"]
        return CliRunner().invoke(main, [words[0], *options, *words[1:]])

    return call


def test_check_counts_what_is_wrong_over_the_pupils(run: Run) -> None:
    done = run("check", "--profile", "BB")
    assert 1 == done.exit_code
    line = "1 of 3       /dossier/huidigeschool/leerling/geslacht: the code is not in the table"
    assert any(line in each for each in done.stdout.splitlines())


def test_check_without_a_database_judges_the_mapping(run: Run) -> None:
    done = run("check", "--profile", "BB", "--format", "json", connected=False)
    problems = json.loads(done.stdout)
    assert {0} == {each["pupils"] for each in problems}
    assert {"BB"} == {each["profile"] for each in problems}


def test_check_of_a_mapping_that_does_not_fit_is_wrong_use(run: Run) -> None:
    done = run("check", changes=(('rows = "carers"', 'rows = "parents"'),))
    assert (2, True) == (done.exit_code, "there is no query parents" in done.stderr)


def test_a_database_that_is_not_there_has_its_own_exit_code(run: Run, tmp_path: Path) -> None:
    done = run("check", "--database", f"sqlite:///{tmp_path}/none/las.sqlite")
    assert 3 == done.exit_code
    assert done.stderr.startswith("the database gave no such file; correct the path")


def test_an_address_that_does_not_work_is_told_with_what_to_do_and_without_its_password(
    run: Run,
) -> None:
    for address, to_do in (
        ("geheim", "write it as"),
        ("postgresql+none://las:geheim@localhost/las", "install the driver"),
        ("postgresql+psycopg://las:geheim@localhost:1/las", "see that the database runs"),
    ):
        done = run("check", "--database", address)
        assert (3, True) == (done.exit_code, to_do in done.stderr)
        assert "geheim" not in done.output


def test_an_unknown_profile_is_wrong_use(run: Run) -> None:
    assert 2 == run("check", "--profile", "POSWV").exit_code
    assert 2 == run("preview", "A1", "--profile", "POSWV").exit_code


def test_preview_shows_the_dossier_and_its_findings(run: Run) -> None:
    done = run("preview", "A1")
    assert 1 == done.exit_code
    assert "/dossier/huidigeschool/leerling/voornaam[2] = Bea" in done.stdout.splitlines()
    assert "bestandsinhoud = <6 bytes>" in done.stdout
    assert "error" in done.stderr


def test_preview_gives_json_too(run: Run) -> None:
    shown = json.loads(run("preview", "A1", "--format", "json").stdout)
    assert "2015-01-31" == shown["huidigeschool"]["leerling"]["geboortedatum"]


def test_preview_of_what_json_cannot_hold_says_where_it_stands(run: Run, database: Path) -> None:
    connection = sqlite3.connect(database)
    connection.executescript("UPDATE pupils SET surname = 'V' || char(27) || '[2J' WHERE id = 1")
    connection.close()
    done = run("preview", "A1", "--format", "json")
    assert (1, "") == (done.exit_code, done.stdout)
    assert "/leerling/achternaam: De tekst bevat tekens" in done.stderr
    assert "achternaam = V\ufffd[2J\n" in run("preview", "A1").stdout


def test_preview_of_a_pupil_who_is_not_there_says_so(run: Run) -> None:
    done = run("preview", "nobody")
    assert (1, "") == (done.exit_code, done.stdout)


def test_preview_needs_a_database(run: Run) -> None:
    done = run("preview", "A1", connected=False)
    assert (2, True) == (done.exit_code, "OSO_SQL_DATABASE" in done.stderr)


def test_dry_run_shows_what_would_change(run: Run, tmp_path: Path, database: Path) -> None:
    file = tmp_path / "dossier.xml"
    file.write_bytes(sample_xml("POVO"))
    before = database.read_bytes()
    done = run("dry-run", str(file), "--from", "99CC", changes=(('v = "2"', 'v = "2"\nx = "0"'),))
    assert "accepted" == done.stdout.splitlines()[0]
    assert "/dossier/huidigeschool/leerling/achternaam: - -> " in done.stdout
    assert (0, before) == (done.exit_code, database.read_bytes())


def test_dry_run_of_what_is_no_dossier_is_wrong_use(run: Run, tmp_path: Path) -> None:
    for text in ("<!DOCTYPE a><a/>", "<a/>", "<dossier/>", '<dossier xmlns="urn:other"/>'):
        (tmp_path / "dossier.xml").write_text(text)
        done = run("dry-run", str(tmp_path / "dossier.xml"))
        assert (2, True) == (done.exit_code, done.stderr.startswith("the file is no "))

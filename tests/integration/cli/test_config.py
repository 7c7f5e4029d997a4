"""The configuration is judged at the start, keys are made once, the database is brought up."""

import json
import stat
from pathlib import Path

import pytest
from support.chain import Chain, School

from oso_adapter.cli.files import safe_name
from oso_adapter.store.keys import read_keys


def replaced(school: School, old: str, new: str) -> None:
    before = school.config.read_text(encoding="utf-8")
    assert old in before
    school.config.write_text(before.replace(old, new), encoding="utf-8")


def test_a_right_configuration_is_told_with_what_is_worth_knowing(school: School) -> None:
    done = school.cli("config", "check")

    assert 0 == done.exit_code, done.output
    assert "the configuration is right" in done.stdout
    assert "note: no revocation list is configured ([transport] crl)" in done.stdout
    assert school.oin in done.stdout


def test_the_same_is_told_as_json(school: School) -> None:
    facts = json.loads(school.cli("config", "check", "--format", "json").stdout)

    assert ("simulation", 1, "simulation", [], []) == (
        facts["environment"],
        facts["administrations"],
        facts["search key"],
        facts["plugins"],
        facts["problems"],
    )


def test_a_plugin_that_is_left_out_is_a_problem(school: School) -> None:
    school.configure('[plugins]\nenabled = ["absent"]\n')

    done = school.cli("config", "check")

    assert 1 == done.exit_code
    assert "problem: plugin absent is not installed" in done.stdout
    assert "the configuration is right" not in done.stdout


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('"simulation"', '"production"', "environment production: the zoeksleutel algorithm"),
        ('"simulation"', '"qualification"', "environment qualification: the zoeksleutel"),
        ('"simulation"', '"sandbox"', "[chain] traffic_center_url must be on a public host"),
        ("port = ", "prot = ", "unknown key `prot` in [transport]"),
        ('"keys.toml"', '"other.toml"', "the key file cannot be read"),
        ("https://localhost", "http://localhost", "must be an https address"),
    ],
)
@pytest.mark.parametrize("command", [("config", "check"), ("serve", "--only", "internal")])
def test_a_mixture_is_refused_at_the_start_with_the_sentence_that_says_which(
    command: tuple[str, ...], old: str, new: str, sentence: str, school: School
) -> None:
    replaced(school, old, new)

    done = school.cli(*command)

    assert 2 == done.exit_code
    assert sentence in done.stderr


def test_other_keys_than_those_of_the_store_are_refused(school: School) -> None:
    assert 0 == school.cli("config", "check").exit_code
    (school.folder / "keys.toml").unlink()
    assert 0 == school.cli("config", "keys", str(school.folder / "keys.toml")).exit_code

    done = school.cli("config", "check")

    assert 2 == done.exit_code
    assert "Error: " in done.stderr
    assert "unexpected" not in done.stderr


def test_a_silent_traffic_center_ends_a_ping_with_code_three(school: School) -> None:
    done = school.cli("config", "check", "--ping")

    assert 3 == done.exit_code
    assert "could not be reached: refused" in done.stderr


def test_a_traffic_center_that_answers_is_told(chain: Chain, school: School) -> None:
    chain.start("tc")

    done = school.cli("config", "check", "--ping")

    assert 0 == done.exit_code, done.output
    assert "note: the Traffic Center answers" in done.stdout


def test_new_keys_are_for_their_owner_alone(school: School, tmp_path: Path) -> None:
    file = tmp_path / "new.toml"

    done = school.cli("config", "keys", str(file))

    assert 0 == done.exit_code
    assert 0o600 == stat.S_IMODE(file.stat().st_mode)
    keys = read_keys(file.read_text(encoding="utf-8"))
    assert 32 == len(keys.key(keys.current_id))
    assert file.read_text(encoding="utf-8") not in done.output


def test_keys_are_never_overwritten(school: School) -> None:
    file = school.folder / "keys.toml"
    before = file.read_bytes()

    done = school.cli("config", "keys", str(file))

    assert 2 == done.exit_code
    assert "is there already; keys are never overwritten" in done.stderr
    assert before == file.read_bytes()


def test_keys_in_a_folder_that_is_not_there_are_refused(school: School) -> None:
    done = school.cli("config", "keys", str(school.folder / "none" / "keys.toml"))

    assert 1 == done.exit_code
    assert "cannot be written: No such file or directory" in done.stderr


def test_a_database_is_made_beside_the_configuration_and_made_only_once(school: School) -> None:
    replaced(school, f"sqlite:///{school.folder}/adapter.sqlite", "sqlite:///relative.sqlite")

    first, second = school.cli("db", "upgrade"), school.cli("db", "upgrade")

    assert (0, 0) == (first.exit_code, second.exit_code), first.output
    assert first.stdout.startswith("applied: ")
    assert "the database is up to date\n" == second.stdout
    assert (school.folder / "relative.sqlite").exists()


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ("P-1", "P-1"),
        ("../../etc/x", "_.._etc_x-56da1a2e"),
        ("", "dossier-e3b0c442"),
        ("...", "dossier-ab5df625"),
        ("é", "_-4a99557e"),
        ("x" * 101, f"{'x' * 100}-c675a2e6"),
    ],
)
def test_a_reference_becomes_a_safe_file_name(reference: str, name: str) -> None:
    assert name == safe_name(reference)

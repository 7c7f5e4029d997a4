"""What holds for every command: help, options, exit codes, errors."""

import errno
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from support.chain import ACCOUNT, School, program
from support.dossiers import NUMBERS
from support.terminal import on_a_terminal

from oso_adapter.cli import common, db
from oso_adapter.cli.main import main
from oso_adapter.errors import Refused
from oso_adapter.results import result

MARKER = "123456782"


def tree(
    command: click.Command = main, path: tuple[str, ...] = ()
) -> Iterator[tuple[str, click.Command]]:
    yield " ".join(path), command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from tree(found, (*path, name))


TREE = dict(tree())
COMMANDS = {path: command for path, command in TREE.items() if not isinstance(command, click.Group)}
OPTIONS = [
    (path, parameter)
    for path, command in TREE.items()
    for parameter in command.params
    if isinstance(parameter, click.Option)
]
FOR_AN_ACCOUNT = {
    "dossier find",
    *("dossier collect", "dossier put", "dossier show", "dossier inzage", "dossier ready"),
    *("dossier withdraw", "fetch order", "received show", "received export", "received accept"),
    *("received postpone", "received reject", "notifications send", "notifications fetch"),
    *("received destroy", "audit show", "audit hold add", "audit hold release"),
    *("token create", "token revoke", "db backup", "db restore", "db purge", "osr sync"),
    "plugins trace",
}
PRINTS_DATA = {
    "dossier find",
    *("administration list", "administration show", "config check", "dossier collect"),
    *("audit verify", "audit show", "audit hold list", "db purge"),
    *("dossier put", "dossier inzage", "dossier ready", "dossier withdraw", "dossier list"),
    *("fetch order", "fetch list", "osr show", "osr sync", "osr status"),
    "received list",
    "received pending",
    *(
        "received export",
        "simulator pki",
        "validate",
        "dossier show",
        "received show",
        "token list",
        "results",
    ),
    *(f"notifications {n}" for n in ("waiting", "send", "sent", "received", "fetch")),
    *(f"plugins {name}" for name in ("list", "show", "doctor", "trace")),
    *(f"standard {name}" for name in ("list", "show", "describe", "codelist", "diff", "import")),
}
AGREED = {
    "dossier find",
    *("demo", "serve", "validate", "results", "config check", "config keys", "db upgrade"),
    *(f"administration {name}" for name in ("add", "list", "show", "end", "import")),
    *(f"dossier {n}" for n in ("collect", "put", "show", "inzage", "ready", "withdraw", "list")),
    *("fetch order", "fetch list", "osr show", "simulator run", "simulator pki"),
    *(f"received {n}" for n in ("list", "show", "export", "accept", "postpone", "reject")),
    *(f"standard {n}" for n in ("list", "show", "describe", "codelist", "diff", "schema")),
    *("standard import", "standard sample", "standard types", "simulator ask", "simulator notify"),
    *(f"notifications {n}" for n in ("waiting", "send", "sent", "received", "fetch")),
    *("audit verify", "audit show", "audit hold list", "db purge"),
    *("osr sync", "osr status"),
    *(f"plugins {name}" for name in ("list", "show", "doctor", "trace")),
    *("api openapi", "token create", "token list", "token revoke"),
    *("received destroy", "received pending", "db backup", "db restore", "plugins new"),
}


def test_the_commands_are_those_that_people_and_scripts_rely_on() -> None:
    assert set() == AGREED - set(COMMANDS)


@pytest.mark.parametrize("path", TREE)
def test_every_command_explains_itself(path: str) -> None:
    shown = CliRunner().invoke(main, [*path.split(), "--help"])

    assert 0 == shown.exit_code
    assert "Usage: " in shown.stdout
    assert TREE[path].help


@pytest.mark.parametrize(
    ("path", "option"), OPTIONS, ids=[f"{path} {o.name}".strip() for path, o in OPTIONS]
)
def test_every_option_says_what_it_does(path: str, option: click.Option) -> None:
    assert option.help


def test_no_option_or_argument_takes_a_personal_number() -> None:
    names = {
        (path, name.lower())
        for path, command in TREE.items()
        for parameter in command.params
        for name in (parameter.name or "", *parameter.opts, parameter.make_metavar(fake(command)))
    }

    assert [] == [n for n in names if any(word in n[1] for word in ("pgn", "bsn", "onderwijsnum"))]


def fake(command: click.Command) -> click.Context:
    return click.Context(command)


@pytest.mark.parametrize("path", sorted(FOR_AN_ACCOUNT))
def test_an_order_or_a_reading_needs_an_account(path: str) -> None:
    (account,) = [p for p in COMMANDS[path].params if p.name == "account"]

    assert account.required


def test_no_other_command_of_these_groups_reads_or_orders() -> None:
    groups = ("dossier ", "fetch ", "received ", "notifications ")
    without = {p for p in COMMANDS if p.startswith(groups)} - FOR_AN_ACCOUNT

    lists = {"dossier list", "fetch list", "received list", "received pending"}
    lists |= {f"notifications {name}" for name in ("waiting", "sent", "received")}
    assert lists == without


def test_what_prints_data_prints_json_too() -> None:
    with_json = {
        path
        for path, command in COMMANDS.items()
        if any("json" in getattr(parameter.type, "choices", ()) for parameter in command.params)
    }

    assert PRINTS_DATA == with_json


def test_an_account_that_is_blank_is_wrong_use(school: School) -> None:
    done = school.cli("dossier", "show", "P-1", "--administration", "99AA", "--account", "  ")

    assert 2 == done.exit_code
    assert "Invalid value for '--account': it is empty" in done.stderr


def test_one_item_that_fails_in_an_unforeseen_way_does_not_stop_the_rest() -> None:
    def work(item: str) -> str:
        if item == "P-2":
            raise ValueError("Jansen")
        return item.lower()

    done, ((item, error),) = common.each(["P-1", "P-2", "P-3"], work, "doen")

    assert [("P-1", "p-1"), ("P-3", "p-3")] == done
    assert "P-2" == item
    assert str(error).startswith("unexpected ValueError at test_commands.py:")
    assert "Jansen" not in str(error)


def test_what_takes_long_shows_how_far_it_is(school: School, put: Any, tmp_path: Path) -> None:
    pupils = [put(NUMBERS[0], "P-1"), put(NUMBERS[1], "P-2")]
    by = ("--administration", "99AA", "--account", ACCOUNT)
    schools = tmp_path / "schools.csv"
    ids = [f"0000000700099AB0000{n}" for n in (1, 2)]
    rows = [f"99AB,{name},School,t" for name in ids]
    schools.write_text("\n".join(["brin,routing_id,name,tenant", *rows]))
    config = ("--config", str(school.config))

    shown = on_a_terminal(*config, "dossier", "show", *pupils, *by, "--to", str(tmp_path / "out"))
    added = on_a_terminal(*config, "administration", "import", str(schools))

    assert "wegschrijven" in shown
    assert "toevoegen" in added
    assert all("2/2" in said for said in (shown, added))


@pytest.mark.parametrize("path", sorted(COMMANDS.keys() - {"validate"}))  # takes names of files
def test_a_personal_number_in_any_place_of_a_command_is_never_repeated(
    path: str, school: School
) -> None:
    words, number = path.split(), f"P-{MARKER}"
    places = [[f"--{number}"], ["P-1"] * 3 + [number]]
    for parameter in COMMANDS[path].params:
        if isinstance(parameter.type, click.Path | click.File):
            continue
        option = isinstance(parameter, click.Option)
        places.append([parameter.opts[0], number, *["P-1"] * 3] if option else [number])

    for arguments in places:
        done = school.cli(*words, *arguments)
        assert 0 != done.exit_code, arguments
        assert MARKER not in done.output


@pytest.mark.parametrize("place", ["first", "--nonsense"])
def test_wrong_use_before_the_command_repeats_nothing_either(place: str) -> None:
    done = CliRunner().invoke(main, [f"{place}-{MARKER}"])

    assert 2 == done.exit_code
    assert MARKER not in done.output


@pytest.mark.parametrize("path", sorted(FOR_AN_ACCOUNT))
def test_a_personal_number_is_no_account(path: str, school: School) -> None:
    done = school.cli(*path.split(), "--account", f"j.{MARKER}")

    assert 2 == done.exit_code
    assert "holds a BSN or onderwijsnummer" in done.stderr
    assert MARKER not in done.output


@pytest.mark.parametrize("code", ["AanvragerNietBekend", "IetsNieuws"])
def test_a_refusal_is_told_with_its_code_and_what_it_means(code: str) -> None:
    @click.command()
    def ask() -> None:
        raise Refused(code)

    done = CliRunner().invoke(common.OsoGroup(commands={"ask": ask}), ["ask"])

    known = result(code)
    assert f"Error: {code}: {known.text} {known.next_step}\n" == done.stderr
    assert 1 == done.exit_code


def test_without_a_configuration_the_way_to_name_one_is_told() -> None:
    done = CliRunner().invoke(main, ["--config", "absent.toml", "administration", "list"])

    assert 2 == done.exit_code
    assert (
        "Error: there is no configuration file absent.toml; name one with --config" in done.stderr
    )


def test_without_a_database_the_command_that_makes_it_is_told(school: School) -> None:
    school.store_file.unlink()

    done = school.cli("administration", "list")

    assert 2 == done.exit_code
    assert "run: oso-adapter db upgrade" in done.stderr


@pytest.mark.parametrize("arguments", [["nonsense"], ["dossier", "nonsense"], ["fetch", "--no"]])
def test_what_is_no_command_is_wrong_use(arguments: list[str]) -> None:
    assert 2 == CliRunner().invoke(main, arguments).exit_code


@pytest.mark.parametrize("error", [ValueError, KeyError, RecursionError, ExceptionGroup])
def test_what_was_not_foreseen_is_one_line_with_type_and_place(
    error: type[Exception], school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: object) -> None:
        raise error(MARKER, [ValueError()]) if error is ExceptionGroup else error(MARKER)

    monkeypatch.setattr(db.Store, "upgrade", fail)

    done = school.cli("db", "upgrade")

    (line,) = done.stderr.splitlines()
    assert 1 == done.exit_code
    assert line.startswith(f"Error: unexpected {error.__name__} at test_commands.py:")
    assert MARKER not in done.output


def test_a_reader_who_went_away_is_no_error_to_report(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise BrokenPipeError(errno.EPIPE, "gone")

    monkeypatch.setattr(common, "print_json", fail)

    done = school.cli("administration", "list", "--format", "json")
    assert (1, "") == (done.exit_code, done.stderr)


def test_the_command_runs_as_a_program_of_its_own(school: School) -> None:
    arguments = program(
        "--config", str(school.config), "administration", "list", "--format", "json"
    )

    done = subprocess.run(arguments, capture_output=True, check=False, env=dict(os.environ))

    assert (0, b"") == (done.returncode, done.stderr)
    assert ["99AA"] == [row["brin"] for row in json.loads(done.stdout)]


def test_a_table_in_a_pipe_is_not_cut_and_no_text_in_it_is_markup(school: School) -> None:
    name = "De [bold] school [/] aan :smile: de lange weg naar het einde van het dorp " * 2
    added = school.cli(
        *("administration", "add", "--brin", "99AB", "--routing-id", "0000000700099AB00001"),
        *("--name", name.strip(), "--tenant", "een heel lange naam van een klant van ons"),
    )
    assert 0 == added.exit_code, added.output

    shown = school.cli("administration", "list").stdout

    assert name.strip() in shown
    assert "0000000700099AB00001" in shown

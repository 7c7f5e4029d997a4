"""What plugins add to the command line: pupils that are found, what is known, and own commands."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from magister_like import database
from magister_like.generator import Generated, generate
from sqlalchemy import select
from support.chain import ACCOUNT, Chain, School
from support.dossiers import NUMBERS, sent
from support.keeping import Keeping

TOOL = """
import click
from oso_adapter.hookspecs import hookimpl

OSO_API = (1, 1)

@click.command()
@click.pass_obj
def hello(context):
    click.echo("hello from " + context.settings("tool")["place"])

@click.command()
def broken():
    raise ValueError("123456782")

@hookimpl
def oso_commands(group):
    group.add_command(hello)
    group.add_command(broken)
    group.add_command(click.Command("dossier"))
"""
FAILS = """
from oso_adapter.hookspecs import hookimpl

OSO_API = (1, 1)

@hookimpl
def oso_commands(group):
    raise ValueError("123456782")

@hookimpl
def oso_known_pupil(match):
    raise ValueError(match.pgn)
"""
OF = ("--administration", "99AA")
BY = (*OF, "--account", ACCOUNT)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    return generate(tmp_path_factory.mktemp("las"), today=date(2026, 5, 1))


@pytest.fixture(scope="module")
def las(tmp_path_factory: pytest.TempPathFactory, made: Generated) -> Iterator[School]:
    """A school with the plugin of its LAS, and one that brings commands; one more is installed."""
    folder = tmp_path_factory.mktemp("site")
    for name, source in (("tool", TOOL), ("fails", FAILS)):
        (folder / f"cli_plugin_{name}.py").write_text(source, encoding="utf-8")
        package = folder / f"{name}-1.0.dist-info"
        package.mkdir()
        (package / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (package / "entry_points.txt").write_text(f"[oso_adapter]\n{name} = cli_plugin_{name}\n")
    chain = Chain.create(tmp_path_factory.mktemp("chain"))
    school = chain.add_school("99AA", "PO", registered=False)
    school.configure(
        '[plugins]\nenabled = ["magister_like", "tool"]\n'
        f'[plugins.magister_like]\ndatabase = "{made.po}"\n[plugins.tool]\nplace = "here"\n'
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        yield school
    chain.stop()


@pytest.fixture
def failing(las: School) -> Iterator[School]:
    """The same school, with a plugin that fails before the others."""
    text = las.config.read_text(encoding="utf-8")
    las.config.write_text(text.replace('["magister_like"', '["fails", "magister_like"'))
    yield las
    las.config.write_text(text, encoding="utf-8")


def pupil_of(made: Generated) -> Any:
    table = database.schema.leerling.c
    columns = (table.leerlingcode, table.bsn, table.achternaam)
    with database.opened(made.po) as connection:
        return connection.execute(select(*columns).where(table.bsn.is_not(None))).first()


def test_pupils_are_found_by_a_name_that_is_no_argument(las: School, made: Generated) -> None:
    code, bsn, surname = pupil_of(made)

    found = las.cli("dossier", "find", "--name", *BY, "--format", "json", text=f"{surname[:4]}\n")
    shown = las.cli("dossier", "find", "--name", *BY, text=f"{surname}\n")

    assert 0 == found.exit_code, found.output
    assert code in [row["leerling"] for row in json.loads(found.stdout)]
    assert ["leerling", "naam", "groep", "geboren", "bestemming", "laatste dag"] == list(
        json.loads(found.stdout)[0]
    )
    assert code in shown.stdout
    assert bsn not in found.output + shown.output


def test_pupils_are_found_by_where_they_go(las: School, made: Generated) -> None:
    found = las.cli("dossier", "find", "--destination", "99BB", *BY, "--format", "json")
    nobody = las.cli("dossier", "find", "--destination", "99ZZ", "--group", "9z", *BY)

    assert set(database.leavers(made.po)) >= {row["leerling"] for row in json.loads(found.stdout)}
    assert "Er is geen leerling gevonden.\n" == nobody.stdout


@pytest.mark.parametrize(
    "arguments", [("--name",), ("--destination", "school"), ("--leaving-before", "morgen")]
)
def test_a_question_that_is_none_is_wrong_use(las: School, arguments: tuple[str, ...]) -> None:
    assert 2 == las.cli("dossier", "find", *arguments, *BY, text="\n").exit_code


@pytest.fixture(scope="module")
def came(las: School, made: Generated) -> str:
    """The id of a dossier that came, of a pupil who is known here under another name."""
    adapter = las.adapter()
    kept = Keeping(las, adapter.clock, adapter)  # type: ignore[arg-type]
    number = pupil_of(made).bsn
    order = kept.ordered(number)
    return kept.arrived(order, sent(number)).id


def test_what_differs_from_what_is_known_is_shown_side_by_side(
    las: School, made: Generated, came: str
) -> None:
    code, _, surname = pupil_of(made)

    shown = las.cli("received", "show", came, "--known", "--account", ACCOUNT)
    data = las.cli("received", "show", came, "--known", "--account", ACCOUNT, "--format", "json")

    assert 0 == shown.exit_code, shown.output
    assert all(text in shown.stdout for text in (code, "Achternaam", surname, "Proefleerling"))
    told = json.loads(data.stdout)
    assert code == told["leerling"]
    names = [d for d in told["verschillen"] if d["path"].endswith("/leerling/achternaam")]
    assert [(surname, "Proefleerling")] == [(d["known"], d["new"]) for d in names]


def test_a_plugin_that_fails_leaves_the_ordinary_view(failing: School, came: str) -> None:
    shown = failing.cli("received", "show", came, "--known", "--account", ACCOUNT)

    assert 0 == shown.exit_code
    assert shown.stdout.startswith("<")
    assert "de plugin fails gaf geen bruikbaar antwoord" in shown.stderr


def test_a_plugin_brings_commands_below_its_own_name(las: School) -> None:
    done = las.cli("plugins", "run", "tool", "hello")
    listed = las.cli("plugins", "run", "tool", "--help")
    other = las.cli("dossier", "list", *OF)

    assert (0, "hello from here\n") == (done.exit_code, done.stdout)
    assert all(name in listed.stdout for name in ("hello", "broken", "dossier"))
    assert "Er is nog niets verzameld.\n" == other.stdout


def test_a_command_of_a_plugin_that_fails_is_one_line_without_a_value(las: School) -> None:
    done = las.cli("plugins", "run", "tool", "broken")

    assert 1 == done.exit_code
    assert "unexpected ValueError at cli_plugin_tool.py" in done.stderr
    assert NUMBERS[0] not in done.output


def test_a_plugin_whose_commands_cannot_be_had_is_named(failing: School) -> None:
    done = failing.cli("plugins", "run", "fails", "hello")
    others = failing.cli("plugins", "run", "tool", "hello")

    assert (1, 0) == (done.exit_code, others.exit_code)
    assert "plugin fails failed in oso_commands: it raised ValueError" in done.stderr


@pytest.mark.parametrize("name", ["fails", "magister_like", "nobody"])
def test_a_plugin_without_commands_is_told_which_have_them(las: School, name: str) -> None:
    done = las.cli("plugins", "run", name, "hello")

    assert 1 == done.exit_code
    assert "those that do: tool" in done.stderr


def test_our_own_help_does_not_load_a_plugin(las: School) -> None:
    for arguments in (("--help",), ("plugins", "--help"), ("plugins", "run", "--help")):
        done = las.cli(*arguments)
        assert 0 == done.exit_code
        assert "hello" not in done.stdout

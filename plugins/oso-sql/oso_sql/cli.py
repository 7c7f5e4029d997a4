"""The command ``oso-sql``: try a mapping before a school uses it.

Exit codes: 0 all is well, 1 there are errors, 2 wrong use or a mapping that cannot be read, 3 the
database could not be used.
"""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn

import click

from oso_adapter import bounded_xml
from oso_adapter.clock import school_date, utc_now
from oso_adapter.errors import NotFound
from oso_adapter.hookspecs import AdministrationRef
from oso_adapter.standard import attachments, codec
from oso_adapter.standard.jsonform import to_json
from oso_sql import check as checking
from oso_sql import database, difference, reading
from oso_sql.collect import collect
from oso_sql.database import DatabaseTrouble
from oso_sql.fitting import Problem
from oso_sql.mapping import MappingRefused, SqlMapping, WrongValue
from oso_sql.parameters import given, profiles
from oso_sql.plugin import VARIABLE
from oso_sql.taking import NoImport, Received

_WRONG_USE = 2
_UNREACHABLE = 3


@dataclass(frozen=True)
class Setup:
    """What every command is given."""

    mapping: SqlMapping
    url: str | None
    school: AdministrationRef
    on: date

    @property
    def database(self) -> str:
        """The address of the database; without one the command ends."""
        if self.url is None:
            _end(
                _WRONG_USE, f"there is no database; give --database, or {VARIABLE} with a password"
            )
        return self.url


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Try a mapping of oso-sql: check it, look at a dossier, see what taking one over changes."""


def _with_setup(command: Callable[..., None]) -> Callable[..., None]:
    """The options that the commands share."""

    @click.option(
        "--mapping",
        "path",
        type=click.Path(path_type=Path, dir_okay=False),
        default=Path("oso-sql.toml"),
        show_default=True,
        help="The mapping.",
    )
    @click.option(
        "--database",
        "url",
        envvar=VARIABLE,
        help=f"Its address, such as postgresql+psycopg://las@db/las; {VARIABLE} is read as well.",
    )
    @click.option(
        "--brin", default="", help="The BRIN of the school, where the queries ask for it."
    )
    @click.option(
        "--routing-id", default="", help="Its routeringskenmerk, where they ask for that."
    )
    @click.option("--release", help="Of the standard; by default the newest.")
    @click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="The day of collecting; today.")
    @wraps(command)
    def call(
        path: Path,
        url: str | None,
        brin: str,
        routing_id: str,
        release: str | None,
        on: Any,
        **rest: Any,
    ) -> None:
        with _told():
            school = AdministrationRef(brin, routing_id, "LAS", "", "")
            day = on.date() if on else school_date(utc_now())
            command(Setup(reading.read(path, release), url, school, day), **rest)

    return call


@main.command()
@_with_setup
@click.option("--profile", "wanted", multiple=True, help="Only this profile; may be given again.")
@click.option("--pupils", default=100, show_default=True, help="How many pupils are looked at.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def check(setup: Setup, wanted: tuple[str, ...], pupils: int, form: str) -> None:
    """Hold the mapping against the standard, and against the pupils in the database.

    Without a database the mapping alone is judged.
    """
    names = wanted or profiles(setup.mapping.pack)
    if not set(names) <= set(profiles(setup.mapping.pack)):
        _end(_WRONG_USE, f"the profiles are {', '.join(profiles(setup.mapping.pack))}")
    problems = checking.of_file(setup.mapping, names)
    looked_at = 0
    if setup.url is not None:
        found, looked_at = _of_database(setup, names, pupils)
        problems += found
    if form == "json":
        click.echo(json.dumps([asdict(each) for each in problems], ensure_ascii=False, indent=2))
    else:
        for each in problems:
            click.echo(_line(each, looked_at))
        click.echo(f"{len(problems)} problems; {looked_at} pupils looked at", err=True)
    sys.exit(any(each.severity == "error" for each in problems))


def _of_database(setup: Setup, names: Any, most: int) -> tuple[list[Problem], int]:
    told = given(setup.mapping, "", names[0], setup.school, setup.on)
    with database.reading(setup.database) as connection:
        pupils = checking.some(connection, setup.mapping, told, most)
        first = {**told, "pupil": pupils[0] if pupils else ""}
        problems = checking.columns(connection, setup.mapping, first)
        problems += checking.tables(connection, setup.mapping)
        if problems:
            return problems, 0
        for profile in names:
            problems += checking.of_pupils(
                connection, setup.mapping, setup.school, pupils, profile, setup.on
            )
    return problems, len(pupils)


def _line(problem: Problem, looked_at: int) -> str:
    who = f"{problem.pupils} of {looked_at}" if problem.pupils else "mapping"
    where = f"{problem.severity:<8}{problem.profile or '*':<5} {who:<12}"
    return f"{where} {problem.path}: {problem.reason}"


@main.command()
@_with_setup
@click.argument("pupil")
@click.option("--profile", default="POVO", show_default=True)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def preview(setup: Setup, pupil: str, profile: str, form: str) -> None:
    """Show the dossier of PUPIL (the leerlingid), and what is wrong with it.

    It is personal data; it goes to the terminal and nowhere else.
    """
    if profile not in profiles(setup.mapping.pack):
        _end(_WRONG_USE, f"the profiles are {', '.join(profiles(setup.mapping.pack))}")
    wrong: list[WrongValue] = []
    told = given(setup.mapping, pupil, profile, setup.school, setup.on)
    with database.reading(setup.database) as connection:
        found = collect(connection, setup.mapping, told, wrong.append)
    if found is None:
        _end(1, "the query of [pupil] does not find this pupil")
    errors = bool(wrong)
    if form == "json":
        try:
            click.echo(to_json(found.dossier, setup.mapping.pack, indent=2))
        except codec.CannotWrite:
            errors = True  # the findings say where and why
    else:
        for path, value in difference.leaves(found.dossier):
            click.echo(f"{path} = {difference.shown(value)}")
    for each in wrong:
        click.echo(f"error   {each}", err=True)
    for finding in checking.judge(found.dossier, setup.mapping, profile, setup.on):
        errors |= finding.severity == "error"
        click.echo(f"{finding.severity:<8}{finding.path}: {finding.message}", err=True)
    sys.exit(errors)


@main.command("dry-run")
@_with_setup
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--from", "source", default="", help="The BRIN of the school that sent it.")
def dry_run(setup: Setup, file: Path, source: str) -> None:
    """Show what taking over the dossier in FILE (XML) would change; nothing is kept."""
    try:
        root = bounded_xml.parse(file.read_bytes())
    except bounded_xml.XmlRefused as refused:
        _end(_WRONG_USE, f"the file is no XML that can be read: {refused.reason}")
    pack = setup.mapping.pack
    if root.tag != f"{{{pack.namespace}}}{pack.carried}":
        _end(_WRONG_USE, f"the file is no dossier of release {pack.release}")
    dossier = attachments.unpacked(codec.to_dict(root, pack), pack)
    told = given(setup.mapping, "", "BB", setup.school, setup.on)
    received = Received("dry-run", dossier, source)
    decision, changes = difference.dry_run(setup.database, setup.mapping, received, told)
    if decision is None:
        _end(1, "the query import.new gives no row: this is for another school")
    click.echo(f"{decision.outcome} {decision.reason or ''}".strip())
    for each in changes:
        click.echo(f"{each.path}: {difference.shown(each.now)} -> {difference.shown(each.then)}")
    sys.exit(decision.outcome != "accepted")


@contextmanager
def _told() -> Iterator[None]:
    """What can go wrong in a line, with its exit code."""
    try:
        yield
    except NotFound as unknown:
        _end(_WRONG_USE, str(unknown))
    except MappingRefused as refused:
        _end(_WRONG_USE, *refused.problems)
    except NoImport:
        _end(_WRONG_USE, "the mapping has no [import]")
    except WrongValue as wrong:
        _end(1, str(wrong))
    except DatabaseTrouble as trouble:
        _end(_UNREACHABLE, str(trouble))


def _end(code: int, *lines: str) -> NoReturn:
    for line in lines:
        click.echo(line, err=True)
    sys.exit(code)

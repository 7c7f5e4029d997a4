"""``oso-adapter validate``: judge dossiers, without server, store or plugins."""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import click

from oso_adapter.bounded_xml import parse
from oso_adapter.cli.common import NO, WRONG_USE, packs_option, print_json, progress_bar
from oso_adapter.cli.wrong_use import WrongUse
from oso_adapter.errors import NotFound
from oso_adapter.standard import validate as judge
from oso_adapter.standard.findings import Report
from oso_adapter.standard.pack import available, load_pack
from oso_adapter.standard.paths import shown_value

FEW: Final = 16
"""So many files are judged sooner by one process than others are started."""

PIECE: Final = 8
"""Files handed to a process at once."""

Judged = list[tuple[str, Report | str]]
"""By name of the file: its report, or why it could not be read."""


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--profile", help="Judge as this profile (POVO) instead of what the dossier says.")
@click.option("--strict", is_flag=True, help="Count warnings as errors.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "html"]),
    default="text",
    show_default=True,
    help="How the report is printed; html is one page, to read and to pass on.",
)
@click.option("--values", is_flag=True, help="On a terminal: show values that are not personal.")
@packs_option
@click.option("--jobs", type=click.IntRange(1, 64), help="Processes; as many as there are cores.")
@click.pass_context
def validate(
    ctx: click.Context,
    files: Sequence[str],
    profile: str | None,
    strict: bool,
    form: str,
    values: bool,
    jobs: int | None,
) -> None:
    """Judge dossiers: structure, code lists, business rules, numbers and attachments.

    FILE may be a folder, of which every .xml is judged, or - for standard input. Findings name the
    path, the line and what was expected, never the value. Exit code 1 when a dossier is not valid,
    2 when a file could not be read.
    """
    if values and (form != "text" or not sys.stdout.isatty()):
        raise WrongUse("--values is for text on a terminal, where nobody keeps them")
    judged = _judge_all(_expanded(files), profile, strict, jobs or os.cpu_count() or 1)
    reports = [(name, report) for name, report in judged if isinstance(report, Report)]
    unread = [(name, why) for name, why in judged if isinstance(why, str)]
    if form == "json":
        print_json([{"file": name, **report.as_dict()} for name, report in reports])
    elif form == "html":
        from oso_adapter.standard.report import as_html  # noqa: PLC0415 - jinja2, for this alone

        click.echo(as_html(reports))
    else:
        _print(reports, values=values)
    for name, why in unread:
        click.echo(f"Error: {name} cannot be read: {why}", err=True)
    if unread:
        ctx.exit(WRONG_USE)
    if not all(report.valid for _, report in reports):
        ctx.exit(NO)


def _expanded(names: Sequence[str]) -> list[str]:
    """The files that are meant: of a folder everything below it that ends in .xml."""
    found: list[str] = []
    for name in names:
        if name != "-" and Path(name).is_dir():
            inside = sorted(str(file) for file in Path(name).rglob("*.xml") if file.is_file())
            if not inside:
                raise WrongUse(f"there is no .xml file in {name}")
            found += inside
        else:
            found.append(name)
    return found


def _judge_all(names: Sequence[str], profile: str | None, strict: bool, jobs: int) -> Judged:
    """Every file in the order given; many of them on all cores."""
    judge_one = partial(_judge_one, profile=profile, strict=strict)
    if len(names) <= FEW or jobs == 1:
        return _watched(names, map(judge_one, names))
    for release in available():
        load_pack(release).load()  # the others are copies of this process, and have then read it
    with ProcessPoolExecutor(min(jobs, len(names)), mp_context=get_context("fork")) as pool:
        return _watched(names, pool.map(judge_one, names, chunksize=PIECE))


def _watched(names: Sequence[str], reports: Iterable[Report | str]) -> Judged:
    judged: Judged = []
    with progress_bar("beoordelen", len(names)) as update:
        for name, report in zip(names, reports, strict=True):
            judged.append((name, report))
            update(len(judged))
    return judged


def _judge_one(name: str, *, profile: str | None, strict: bool) -> Report | str:
    try:
        xml = _read(name)
    except OSError as error:
        return error.strerror or type(error).__name__
    try:
        return judge(xml, profile=profile, strict=strict)
    except NotFound as error:
        raise click.BadParameter(str(error), param_hint="--profile") from None


def _read(name: str) -> bytes:
    return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()


def _print(reports: Sequence[tuple[str, Report]], *, values: bool) -> None:
    for name, report in reports:
        verdict = "geldig" if report.valid else "niet geldig"
        click.echo(f"{name}: {verdict} (versie {report.version or 'onbekend'})")
        for line in _lines(name, report, values=values):
            click.echo(line)
    if len(reports) > 1:
        valid = sum(report.valid for _, report in reports)
        click.echo(f"{valid} geldig, {len(reports) - valid} niet geldig")


def _lines(name: str, report: Report, *, values: bool) -> Iterator[str]:
    root: Any = parse(_read(name)) if values and report.version and name != "-" else None
    for finding in report.findings:
        line = f", regel {finding.line}" if finding.line else ""
        yield f"  {finding.severity} {finding.rule} {finding.path}{line}"
        value = shown_value(root, finding.path) if root is not None else None
        if value is not None:
            yield f"    waarde: {value}"
        yield f"    {finding.message}"
        yield f"    {finding.owner}: {finding.next_step}"

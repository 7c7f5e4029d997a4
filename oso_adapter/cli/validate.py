"""``oso-adapter validate``: judge dossiers, without server, store or plugins."""

import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from oso_adapter.cli.common import NO, format_option, print_json
from oso_adapter.errors import NotFound
from oso_adapter.standard import validate as judge
from oso_adapter.standard.findings import Report


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--profile", help="Judge as this profile instead of the one the dossier names.")
@click.option("--strict", is_flag=True, help="Count warnings that matter as errors.")
@format_option
@click.pass_context
def validate(
    ctx: click.Context, files: Sequence[str], profile: str | None, strict: bool, form: str
) -> None:
    """Judge dossiers; for now their structure.

    FILE may be - for standard input. Findings name the path, the line and what was expected, never
    the value. Exit code 1 when a dossier is not valid.
    """
    reports = [(name, judge(_read(name), profile=profile, strict=strict)) for name in files]
    if form == "json":
        print_json([_as_json(name, report) for name, report in reports])
    else:
        for name, report in reports:
            _print(name, report)
    if not all(report.valid for _, report in reports):
        ctx.exit(NO)


def _read(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise NotFound(f"{name} cannot be read: {error.strerror}") from None


def _as_json(name: str, report: Report) -> dict[str, Any]:
    return {
        "file": name,
        "valid": report.valid,
        "version": report.version,
        "profile": report.profile,
        "findings": [dataclasses.asdict(finding) for finding in report.findings],
    }


def _print(name: str, report: Report) -> None:
    verdict = "geldig" if report.valid else "niet geldig"
    click.echo(f"{name}: {verdict} (versie {report.version or 'onbekend'})")
    for finding in report.findings:
        line = f", regel {finding.line}" if finding.line else ""
        click.echo(f"  {finding.severity} {finding.rule} {finding.path}{line}")
        click.echo(f"    {finding.message}")
        click.echo(f"    {finding.owner}: {finding.next_step}")

"""``oso-adapter results``: every result code in plain words, as a list or for a manual."""

from dataclasses import asdict
from pathlib import Path

import click

from oso_adapter.cli import manual
from oso_adapter.cli.common import print_json, print_rows
from oso_adapter.results import SERVICE_DESK, VIEWERS, Viewer
from oso_adapter.settings import read_settings


@click.command()
@click.option(
    "--for",
    "viewer",
    type=click.Choice(VIEWERS),
    help="Who reads it: the school that asks, the school that sends, or your help desk. All three "
    "without it.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "html", "markdown"]),
    default="text",
    show_default=True,
    help="HTML or Markdown is a chapter for your manual.",
)
@click.pass_context
def results(ctx: click.Context, viewer: Viewer | None, form: str) -> None:
    """Explain every result: what happened, who can mend it, and what to do now, in Dutch.

    Your own service desk is named as [service_desk] in the configuration has it; without a
    configuration it is called the service desk of the supplier.
    """
    viewers = (viewer,) if viewer else VIEWERS
    desk = _desk(ctx)
    if form == "html":
        click.echo(manual.html(manual.chapter(viewers, desk)), nl=False)
    elif form == "markdown":
        click.echo(manual.markdown(manual.chapter(viewers, desk)), nl=False)
    elif form == "json":
        print_json([asdict(line) for line in manual.lines(viewers, desk)])
    else:
        rows = [
            {
                "code": line.code,
                "voor": manual.NAMES[line.viewer],
                "wat is er gebeurd": line.text,
                "wie": line.owner,
                "wat nu": line.next_step,
            }
            for line in manual.lines(viewers, desk)
        ]
        print_rows(rows, form, "")


def _desk(ctx: click.Context) -> str:
    """The service desk of the configuration, when there is one."""
    file: Path = ctx.find_root().params["config"]
    return read_settings(file).service_desk.reached if file.exists() else SERVICE_DESK

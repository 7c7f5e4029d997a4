"""The command ``oso-webhook``: what one begins with, and a try of the LAS's server.

Exit codes: 0 all is well, 1 there are errors, 2 wrong use or configuration.
"""

import base64
import json
import secrets
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import click

from oso_adapter.clock import school_date, utc_now
from oso_adapter.errors import ConfigurationError, InvalidIdentifier, NotFound
from oso_adapter.hookspecs import AdministrationRef, HookContext
from oso_adapter.identifiers import Brin, RoutingId, without_number
from oso_adapter.releases import releases_in_use
from oso_adapter.settings import Settings, read_settings
from oso_webhook import check as checking
from oso_webhook.check import Step
from oso_webhook.configuration import NAME
from oso_webhook.openapi import document

SAMPLE = Path(__file__).parent / "sample"
"""A LAS in Node that answers every call, and what it knows."""

_WRONG_USE = 2


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Connect a LAS in any language: what to begin with, and a check of its server."""


@main.command()
def secret() -> None:
    """Print a new secret, for both sides; keep it as you keep a password."""
    click.echo(f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}")


@main.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def sample(folder: Path) -> None:
    """Put the sample server, its pupils and an order for one in FOLDER; what is there is left."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file in sorted(SAMPLE.iterdir()):
            with (folder / file.name).open("xb") as copy:
                copy.write(file.read_bytes())
            click.echo(folder / file.name)
    except OSError as error:
        click.echo(f"{error.filename}: {error.strerror}", err=True)
        sys.exit(_WRONG_USE)


@main.command()
def openapi() -> None:
    """Print the OpenAPI document: every call, its request and its answer."""
    click.echo(json.dumps(document(), ensure_ascii=False, indent=2))


@main.command()
@click.option(
    "--config",
    "file",
    type=click.Path(path_type=Path),
    envvar="OSO_CONFIG",
    default=Path("oso-adapter.toml"),
    show_default=True,
    help="The configuration of the adapter.",
)
@click.option("--brin", default="99AA", show_default=True, help="The school that asks.")
@click.option("--routing-id", help="Its routeringskenmerk; the first of the school.")
@click.option("--pupil", help="Collect and judge the dossier of this pupil (leerlingid) too.")
@click.option("--profile", default="POVO", show_default=True)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def check(
    file: Path, brin: str, routing_id: str | None, pupil: str | None, profile: str, form: str
) -> None:
    """Try the server of the LAS, in steps that each say what to do when they fail.

    Only questions are asked, about nobody unless --pupil is given; no value of a dossier is shown.
    """
    try:
        if pupil is not None:
            without_number(pupil)
        steps = list(_steps(read_settings(file), brin, routing_id, pupil, profile))
    except (ConfigurationError, NotFound, InvalidIdentifier) as wrong:
        click.echo(str(wrong), err=True)
        sys.exit(_WRONG_USE)
    if form == "json":
        click.echo(json.dumps([asdict(step) for step in steps], ensure_ascii=False, indent=2))
    else:
        for step in steps:
            click.echo(f"{step.outcome:<6}{step.text}")
            if step.next_step:
                click.echo(f"{'':<6}-> {step.next_step}")
    sys.exit(any(step.outcome == "error" for step in steps))


def _steps(
    settings: Settings, brin: str, routing_id: str | None, pupil: str | None, profile: str
) -> Iterator[Step]:
    now = utc_now()
    today = school_date(now)
    routing = routing_id or RoutingId.of_school(Brin(brin), 1)
    context = HookContext(
        administration=AdministrationRef(brin, routing, "LAS", "", ""),
        account=None,
        release=releases_in_use(settings).prepared_on(today),
        contract=settings.chain.contract,
        clock=utc_now,
        deadline=now + timedelta(seconds=6 * checking.SECONDS),
        reason="controle",
        sections=settings.plugins.sections,
    )
    if NAME not in settings.plugins.enabled:
        yield Step("error", f"[plugins] enabled does not name {NAME}", "Add it there.")
    steps = list(checking.check(context))
    yield from steps
    if pupil is not None and all(step.outcome != "error" for step in steps):
        yield from checking.pupil(context, pupil, profile, today)

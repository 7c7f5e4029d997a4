"""``oso-adapter config``: judge the configuration, make the key file."""

import os
from pathlib import Path

import click

from oso_adapter.cli.common import NO, opened_adapter
from oso_adapter.environment import require_brins
from oso_adapter.errors import ConfigurationError, OsoError
from oso_adapter.store import administrations
from oso_adapter.store.keys import new_keys


@click.group()
def config() -> None:
    """The configuration of this adapter."""


@config.command()
@click.option("--ping", is_flag=True, help="Also ask the Traffic Center whether it answers.")
@click.pass_context
def check(ctx: click.Context, ping: bool) -> None:
    """Judge everything that `serve` judges at its start, and say what is worth knowing."""
    with opened_adapter(ctx) as adapter:
        settings = adapter.settings
        with adapter.store.reading() as session:
            require_brins(settings.environment, administrations.brins(session))
            count = administrations.count(session)
        click.echo(f"environment    {settings.environment}")
        click.echo(f"our OIN        {adapter.own_oin}")
        click.echo(f"administrations {count}")
        click.echo(f"search key     {adapter.search_key.name}")
        click.echo(f"plugins        {', '.join(adapter.plugins.names) or 'none'}")
        if not settings.transport.crl:
            click.echo("note: no revocation list is configured ([transport] crl)")
        assumed = len(adapter.contract.assumed())
        click.echo(f"note: {assumed} facts of contract {adapter.contract.name} are assumed")
        for problem in adapter.plugins.problems:
            click.echo(f"problem: plugin {problem.plugin} {problem.reason}")
        if ping:
            adapter.traffic_center.ping()
            click.echo("the Traffic Center answers")
        if adapter.plugins.problems:
            ctx.exit(NO)
    click.echo("the configuration is right")


@config.command()
@click.argument("file", type=click.Path(path_type=Path))
def keys(file: Path) -> None:
    """Make a new key file, readable by you alone.

    Keep a copy in a safe place: without it nothing in the store can be read.
    """
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise ConfigurationError(f"{file} is there already; keys are never overwritten") from None
    except OSError as error:
        raise OsoError(f"{file} cannot be written: {error.strerror}") from None
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(new_keys())
    click.echo(f"new keys in {file}; keep a copy in a safe place")

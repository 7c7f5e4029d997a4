"""``oso-adapter config``: judge the configuration, make the key file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from oso_adapter.cli.common import NO, format_option, print_json
from oso_adapter.cli.opened import opened_adapter
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.store import administrations
from oso_adapter.store.keys import make_key_file


@click.group()
def config() -> None:
    """The configuration of this adapter."""


@config.command()
@click.option("--ping", is_flag=True, help="Also ask the Traffic Center whether it answers.")
@format_option
@click.pass_context
def check(ctx: click.Context, ping: bool, form: str) -> None:
    """Judge everything that `serve` judges at its start, and say what is worth knowing."""
    with opened_adapter(ctx) as adapter:
        with adapter.store.reading() as session:
            count = administrations.count(session)
        if ping:
            adapter.traffic_center.ping()
        facts = {
            "environment": adapter.settings.environment,
            "our OIN": adapter.own_oin,
            "administrations": count,
            "search key": adapter.search_key.name,
            "plugins": adapter.plugins.names,
            "notes": _notes(adapter, ping),
            "problems": [str(problem) for problem in adapter.plugins.problems],
        }
    if form == "json":
        print_json(facts)
    else:
        _print(facts)
    if facts["problems"]:
        ctx.exit(NO)


def _notes(adapter: Adapter, pinged: bool) -> list[str]:
    assumed = len(adapter.contract.assumed())
    notes = [f"{assumed} facts of contract {adapter.contract.name} are assumed"]
    if not adapter.settings.transport.crl:
        notes.append("no revocation list is configured ([transport] crl)")
    if pinged:
        notes.append("the Traffic Center answers")
    notes += [str(warning) for warning in adapter.plugins.warnings]
    return notes


def _print(facts: Mapping[str, Any]) -> None:
    for name, value in facts.items():
        if name in ("notes", "problems"):
            for line in value:
                click.echo(f"{name[:-1]}: {line}")
        else:
            text = (", ".join(value) or "none") if isinstance(value, list) else value
            click.echo(f"{name:<16}{text}")
    if not facts["problems"]:
        click.echo("the configuration is right")


@config.command()
@click.argument("file", type=click.Path(path_type=Path))
def keys(file: Path) -> None:
    """Make a new key file, readable by you alone.

    Keep a copy in a safe place: without it nothing in the store can be read.
    """
    make_key_file(file)
    click.echo(f"new keys in {file}; keep a copy in a safe place")

"""``oso-adapter token``: who may call the JSON API, for what."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

import click

from oso_adapter.cli.common import account_option, day, format_option, print_rows
from oso_adapter.cli.opened import opened_adapter
from oso_adapter.cli.texts import NAME, TENANT
from oso_adapter.clock import AMSTERDAM
from oso_adapter.exchange import tokens as use_case
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.tokens import SCOPES
from oso_adapter.store import tokens
from oso_adapter.store.models import ApiToken

_ALL: Final = "all"
"""Everything, for whoever says so: a token is for nothing that was not asked for."""

name_argument = click.argument("name", type=NAME, metavar="NAME")


@click.group()
def token() -> None:
    """Tokens with which your own system calls the JSON API."""


@token.command()
@name_argument
@click.option(
    "--administration",
    "named",
    multiple=True,
    type=NAME,
    help="An administration that it is for: routeringskenmerk, or the BRIN when it has one.",
)
@click.option("--tenant", type=TENANT, help="Or: all administrations of this tenant.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice([*SCOPES, _ALL]),
    help="What it is for; give each, and no more than that system needs.",
)
@click.option("--until", callback=day, help="The last day on which it can be used.")
@account_option
@click.pass_context
def create(
    ctx: click.Context,
    name: str,
    named: Sequence[str],
    tenant: str | None,
    scopes: Sequence[str],
    until: date | None,
    account: str,
) -> None:
    """Make a token and print it, this once: nobody can see it again.

    It is for the administrations that are named, or for all of a tenant, also those that are added
    later. Only for a tenant can administrations be added through the API.
    """
    with opened_adapter(ctx) as adapter:
        made = use_case.create(
            *(adapter, account, name, SCOPES if _ALL in scopes else scopes),
            named=named,
            tenant=tenant,
            expires_at=_end_of(until) if until else None,
        )
    click.echo(made)


@token.command("list")
@format_option
@click.pass_context
def list_(ctx: click.Context, form: str) -> None:
    """List the tokens: for what they are, and when each was used last."""
    with opened_adapter(ctx) as adapter, adapter.store.reading() as session:
        rows = [
            {
                "id": row.id,
                "name": row.name,
                "tenant": row.tenant,
                "administrations": " ".join(a.routing_id for a in tokens.covered(session, row)),
                "scopes": row.scopes,
                "state": _state(adapter, row),
                "until": row.expires_at,
                "used": row.last_used_at,
            }
            for row in tokens.listed(session)
        ]
    print_rows(rows, form, "There is no token yet; make one: oso-adapter token create")


@token.command()
@name_argument
@account_option
@click.pass_context
def revoke(ctx: click.Context, name: str, account: str) -> None:
    """Revoke a token: from now on it is refused."""
    with opened_adapter(ctx) as adapter:
        use_case.revoke(adapter, account, name)
    click.echo(f"{name} is revoked")


def _state(adapter: Adapter, row: ApiToken) -> str:
    if row.revoked_at is not None:
        return "revoked"
    return "in force" if use_case.in_force(row, adapter.clock()) else "ended"


def _end_of(last: date) -> datetime:
    """The first moment after a day in the Netherlands."""
    return datetime.combine(last + timedelta(days=1), time(), AMSTERDAM)

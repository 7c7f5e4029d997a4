"""``oso-adapter db``: the database of the adapter."""

from typing import Final

import click

from oso_adapter.cli.backup import backup, restore
from oso_adapter.cli.common import account_option, format_option, print_rows
from oso_adapter.cli.opened import opened_adapter, settings_of
from oso_adapter.exchange import heads, trusted_clock
from oso_adapter.exchange import purge as purging
from oso_adapter.store.engine import Store

_KINDS: Final = {
    "prepared": "prepared dossier",
    "received": "received dossier",
    "order": "order",
    "request": "request",
}


@click.group()
def db() -> None:
    """The database of the adapter."""


db.add_command(backup)
db.add_command(restore)


@db.command()
@click.pass_context
def upgrade(ctx: click.Context) -> None:
    """Make the tables, or bring them up to this version; safe to run again."""
    settings = settings_of(ctx).store
    store = Store(settings.url, timeout=settings.timeout)
    try:
        applied = store.upgrade()
    finally:
        store.close()
    click.echo(f"applied: {', '.join(applied)}" if applied else "the database is up to date")


@db.command()
@account_option
@click.option("--dry-run", is_flag=True, help="Only list what would be destroyed now.")
@click.option(
    "--confirm-clock", is_flag=True, help="The clock of this machine is right, after a jump."
)
@click.option(
    "--rewrite", is_flag=True, help="Make the file anew afterwards; whoever writes waits for it."
)
@format_option
@click.pass_context
def purge(
    ctx: click.Context,
    account: str,
    dry_run: bool,
    confirm_clock: bool,
    rewrite: bool,
    form: str,
) -> None:
    """Destroy what is past its term, as the runner of `serve` does every day.

    The terms are those of [retention]. What is destroyed cannot be brought back. It is listed with
    the word why.
    """
    with opened_adapter(ctx) as adapter:
        if confirm_clock and not dry_run:
            trusted_clock.remember(adapter, adapter.clock(), confirmed_by=account)
        names = heads.names_of(adapter)
        found = (
            purging.due(adapter) if dry_run else purging.purge(adapter, account, rewrite=rewrite)
        )
    rows = [
        {
            "kind": _KINDS[each.kind],
            "id": each.id,
            "administration": names[each.administration_id],
            "why": each.reason,
        }
        for each in found
    ]
    print_rows(rows, form, "nothing is past its term")

"""``oso-adapter db``: the database of the adapter."""

import click

from oso_adapter.cli.opened import settings_of
from oso_adapter.store.engine import Store


@click.group()
def db() -> None:
    """The database of the adapter."""


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

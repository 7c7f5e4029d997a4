"""Opening the adapter that --config names; apart, since it is most of what a command imports."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from oso_adapter.exchange.adapter import Adapter, build
from oso_adapter.logs import configure_logs
from oso_adapter.settings import Settings, read_settings
from oso_adapter.store import administrations
from oso_adapter.store.models import Administration


def settings_of(ctx: click.Context) -> Settings:
    """The settings that --config names."""
    file: Path = ctx.find_root().params["config"]
    return read_settings(file)


@contextmanager
def opened_adapter(ctx: click.Context) -> Iterator[Adapter]:
    """The adapter, closed at the end; logs of commands go to standard error."""
    configure_logs(sys.stderr)
    adapter = build(settings_of(ctx))
    try:
        yield adapter
    finally:
        adapter.close()


def administration(adapter: Adapter, name: str) -> Administration:
    """The administration that the user named; raises NotFound."""
    with adapter.store.reading() as session:
        return administrations.named(session, name)

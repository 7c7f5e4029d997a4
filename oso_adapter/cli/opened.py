"""Opening the adapter that --config names; apart, since it is most of what a command imports."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click

from oso_adapter.exchange.adapter import Adapter, build
from oso_adapter.logs import configure_logs
from oso_adapter.plugins.output import move_standard_output
from oso_adapter.settings import Settings, read_settings
from oso_adapter.store import administrations
from oso_adapter.store.models import Administration


def settings_of(ctx: click.Context) -> Settings:
    """The settings that --config names, with the options that go before them."""
    given = ctx.find_root().params
    settings = read_settings(given["config"])
    folder: Path | None = given["plugins_dir"]
    if folder is None:
        return settings
    return replace(settings, plugins=replace(settings.plugins, directory=folder.absolute()))


@contextmanager
def opened_adapter(ctx: click.Context) -> Iterator[Adapter]:
    """The adapter, closed at the end; logs of commands go to standard error.

    What plugins print goes nowhere: our own output is for programs that read it.
    """
    configure_logs(sys.stderr)
    settings = settings_of(ctx)
    if settings.plugins.enabled:
        move_standard_output()
    adapter = build(settings)
    try:
        yield adapter
    finally:
        adapter.close()


def administration(adapter: Adapter, name: str) -> Administration:
    """The administration that the user named; raises NotFound."""
    with adapter.store.reading() as session:
        return administrations.named(session, name)

"""``oso-adapter db backup`` and ``restore``."""

from dataclasses import replace
from pathlib import Path

import click

from oso_adapter.cli.common import account_option, local
from oso_adapter.cli.opened import opened_adapter, settings_of
from oso_adapter.errors import NotAllowed
from oso_adapter.exchange.adapter import build
from oso_adapter.exchange.heads import log_heads
from oso_adapter.exchange.restored import Settled, settle
from oso_adapter.settings import Settings
from oso_adapter.store import backup as copies
from oso_adapter.store import events, migrate
from oso_adapter.store.engine import Store

file_argument = click.argument("file", type=click.Path(path_type=Path, dir_okay=False))


@click.command()
@file_argument
@account_option
@click.pass_context
def backup(ctx: click.Context, file: Path, account: str) -> None:
    """Copy the database to a new FILE, as it is at one moment, while the adapter runs.

    The keys are not in it: without the key file nobody can read it, you neither. The heads of the
    audit are logged, to compare a restored database with.
    """
    with opened_adapter(ctx) as adapter:
        source = copies.file_of(adapter.settings.store.url)
        if file.exists():
            raise NotAllowed(f"{file} is there already; name another file, or remove it")
        with adapter.store.writing() as session:
            events.record(session, "store.backed_up", adapter.clock(), account=account)
        copies.copy(source, file)
        log_heads(adapter)
    click.echo(f"the database is in {file}")
    click.echo("Keep the key file too, and not in the same place: together they are everything.")


@click.command()
@file_argument
@account_option
@click.option("--replace", "replaces", is_flag=True, help="Put the database that is there aside.")
@click.pass_context
def restore(ctx: click.Context, file: Path, account: str, replaces: bool) -> None:
    """Put a backup in the place of the database, while the adapter is stopped.

    It is brought up to this version, and has to belong to the key file. Open orders end, since
    they may have been carried out after the backup; open sessions are signed off once the adapter
    runs. Nothing changes when any of this fails.
    """
    settings = settings_of(ctx)
    target = copies.file_of(settings.store.url)
    if target.exists():
        if not replaces:
            raise NotAllowed(f"there is a database in {target}; put it aside with --replace")
        copies.require_alone(target)
    new = target.with_name(f"{target.name}.restoring")
    new.unlink(missing_ok=True)
    try:
        copies.copy(file, new)
        settled = _settled(settings, new, account)
        aside = copies.put_in_place(target, new)
    finally:
        new.unlink(missing_ok=True)
    _tell(settled, aside)


def _settled(settings: Settings, file: Path, account: str) -> Settled:
    """The backup, made into a database that this version can go on with."""
    moved = replace(settings, store=replace(settings.store, url=f"sqlite:///{file.absolute()}"))
    store = Store(moved.store.url, timeout=moved.store.timeout)
    try:
        if migrate.current(store.engine()) is None:
            raise NotAllowed("this is not a backup of the adapter; it has no tables")
        store.upgrade()
    finally:
        store.close()
    adapter = build(moved)
    try:
        return settle(adapter, account)
    finally:
        adapter.close()
        copies.require_alone(file)  # what stands in its write-ahead log comes into the file


def _tell(settled: Settled, aside: Path | None) -> None:
    lines = [
        f"De database van {local(settled.made_at) or 'onbekend moment'} is teruggezet.",
        f"Beëindigd: {settled.ended} open bestellingen. Kijk of die dossiers al in het"
        " leerlingsysteem staan, en bestel opnieuw wat er niet is (fetch list).",
        f"Af te melden zodra de adapter draait: {settled.to_sign_off} sessies.",
        f"Op te halen door andere scholen: {settled.ready} dossiers. Trek opnieuw in wat na die"
        " tijd is ingetrokken, vernietig opnieuw wat toen is vernietigd; ook ingetrokken tokens"
        " gelden weer.",
        "Wat na die tijd is besteld, verzameld of klaargezet, is hier niet bekend.",
    ]
    if aside is not None:
        lines.append(f"De vorige database staat in {aside}; verwijder die als alles in orde is.")
    click.echo("\n".join(lines))

"""``oso-adapter received``: the dossiers that came, and what is decided about them."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from oso_adapter.cli.common import (
    account_option,
    administration_option,
    format_option,
    print_rows,
    progress_bar,
)
from oso_adapter.cli.files import safe_name, write_dossier
from oso_adapter.cli.known import differing
from oso_adapter.cli.opened import administration, opened_adapter
from oso_adapter.cli.received_terms import destroy, pending
from oso_adapter.cli.texts import NAME, REASON
from oso_adapter.cli.views import shown_format_option
from oso_adapter.cli.wrong_use import WrongUse
from oso_adapter.errors import NotFound
from oso_adapter.exchange import forms, receive
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.hookspecs import ImportAnswer
from oso_adapter.store import dossiers
from oso_adapter.store.models import Received, ReceivedState

id_argument = click.argument("received_id", metavar="ID", type=NAME)
state_option = click.option(
    "--state", type=click.Choice([s.value for s in ReceivedState]), help="Only in this state."
)


@click.group()
def received() -> None:
    """Received dossiers: list, show, export, accept, postpone, reject, destroy."""


received.add_command(pending)
received.add_command(destroy)


@received.command("list")
@administration_option
@state_option
@format_option
@click.pass_context
def list_(ctx: click.Context, administration_name: str, state: str | None, form: str) -> None:
    """List received dossiers."""
    with opened_adapter(ctx) as adapter:
        rows = [
            {
                "id": row.id,
                "verwijzing": receive.reference_of(adapter, row),
                "bron": row.bron_brin,
                "ontvangen": row.received_at,
                "versie": row.release,
                "profiel": row.profile,
                "stand": row.state,
                "reden": receive.reason_of(adapter, row),
            }
            for row in _listed(adapter, administration_name, state)
        ]
    print_rows(rows, form, "Er is nog niets ontvangen.")


@received.command()
@id_argument
@account_option
@shown_format_option
@click.option(
    "--known",
    is_flag=True,
    help="Only what differs from what your own system knows of the pupil, side by side; a table, or"
    " with --format json for programs.",
)
@click.pass_context
def show(ctx: click.Context, received_id: str, account: str, form: str, known: bool) -> None:
    """Show a received dossier: exactly as it came (XML), or for a person to read.

    With --known and a plugin that knows the pupil: what differs. Where that is not known, the
    dossier is shown as without it.
    """
    with opened_adapter(ctx) as adapter:
        row = _found(adapter, received_id)
        if known and differing(adapter, row, account, form):
            return
        xml = receive.show(adapter, row, account)
        sys.stdout.buffer.write(forms.shown(xml, form))


@received.command()
@click.argument("ids", nargs=-1, metavar="[ID...]", type=NAME)
@administration_option
@account_option
@state_option
@click.option(
    "--to", "folder", required=True, type=click.Path(path_type=Path), help="Folder for the files."
)
@format_option
@click.pass_context
def export(
    ctx: click.Context, /, ids: Sequence[str], folder: Path, form: str, **given: Any
) -> None:
    """Write received dossiers as files, each named by the reference of its order.

    Without ID or --state: those that wait to be taken over. Prints the id and the file of each;
    accept it by that id once your own system has it, and it is not written again.
    """
    with opened_adapter(ctx) as adapter:
        chosen = _chosen(adapter, given["administration_name"], ids, given["state"])
        rows = []
        with progress_bar("wegschrijven", len(chosen)) as update:
            for number, row in enumerate(chosen, 1):
                rows.append(_written(adapter, row, folder, given["account"]))
                update(number)
    print_rows(rows, form, "Er is niets dat wacht om te worden overgenomen.")


@received.command()
@id_argument
@account_option
@click.option(
    "--category",
    "categories",
    multiple=True,
    help="Only this category was taken over (cat_verzuim), where you took it over yourself.",
)
@click.pass_context
def accept(ctx: click.Context, received_id: str, account: str, categories: Sequence[str]) -> None:
    """Accept a dossier: it is handed to the plugin, or counts as taken over where there is none.

    One that is not valid (onjuist) is never handed to a plugin: accepting it says that you have
    taken over by hand what can be used of it.
    """
    try:
        answer = ImportAnswer("accepted", tuple(categories))
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--category") from None
    _decide(ctx, received_id, account, answer)


@received.command()
@id_argument
@account_option
@click.option("--reason", type=REASON, help="Why, for your colleagues.")
@click.pass_context
def postpone(ctx: click.Context, received_id: str, account: str, reason: str | None) -> None:
    """Leave a dossier for later."""
    _decide(ctx, received_id, account, ImportAnswer("postponed", reason=reason))


@received.command()
@id_argument
@account_option
@click.option("--reason", type=REASON, required=True, help="Why it is not taken over.")
@click.pass_context
def reject(ctx: click.Context, received_id: str, account: str, reason: str) -> None:
    """Do not take a dossier over; it stays as it came."""
    _decide(ctx, received_id, account, ImportAnswer("rejected", reason=reason))


def _decide(ctx: click.Context, received_id: str, account: str, answer: ImportAnswer) -> None:
    with opened_adapter(ctx) as adapter:
        found = _found(adapter, received_id)
        if answer.categories and receive.goes_to_plugin(adapter, found):
            raise WrongUse("your own system says what it took over; leave out --category")
        state = receive.decide(adapter, found, answer, account=account)
    click.echo(f"{received_id}: {state}")


def _listed(adapter: Adapter, name: str, state: str | None) -> Sequence[Received]:
    school = administration(adapter, name)
    with adapter.store.reading() as session:
        return dossiers.received_by(session, school.id, ReceivedState(state) if state else None)


def _chosen(
    adapter: Adapter, name: str, ids: Sequence[str], state: str | None
) -> Sequence[Received]:
    """The dossiers to write: those that were named, or what is meant when none is."""
    if not ids:
        return _listed(adapter, name, state or ReceivedState.PENDING)
    rows = [row for row in _listed(adapter, name, state) if row.id in ids]
    if missing := set(ids) - {row.id for row in rows}:
        raise NotFound(f"niet gevonden: {', '.join(sorted(missing))}; er is niets weggeschreven")
    return rows


def _written(adapter: Adapter, row: Received, folder: Path, account: str) -> dict[str, str]:
    """Write a dossier. It never changes, so a file that says something else is another's."""
    reference, xml = receive.reference_of(adapter, row), receive.show(adapter, row, account)
    file = folder / f"{safe_name(reference)}.xml"
    if file.is_file() and file.read_bytes() != xml:
        file = folder / f"{file.stem}-{row.id}.xml"
    write_dossier(file, xml)
    return {"id": row.id, "verwijzing": reference, "bestand": str(file)}


def _found(adapter: Adapter, received_id: str) -> Received:
    with adapter.store.reading() as session:
        return dossiers.received(session, received_id)

"""``oso-adapter osr``: what the OSR knows of a school, and registering our endpoint there."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import click

from oso_adapter.cli.common import (
    NO,
    account_option,
    format_option,
    print_json,
    print_rows,
    progress_bar,
)
from oso_adapter.cli.opened import opened_adapter
from oso_adapter.cli.wrong_use import WrongUse
from oso_adapter.errors import NotFound
from oso_adapter.exchange.osr_night import plan_next
from oso_adapter.exchange.osr_plan import Write, versions
from oso_adapter.exchange.osr_status import all_schools, schools_of_board
from oso_adapter.exchange.osr_status import status as status_of
from oso_adapter.exchange.osr_sync import sync as run_sync
from oso_adapter.exchange.osr_texts import CONNECTED, told
from oso_adapter.identifiers import Brin

_NONE_YET: Final = "There is no administration yet; add one: oso-adapter administration add"


@click.group()
def osr() -> None:
    """The OSR (Onderwijs Serviceregister): schools, mandates, endpoints."""


@osr.command()
@click.argument("brin")
@format_option
@click.pass_context
def show(ctx: click.Context, brin: str, form: str) -> None:
    """Show the endpoints of a school in the OSR, and whether it has mandated our system."""
    with opened_adapter(ctx) as adapter:
        school = adapter.osr.school(Brin(brin))
        if school is None:
            raise NotFound(f"the OSR does not know {brin}; the school corrects that in RIO")
        mandated = adapter.osr.is_mandated(adapter.own_oin, Brin(brin))
        rows: list[dict[str, Any]] = [
            {
                "kenmerk": endpoint.routing_id,
                "url": endpoint.url,
                "soort": endpoint.attributes,
                "vanaf": endpoint.start_date,
                "tot": endpoint.end_date,
            }
            for endpoint in adapter.osr.endpoints_of_school(Brin(brin))
        ]
    if form == "text":
        click.echo(f"{school.name} ({school.brin}), OIN {school.oin}")
        click.echo("mandaat voor ons systeem: " + ("ja" if mandated else "nee"))
    print_rows(rows, form, "De school heeft geen endpoint voor deze dienstversie.")


@osr.command()
@account_option
@click.option("--dry-run", is_flag=True, help="Only tell what would be written.")
@click.option(
    "--confirm-ending",
    "confirmed",
    type=click.IntRange(min=1),
    metavar="N",
    help="End N endpoints: the number that a run without this option named.",
)
@format_option
@click.pass_context
def sync(ctx: click.Context, account: str, dry_run: bool, confirmed: int | None, form: str) -> None:
    """Make the OSR say what is: register, change and end our endpoints by mandates.

    Safe to run again, and after a stop half way. More than 5 endpoints, or 2 in a hundred, do not
    end unless you confirm their number. The runner repeats it each night from the first run on.
    Exit code 1: something needs a person.
    """
    with opened_adapter(ctx) as adapter:
        total = len(all_schools(adapter)) * len(versions(adapter.settings))
        with progress_bar("lezen", total) as read:
            outcome = run_sync(adapter, account, confirmed=confirmed, dry_run=dry_run, read=read)
        if not dry_run and outcome.stopped is None:
            plan_next(adapter)
    rows = [_written(write, write in outcome.done) for write in outcome.to_do]
    held_back = [_written(write, False) for write in outcome.held_back]
    remarks = [told(remark) for remark in outcome.remarks]
    if form == "json":
        counted = {"geschreven": len(outcome.done), "schrijven": rows}
        print_json({**counted, "tegengehouden": held_back, "opmerkingen": remarks})
    else:
        print_rows(rows, form, "Er is niets te schrijven.")
        if held_back:
            click.echo("Dit wordt niet beëindigd zonder bevestiging:")
            print_rows(held_back, form, "")
        _print_remarks(remarks)
    if outcome.stopped is not None:
        raise outcome.stopped
    if remarks:
        ctx.exit(NO)


@osr.command()
@click.argument("brins", nargs=-1, metavar="[BRIN...]")
@click.option("--board", is_flag=True, help="All schools of the board of this school.")
@format_option
@click.pass_context
def status(ctx: click.Context, brins: tuple[str, ...], board: bool, form: str) -> None:
    """Tell in Dutch whether schools are connected, and if not who must do what, where.

    Of all schools of this adapter, those named, or those of one board.
    """
    if board and len(brins) != 1:
        raise WrongUse("--board goes with the BRIN of one school")
    with opened_adapter(ctx) as adapter:
        chosen = [Brin(brin) for brin in brins] or all_schools(adapter)
        if board:
            chosen = schools_of_board(adapter, chosen[0])
        with progress_bar("lezen", len(chosen)) as read:
            found = status_of(adapter, chosen, read)
    rows = [{**told(remark), "verbonden": remark.code == CONNECTED} for remark in found]
    if form == "json":
        print_json(rows)
    else:
        for row in rows:
            if row["verbonden"]:
                click.echo(row["tekst"])
        _print_remarks([row for row in rows if not row["verbonden"]])
        if not rows:
            click.echo(_NONE_YET)
    if not rows or not all(row["verbonden"] for row in rows):
        ctx.exit(NO)


@osr.command()
@click.argument("brin")
@click.pass_context
def propose(ctx: click.Context, brin: str) -> None:
    """Ask the OSR for a routeringskenmerk of a school that is still free.

    For a new administration; agree it with the school.
    """
    with opened_adapter(ctx) as adapter:
        click.echo(adapter.osr.available_routing_id(Brin(brin)))


def _written(write: Write, done: bool) -> dict[str, Any]:
    """A write as it is shown: everything that is sent, but the token."""
    return {
        "schrijf": write.method,
        "kenmerk": write.routing_id,
        "reden": write.reason,
        "url": write.url,
        "soort": write.attributes,
        "vanaf": write.start_date,
        "tot": write.end_date,
        "dienstversie": write.namespace,
        "gedaan": "ja" if done else "nee",
    }


def _print_remarks(remarks: Sequence[Mapping[str, Any]]) -> None:
    """What needs a person, the same thing of many schools once."""
    by_step: dict[str, list[str]] = {}
    for remark in remarks:
        who = f"    Wie: {remark['wie']}. {remark['volgende_stap']}"
        by_step.setdefault(who, []).append(remark["tekst"])
    for who, texts in by_step.items():
        for text in texts:
            click.echo(text)
        click.echo(who)

"""``oso-adapter fetch``: fetch dossiers from other schools (the receiving side)."""

import sys
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, TextIO

import click
from sqlalchemy import select

from oso_adapter import results
from oso_adapter.cli.common import (
    FIRST_DAY,
    NO,
    UNREACHABLE,
    account_option,
    administration_option,
    before_option,
    format_option,
    print_rows,
    progress_bar,
)
from oso_adapter.cli.opened import administration, opened_adapter
from oso_adapter.cli.tables import read_table
from oso_adapter.cli.wrong_use import WrongUse
from oso_adapter.clock import AMSTERDAM, school_date
from oso_adapter.errors import NotAllowed, OsoError
from oso_adapter.exchange import receive
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.fetch import DELIVERED
from oso_adapter.exchange.orders import Order, order_of, place
from oso_adapter.identifiers import Brin, Pgn, RoutingId, without_number
from oso_adapter.store import dossiers, exchanges, unfinished
from oso_adapter.store.models import (
    Administration,
    Exchange,
    ExchangeState,
    Received,
    ReceivedState,
)
from oso_adapter.work.inline import Runner

COLUMNS = ("pgn", "achternaam", "geboortedatum", "bron_brin", "verwijzing")
LAST_YEAR = 9999
KEPT = (ReceivedState.APART, ReceivedState.INVALID)
NOT_DONE = (ExchangeState.CLOSING, ExchangeState.HANDING_OVER)


def _moment(ctx: click.Context, option: click.Parameter, given: datetime | None) -> datetime | None:
    """A moment of this century; a date alone is the first of that day in the Netherlands."""
    if given is not None and not FIRST_DAY.year <= given.year < LAST_YEAR:
        raise WrongUse(f"--after: a moment lies between {FIRST_DAY.year} and {LAST_YEAR}")
    return given if given is None or given.tzinfo else given.replace(tzinfo=AMSTERDAM)


@click.group()
def fetch() -> None:
    """Fetch dossiers: order them, and see what became of the orders."""


@fetch.command()
@click.option(
    "--from",
    "file",
    type=click.File(encoding="utf-8-sig"),
    help="CSV with the columns pgn, achternaam, geboortedatum, bron_brin, verwijzing; "
    "- is standard input. Without it you are asked for one pupil.",
)
@administration_option
@account_option
@click.option("--binnen-brin", is_flag=True, help="A transfer within your own BRIN.")
@click.option(
    "--after",
    type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d"]),
    callback=_moment,
    help="Only a dossier collected after this moment (aanvraagdatum).",
)
@click.option("--bron-routing-id", help="Ask only this endpoint of the school.")
@click.option("--no-wait", is_flag=True, help="Leave the work to the runner of `serve`.")
@format_option
@click.pass_context
def order(
    ctx: click.Context, /, file: TextIO | None, no_wait: bool, form: str, **given: Any
) -> None:
    """Order dossiers and fetch them.

    A personal number is read from the file, from standard input or from a prompt, never from an
    argument. What cannot be fetched now because a party does not answer stays ordered: the runner
    of `serve` tries again.
    """
    orders = _from_file(file, given) if file is not None else [_asked(given)]
    if not orders:
        raise WrongUse("there are no orders in the file")
    with opened_adapter(ctx) as adapter:
        school = administration(adapter, given["administration_name"])
        code = placed(adapter, school, given["account"], orders, no_wait=no_wait, form=form)
    ctx.exit(code)


@fetch.command("list")
@administration_option
@click.option("--open", "only_open", is_flag=True, help="Only what was not fetched yet.")
@before_option
@format_option
@click.pass_context
def list_(
    ctx: click.Context, administration_name: str, only_open: bool, before: date | None, form: str
) -> None:
    """List orders with their results.

    With --open: the orders that are not done, and those that ended without a dossier and were not
    ordered again, by school and age in days.
    """
    with opened_adapter(ctx) as adapter:
        school = administration(adapter, administration_name)
        with adapter.store.reading() as session:
            found = (
                unfinished.open_orders(session, school.id)
                if only_open
                else exchanges.listed(session, school.id)
            )
        chosen = [e for e in found if before is None or school_date(e.ordered_at) < before]
        if only_open:
            chosen.sort(key=lambda e: (e.bron_brin, e.ordered_at))
        rows = _rows(adapter, [e.id for e in chosen])
        today = school_date(adapter.clock())
        for row, exchange in zip(rows, chosen, strict=True):
            row["besteld"] = exchange.ordered_at
            row["dagen"] = (today - school_date(exchange.ordered_at)).days
    print_rows(rows, form, "Er zijn geen bestellingen.")


def placed(
    adapter: Adapter,
    school: Administration,
    account: str,
    orders: Sequence[Order],
    *,
    no_wait: bool,
    form: str,
) -> int:
    """Place orders, carry them out unless that is left to the runner, and print what came of them.

    Gives the exit code.
    """
    ids = place(adapter, school, account, orders)
    if not no_wait:
        with progress_bar("ophalen", len(ids)) as update:
            Runner(adapter).run_until_done(ids, update)
    rows = _rows(adapter, ids)
    print_rows(rows, form, "")
    return 0 if no_wait else _told(rows, adapter.plugins.takes_over)


def _told(rows: Sequence[dict[str, Any]], takes_over: bool) -> int:
    """Say what still has to happen and who does it; gives the exit code.

    takes_over: whether dossiers have a plugin to go to.
    """
    unfinished = [row["dossier"] for row in rows if row["stand"] in NOT_DONE]
    if takes_over and ReceivedState.PENDING in unfinished:
        click.echo("Een deel is ontvangen maar nog niet overgenomen door uw systeem.", err=True)
    kept = [row for row in rows if row["dossier"] in KEPT]
    if kept:
        names = ", ".join(row["verwijzing"] for row in kept)
        click.echo(f"Bekijk en beslis zelf: {names}; zie: oso-adapter received list", err=True)
    if any(row["resultaat"] is None for row in rows):
        click.echo("Een deel wacht op een partij die niet antwoordt en blijft besteld.", err=True)
        return UNREACHABLE
    return NO if kept or any(row["resultaat"] != DELIVERED for row in rows) else 0


def _from_file(file: TextIO, given: dict[str, Any]) -> list[Order]:
    """All orders in the file, or none: every line that is wrong is named first."""
    orders, wrong = [], []
    for line, row in read_table(file, COLUMNS, required=COLUMNS[:4]):
        try:
            orders.append(_order(row, given, f"line {line}"))
        except NotAllowed as error:
            wrong.append(str(error))
    if wrong:
        raise NotAllowed("\n".join([*wrong, "nothing was ordered"]))
    return orders


def _asked(given: dict[str, Any]) -> Order:
    """Ask for one pupil; the number is not echoed."""
    hidden = sys.stdin.isatty()
    row = {
        "pgn": click.prompt("BSN of onderwijsnummer", hide_input=hidden, err=True),
        "achternaam": click.prompt("Achternaam", err=True),
        "geboortedatum": click.prompt("Geboortedatum (2014-05-31)", err=True),
        "bron_brin": click.prompt("BRIN van de oude school", err=True),
        "verwijzing": "prompt",
    }
    return _order(row, given, "prompt")


def _order(row: dict[str, str], given: dict[str, Any], name: str) -> Order:
    """One order; an error names the line, never what stands in it."""
    try:
        return Order(
            pgn=Pgn.checked(row["pgn"].strip()),
            surname=row["achternaam"].strip(),
            birth_date=date.fromisoformat(row["geboortedatum"].strip()),
            bron_brin=Brin(row["bron_brin"].strip()),
            reference=without_number(row["verwijzing"]) or name,
            bron_routing_id=RoutingId(r) if (r := given["bron_routing_id"]) else None,
            overdrachtsoort="overdrachtbinnenbrin" if given["binnen_brin"] else "overstapdossier",
            asked_after=given["after"],
        )
    except OsoError as error:
        raise NotAllowed(f"{name}: {error}") from None
    except ValueError:
        raise NotAllowed(f"{name}: a date is written as 2014-05-31") from None


def _rows(adapter: Adapter, ids: Sequence[str]) -> list[dict[str, Any]]:
    with adapter.store.reading() as session:
        found = {e.id: e for e in session.scalars(select(Exchange).where(Exchange.id.in_(ids)))}
        came = dossiers.received_for(session, ids)
    return [_row(adapter, found[i], came.get(i)) for i in ids]


def _row(adapter: Adapter, exchange: Exchange, received: Received | None) -> dict[str, Any]:
    desk = adapter.settings.service_desk.reached
    told = results.result(exchange.result).view("asking", desk) if exchange.result else None
    return {
        "verwijzing": order_of(adapter, exchange).reference,
        "bron": exchange.bron_brin,
        "stand": exchange.state,
        "resultaat": exchange.result,
        "uitleg": told.text if told else None,
        "wie": told.owner if told else None,
        "wat nu": told.next_step if told else None,
        "dossier": received.state if received else None,
        "reden": receive.reason_of(adapter, received) if received else None,
        "foutnummer": exchange.fault_id,
        "id": exchange.id,
    }

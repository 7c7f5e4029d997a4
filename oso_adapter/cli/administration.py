"""``oso-adapter administration``: the school administrations that the adapter speaks for."""

import csv
from collections.abc import Mapping
from datetime import date
from typing import Any, TextIO

import click
from sqlalchemy.orm import Session

from oso_adapter.cli.common import day, format_option, opened_adapter, print_rows
from oso_adapter.clock import school_date
from oso_adapter.environment import require_brins
from oso_adapter.errors import NotAllowed, OsoError
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.identifiers import Brin, RoutingId
from oso_adapter.store import administrations, events
from oso_adapter.store.models import Administration, AdministrationKind

COLUMNS = ("brin", "routing_id", "kind", "name", "tenant", "valid_from", "valid_until")


@click.group()
def administration() -> None:
    """School administrations: they are data, and take effect without a restart."""


@administration.command()
@click.option("--brin", required=True, help="BRIN of the school, such as 99AA.")
@click.option("--routing-id", required=True, help="Routeringskenmerk, 20 positions.")
@click.option("--kind", type=click.Choice([k.value for k in AdministrationKind]), default="LAS")
@click.option("--name", required=True, help="Name of the school.")
@click.option("--tenant", required=True, help="Your own name for the customer or database.")
@click.option("--from", "valid_from", callback=day, help="First day (default: today).")
@click.option("--until", "valid_until", callback=day, help="Last day.")
@click.pass_context
def add(ctx: click.Context, /, **given: Any) -> None:
    """Add one administration."""
    with opened_adapter(ctx) as adapter, adapter.store.writing() as session:
        _add(adapter, session, given)


@administration.command("list")
@format_option
@click.pass_context
def list_(ctx: click.Context, form: str) -> None:
    """List all administrations."""
    with opened_adapter(ctx) as adapter, adapter.store.reading() as session:
        rows = [_row(found) for found in administrations.listed(session)]
    print_rows(
        rows, form, "There is no administration yet; add one: oso-adapter administration add"
    )


@administration.command()
@click.argument("name")
@format_option
@click.pass_context
def show(ctx: click.Context, name: str, form: str) -> None:
    """Show one administration, by routeringskenmerk or BRIN."""
    with opened_adapter(ctx) as adapter, adapter.store.reading() as session:
        print_rows([_row(administrations.named(session, name))], form, "")


@administration.command()
@click.argument("name")
@click.option("--on", callback=day, required=True, help="The last day on which it takes part.")
@click.pass_context
def end(ctx: click.Context, name: str, on: date) -> None:
    """Give an administration a last day; nothing is deleted."""
    with opened_adapter(ctx) as adapter, adapter.store.writing() as session:
        found = administrations.named(session, name)
        if on < found.valid_from:
            raise NotAllowed("the last day lies before the first day")
        found.valid_until = on
        events.record(session, "administration.ended", adapter.clock(), administration_id=found.id)


@administration.command("import")
@click.argument("file", type=click.File(encoding="utf-8-sig"))
@click.pass_context
def import_(ctx: click.Context, file: TextIO) -> None:
    """Add administrations from a CSV file, all or none.

    Columns: brin, routing_id, kind, name, tenant, valid_from, valid_until (dates as 2026-08-01;
    the last three may be empty).
    """
    rows = csv.DictReader(file)
    if rows.fieldnames is None or set(COLUMNS) - {"valid_from", "valid_until"} - set(
        rows.fieldnames
    ):
        raise click.UsageError(f"the first line must name the columns {', '.join(COLUMNS)}")
    with opened_adapter(ctx) as adapter, adapter.store.writing() as session:
        count = 0
        for count, row in enumerate(rows, 1):  # noqa: B007 - the last number is the count
            try:
                _add(adapter, session, {**row, **_days(row)})
            except (OsoError, ValueError) as error:
                reason = str(error) if isinstance(error, OsoError) else "a value is not right"
                raise NotAllowed(f"line {rows.line_num}: {reason}; nothing was added") from None
    click.echo(f"{count} administrations added")


def _days(row: Mapping[str, str]) -> dict[str, date | None]:
    names = ("valid_from", "valid_until")
    return {n: date.fromisoformat(row[n]) if row.get(n) else None for n in names}


def _add(adapter: Adapter, session: Session, given: Mapping[str, Any]) -> None:
    brin = Brin(given["brin"])
    require_brins(adapter.settings.environment, [brin])
    added = administrations.add(
        session,
        brin=brin,
        routing_id=RoutingId(given["routing_id"]),
        kind=AdministrationKind(given["kind"] or "LAS"),
        name=given["name"],
        tenant=given["tenant"],
        valid_from=given["valid_from"] or school_date(adapter.clock()),
        valid_until=given["valid_until"],
    )
    events.record(session, "administration.added", adapter.clock(), administration_id=added.id)


def _row(found: Administration) -> dict[str, Any]:
    return {name: getattr(found, name) for name in COLUMNS}

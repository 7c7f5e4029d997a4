"""``oso-adapter administration``: the school administrations that the adapter speaks for."""

from collections.abc import Mapping
from datetime import date
from typing import Any, TextIO

import click

from oso_adapter.cli.common import day, format_option, print_rows, progress_bar
from oso_adapter.cli.opened import administration as administration_named
from oso_adapter.cli.opened import opened_adapter
from oso_adapter.cli.tables import read_table
from oso_adapter.cli.texts import NAME, TENANT
from oso_adapter.cli.wrong_use import WrongUse
from oso_adapter.errors import NotAllowed, OsoError
from oso_adapter.exchange import administrations as use_case
from oso_adapter.store import administrations
from oso_adapter.store.models import Administration, AdministrationKind

COLUMNS = ("brin", "routing_id", "kind", "name", "tenant", "valid_from", "valid_until", "sector")


@click.group()
def administration() -> None:
    """School administrations: they are data, and take effect without a restart."""


@administration.command()
@click.option("--brin", required=True, help="BRIN of the school, such as 99AA.")
@click.option("--routing-id", required=True, help="Routeringskenmerk, 20 positions.")
@click.option(
    "--kind",
    type=click.Choice([k.value for k in AdministrationKind]),
    default="LAS",
    show_default=True,
    help="What kind of system it is.",
)
@click.option(
    "--sector",
    type=click.Choice(use_case.SECTORS),
    help="Of the school; between two vo schools consent is needed, whatever the profile says.",
)
@click.option("--name", type=NAME, required=True, help="Name of the school.")
@click.option(
    "--tenant", type=TENANT, required=True, help="Your own name for the customer or database."
)
@click.option("--from", "valid_from", callback=day, help="First day (default: today).")
@click.option("--until", "valid_until", callback=day, help="Last day.")
@click.pass_context
def add(ctx: click.Context, /, **given: Any) -> None:
    """Add one administration."""
    with opened_adapter(ctx) as adapter:
        use_case.add(adapter, None, given)
    step = "put its endpoint in the OSR: oso-adapter osr sync --account NAAM"
    click.echo(f"{given['routing_id']} added; {step}")


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
@click.argument("name", type=NAME)
@format_option
@click.pass_context
def show(ctx: click.Context, name: str, form: str) -> None:
    """Show one administration, by routeringskenmerk or BRIN."""
    with opened_adapter(ctx) as adapter, adapter.store.reading() as session:
        print_rows([_row(administrations.named(session, name))], form, "")


@administration.command()
@click.argument("name", type=NAME)
@click.option("--on", callback=day, required=True, help="The last day on which it takes part.")
@click.pass_context
def end(ctx: click.Context, name: str, on: date) -> None:
    """Give an administration a last day; nothing is deleted."""
    with opened_adapter(ctx) as adapter:
        found = administration_named(adapter, name)
        use_case.change(adapter, None, found, {"valid_until": on})
    click.echo(f"{found.routing_id} takes part until and including {on}")


@administration.command()
@click.argument("name", type=NAME)
@click.argument("sector", type=click.Choice(use_case.SECTORS))
@click.pass_context
def sector(ctx: click.Context, name: str, sector: str) -> None:
    """Change the sector of an administration, which decides which profiles it can use.

    A dossier of a profile that does not fit the new sector stays, and is delivered no more.
    """
    with opened_adapter(ctx) as adapter:
        found = administration_named(adapter, name)
        use_case.change(adapter, None, found, {"sector": sector})
        held_back = use_case.held_back(adapter, found, sector)
    click.echo(f"{found.routing_id} is a school of the sector {sector}")
    if held_back:
        click.echo(
            f"{held_back} prepared dossiers do not fit it and are delivered no more; collect them "
            "again for another profile",
            err=True,
        )


@administration.command("import")
@click.argument("file", type=click.File(encoding="utf-8-sig"))
@click.pass_context
def import_(ctx: click.Context, file: TextIO) -> None:
    """Add administrations from a CSV file, all or none.

    Columns: brin, routing_id, kind, name, tenant, valid_from, valid_until (dates as 2026-08-01),
    sector (PO, VO or SO); kind, the dates and sector may be empty or absent. Comma or semicolon
    between the columns.
    """
    rows = read_table(file, COLUMNS, required=("brin", "routing_id", "name", "tenant"))
    if not rows:
        raise WrongUse("there are no administrations in the file")
    with (
        opened_adapter(ctx) as adapter,
        progress_bar("toevoegen", len(rows)) as update,
        adapter.store.writing() as session,
    ):
        for number, (line, row) in enumerate(rows, 1):
            try:
                use_case.add_in(adapter, session, None, {**row, **_days(row)})
            except OsoError as error:
                raise NotAllowed(f"line {line}: {error}; nothing was added") from None
            update(number)
    click.echo(f"{len(rows)} administrations added")


def _days(row: Mapping[str, str]) -> dict[str, date | None]:
    try:
        return {
            name: date.fromisoformat(row[name]) if row[name] else None
            for name in ("valid_from", "valid_until")
        }
    except ValueError:
        raise NotAllowed("a date is written as 2026-08-01") from None


def _row(found: Administration) -> dict[str, Any]:
    return {name: getattr(found, name) for name in COLUMNS}

"""``oso-adapter dossier find``: which pupils there are, to collect their dossiers."""

import sys
from datetime import date
from typing import Any

import click

from oso_adapter.cli.common import (
    account_option,
    administration_option,
    day,
    format_option,
    print_rows,
)
from oso_adapter.cli.opened import administration, opened_adapter
from oso_adapter.cli.texts import NAME
from oso_adapter.cli.wrong_use import WrongUse
from oso_adapter.errors import InvalidIdentifier
from oso_adapter.exchange import find as use_case
from oso_adapter.hookspecs import PupilQuery
from oso_adapter.identifiers import Brin, plain_text


@click.command()
@administration_option
@account_option
@click.option(
    "--name", "by_name", is_flag=True, help="By a part of a name: it is asked, or read from stdin."
)
@click.option("--group", type=NAME, help="Of this group, as your own system calls it (8a).")
@click.option("--leaving-before", callback=day, help="Who leave before this day (2026-08-01).")
@click.option("--destination", help="Who go to the school with this BRIN.")
@click.option(
    "--limit",
    type=click.IntRange(1, use_case.MOST),
    default=100,
    show_default=True,
    help="How many pupils at most.",
)
@format_option
@click.pass_context
def find(
    ctx: click.Context, /, by_name: bool, leaving_before: date | None, form: str, **given: Any
) -> None:
    """Find pupils in your own system, through the plugin; who searched is recorded.

    The reference in the first column is what `dossier collect` takes. A name is never an argument,
    since other users of the machine can read those.
    """
    query = PupilQuery(
        name=_asked_name() if by_name else None,
        group=given["group"],
        leaving_before=leaving_before,
        destination=str(Brin(given["destination"])) if given["destination"] else None,
        limit=given["limit"],
    )
    with opened_adapter(ctx) as adapter:
        school = administration(adapter, given["administration_name"])
        found = use_case.find_pupils(adapter, school, given["account"], query)
    rows = [
        {
            "leerling": pupil.pupil,
            "naam": pupil.name,
            "groep": pupil.group,
            "geboren": pupil.date_of_birth,
            "bestemming": pupil.destination,
            "laatste dag": pupil.leaving_on,
        }
        for pupil in found
    ]
    print_rows(rows, form, "Er is geen leerling gevonden.")


def _asked_name() -> str:
    """What the user types, or the first line of standard input."""
    typed = click.prompt("Naam", err=True) if sys.stdin.isatty() else sys.stdin.readline()
    try:
        return plain_text(str(typed), 100)
    except InvalidIdentifier as error:
        raise WrongUse(str(error)) from None

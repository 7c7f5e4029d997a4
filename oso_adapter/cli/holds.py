"""``oso-adapter audit hold``: what may not be destroyed, whatever its term."""

from collections.abc import Mapping

import click

from oso_adapter.cli.common import account_option, format_option, print_rows
from oso_adapter.cli.numbers import asked_number
from oso_adapter.cli.opened import administration, opened_adapter
from oso_adapter.cli.texts import NAME, REASON
from oso_adapter.cli.wrong_use import WrongUse
from oso_adapter.exchange import heads, holds
from oso_adapter.store import holds as holds_of_store
from oso_adapter.store.models import Hold


@click.group()
def hold() -> None:
    """Bewaarplicht: of what is held nothing is destroyed, also when its term is over."""


@hold.command()
@click.option("--pupil", is_flag=True, help="A pupil: the number is asked, or read from stdin.")
@click.option("--dossier", type=NAME, metavar="ID", help="A prepared or received dossier.")
@click.option(
    "--administration",
    "administration_name",
    type=NAME,
    metavar="KENMERK",
    help="Everything of an administration.",
)
@account_option
@click.option("--reason", type=REASON, required=True, help="Why, for whoever looks at it later.")
@click.pass_context
def add(
    ctx: click.Context,
    /,
    pupil: bool,
    dossier: str | None,
    administration_name: str | None,
    account: str,
    reason: str,
) -> None:
    """Place a hold on a pupil, a dossier or an administration; prints its id."""
    if [pupil, bool(dossier), bool(administration_name)].count(True) != 1:
        raise WrongUse("give one of --pupil, --dossier and --administration")
    number = asked_number() if pupil else None
    with opened_adapter(ctx) as adapter:
        owner = administration(adapter, administration_name) if administration_name else None
        target = holds.Target(number, dossier, owner)
        click.echo(holds.add(adapter, target, account=account, reason=reason))


@hold.command()
@click.argument("hold_id", metavar="ID", type=NAME)
@account_option
@click.pass_context
def release(ctx: click.Context, hold_id: str, account: str) -> None:
    """Take a hold away: what was held is destroyed when its term is over."""
    with opened_adapter(ctx) as adapter:
        holds.release(adapter, hold_id, account=account)
    click.echo(f"{hold_id}: opgeheven")


@hold.command("list")
@format_option
@click.pass_context
def list_(ctx: click.Context, form: str) -> None:
    """List the holds; whom one on a pupil is about is not shown."""
    with opened_adapter(ctx) as adapter:
        names = heads.names_of(adapter)
        with adapter.store.reading() as session:
            found = holds_of_store.listed(session)
        rows = [
            {
                "id": each.id,
                "wat": _what(each, names),
                "sinds": each.placed_at,
                "door": each.account,
                "reden": holds.reason_of(adapter, each),
            }
            for each in found
        ]
    print_rows(rows, form, "Er is niets met een bewaarplicht.")


def _what(hold: Hold, names: Mapping[int, str]) -> str:
    if hold.administration_id is not None:
        return names[hold.administration_id]
    return hold.subject or "een leerling"

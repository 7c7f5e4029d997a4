"""``oso-adapter received pending`` and ``destroy``: how long received dossiers stay."""

import click

from oso_adapter.cli.common import (
    account_option,
    administration_option,
    format_option,
    print_rows,
)
from oso_adapter.cli.opened import administration, opened_adapter
from oso_adapter.cli.texts import NAME
from oso_adapter.exchange import receive
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.orders import order_of
from oso_adapter.exchange.pending import waiting
from oso_adapter.exchange.purge import destroy_received
from oso_adapter.store import exchanges
from oso_adapter.store.models import Received


@click.command()
@administration_option
@format_option
@click.pass_context
def pending(ctx: click.Context, administration_name: str, form: str) -> None:
    """List what waits for a decision: how long already, and when it will be destroyed.

    A dossier that nobody processes is destroyed at the end of its term ([retention] unprocessed).
    Long before that it is warned of here, under "let op", and by an event.
    """
    with opened_adapter(ctx) as adapter:
        rows = [
            {
                "id": each.received.id,
                "verwijzing": _reference(adapter, each.received),
                "bron": each.received.bron_brin,
                "ontvangen": each.received.received_at,
                "stand": each.received.state,
                "reden": receive.reason_of(adapter, each.received),
                "wacht (dagen)": each.days,
                "vernietigd op": each.until,
                "let op": _warning(each.soon, bewaarplicht=each.until is None),
            }
            for each in waiting(adapter, administration(adapter, administration_name))
        ]
    print_rows(rows, form, "Er wacht niets: alles wat is ontvangen, is verwerkt.")


@click.command()
@click.argument("received_id", metavar="ID", type=NAME)
@account_option
@click.pass_context
def destroy(ctx: click.Context, received_id: str, account: str) -> None:
    """Destroy a received dossier with its order now, before its term; nobody can bring it back.

    What stays is the audit: that it came, from whom and when, and by whose order it was destroyed.
    """
    with opened_adapter(ctx) as adapter:
        destroy_received(adapter, received_id, account=account)
    click.echo(f"{received_id}: vernietigd")


def _warning(soon: bool, *, bewaarplicht: bool) -> str:
    if bewaarplicht:
        return "bewaarplicht: blijft"
    return "verwerk dit dossier, anders wordt het vernietigd" if soon else ""


def _reference(adapter: Adapter, row: Received) -> str:
    with adapter.store.reading() as session:
        return order_of(adapter, exchanges.found(session, row.exchange_id)).reference

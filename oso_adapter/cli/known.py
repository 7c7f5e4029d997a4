"""How what is known of a pupil is told beside what came."""

from dataclasses import asdict

import click

from oso_adapter.cli.common import print_json, print_rows
from oso_adapter.errors import NotAllowed, PluginFailed
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.known import known_pupil
from oso_adapter.store.models import Received


def differing(adapter: Adapter, received: Received, account: str, form: str) -> bool:
    """Print where the two differ; False, after a line that says why, when there is none to tell."""
    try:
        known = known_pupil(adapter, received, account)
    except PluginFailed as failure:
        reason = f"de plugin {failure.plugin} gaf geen bruikbaar antwoord"
        click.echo(f"Wat al bekend is, kon niet worden getoond: {reason}.", err=True)
        return False
    except NotAllowed as error:
        click.echo(f"Wat al bekend is, kon niet worden getoond: {error}.", err=True)
        return False
    if known is None:
        click.echo("Deze leerling is in uw systeem nog niet bekend.", err=True)
        return False
    if form == "json":
        print_json(
            {"leerling": known.pupil, "verschillen": [asdict(each) for each in known.differences]}
        )
        return True
    rows = [
        {"gegeven": each.label, "bekend": each.known, "nieuw": each.new}
        for each in known.differences
    ]
    click.echo(f"Leerling {known.pupil}:")
    print_rows(rows, "text", "Er is geen verschil met wat al bekend is.")
    return True

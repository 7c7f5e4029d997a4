"""``oso-adapter osr``: what the OSR knows of a school, and registering our endpoint there."""

from typing import Any

import click

from oso_adapter.cli.common import NO, format_option, opened_adapter, print_rows
from oso_adapter.errors import ConfigurationError, NotAllowed, NotFound
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.identifiers import Brin, RoutingId
from oso_adapter.store import administrations
from oso_adapter.store.models import Administration


@click.group()
def osr() -> None:
    """The OSR (Onderwijs Serviceregister): schools, mandates, endpoints."""


@osr.command()
@click.argument("names", nargs=-1, metavar="[KENMERK...]")
@format_option
@click.pass_context
def register(ctx: click.Context, names: tuple[str, ...], form: str) -> None:
    """Register our endpoint for administrations (all, or those named); safe to run again."""
    with opened_adapter(ctx) as adapter:
        url = adapter.settings.transport.public_url
        if url is None:
            raise ConfigurationError("[transport] public_url is missing: it is what is registered")
        with adapter.store.reading() as session:
            chosen = (
                [administrations.named(session, name) for name in names]
                if names
                else list(administrations.listed(session))
            )
        rows = [_registered(adapter, administration, url) for administration in chosen]
    print_rows(
        rows, form, "There is no administration yet; add one: oso-adapter administration add"
    )
    if any(row["fout"] for row in rows):
        ctx.exit(NO)


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


def _registered(adapter: Adapter, administration: Administration, url: str) -> dict[str, Any]:
    """What was done for one administration, or why not; the others go on."""
    routing_id, brin = RoutingId(administration.routing_id), Brin(administration.brin)
    row = {"kenmerk": routing_id, "url": url, "resultaat": None, "fout": None}
    mandate = adapter.osr.own_mandate(adapter.own_oin, brin)
    if mandate is None:
        return {**row, "fout": "de school heeft ons systeem geen mandaat gegeven in het OSR"}
    try:
        done = adapter.osr.register(mandate, routing_id, url, administration.kind)
    except NotAllowed as error:
        return {**row, "fout": str(error)}
    return {**row, "resultaat": done}

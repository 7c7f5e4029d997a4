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
@click.pass_context
def register(ctx: click.Context, names: tuple[str, ...]) -> None:
    """Register our endpoint for administrations (all, or those named); safe to run again."""
    failed = 0
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
        for administration in chosen:
            try:
                done = _register(adapter, administration, url)
                click.echo(f"{administration.routing_id}: {done}")
            except NotAllowed as error:
                failed += 1
                click.echo(f"{administration.routing_id}: {error}", err=True)
    if failed:
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


def _register(adapter: Adapter, administration: Administration, url: str) -> str:
    mandate = adapter.osr.own_mandate(adapter.own_oin, Brin(administration.brin))
    if mandate is None:
        raise NotAllowed("de school heeft ons systeem geen mandaat gegeven in het OSR")
    routing_id = RoutingId(administration.routing_id)
    return adapter.osr.register(mandate, routing_id, url, administration.kind)

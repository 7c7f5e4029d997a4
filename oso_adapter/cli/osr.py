"""``oso-adapter osr``: what the OSR knows of a school, and registering our endpoint there."""

from collections.abc import Sequence
from typing import Any

import click

from oso_adapter.chain.osr import OsrRefused
from oso_adapter.cli.common import NO, format_option, print_rows
from oso_adapter.cli.opened import opened_adapter
from oso_adapter.clock import school_date
from oso_adapter.errors import ConfigurationError, NotFound, OsoError, Unreachable
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
    """Register our endpoint for administrations (all, or those named); safe to run again.

    Those that do not take part today are left alone. One that fails does not stop the others,
    unless the OSR does not answer, or refuses our key or certificate.
    """
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
        rows, stopped = _all_registered(adapter, chosen, url)
    print_rows(
        rows, form, "There is no administration yet; add one: oso-adapter administration add"
    )
    if stopped is not None:
        raise stopped
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


def _all_registered(
    adapter: Adapter, chosen: Sequence[Administration], url: str
) -> tuple[list[dict[str, Any]], OsoError | None]:
    """What was done for each, and why it ended before the last: nobody answers, or not to us."""
    rows: list[dict[str, Any]] = []
    for administration in chosen:
        row = {"kenmerk": administration.routing_id, "url": url, "resultaat": None, "fout": None}
        try:
            rows.append({**row, **_registered(adapter, administration, url)})
        except (Unreachable, ConfigurationError) as error:
            return [*rows, {**row, "fout": str(error)}], error
        except OsoError as error:
            rows.append({**row, "fout": str(error)})
            if isinstance(error, OsrRefused) and error.concerns_us:
                return rows, error
    return rows, None


def _registered(adapter: Adapter, administration: Administration, url: str) -> dict[str, str]:
    """What was done for one administration, or what has to be done first."""
    today = school_date(adapter.clock())
    if not administration.is_valid(today):
        return {"resultaat": "not begun" if today < administration.valid_from else "ended"}
    mandate = adapter.osr.own_mandate(adapter.own_oin, Brin(administration.brin))
    if mandate is None:
        return {"fout": "de school heeft ons systeem geen mandaat gegeven in het OSR"}
    routing_id = RoutingId(administration.routing_id)
    return {"resultaat": adapter.osr.register(mandate, routing_id, url, administration.kind)}

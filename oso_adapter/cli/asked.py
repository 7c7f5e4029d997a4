"""How a request that got no dossier is told: in the list of them, and when a dossier gets ready."""

from collections.abc import Sequence
from typing import Any

import click

from oso_adapter import results
from oso_adapter.cli.common import local
from oso_adapter.exchange import asked
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.asked import Asked
from oso_adapter.exchange.deliver import DELIVERED
from oso_adapter.store.models import Administration


def row(adapter: Adapter, item: Asked) -> dict[str, Any]:
    """A request that got no dossier, with what was answered then and what is there now."""
    request, newest = item.request, item.newest
    desk = adapter.settings.service_desk.reached
    told = results.result(request.result).view("sending", desk) if request.result else None
    return {
        "id": request.id,
        "leerling": asked.pupil_of(adapter, item),
        "stand": newest.state if newest else None,
        "brin": request.doel_brin,
        "kenmerk": request.doel_routing_id,
        "gevraagd": request.last_at,
        "antwoord": request.result,
        "uitleg": told.text if told else None,
        "wie": told.owner if told else None,
        "wat nu": told.next_step if told else None,
        "klaar voor dit systeem": "ja" if item.ready else "nee",
        "ingelicht": item.told_at,
    }


def for_ready(adapter: Adapter, school: Administration, prepared_id: str) -> list[dict[str, Any]]:
    """The systems that asked for what is ready now; it is ready, also when they are not found."""
    try:
        found = asked.of_dossier(adapter, school, prepared_id)
    except Exception:  # making ready is done by then: whatever fails here must not look as if not
        click.echo("Of iemand dit dossier eerder vroeg, kon niet worden nagegaan.", err=True)
        return []
    return [
        {
            "id": item.request.id,
            "brin": item.request.doel_brin,
            "kenmerk": item.request.doel_routing_id,
            "gevraagd": item.request.last_at,
            "antwoord": item.request.result,
        }
        for item in found
    ]


def offer(in_vain: Sequence[dict[str, Any]]) -> None:
    """Say who asked, and how to tell them; whether that is done is up to the school."""
    if not in_vain:
        return
    systems = "1 systeem" if len(in_vain) == 1 else f"{len(in_vain)} systemen"
    click.echo(f"  Eerder gevraagd, zonder deze versie te krijgen, door {systems}:")
    for item in in_vain:
        older = ", kreeg een oudere versie" if item["antwoord"] == DELIVERED else ""
        asked_at = f"{item['brin']} {item['kenmerk']}, {local(item['gevraagd'])}"
        click.echo(f"    {item['id']}: {asked_at}{older}")
    ids = " ".join(str(item["id"]) for item in in_vain)
    click.echo(f"  Wilt u dat laten weten? Dan: oso-adapter notifications send {ids}")

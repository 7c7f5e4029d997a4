"""Received dossiers that nobody processed yet: how long they wait, and how long they stay."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from oso_adapter.clock import school_date
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.receive import WAITING
from oso_adapter.store import dossiers, holds, retention
from oso_adapter.store.models import Administration, Received


@dataclass(frozen=True)
class Waiting:
    """A received dossier that waits.

    days: since it came; until: the day on which it is destroyed if nothing happens, None when a
    hold keeps it; soon: whether it was warned of that.
    """

    received: Received
    days: int
    until: date | None
    soon: bool


def waiting(adapter: Adapter, administration: Administration) -> Sequence[Waiting]:
    """What waits in an administration, that which has to go first at the top."""
    now, terms = adapter.clock(), adapter.settings.retention
    with adapter.store.reading() as session:
        rows = [
            row for row in dossiers.received_by(session, administration.id) if row.state in WAITING
        ]
        warned = retention.warned_at(session, [row.id for row in rows])
        held = holds.held(session)
    found = []
    for row in rows:
        after_warning = warned.get(row.id, now) + timedelta(days=terms.warning)
        until = max(row.received_at + timedelta(days=terms.unprocessed), after_warning)
        stays = row.administration_id in held.administrations or row.id in held.subjects
        day = None if stays else school_date(until)
        found.append(Waiting(row, (now - row.received_at).days, day, row.id in warned))
    return sorted(found, key=lambda each: (each.until or date.max, each.received.received_at))

"""Our own mandates and endpoints as the OSR last showed them, and what leans on them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Final

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from oso_adapter.clock import school_date
from oso_adapter.store.dossiers import DELIVERABLE, UNFINISHED
from oso_adapter.store.models import (
    Exchange,
    ExchangeState,
    OwnEndpoint,
    OwnMandate,
    Prepared,
    Received,
    ReceivedState,
)
from oso_adapter.store.pace import moment, set_moment
from oso_adapter.store.rows import put

_LOOKED: Final = ("looked", "looked-before")
"""The last time that all was looked at, and the last time on an earlier day than that."""
_WAITING = (ReceivedState.PENDING, ReceivedState.APART, ReceivedState.POSTPONED)


def mandates(session: Session) -> dict[str, OwnMandate]:
    """Every mandate that was ever seen, by BRIN."""
    return {row.brin: row for row in session.scalars(select(OwnMandate))}


def keep_mandates(session: Session, found: Iterable[OwnMandate]) -> None:
    """Keep what is known now."""
    put(session, found)


def lately(session: Session, today: date) -> frozenset[tuple[str, str]]:
    """Kenmerk and namespace of the endpoints that were right when the OSR was last looked at on an
    earlier day, or since then.
    """
    days = [school_date(at) for name in _LOOKED if (at := moment(session, name)) is not None]
    since = max((day for day in days if day < today), default=today)
    query = select(OwnEndpoint).where(OwnEndpoint.seen_on >= since)
    return frozenset((row.routing_id, row.namespace) for row in session.scalars(query))


def looked(session: Session, now: datetime) -> None:
    """Keep that all was looked at now, and the last time on an earlier day."""
    last, before = _LOOKED
    at = moment(session, last)
    if at is not None and school_date(at) < school_date(now):
        set_moment(session, before, at)
    set_moment(session, last, now)


def saw(session: Session, endpoints: Iterable[tuple[str, str]], today: date) -> None:
    """Keep that these endpoints are right; kenmerk and namespace of each."""
    put(
        session,
        (
            OwnEndpoint(routing_id=routing_id, namespace=namespace, seen_on=today)
            for routing_id, namespace in endpoints
        ),
    )


def dropped(session: Session, routing_id: str, namespace: str) -> None:
    """Forget an endpoint that was ended."""
    session.execute(
        delete(OwnEndpoint).where(
            OwnEndpoint.routing_id == routing_id, OwnEndpoint.namespace == namespace
        )
    )


def leaning(session: Session, ids: Collection[int]) -> Mapping[int, Mapping[str, int]]:
    """What of administrations cannot go on without an endpoint, counted by kind, by the id of each
    of which there is something.
    """
    waiting: tuple[tuple[str, type[Prepared | Exchange | Received], ColumnElement[bool]], ...] = (
        ("dossiers", Prepared, Prepared.state.in_((*UNFINISHED, *DELIVERABLE))),
        ("bestellingen", Exchange, Exchange.state != ExchangeState.DONE),
        ("ontvangen", Received, Received.state.in_(_WAITING)),
    )
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for kind, model, waits in waiting:
        own = model.administration_id
        counted = select(own, func.count()).where(waits).group_by(own)
        for administration_id, count in session.execute(counted):
            if administration_id in ids:  # more than a statement can name, in the worst night
                found[administration_id][kind] = count
    return found

"""Our own mandates and endpoints as the OSR last showed them, and what leans on them."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Final

from sqlalchemy import delete, func, select
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

_LOOKED: Final = ("looked", "looked-before")
"""The last time that all was looked at, and the last time on an earlier day than that."""
_WAITING = (ReceivedState.PENDING, ReceivedState.APART, ReceivedState.POSTPONED)


def mandates(session: Session) -> dict[str, OwnMandate]:
    """Every mandate that was ever seen, by BRIN."""
    return {row.brin: row for row in session.scalars(select(OwnMandate))}


def keep_mandates(session: Session, found: Iterable[OwnMandate]) -> None:
    """Keep what is known now."""
    known = mandates(session)
    for row in found:
        if row.brin in known:
            session.merge(row)
        else:
            session.add(row)


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
    right = set(endpoints)
    query = select(OwnEndpoint)
    if len(right) == 1:  # otherwise it is about all of them, or nearly
        query = query.where(OwnEndpoint.routing_id == next(iter(right))[0])
    known = {(row.routing_id, row.namespace): row for row in session.scalars(query)}
    for routing_id, namespace in right:
        row = known.get((routing_id, namespace))
        if row is None:
            row = OwnEndpoint(routing_id=routing_id, namespace=namespace)
            session.add(row)
        row.seen_on = today


def dropped(session: Session, routing_id: str, namespace: str) -> None:
    """Forget an endpoint that was ended."""
    session.execute(
        delete(OwnEndpoint).where(
            OwnEndpoint.routing_id == routing_id, OwnEndpoint.namespace == namespace
        )
    )


def leaning(session: Session, administration_id: int) -> Mapping[str, int]:
    """What of an administration cannot go on without an endpoint, counted by kind."""
    prepared = select(func.count(Prepared.id)).where(
        Prepared.administration_id == administration_id,
        Prepared.state.in_((*UNFINISHED, *DELIVERABLE)),
    )
    orders = select(func.count(Exchange.id)).where(
        Exchange.administration_id == administration_id, Exchange.state != ExchangeState.DONE
    )
    received = select(func.count(Received.id)).where(
        Received.administration_id == administration_id, Received.state.in_(_WAITING)
    )
    counts = {"dossiers": prepared, "bestellingen": orders, "ontvangen": received}
    return {kind: session.scalar(query) or 0 for kind, query in counts.items()}

"""Whether administrations were connected when the OSR was last looked at."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from oso_adapter.store.models import Administration, Connection

_MANY: Final = 500


def found(session: Session, administration_id: int) -> Connection | None:
    """What the last look showed; None when nobody looked yet."""
    return session.get(Connection, administration_id)


def keep(session: Session, looks: Sequence[Connection]) -> None:
    """Keep what a look showed; what it did not show was last seen when it was seen before."""
    query = select(Connection)
    if len(looks) < _MANY:  # otherwise it is about all of them, or nearly
        query = query.where(Connection.administration_id.in_([n.administration_id for n in looks]))
    known = {row.administration_id: row for row in session.scalars(query)}
    for new in looks:
        before = known.get(new.administration_id)
        if before is None:
            session.add(new)
            continue
        new.mandate_seen_at = new.mandate_seen_at or before.mandate_seen_at
        new.endpoint_seen_at = new.endpoint_seen_at or before.endpoint_seen_at
        session.merge(new)


def to_look_at(session: Session, today: date, limit: int) -> Sequence[str]:
    """BRINs of administrations that have not ended and are not known to be connected: those that
    nobody looked at first, then those of the oldest look.
    """
    last = Administration.valid_until
    query = (
        select(Administration.brin)
        .outerjoin(Connection, Connection.administration_id == Administration.id)
        .where(Connection.connected.is_not(True), last.is_(None) | (last >= today))
        .order_by(Connection.looked_at.is_not(None), Connection.looked_at, Administration.id)
        .limit(limit)
    )
    return session.scalars(query).all()

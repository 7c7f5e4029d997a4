"""Whether administrations were connected when the OSR was last looked at."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from oso_adapter.store.models import Administration, Connection
from oso_adapter.store.rows import put


def found(session: Session, administration_id: int) -> Connection | None:
    """What the last look showed; None when nobody looked yet."""
    return session.get(Connection, administration_id)


def keep(session: Session, looks: Sequence[Connection]) -> None:
    """Keep what a look showed; what it did not show was last seen when it was seen before."""
    put(session, looks, lasting=("mandate_seen_at", "endpoint_seen_at"))


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

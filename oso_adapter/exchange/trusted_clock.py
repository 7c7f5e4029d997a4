"""Whether the clock can be believed before something is destroyed because of it.

A machine that starts with a wrong clock would find everything past its term. So it is remembered
when purging was last looked at, and a clock that is far ahead of that, or behind it, destroys
nothing until a person has said that it is right.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from oso_adapter.errors import NotAllowed
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.store import events
from oso_adapter.store.models import Event, PurgeMemory

BACK: Final = timedelta(hours=1)
"""A clock that is set right by this much is not one that went back."""


def require_trusted(adapter: Adapter, moment: datetime) -> None:
    """Raise :class:`NotAllowed` when the clock is too far from when it was last believed.

    The first time that is the newest event: a database that was used before this was remembered.
    """
    with adapter.store.reading() as session:
        seen = _seen(session)
    if seen is None:
        return
    days = adapter.settings.retention.clock_jump
    if seen - BACK <= moment <= seen + timedelta(days=days):
        return
    where = f"{(moment - seen).days} days ahead of" if moment > seen else "behind"
    raise NotAllowed(
        f"nothing is destroyed: the clock of this machine is {where} the last time the adapter "
        f"looked ({seen:%Y-%m-%d}); when it is right: oso-adapter db purge --account NAAM "
        "--confirm-clock"
    )


def remember(adapter: Adapter, moment: datetime, *, confirmed_by: str | None = None) -> None:
    """From now on this moment is the one that was last believed.

    confirmed_by: the account that says that the clock is right, which is an event.
    """
    with adapter.store.writing() as session:
        session.merge(PurgeMemory(id=1, seen_at=moment))
        if confirmed_by is not None:
            events.record(session, "clock.confirmed", moment, account=confirmed_by)


def _seen(session: Session) -> datetime | None:
    row = session.get(PurgeMemory, 1)
    return row.seen_at if row is not None else session.scalar(select(func.max(Event.moment)))

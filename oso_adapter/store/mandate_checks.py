"""Which systems were found mandated by which schools, and which of that has to be asked again."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import and_, case, delete, or_, select
from sqlalchemy.orm import Session

from oso_adapter.store.models import MandateCheck

DAILY: Final = timedelta(days=1)
"""How long a yes is not asked again."""
SOON: Final = timedelta(minutes=1)
"""How long a no is not asked again; the school may just be giving its mandate."""
FORGOTTEN: Final = timedelta(days=30)
"""After how long without asking a system is no longer followed."""


def found(session: Session, oin: str, brin: str) -> MandateCheck | None:
    """What is known of a system and a school."""
    return session.get(MandateCheck, (oin, brin))


def asked(session: Session, oin: str, brin: str, now: datetime) -> None:
    """Note that a system asks us something for a school, so that it is followed."""
    row = found(session, oin, brin)
    if row is None:
        session.add(MandateCheck(oin=oin, brin=brin, mandated=None, checked_at=None, asked_at=now))
    else:
        row.asked_at = now


def checked(session: Session, oin: str, brin: str, mandated: bool, now: datetime) -> None:
    """Keep what the OSR said now."""
    row = found(session, oin, brin)
    asked_at = row.asked_at if row is not None else now
    session.merge(
        MandateCheck(oin=oin, brin=brin, mandated=mandated, checked_at=now, asked_at=asked_at)
    )


def forget(session: Session, now: datetime) -> None:
    """Remove the systems that have not asked for a long time."""
    session.execute(delete(MandateCheck).where(MandateCheck.asked_at < now - FORGOTTEN))


def due(session: Session, now: datetime, limit: int) -> Sequence[MandateCheck]:
    """What has to be asked: first what was never answered, then every no of a system that asked
    again, then every yes of yesterday, oldest first.
    """
    never = MandateCheck.mandated.is_(None)
    no = and_(
        MandateCheck.mandated.is_(False),
        MandateCheck.checked_at <= now - SOON,
        MandateCheck.asked_at >= MandateCheck.checked_at,
    )
    yes = and_(MandateCheck.mandated.is_(True), MandateCheck.checked_at <= now - DAILY)
    query = (
        select(MandateCheck)
        .where(or_(never, no, yes))
        .order_by(case((never, 0), (no, 1), else_=2), MandateCheck.checked_at)
        .limit(limit)
    )
    return session.scalars(query).all()

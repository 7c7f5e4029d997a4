"""Orders to notify: which there are, and who carries them out.

Each is carried out once: whoever begins takes the lease in the row. One whose process died on the
way is marked as broken off, never taken up again: a message of it may have arrived.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from oso_adapter.errors import NotAllowed
from oso_adapter.store import exchanges
from oso_adapter.store.models import Notice, NoticeState

UNDER_WAY: Final = (NoticeState.ANNOUNCING, NoticeState.SENDING)
UNFINISHED: Final = (NoticeState.ORDERED, *UNDER_WAY)


def begin(session: Session, notice_id: str, owner: str, until: datetime) -> Notice:
    """Take an order up; raises :class:`NotAllowed` when somebody did before."""
    notice = session.get_one(Notice, notice_id)
    if notice.state != NoticeState.ORDERED:
        raise NotAllowed("deze melding is al in behandeling genomen")
    notice.state = NoticeState.ANNOUNCING
    notice.lease_owner, notice.lease_until = owner, until
    return notice


def ordered(session: Session) -> Sequence[str]:
    """The ids of the orders that nobody has begun with, oldest first."""
    query = select(Notice.id).filter_by(state=NoticeState.ORDERED)
    return session.scalars(query.order_by(Notice.ordered_at, Notice.id)).all()


def left_behind(session: Session, now: datetime) -> Sequence[Notice]:
    """Those under way whose process has died, or has had more time than it can need."""
    query = select(Notice).where(Notice.state.in_(UNDER_WAY))
    return [
        notice
        for notice in session.scalars(query)
        if not exchanges.lives(notice.lease_owner or "")
        or (notice.lease_until is not None and notice.lease_until < now)
    ]


def unfinished(session: Session) -> Sequence[Notice]:
    """Those that are still to be carried out, or under way."""
    return session.scalars(select(Notice).where(Notice.state.in_(UNFINISHED))).all()


def unfinished_of(session: Session, request_id: int) -> Notice | None:
    """The order for this request that is still to be carried out, or under way."""
    query = select(Notice).filter_by(request_id=request_id)
    return session.scalar(query.where(Notice.state.in_(UNFINISHED)).limit(1))


def of_ids(session: Session, ids: Collection[str]) -> dict[str, Notice]:
    """The orders with these ids."""
    return {n.id: n for n in session.scalars(select(Notice).where(Notice.id.in_(ids)))}


def listed(session: Session, administration_id: int) -> Sequence[Notice]:
    """The orders of an administration, oldest first."""
    query = select(Notice).filter_by(administration_id=administration_id)
    return session.scalars(query.order_by(Notice.ordered_at, Notice.id)).all()


def ended_with(session: Session, request_ids: Collection[int], result: str) -> dict[int, Notice]:
    """By request, the last order for it that ended with this result."""
    query = select(Notice).filter_by(result=result).where(Notice.request_id.in_(request_ids))
    return {n.request_id: n for n in session.scalars(query.order_by(Notice.ordered_at))}

"""Requests for a dossier that came in; one per session, kept six months (wire PvE-9)."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from oso_adapter.store.models import Request


def remember(session: Session, new: Request, moment: datetime) -> Request:
    """Add the request, or count one more time of the same request in the same session."""
    known = session.scalar(
        select(Request).filter_by(
            administration_id=new.administration_id, session_id=new.session_id
        )
    )
    if known is None:
        new.first_at = new.last_at = new.look_up_at = moment
        new.times = 1
        session.add(new)
        session.flush()
        return new
    known.last_at = moment
    known.times += 1
    return known


def answered(session: Session, request: Request, result: str, prepared_id: str | None) -> bool:
    """Keep what was answered, and which version was sent.

    prepared_id: None for a refusal; a version that was sent before stays known. Gives whether
    this is the first time that one is sent.
    """
    row = session.get_one(Request, request.id)
    row.result = result
    first = row.prepared_id is None and prepared_id is not None
    row.prepared_id = prepared_id or row.prepared_id
    return first


def of(
    session: Session, administration_id: int, fragments: Collection[bytes] | None = None
) -> Sequence[Request]:
    """The requests to an administration, newest first.

    fragments: digests of the pgnfrag; only requests with one of these.
    """
    query = select(Request).filter_by(administration_id=administration_id)
    if fragments is not None:
        query = query.where(Request.fragment_hmac.in_(fragments))
    return session.scalars(query.order_by(Request.last_at.desc(), Request.id.desc())).all()


def to_look_up(session: Session, moment: datetime, limit: int) -> Sequence[Request]:
    """The requests of which a plugin may be asked by now whom they mean, oldest first."""
    query = select(Request).where(Request.look_up_at <= moment, Request.prepared_id.is_(None))
    return session.scalars(query.order_by(Request.look_up_at, Request.id).limit(limit)).all()

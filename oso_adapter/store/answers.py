"""Answers of the JSON API that are kept, so that a request that comes again is carried out once."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from oso_adapter.store.models import KeptAnswer


def reserve(session: Session, new: KeptAnswer, *, kept: datetime, dead: datetime) -> KeptAnswer:
    """The answer under this token and key: the one that is there, or else the new one, stored.

    kept: what was asked before this moment is forgotten; dead: what was asked before this one and
    has no answer was in the hands of a process that is gone.
    """
    forget_old(session, kept)
    unanswered = KeptAnswer.status.is_(None) & (KeptAnswer.asked_at < dead)
    session.execute(delete(KeptAnswer).where(unanswered))
    found = session.get(KeptAnswer, (new.token_id, new.key))
    if found is None:
        session.add(new)
    return found or new


def forget_old(session: Session, before: datetime) -> None:
    """Delete what was asked before a moment."""
    session.execute(delete(KeptAnswer).where(KeptAnswer.asked_at < before))


def settle(session: Session, token_id: int, key: bytes, status: int, sealed: bytes) -> None:
    """Keep what was answered, unless it took so long that it counts as left behind."""
    row = session.get(KeptAnswer, (token_id, key))
    if row is not None:
        row.status, row.answer_sealed = status, sealed


def forget(session: Session, token_id: int, key: bytes) -> None:
    """Nothing was done, so that the same request may come again."""
    row = session.get(KeptAnswer, (token_id, key))
    if row is not None:
        session.delete(row)

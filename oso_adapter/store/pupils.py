"""What the adapter holds, or held, about one pupil: by digests of the numbers, never a number."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from oso_adapter.store.models import Exchange, PreparedNumber, PupilLink, Received


def numbers_of(session: Session, pgn_hmac: bytes) -> set[bytes]:
    """The digests of all numbers, present and former, of the pupil who has or had this one."""
    known: set[bytes] = set()
    new = {pgn_hmac}
    while new:
        known |= new
        subjects = subjects_of(session, new)
        prepared = select(PreparedNumber.pgn_hmac).where(PreparedNumber.prepared_id.in_(subjects))
        linked = select(PupilLink.pgn_hmac).where(PupilLink.subject.in_(subjects))
        new = {*session.scalars(prepared), *session.scalars(linked)} - known
    return known


def subjects_of(session: Session, numbers: Collection[bytes]) -> set[str]:
    """The ids of the dossiers and orders about whoever has one of these numbers.

    Those that are destroyed count too.
    """
    prepared = select(PreparedNumber.prepared_id).where(PreparedNumber.pgn_hmac.in_(numbers))
    orders = select(Exchange.id).where(Exchange.pgn_hmac.in_(numbers))
    received = select(Received.id).join(Exchange).where(Exchange.pgn_hmac.in_(numbers))
    linked = select(PupilLink.subject).where(PupilLink.pgn_hmac.in_(numbers))
    queries = (prepared, orders, received, linked)
    return {subject for query in queries for subject in session.scalars(query)}


def with_its_order(session: Session, subject: str) -> set[str]:
    """The id of a dossier or order, with that of the order it came for, or of what came for it."""
    pairs = select(Received.id, Received.exchange_id).where(
        (Received.id == subject) | (Received.exchange_id == subject)
    )
    order = select(PupilLink.order_id).where(PupilLink.subject == subject).scalar_subquery()
    linked = select(PupilLink.subject).where(PupilLink.order_id == order)
    found = {each for pair in session.execute(pairs) for each in pair}
    return {subject, *found, *session.scalars(linked)}

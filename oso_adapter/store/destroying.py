"""Destroying: the key first, then the rows, and what refers to them.

Deleted content is overwritten (secure_delete); afterwards the file is made anew without the copies
that SQLite left of it (:meth:`Store.rewrite`) and the write-ahead log is emptied
(:meth:`Store.truncate_log`), so that nothing of it is found in a copy of the files.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, delete, select, update
from sqlalchemy.orm import Session

from oso_adapter.store import jobs
from oso_adapter.store.models import (
    Base,
    Exchange,
    Payload,
    Prepared,
    PreparedNumber,
    PupilLink,
    Received,
    Request,
)

DELIVERED: Final = "OverdrachtGeslaagd"


def destroy_keys(session: Session, ids: Collection[str]) -> None:
    """Destroy the keys of these prepared dossiers and orders, so that nobody can open them.

    Small, and therefore before the rest: that needs room on the disk for all it overwrites.
    """
    session.execute(
        update(Payload).where(Payload.id.in_(_payloads(session, ids))).values(wrapped_key=None)
    )


def destroy_rows(session: Session, ids: Collection[str], moment: datetime) -> None:
    """Destroy prepared dossiers and orders, with the dossiers that came for these.

    What stays is whom they were about, by digest.
    """
    payloads = _payloads(session, ids)
    _link(session, ids, moment)
    answered = update(Request).where(Request.prepared_id.in_(ids))
    session.execute(answered.values(result=DELIVERED))  # also one that was refused later
    jobs.forget_pupils(session, ids)
    _destroy(session, _table(Prepared), Prepared.id.in_(ids))
    _destroy(session, _table(Exchange), Exchange.id.in_(ids))
    _destroy(session, _table(Payload), Payload.id.in_(payloads))


def destroy_requests(session: Session, ids: Collection[int]) -> None:
    """Destroy requests that came in."""
    _destroy(session, _table(Request), Request.id.in_(ids))


def destroy_links(session: Session, before: datetime, held: Collection[str]) -> None:
    """Destroy whom events were about, once these are destroyed themselves."""
    past = (PupilLink.linked_at <= before) & PupilLink.subject.not_in(held)
    _destroy(session, _table(PupilLink), past)


def _payloads(session: Session, ids: Collection[str]) -> list[str]:
    prepared = select(Prepared.payload_id).where(Prepared.id.in_(ids))
    received = select(Received.payload_id).where(Received.exchange_id.in_(ids))
    return [*session.scalars(prepared), *session.scalars(received)]


def _link(session: Session, ids: Collection[str], moment: datetime) -> None:
    numbers = select(PreparedNumber).where(PreparedNumber.prepared_id.in_(ids))
    for number in session.scalars(numbers):
        _linked(session, number.prepared_id, number.pgn_hmac, None, moment)
    orders = (
        select(Exchange.id, Exchange.pgn_hmac, Received.id)
        .outerjoin(Received, Received.exchange_id == Exchange.id)
        .where(Exchange.id.in_(ids))
    )
    for order_id, pgn_hmac, received_id in session.execute(orders):
        _linked(session, order_id, pgn_hmac, order_id, moment)
        if received_id is not None:
            _linked(session, received_id, pgn_hmac, order_id, moment)


def _linked(
    session: Session, subject: str, pgn_hmac: bytes, order_id: str | None, moment: datetime
) -> None:
    link = PupilLink(subject=subject, pgn_hmac=pgn_hmac, order_id=order_id, linked_at=moment)
    session.merge(link)


def _destroy(session: Session, table: Table, which: ColumnElement[bool]) -> None:
    """Delete rows; what refers to them goes first, or forgets them where it can stand alone."""
    for other in Base.metadata.tables.values():
        for key in other.foreign_keys:
            if key.column.table is not table:
                continue
            refers = key.parent.in_(select(key.column).where(which))
            if key.parent.nullable:
                session.execute(update(other).where(refers).values({key.parent: None}))
            else:
                _destroy(session, other, refers)
    session.execute(delete(table).where(which))


def _table(model: type[Any]) -> Table:
    return Base.metadata.tables[model.__tablename__]

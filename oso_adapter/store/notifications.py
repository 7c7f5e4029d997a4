"""Notifications that came: which are open, and which plugin still has to be told."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import Session, aliased

from oso_adapter.store.models import Attempt, Exchange, Notification, NotificationOffer

_DELIVERED: Final = "OverdrachtGeslaagd"


def asked_in(
    session: Session, administration_id: int, session_id: str
) -> Sequence[tuple[Exchange, Attempt]]:
    """The order and the endpoints of a session that was granted to this administration."""
    query = (
        select(Exchange, Attempt)
        .join(Attempt, Attempt.exchange_id == Exchange.id)
        .where(Exchange.administration_id == administration_id, Attempt.session_id == session_id)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def remember(session: Session, new: Notification, moment: datetime) -> Notification:
    """Add the notification, or count one more time of the same."""
    known = session.scalar(
        select(Notification).filter_by(
            administration_id=new.administration_id,
            session_id=new.session_id,
            bron_routing_id=new.bron_routing_id,
        )
    )
    if known is None:
        new.first_at = new.last_at = moment
        new.times = 1
        session.add(new)
        session.flush()
        return new
    known.last_at = moment
    known.times += 1
    return known


def listed(
    session: Session, administration_id: int, *, only_open: bool = False
) -> Sequence[tuple[Notification, bool]]:
    """The notifications of an administration, oldest first, each with whether it is open."""
    is_open = _is_open()
    query = (
        select(Notification, is_open)
        .join(_Order, _Order.id == Notification.exchange_id)
        .where(Notification.administration_id == administration_id)
    )
    if only_open:
        query = query.where(is_open)
    rows = session.execute(query.order_by(Notification.first_at, Notification.id))
    return [(row[0], bool(row[1])) for row in rows]


def of_administrations(ids: Collection[int], *, only_open: bool) -> Select[Any]:
    """What finds the notifications of these administrations."""
    query = (
        select(Notification)
        .join(_Order, _Order.id == Notification.exchange_id)
        .where(Notification.administration_id.in_(ids))
    )
    return query.where(_is_open()) if only_open else query


def open_among(session: Session, ids: Collection[str]) -> Collection[str]:
    """Those of these notifications that are open."""
    query = select(Notification.id).join(_Order, _Order.id == Notification.exchange_id)
    return set(session.scalars(query.where(Notification.id.in_(ids), _is_open())))


def due(session: Session, plugin: str, now: datetime, limit: int = 100) -> Sequence[Notification]:
    """The open notifications that a plugin has to be told of by now, oldest first."""
    offer = aliased(NotificationOffer)
    query = (
        select(Notification)
        .join(_Order, _Order.id == Notification.exchange_id)
        .outerjoin(offer, (offer.notification_id == Notification.id) & (offer.plugin == plugin))
        .where(_is_open(), offer.plugin.is_(None) | (offer.due_at <= now))
        .order_by(Notification.first_at, Notification.id)
        .limit(limit)
    )
    return session.scalars(query).all()


def offer_of(session: Session, notification_id: str, plugin: str) -> NotificationOffer:
    """What is kept of telling a plugin; a new one when it was not told before."""
    offer = session.get(NotificationOffer, (notification_id, plugin))
    if offer is None:
        offer = NotificationOffer(notification_id=notification_id, plugin=plugin, times=0)
        session.add(offer)
    return offer


_Order = aliased(Exchange)


def _is_open() -> ColumnElement[bool]:
    """No dossier of that school for that pupil came in a session that began since."""
    later = aliased(Exchange)
    return ~exists().where(
        later.administration_id == _Order.administration_id,
        later.pgn_hmac == _Order.pgn_hmac,
        later.bron_brin == _Order.bron_brin,
        later.result == _DELIVERED,
        later.session_at > Notification.last_at,
    )

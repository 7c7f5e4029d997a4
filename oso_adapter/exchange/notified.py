"""A notification that comes in (flow c of wire 1.5, doel): kept, shown, and fetched from.

It holds nothing of the pupil: who is meant is known from the session in which we asked, and only an
endpoint that was asked in it is believed. It never brings a dossier; whoever reads it orders again,
and it stays open until a dossier has come.
"""

from collections.abc import Collection
from datetime import timedelta
from uuid import uuid4

from sqlalchemy.orm import Session

from oso_adapter.clock import school_date
from oso_adapter.errors import NotFound, PluginFailed, Refused
from oso_adapter.exchange.adapter import Adapter, reference
from oso_adapter.exchange.authorisation import UNAUTHORISED, require_mandated
from oso_adapter.exchange.fetch import LONGEST_WAIT
from oso_adapter.exchange.orders import Order, order_of
from oso_adapter.hookspecs import ReceivedNotification
from oso_adapter.identifiers import Brin, Oin
from oso_adapter.logs import event as log_event
from oso_adapter.store import administrations, events, notifications
from oso_adapter.store.models import Administration, Notification
from oso_adapter.wire.messages import Message

HOOK = "oso_notification_received"


def receive(adapter: Adapter, request: Message, peer: Oin) -> None:
    """Keep a notificatieRequest; once this returns it is not lost (PvE-14).

    peer: the OIN in the certificate of the sender. Raises Refused: for another administration than
    ours, for an SWV, for a session in which we never asked, from an endpoint that was not asked in
    it, and from a system that the school has not mandated.
    """
    moment, values = adapter.clock(), request.values
    try:
        new = _judged(adapter, request, peer)
        require_mandated(adapter, peer, Brin(new.bron_brin))
        with adapter.store.writing() as session:
            kept = notifications.remember(session, new, moment)
            if kept.peer_oin != new.peer_oin:
                raise Refused(UNAUTHORISED)
            name = "notification.received" if kept is new else "notification.repeated"
            _record(session, name, kept, adapter)
    except Refused as refusal:
        with adapter.store.writing() as session:
            events.record(
                session,
                "notification.refused",
                moment,
                session_id=values.get("sessieId"),
                counterpart=f"{values['bronBrin']} {peer}",
                result=refusal.code,
            )
        raise


def offer(adapter: Adapter) -> None:
    """Tell each plugin of the open notifications that it did not take note of yet.

    One that a plugin fails on is told again later, and holds up no other.
    """
    for plugin in adapter.plugins.listeners(HOOK):
        with adapter.store.reading() as session:
            waiting = notifications.due(session, plugin, adapter.clock())
        for notification in waiting:
            _tell(adapter, plugin, notification)


def orders(adapter: Adapter, administration: Administration, ids: Collection[str]) -> list[Order]:
    """The orders that fetch what these notifications tell of: the same pupils, asked once more.

    Raises NotFound when one of them is not of this administration.
    """
    with adapter.store.reading() as session:
        found = {n.id: n for n, _ in notifications.listed(session, administration.id)}
    if missing := [given for given in ids if given not in found]:
        raise NotFound(f"niet gevonden: {', '.join(missing)}; er is niets besteld")
    return [order_of(adapter, found[given].exchange) for given in ids]


def _judged(adapter: Adapter, request: Message, peer: Oin) -> Notification:
    values = request.values
    with adapter.store.reading() as session:
        owner = administrations.by_routing_id(session, values["doelRouteringsKenmerk"])
        ours = owner is not None and owner.is_valid(school_date(adapter.clock()))
        if owner is None or not ours or owner.brin != values["doelBrin"]:
            raise Refused("DoelAanleverpuntOngeschikt")
        if "koppelsleutel" in values:
            raise Refused("KoppelsleutelOnbekend")
        if values["doel"] != "OV":
            raise Refused("DoelAanleverpuntOngeschikt")
        asked = notifications.asked_in(session, owner.id, values["sessieId"])
    if not asked:
        raise Refused("SessieOnbekend")
    bron = (values["bronBrin"], values["bronRouteringsKenmerk"])
    for exchange, attempt in asked:
        if bron == (exchange.bron_brin, attempt.routing_id):
            return Notification(
                id=str(uuid4()),
                administration_id=owner.id,
                exchange_id=exchange.id,
                session_id=attempt.session_id,
                bron_brin=exchange.bron_brin,
                bron_routing_id=attempt.routing_id,
                peer_oin=str(peer),
            )
    raise Refused("SessieAfwijkend")


def _tell(adapter: Adapter, plugin: str, notification: Notification) -> None:
    exchange = notification.exchange
    told = ReceivedNotification(
        id=notification.id,
        reference=order_of(adapter, exchange).reference,
        order_id=exchange.id,
        bron_brin=notification.bron_brin,
        bron_routing_id=notification.bron_routing_id,
        received_at=notification.last_at,
    )
    took_note = True
    try:
        adapter.plugins.notification_received(plugin, reference(exchange.administration), told)
    except PluginFailed as failure:
        log_event("plugin.failed", plugin=plugin, hook=HOOK, reason=failure.reason)
        took_note = False
    with adapter.store.writing() as session:
        kept = notifications.offer_of(session, notification.id, plugin)
        pause = timedelta(seconds=adapter.settings.fetching.retry_after * 2 ** min(kept.times, 10))
        kept.times += 1
        kept.due_at = None if took_note else adapter.clock() + min(pause, LONGEST_WAIT)
        if took_note:
            _record(session, "notification.told", notification, adapter)


def _record(session: Session, name: str, notification: Notification, adapter: Adapter) -> None:
    events.record(
        session,
        name,
        adapter.clock(),
        administration_id=notification.administration_id,
        subject=notification.id,
        session_id=notification.session_id,
        counterpart=f"{notification.bron_brin} {notification.peer_oin}",
    )

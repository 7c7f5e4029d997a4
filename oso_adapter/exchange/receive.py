"""A dossier that came: kept as it came, compared with the order, judged, and handed over."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from lxml import etree
from sqlalchemy.orm import Session

from oso_adapter.bounded_xml import Limits, XmlRefused, parse
from oso_adapter.errors import NotAllowed, NotFound, PluginFailed
from oso_adapter.exchange.adapter import Adapter, reference
from oso_adapter.exchange.compare import compare
from oso_adapter.exchange.contents import identity_of, release_of
from oso_adapter.exchange.orders import order_of
from oso_adapter.hookspecs import ImportAnswer, ReceivedDossier
from oso_adapter.logs import event as log_event
from oso_adapter.standard import codec, validate
from oso_adapter.standard.attachments import unpacked
from oso_adapter.standard.pack import pack_of
from oso_adapter.store import dossiers, events, exchanges
from oso_adapter.store.models import (
    Exchange,
    Payload,
    Received,
    ReceivedState,
)
from oso_adapter.store.sealing import Purpose

_STATES = {
    "accepted": ReceivedState.ACCEPTED,
    "postponed": ReceivedState.POSTPONED,
    "rejected": ReceivedState.REJECTED,
}
WAITING = (
    ReceivedState.PENDING,
    ReceivedState.APART,
    ReceivedState.INVALID,
    ReceivedState.POSTPONED,
)

POSTPONED_FOR: Final = timedelta(days=1)
"""How long a plugin that postponed a dossier is left alone with it."""

INVALID = "Het dossier voldoet niet aan een versie die hier in gebruik is."
OTHER_RELEASE = (
    "Dit is een dossier van versie {}, die hier niet in gebruik is. Bekijk het (received show) en "
    "neem met de hand over wat u kunt gebruiken."
)


@dataclass(frozen=True)
class Arrival:
    """Sealed and ready to be stored, in the transaction that also moves the order on."""

    payload: Payload
    received: Received


def arrived(adapter: Adapter, exchange: Exchange, xml: bytes) -> Arrival:
    """Judge a dossier that came, and seal it.

    It is always kept. Another number than was ordered, of a pupil with the same name and date of
    birth, is a number that has changed: it is told, and holds nothing up. What else differs from
    the order is kept apart for a person to decide; what is
    invalid, or of a release that is not in use here, is kept with the number of its findings and is
    not handed over. That release is named, as far as the dossier says which it is.
    """
    report = validate(xml, limits=Limits(size=adapter.settings.limits.message_size))
    moment = adapter.clock()
    payload = dossiers.payload(str(uuid4()), adapter.sealer.seal(xml, Purpose.PAYLOAD))
    received = Received(
        id=str(uuid4()),
        exchange_id=exchange.id,
        administration_id=exchange.administration_id,
        payload_id=payload.id,
        bron_brin=exchange.bron_brin,
        release=report.version or _release(adapter, xml),
        profile=report.profile,
        findings=len(report.findings),
        received_at=moment,
        changed_at=moment,
        state=ReceivedState.PENDING,
        offer_at=moment,
    )
    compared = compare(adapter, exchange, xml)
    reasons = [compared.text]
    if not compared.same_pupil:
        received.state, received.offer_at = ReceivedState.APART, None
    if not report.valid or not adapter.accepts(report.version):
        received.state, received.offer_at = ReceivedState.INVALID, None
        reasons.insert(0, _unusable(adapter, received.release))
    received.reason_sealed = _sealed(adapter, " ".join(filter(None, reasons)))
    return Arrival(payload, received)


def keep(session: Session, arrival: Arrival) -> None:
    """Store the dossier; together with the next state of its order, or not at all."""
    session.add(arrival.payload)
    session.flush()
    session.add(arrival.received)
    if arrival.received.state == ReceivedState.APART:
        events.record(
            session,
            "received.apart",
            arrival.received.received_at,
            administration_id=arrival.received.administration_id,
            subject=arrival.received.id,
            counterpart=arrival.received.bron_brin,
        )


def hand_over(adapter: Adapter, exchange: Exchange) -> bool:
    """Offer the dossier of an order to the plugin; False when it has to be offered again.

    What waits for a person, or has no plugin to go to, counts as handed over: it stays in the
    list of received dossiers, and is offered once there is a plugin. One that a plugin does not
    want yet (None), or that fails, keeps it waiting.
    """
    with adapter.store.reading() as session:
        received = dossiers.received_of(session, exchange.id)
    if received.offer_at is None or received.offer_at > adapter.clock():
        return True
    account = received.account or exchange.account
    try:
        answer = offer(adapter, received, account=account)
    except PluginFailed as failure:
        log_event("plugin.failed", plugin=failure.plugin, hook=failure.hook, reason=failure.reason)
        return False
    if answer is None:
        return not adapter.plugins.takes_over
    settle(adapter, received, answer, account=account, again=_again(adapter, answer))
    return True


def offer(adapter: Adapter, received: Received, *, account: str) -> ImportAnswer | None:
    """Call import_dossier; None when no plugin takes it. Raises PluginFailed."""
    with adapter.store.writing() as session:
        row = session.get_one(Received, received.id)
        row.handed_over += 1
        exchange = exchanges.found(session, row.exchange_id)
    ordered = order_of(adapter, exchange).pgn.reveal()
    xml = opened(adapter, received)
    root = parse(xml, Limits(size=adapter.settings.limits.message_size))
    pack = pack_of(etree.QName(root).namespace or "")
    if pack is None:
        raise NotAllowed("dit dossier is van een versie die hier niet in gebruik is")
    dossier = ReceivedDossier(
        id=received.id,
        dossier=unpacked(codec.to_dict(root, pack), pack),
        xml=xml,
        release=pack.release,
        profile=received.profile,
        bron_brin=received.bron_brin,
        former_numbers=() if identity_of(root).number == ordered else (ordered,),
    )
    return adapter.plugins.import_dossier(reference(exchange.administration), account, dossier)


def settle(
    adapter: Adapter,
    received: Received,
    answer: ImportAnswer,
    *,
    account: str,
    again: datetime | None = None,
    by_person: bool = False,
) -> None:
    """Record what became of a received dossier; raises :class:`NotAllowed` when that was known.

    again: when the plugin is offered it again; None for what is decided or waits for a person.
    """
    moment = adapter.clock()
    reason = _sealed(adapter, answer.reason)
    categories = _sealed(adapter, " ".join(answer.categories))
    with adapter.store.writing() as session:
        row = session.get_one(Received, received.id)
        _require_waiting(row)
        row.state = _STATES[answer.outcome]
        row.reason_sealed = reason or row.reason_sealed
        row.categories_sealed = categories
        row.account, row.changed_at = account, moment
        row.offer_at = again
        if by_person:
            exchanges.end_handing_over(session, row.exchange_id, moment)
        events.record(
            session,
            "received.decided" if by_person else "received.handed_over",
            moment,
            administration_id=row.administration_id,
            account=account,
            subject=row.id,
            counterpart=row.bron_brin,
            result=answer.outcome,
        )


def decide(
    adapter: Adapter, received: Received, answer: ImportAnswer, *, account: str
) -> ReceivedState:
    """A person decides: accepting hands the dossier to the plugin, if there is one.

    Raises :class:`NotAllowed` when it was decided before or the plugin does not take it yet, and
    PluginFailed when the plugin fails.
    """
    _require_waiting(received)
    again = None
    if answer.outcome == "accepted" and received.state != ReceivedState.INVALID:
        answer = _taken_over(adapter, received, account) or answer
        again = _again(adapter, answer)
    settle(adapter, received, answer, account=account, again=again, by_person=True)
    return _STATES[answer.outcome]


def goes_to_plugin(adapter: Adapter, received: Received) -> bool:
    """Whether a plugin takes it over once it is accepted; one that is not valid is for a person."""
    return adapter.plugins.takes_over and received.state != ReceivedState.INVALID


def answer(adapter: Adapter, received: Received, given: ImportAnswer, *, account: str) -> None:
    """A person decides, as with :func:`decide`, where no plugin can be called.

    What goes to a plugin waits until the runner has offered it, by order of this account. Raises
    :class:`NotAllowed` when it was decided before.
    """
    if given.outcome != "accepted" or not goes_to_plugin(adapter, received):
        settle(adapter, received, given, account=account, by_person=True)
        return
    moment = adapter.clock()
    with adapter.store.writing() as session:
        row = session.get_one(Received, received.id)
        _require_waiting(row)
        row.state, row.account = ReceivedState.PENDING, account
        row.offer_at = row.changed_at = moment
        exchanges.hand_over_now(session, row.exchange_id, moment)
        events.record(
            session,
            "received.decided",
            moment,
            administration_id=row.administration_id,
            account=account,
            subject=row.id,
            counterpart=row.bron_brin,
            result=given.outcome,
        )


def show(adapter: Adapter, received: Received, account: str) -> bytes:
    """The dossier exactly as it came, after it was recorded who reads it."""
    with adapter.store.writing() as session:
        events.record(
            session,
            "received.shown",
            adapter.clock(),
            administration_id=received.administration_id,
            account=account,
            subject=received.id,
            counterpart=received.bron_brin,
        )
    return opened(adapter, received)


def opened(adapter: Adapter, received: Received) -> bytes:
    """The dossier in the clear, exactly as it came."""
    with adapter.store.reading() as session:
        sealed = dossiers.sealed_payload(session, received.payload_id)
    if sealed is None:
        raise NotFound("de inhoud van dit dossier is vernietigd")
    return adapter.sealer.open(sealed, Purpose.PAYLOAD)


def reference_of(adapter: Adapter, received: Received) -> str:
    """The caller's own name for the order that it came for."""
    with adapter.store.reading() as session:
        exchange = session.get_one(Exchange, received.exchange_id)
    return order_of(adapter, exchange).reference


def reason_of(adapter: Adapter, received: Received) -> str | None:
    """Why it waits for a person, or what was said when it was decided; in Dutch."""
    sealed = received.reason_sealed
    return adapter.sealer.open_field(sealed, Purpose.DECISION).decode() if sealed else None


def _sealed(adapter: Adapter, said: str | None) -> bytes | None:
    """What a plugin or a person says is free text, so anything may stand in it."""
    return adapter.sealer.seal_field(said.encode(), Purpose.DECISION) if said else None


def _taken_over(adapter: Adapter, received: Received, account: str) -> ImportAnswer | None:
    """What the plugin makes of a dossier that a person accepts; None when there is no plugin."""
    answer = offer(adapter, received, account=account)
    if answer is None and adapter.plugins.takes_over:
        raise NotAllowed("uw systeem neemt dit dossier nog niet over; probeer het later opnieuw")
    return answer


def _again(adapter: Adapter, answer: ImportAnswer) -> datetime | None:
    """When a plugin that gave this answer is offered the dossier again; None for never."""
    return adapter.clock() + POSTPONED_FOR if answer.outcome == "postponed" else None


def _require_waiting(received: Received) -> None:
    if received.state not in WAITING:
        raise NotAllowed(f"dit dossier is al {received.state}")


def _release(adapter: Adapter, xml: bytes) -> str | None:
    """The release of a dossier that is of none that is known here."""
    try:
        return release_of(parse(xml, Limits(size=adapter.settings.limits.message_size)))
    except XmlRefused:
        return None


def _unusable(adapter: Adapter, release: str | None) -> str:
    """In Dutch, why a dossier of this release that is not valid is of no use to a plugin."""
    if release is None or adapter.accepts(release):
        return INVALID
    return OTHER_RELEASE.format(release)

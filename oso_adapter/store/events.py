"""Recording what happened, in the same transaction as what it tells of."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from oso_adapter.identifiers import without_number
from oso_adapter.store import event_chain
from oso_adapter.store.event_chain import BEGINNING
from oso_adapter.store.models import Event, EventOffset

NAMES: Final[dict[str, str]] = {
    "administration.added": "an administration was added",
    "administration.ended": "an administration was given a last day",
    "administration.changed": "the name or sector (then the result) of an administration changed",
    "pupils.found": "an account searched pupils in the supplier's system; the reason is how many",
    "dossier.collected": "a dossier was collected or put",
    "dossier.numbers": "a dossier is found by former numbers of its pupil too",
    "dossier.seen": "the inzage of the parents was recorded",
    "dossier.ready": "a dossier was made ready for a school",
    "dossier.lapsed": "a version lapsed: newer-version (by that order), or past-last-day",
    "dossier.withdrawn": "a dossier was withdrawn, of one school when that is named",
    "dossier.shown": "a prepared dossier was shown to an account",
    "request.delivered": "a dossier was delivered for the first time in its session",
    "request.repeated": "the same request came again in its session and got the same answer",
    "request.refused": "a request for a dossier was refused with a result; other-profile: what is"
    " ready is for another kind of transfer, or between schools of other sectors; plugin and its"
    " name: a check of your supplier refused, or failed",
    "request.recognised": "a plugin knew the pupil of a request for whom nothing is prepared",
    "notice.ordered": "an account ordered to notify the system that asked in vain",
    "notice.announced": "the Traffic Center took a notification and gave the address",
    "notice.refused": "the Traffic Center did not take a notification, or gave no answer",
    "notice.sent": "the system that asked answered to its notification, or did not",
    "notice.broken_off": "a process ended while notifying; whether it arrived is not known",
    "notification.received": "a school that was asked says that the dossier is ready now",
    "notification.repeated": "the same notification came again",
    "notification.refused": "a notification was refused with a result",
    "notification.told": "a plugin took note of a notification",
    "request.unchecked": "a system asked that the OSR was never heard about; it was let through",
    "osr.registered": "our endpoint was registered in the OSR",
    "osr.changed": "our endpoint in the OSR was changed",
    "osr.ended": "our endpoint in the OSR was given a last day, or removed",
    "osr.refused": "the OSR refused a write, or gave no answer to it; the reason is a word",
    "fetch.ordered": "an account ordered a dossier",
    "fetch.session": "the Traffic Center granted a session",
    "fetch.not_granted": "the Traffic Center granted no session",
    "fetch.answered": "an endpoint of the bronschool answered, or did not; the reason is a word",
    "fetch.failed": "carrying out the order failed here, again and again; its result is our fault",
    "fetch.received": "a dossier came and was stored",
    "fetch.signed_off": "the session was signed off",
    "fetch.expired": "the session could not be signed off within its life; the TC lets it expire",
    "received.handed_over": "a plugin gave its answer about a received dossier",
    "received.apart": "a received dossier differs from the order and waits for a person",
    "received.decided": "an account decided about a received dossier",
    "received.shown": "a received dossier was shown to, or exported by, an account",
    "plugin.traced": "an account had a plugin read a pupil, to see what it does; by which hook",
    "token.created": "a token of the JSON API was made",
    "token.revoked": "a token of the JSON API was revoked",
    "received.expiring": "nobody processed a received dossier, so it will be destroyed",
    "dossier.outdated": "the release of a prepared dossier is in use no longer; it will go",
    "dossier.destroyed": "a prepared dossier was destroyed; the reason is a word",
    "received.destroyed": "a received dossier and its order were destroyed; the reason is a word",
    "fetch.destroyed": "an order for which nothing came was destroyed",
    "request.destroyed": "a remembered request was destroyed",
    "audit.destroyed": "lines of the audit were destroyed; the reason is the last, and its hash",
    "store.backed_up": "a backup of the database was made",
    "store.restored": "a backup was put back; the reason is of when its last event was",
    "audit.shown": "an account looked in the audit; the reason is for what",
    "hold.added": "an account placed a hold, so that something stays; the reason is on what",
    "hold.released": "an account took a hold away; the reason is on what",
    "clock.confirmed": "an administrator confirmed the clock after a jump; destroying goes on",
}
"""Every event that the store records; a test keeps this list complete."""


def record(
    session: Session,
    name: str,
    moment: datetime,
    *,
    administration_id: int | None = None,
    account: str | None = None,
    subject: str | None = None,
    session_id: str | None = None,
    counterpart: str | None = None,
    result: str | None = None,
    fault_id: str | None = None,
    reason: str | None = None,
) -> Event:
    """Add an event, as the next line of the chain of its administration; gives it.

    name: one of :data:`NAMES`; subject: id of the prepared, received or ordered dossier;
    counterpart: BRIN or OIN of the other side; reason: the word that is also in the log. Nothing
    personal fits in any of these.
    """
    if name not in NAMES:
        raise ValueError("an event that is not in the list of events")
    event = Event(
        moment=moment,
        name=name,
        administration_id=administration_id,
        account=account and without_number(account),
        subject=subject,
        session_id=session_id,
        counterpart=counterpart,
        result=result,
        fault_id=fault_id,
        reason=reason,
        chain=administration_id or 0,
    )
    event_chain.append(session, event)
    return event


def destroy_until(
    session: Session, chain: int, number: int, moment: datetime, account: str | None = None
) -> None:
    """Destroy the first lines of a chain, up to and with this number.

    The chain begins after it from now on, which is an event: a beginning without one was not
    made here. account: by whose order; None for the runner.
    """
    last = event_chain.begin_after(session, chain, number)
    record(
        session,
        BEGINNING,
        moment,
        administration_id=chain or None,
        account=account,
        reason=event_chain.beginning(number, last),
    )
    session.execute(delete(Event).where(Event.chain == chain, Event.number <= number))


def untold(session: Session, plugin: str, limit: int = 100) -> Sequence[Event]:
    """The oldest events that a plugin was not told of yet."""
    offset = session.get(EventOffset, plugin)
    after = offset.last_id if offset else 0
    query = select(Event).where(Event.id > after).order_by(Event.id).limit(limit)
    return session.scalars(query).all()


def told(session: Session, plugin: str, event_id: int) -> None:
    """Remember that a plugin was told of everything up to and with this event."""
    session.merge(EventOffset(plugin=plugin, last_id=event_id))

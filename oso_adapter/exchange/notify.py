"""Notifying a system that asked in vain (flow c of wire 1.5): a conscious order, never by itself.

The Traffic Center says where exactly the endpoint that asked is now, and there one message goes,
without a dossier and without anything of the pupil but the session in which it was asked for. Each
message is sent once: what came of it is kept, and only a new order sends again (wire 5). Making
ready never depends on any of this.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from sqlalchemy.orm import Session

from oso_adapter.chain.traffic_center import PARTY, Parties, notification
from oso_adapter.clock import school_date
from oso_adapter.errors import (
    ConfigurationError,
    MalformedAnswer,
    NotAllowed,
    NotFound,
    Refused,
    Unreachable,
)
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.asked import of_request
from oso_adapter.exchange.fetch import NO_ANSWER, TECHNICAL
from oso_adapter.identifiers import Brin, RoutingId, SessionId
from oso_adapter.logs import event as log_event
from oso_adapter.store import events, exchanges, notices
from oso_adapter.store.models import Administration, Notice, NoticeState, Request
from oso_adapter.wire.messages import Message

DOEL = "the doelschool"


def order(adapter: Adapter, administration: Administration, account: str, request_id: int) -> str:
    """Store the order to notify the system that made this request; gives its id.

    Nothing is sent here: :func:`carry_out` does. Raises :class:`NotFound` when this administration
    has no such request, and :class:`NotAllowed` when nothing is ready for that system, or an
    earlier order for it is still under way.
    """
    give_up_left_behind(adapter)
    moment = adapter.clock()
    if not administration.is_valid(school_date(moment)):
        raise NotAllowed("deze administratie doet vandaag niet mee; er is niets gemeld")
    with adapter.store.reading() as session:
        request = session.get(Request, request_id)
    if request is None or request.administration_id != administration.id:
        raise NotFound("er is geen aanvraag met dit nummer; zie: oso-adapter notifications waiting")
    asked = of_request(adapter, administration, request)
    if asked is None:
        raise NotAllowed("dat systeem heeft sindsdien al een dossier gekregen dat actueel is")
    if asked.ready is None:
        raise NotAllowed(
            "er staat voor die school geen dossier klaar dat het systeem kan ophalen; "
            "zet het dossier eerst klaar"
        )
    notice = Notice(
        id=str(uuid4()),
        request_id=request.id,
        administration_id=administration.id,
        prepared_id=asked.ready.id,
        account=account,
        ordered_at=moment,
        state=NoticeState.ORDERED,
    )
    with adapter.store.writing() as session:
        if notices.unfinished_of(session, request.id) is not None:
            raise NotAllowed("dit systeem wordt op dit moment al ingelicht")
        session.add(notice)
        notice.request = session.get_one(Request, request.id)
        session.flush()
        _record(session, "notice.ordered", notice, moment)
    return notice.id


def carry_out(adapter: Adapter, notice_id: str) -> Notice:
    """Announce it to the Traffic Center, and tell exactly the endpoint that it names; once.

    Killed between the two, the row says how far it came. Raises :class:`NotAllowed` when another
    process has taken it up.
    """
    moment = adapter.clock()
    with adapter.store.writing() as session:
        until = moment + 2 * adapter.longest_step
        notice = notices.begin(session, notice_id, exchanges.lease_owner(), until)
        administration = session.get_one(Administration, notice.administration_id)
    try:
        return _told(adapter, administration, notice)
    except Exception as error:
        fault_id = str(uuid4())
        log_event("notice.failed", notice=notice.id, reason=type(error).__name__, fault_id=fault_id)
        return _end(adapter, notice, "notice.sent", TECHNICAL, fault_id)


def give_up_left_behind(adapter: Adapter) -> None:
    """Mark what a process left half done: it is not known whether the message arrived."""
    moment = adapter.clock()
    with adapter.store.reading() as session:
        found = notices.left_behind(session, moment)
    if found:
        with adapter.store.writing() as session:
            for notice in notices.left_behind(session, moment):
                break_off(session, notice, moment)


def break_off(session: Session, notice: Notice, moment: datetime) -> None:
    """Whether it arrived will not be known, so it is not sent again without a new order."""
    notice.state, notice.finished_at = NoticeState.BROKEN_OFF, moment
    _record(session, "notice.broken_off", notice, moment)


def listed(adapter: Adapter, administration: Administration) -> Sequence[Notice]:
    """What an administration ordered to be notified, oldest first."""
    give_up_left_behind(adapter)
    with adapter.store.reading() as session:
        return notices.listed(session, administration.id)


def _told(adapter: Adapter, administration: Administration, notice: Notice) -> Notice:
    request = notice.request
    parties = Parties(
        bron_brin=Brin(administration.brin),
        bron_routing_id=RoutingId(administration.routing_id),
        doel_brin=Brin(request.doel_brin),
        doel_routing_id=RoutingId(request.doel_routing_id),
    )
    of_request = (parties, SessionId(request.session_id), _asked_after(adapter, request))
    try:
        url = adapter.traffic_center.announce(*of_request)
    except Refused as refusal:
        return _end(adapter, notice, "notice.refused", refusal.code, refusal.fault_id)
    except (Unreachable, MalformedAnswer) as failure:
        return _unanswered(adapter, notice, "notice.refused", PARTY, failure.reason)
    moment = adapter.clock()
    with adapter.store.writing() as session:
        row = session.get_one(Notice, notice.id)
        row.state, row.url = NoticeState.SENDING, url
        _record(session, "notice.announced", row, moment)
    message = Message("notificatieRequest", notification(*of_request))
    try:
        answer = adapter.soap.call(url, message, party=DOEL)
    except Refused as refusal:
        return _end(adapter, notice, "notice.sent", refusal.code, refusal.fault_id)
    except (Unreachable, MalformedAnswer) as failure:
        return _unanswered(adapter, notice, "notice.sent", DOEL, failure.reason)
    except ConfigurationError:  # what the Traffic Center gave is no address
        return _unanswered(adapter, notice, "notice.sent", DOEL, "address")
    return _end(adapter, notice, "notice.sent", answer.values["resultaat"])


def _asked_after(adapter: Adapter, request: Request) -> datetime | None:
    """The aanvraagdatum that a notification names: that of the request, or else what is assumed."""
    if request.asked_after is None and adapter.contract.option("notification_moment") == "request":
        return request.first_at
    return request.asked_after


def _unanswered(adapter: Adapter, notice: Notice, name: str, party: str, reason: str) -> Notice:
    log_event("notice.no_answer", notice=notice.id, party=party, reason=reason)
    return _end(adapter, notice, name, NO_ANSWER, reason=reason)


def _end(
    adapter: Adapter,
    notice: Notice,
    name: str,
    result: str,
    fault_id: str | None = None,
    reason: str | None = None,
) -> Notice:
    moment = adapter.clock()
    with adapter.store.writing() as session:
        row = session.get_one(Notice, notice.id)
        row.state, row.finished_at = NoticeState.DONE, moment
        row.result, row.fault_id = result, fault_id
        _record(session, name, row, moment, result, fault_id, reason)
    return row


def _record(
    session: Session,
    name: str,
    notice: Notice,
    moment: datetime,
    result: str | None = None,
    fault_id: str | None = None,
    reason: str | None = None,
) -> None:
    request = notice.request
    events.record(
        session,
        name,
        moment,
        administration_id=notice.administration_id,
        account=notice.account,
        subject=notice.id,
        session_id=request.session_id,
        counterpart=f"{request.doel_brin} {request.doel_routing_id}",
        result=result,
        fault_id=fault_id,
        reason=reason,
    )

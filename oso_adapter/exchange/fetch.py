"""Fetching dossiers: carrying out an order, one durable step after another (flow a, doel).

The steps are those of wire 1.3: ask the Traffic Center for a session, ask each endpoint of the
bronschool until a dossier comes, store it, sign off with the best result, hand it over. A sign-off
that fails holds up nothing: the dossier is handed over, and signing off is tried again. The state
in the row says which step is next; whoever holds the lease does it. Killed anywhere, the order
goes on from the store: what has come is not asked again, and a session whose id was stored is
signed off. A session granted in an answer that died with the process is unknown here, is never
used, and expires at the Traffic Center.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from sqlalchemy.orm import Session

from oso_adapter import results
from oso_adapter.chain.traffic_center import PARTY, Parties, subject
from oso_adapter.errors import ConfigurationError, MalformedAnswer, Refused, Unreachable
from oso_adapter.exchange import receive
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.orders import order_of
from oso_adapter.identifiers import Brin, RoutingId, SessionId
from oso_adapter.logs import event as log_event
from oso_adapter.store import events, exchanges
from oso_adapter.store.models import Attempt, Exchange, ExchangeState
from oso_adapter.store.sealing import Purpose
from oso_adapter.wire.messages import Message, format_moment
from oso_adapter.wire.search_key import SearchKey

DELIVERED: Final = "OverdrachtGeslaagd"
NO_ANSWER: Final = "GeenAntwoord"
RESTORED: Final = "OnbekendNaHerstel"
"""Of an order that was open in a backup that was put back: it may have been carried out since."""
TECHNICAL: Final = "TechnischeFout"
OUR_LIMITS: Final = ("too-large", "too-deep", "too-many-elements", "too-many-attributes")
"""Reasons for which an answer is no use that are ours, and not the other side's."""
CLOSED_ALREADY: Final = "SessieReedsAfgemeld"
EXPIRED: Final = "SessieOnbekend"
LONGEST_WAIT: Final = timedelta(hours=1)


@dataclass(frozen=True)
class Job:
    """One order in the hands of one thread."""

    adapter: Adapter
    id: str
    owner: str

    def row(self) -> Exchange:
        """The row as it is now."""
        with self.adapter.store.reading() as session:
            return exchanges.found(session, self.id)

    def leased(self, session: Session, moment: datetime) -> Exchange:
        """The row, for writing, held for one more step."""
        return exchanges.leased(session, self.id, self.owner, moment + self.adapter.longest_step)


@dataclass(frozen=True)
class Answer:
    """What an endpoint gave: a dossier, or else a result with its fault id or reason."""

    code: str
    dossier: bytes | None = field(default=None, repr=False)
    fault_id: str | None = None
    reason: str | None = None


def advance(job: Job) -> ExchangeState:
    """Do step after step until the order is done or has to wait; gives the state it is in then.

    The caller holds the lease.
    """
    while True:
        exchange = job.row()
        state = ExchangeState(exchange.state)
        if not state.is_open or exchange.due_at > job.adapter.clock():
            return state
        STEPS[state](job, exchange)


def postpone(job: Job, fault_id: str) -> None:
    """Put an order back after something that failed here, so that it is not taken up at once.

    After the attempts of the settings an order without a dossier ends: as a fault of ours, with
    the id that is in the log. A dossier that came is never given up.
    """
    exchange = job.row()
    before = exchange.state in (ExchangeState.ORDERED, ExchangeState.OPEN)
    if before and _is_last(job, exchange):
        _fail(job, fault_id)
    else:
        _wait(job, exchange)


def open_session(job: Job, exchange: Exchange) -> None:
    """Ask the Traffic Center for a session, and store it before it is used."""
    adapter, order = job.adapter, order_of(job.adapter, exchange)
    key = adapter.search_key.make(order.pgn)
    try:
        grant = adapter.traffic_center.open_session(
            parties_of(exchange), key, exchange.overdrachtsoort
        )
    except Refused as refusal:
        _finish_without_session(job, refusal.code, refusal.fault_id)
        return
    except (Unreachable, MalformedAnswer) as failure:
        _log_no_answer(exchange, PARTY, failure.reason)
        if _is_last(job, exchange):
            _finish_without_session(job, NO_ANSWER, reason=failure.reason)
        else:
            _wait(job, exchange)
        return
    sealed = adapter.sealer.seal_field(f"{key.fragment} {key.key}".encode(), Purpose.SEARCH_KEY)
    moment = adapter.clock()
    with adapter.store.writing() as session:
        row = job.leased(session, moment)
        row.session_id, row.session_at, row.key_sealed = str(grant.session_id), moment, sealed
        row.state, row.attempt, row.due_at = ExchangeState.OPEN, 0, moment
        for position, endpoint in enumerate(grant.endpoints):
            session.add(
                Attempt(
                    exchange_id=row.id,
                    session_id=row.session_id,
                    position=position,
                    routing_id=endpoint.routing_id,
                    url=endpoint.url,
                )
            )
        _record(session, "fetch.session", row, moment)


def ask_endpoint(job: Job, exchange: Exchange) -> None:
    """Ask the next endpoint that has not answered; a dossier that comes is stored at once."""
    adapter = job.adapter
    if _lapsed(adapter, exchange):
        _start_again(job)
        return
    with adapter.store.reading() as session:
        waiting = [a for a in exchanges.attempts(session, exchange) if a.result is None]
    if not waiting:
        _close(job)
        return
    attempt = waiting[0]
    answer = _document(adapter, exchange, attempt)
    arrival = receive.arrived(adapter, exchange, answer.dossier) if answer.dossier else None
    moment = adapter.clock()
    with adapter.store.writing() as session:
        row = job.leased(session, moment)
        asked = session.get_one(
            Attempt, (attempt.exchange_id, attempt.session_id, attempt.position)
        )
        asked.result, asked.answered_at = answer.code, moment
        row.fault_id = answer.fault_id or row.fault_id
        _record(
            session,
            "fetch.answered",
            row,
            moment,
            attempt.routing_id,
            answer.code,
            answer.fault_id,
            answer.reason,
        )
        if arrival is not None:
            receive.keep(session, arrival)
            row.state = ExchangeState.CLOSING
            row.result = DELIVERED
            _record(session, "fetch.received", row, moment, attempt.routing_id, DELIVERED)


def sign_off(job: Job, exchange: Exchange) -> None:
    """Sign off with the best result; the one endpoint that gave it is named as bron (PvE-16)."""
    adapter = job.adapter
    with adapter.store.reading() as session:
        asked = exchanges.attempts(session, exchange)
    codes = [attempt.result or NO_ANSWER for attempt in asked]
    best = results.best(codes) if codes else None
    bron = RoutingId(asked[best].routing_id) if best is not None else None
    result = exchange.result or NO_ANSWER
    try:
        adapter.traffic_center.sign_off(
            parties_of(exchange, bron),
            SessionId(exchange.session_id or ""),
            adapter.contract.option("no_answer_result")
            if result in (NO_ANSWER, RESTORED)
            else result,
        )
    except Refused as refusal:
        closed, gone = refusal.code == CLOSED_ALREADY, refusal.code == EXPIRED
    except (Unreachable, MalformedAnswer) as failure:
        _log_no_answer(exchange, PARTY, failure.reason)
        closed, gone = False, False
    else:
        closed, gone = True, False
    if closed or gone or _lapsed(adapter, exchange):
        _leave_session(job, closed)
        return
    if result == DELIVERED:  # the user need not know of the session (wire 1.3 step 11)
        receive.hand_over(adapter, exchange)
    _wait(job, exchange)


def hand_over(job: Job, exchange: Exchange) -> None:
    """Offer the dossier to the plugin, at least once and with the same id."""
    if receive.hand_over(job.adapter, exchange):
        with job.adapter.store.writing() as session:
            row = job.leased(session, job.adapter.clock())
            _finish(row, job.adapter.clock())
    else:
        _wait(job, exchange)


STEPS: Final[Mapping[ExchangeState, Callable[[Job, Exchange], None]]] = {
    ExchangeState.ORDERED: open_session,
    ExchangeState.OPEN: ask_endpoint,
    ExchangeState.CLOSING: sign_off,
    ExchangeState.HANDING_OVER: hand_over,
}


def parties_of(exchange: Exchange, bron: RoutingId | None = None) -> Parties:
    """Who asks whom; ``bron`` is the endpoint concerned, or that of the order when it names one."""
    specific = RoutingId(exchange.bron_routing_id) if exchange.bron_routing_id else None
    return Parties(
        bron_brin=Brin(exchange.bron_brin),
        bron_routing_id=bron or specific,
        doel_brin=Brin(exchange.administration.brin),
        doel_routing_id=RoutingId(exchange.administration.routing_id),
    )


def _document(adapter: Adapter, exchange: Exchange, attempt: Attempt) -> Answer:
    """One documentRequest."""
    key = adapter.sealer.open_field(exchange.key_sealed or b"", Purpose.SEARCH_KEY).decode()
    fragment, _, value = key.partition(" ")
    parties = parties_of(exchange, RoutingId(attempt.routing_id))
    values = {
        **parties.values(),
        **subject(SearchKey(value, fragment)),
        "overdrachtsoort": exchange.overdrachtsoort,
        "sessieId": exchange.session_id,
    }
    if exchange.asked_after is not None:
        values["aanvraagdatum"] = format_moment(exchange.asked_after)
    try:
        request = Message("documentRequest", values)
        answer = adapter.soap.call(attempt.url, request, party="the bronschool")
    except Refused as refusal:
        return Answer(refusal.code, fault_id=refusal.fault_id)
    except (Unreachable, MalformedAnswer) as failure:
        return _no_answer(exchange, failure.reason)
    except ConfigurationError:  # what the OSR has is no address
        return _no_answer(exchange, "address")
    if answer.dossier is not None:
        return Answer(DELIVERED, answer.dossier)
    code = answer.values["resultaat"]
    if results.result(code).cls == "normal":
        return _no_answer(exchange, "no-dossier")
    return Answer(code)


def _no_answer(exchange: Exchange, reason: str) -> Answer:
    """What came is no use; when that is because of our own limits, it is a fault of ours."""
    fault_id = str(uuid4()) if reason in OUR_LIMITS else None
    _log_no_answer(exchange, "the bronschool", reason, fault_id)
    return Answer(TECHNICAL if fault_id else NO_ANSWER, fault_id=fault_id, reason=reason)


def _log_no_answer(
    exchange: Exchange, party: str, reason: str, fault_id: str | None = None
) -> None:
    log_event(
        "exchange.no_answer", exchange=exchange.id, party=party, reason=reason, fault_id=fault_id
    )


def _close(job: Job) -> None:
    """No endpoint is left to ask: settle the best result, and go on to signing off."""
    moment = job.adapter.clock()
    with job.adapter.store.writing() as session:
        row = job.leased(session, moment)
        codes = [attempt.result or NO_ANSWER for attempt in exchanges.attempts(session, row)]
        row.result = codes[results.best(codes)] if codes else NO_ANSWER
        row.state, row.due_at = ExchangeState.CLOSING, moment


def _leave_session(job: Job, closed: bool) -> None:
    """The session is closed, or out of reach for good; the user has the result anyway."""
    moment = job.adapter.clock()
    with job.adapter.store.writing() as session:
        row = job.leased(session, moment)
        row.attempt, row.due_at = 0, moment
        if closed:
            row.signed_off_at = moment
        name = "fetch.signed_off" if closed else "fetch.expired"
        _record(session, name, row, moment, result=row.result)
        if row.result == DELIVERED:
            row.state = ExchangeState.HANDING_OVER
        else:
            _finish(row, moment)


def _start_again(job: Job) -> None:
    """The session ran out before a dossier came (this machine was down): ask for another one."""
    moment = job.adapter.clock()
    with job.adapter.store.writing() as session:
        row = job.leased(session, moment)
        _record(session, "fetch.expired", row, moment)
        row.session_id = row.session_at = row.key_sealed = None
        row.state, row.attempt, row.due_at = ExchangeState.ORDERED, 0, moment


def _finish_without_session(
    job: Job, code: str, fault_id: str | None = None, reason: str | None = None
) -> None:
    moment = job.adapter.clock()
    with job.adapter.store.writing() as session:
        row = job.leased(session, moment)
        row.result, row.fault_id = code, fault_id
        _finish(row, moment)
        _record(session, "fetch.not_granted", row, moment, None, code, fault_id, reason)


def _fail(job: Job, fault_id: str) -> None:
    """Give up with a fault of ours; a session that there is still has to be signed off."""
    moment = job.adapter.clock()
    with job.adapter.store.writing() as session:
        row = job.leased(session, moment)
        row.result, row.fault_id = TECHNICAL, fault_id
        _record(session, "fetch.failed", row, moment, result=TECHNICAL, fault_id=fault_id)
        if row.session_id is None:
            _finish(row, moment)
        else:
            row.state, row.attempt, row.due_at = ExchangeState.CLOSING, 0, moment


def _is_last(job: Job, exchange: Exchange) -> bool:
    """Whether this was the last of the attempts that the settings give an order."""
    return exchange.attempt + 1 >= job.adapter.settings.fetching.attempts


def _wait(job: Job, exchange: Exchange) -> None:
    """Try again later, each time twice as late."""
    adapter, moment = job.adapter, job.adapter.clock()
    attempt = exchange.attempt + 1
    pause = timedelta(seconds=adapter.settings.fetching.retry_after * 2 ** min(attempt - 1, 10))
    with adapter.store.writing() as session:
        row = job.leased(session, moment)
        row.attempt, row.due_at = attempt, moment + min(pause, LONGEST_WAIT)


def _finish(row: Exchange, moment: datetime) -> None:
    row.state, row.finished_at = ExchangeState.DONE, moment


def _lapsed(adapter: Adapter, exchange: Exchange) -> bool:
    """Whether the session has outlived the time that the Traffic Center gives it (assumed)."""
    minutes = int(adapter.contract.option("session_minutes"))
    begun = exchange.session_at
    return begun is not None and adapter.clock() - begun > timedelta(minutes=minutes)


def _record(
    session: Session,
    name: str,
    row: Exchange,
    moment: datetime,
    counterpart: str | None = None,
    result: str | None = None,
    fault_id: str | None = None,
    reason: str | None = None,
) -> None:
    events.record(
        session,
        name,
        moment,
        administration_id=row.administration_id,
        account=row.account,
        subject=row.id,
        session_id=row.session_id,
        counterpart=counterpart or row.bron_brin,
        result=result,
        fault_id=fault_id,
        reason=reason,
    )

"""Destroying what is past its term (wire 5, PvE-19): by the runner every day, or by command.

The key goes first, then everything that could tell who it was about. The events stay until the end
of their own term: which dossier, when, between whom, by whose order.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from oso_adapter.clock import school_date
from oso_adapter.errors import NotAllowed, StoreUnavailable
from oso_adapter.exchange import holds, trusted_clock
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.jobs import ANSWERS_KEPT
from oso_adapter.logs import event as log_event
from oso_adapter.store import answers, destroying, dossiers, events, exchanges, jobs, retention
from oso_adapter.store import holds as holds_of_store
from oso_adapter.store.event_chain import last_before
from oso_adapter.store.holds import Held
from oso_adapter.store.models import EventChain
from oso_adapter.store.retention import Due, Terms

REWRITTEN: Final = 256 * 1024 * 1024
"""A database of at most so many octets is made anew each day that something was destroyed: seconds.
"""
BATCH: Final = 50
"""So many are destroyed in one transaction: others wait that long at most."""

DESTROYED: Final = {
    "prepared": "dossier.destroyed",
    "received": "received.destroyed",
    "order": "fetch.destroyed",
    "request": "request.destroyed",
}


def due(adapter: Adapter) -> list[Due]:
    """What would be destroyed now."""
    return _due(adapter)[0]


def purge(adapter: Adapter, account: str | None = None, *, rewrite: bool = False) -> list[Due]:
    """Destroy what is past its term; gives what was destroyed.

    Warns of received dossiers that nobody processes, and begins the term of what a cut-over made
    obsolete. account: by whose order; None for the runner. rewrite: make the files anew, also when
    that takes long. Raises NotAllowed when the clock cannot be believed.
    """
    moment = adapter.clock()
    trusted_clock.require_trusted(adapter, moment)
    terms = terms_of(adapter, moment)
    _give_notice(adapter, terms, moment)
    found, held = _due(adapter)
    done = [
        each
        for batch in _batches(found)
        for each in destroy(adapter, _past_its_term(batch, terms, held), account)
    ]
    _destroy_lines(adapter, moment, account)
    _forget_calls(adapter, moment)
    trusted_clock.remember(adapter, moment)
    if rewrite or (done and adapter.store.size() <= REWRITTEN):
        _make_anew(adapter)
    empty_log(adapter)
    return done


def destroy_received(adapter: Adapter, received_id: str, *, account: str) -> None:
    """Destroy a received dossier with its order now, by order of an account.

    Raises NotFound, and NotAllowed when there is a hold on it, or somebody has it in hand.
    """

    def named(session: Session) -> Sequence[Due]:
        received = dossiers.received(session, received_id)
        order = exchanges.found(session, received.exchange_id)
        due = Due(
            *("received", received.id, order.id, received.administration_id, "order"),
            *(received.bron_brin, order.session_id),
        )
        if holds_of_store.held(session).covers(due):
            raise NotAllowed("op dit dossier rust een bewaarplicht; zie: oso-adapter audit hold")
        if order.lease_owner is not None:
            raise NotAllowed("dit dossier wordt nu verwerkt; probeer het zo opnieuw")
        return [due]

    destroy(adapter, named, account)
    empty_log(adapter)


def destroy(
    adapter: Adapter, which: Callable[[Session], Sequence[Due]], account: str | None = None
) -> Sequence[Due]:
    """Destroy what ``which`` gives; gives it too. The keys go first, in a step of their own; so do
    requests, which have none: a hold that comes after that step comes too late for all of these.
    """
    moment = adapter.clock()
    with adapter.store.writing() as session:
        found = which(session)
        destroying.destroy_keys(session, _rows(found))
        requests = [each.row for each in found if isinstance(each.row, int)]
        destroying.destroy_requests(session, requests)
        _record(session, [each for each in found if each.row in requests], moment, account)
    with adapter.store.writing() as session:
        destroying.destroy_rows(session, _rows(found), moment)
        _record(session, [each for each in found if each.row not in requests], moment, account)
    return found


def _record(
    session: Session, destroyed: Sequence[Due], moment: datetime, account: str | None
) -> None:
    for each in destroyed:
        events.record(
            session,
            DESTROYED[each.kind],
            moment,
            administration_id=each.administration_id,
            account=account,
            subject=None if each.kind == "request" else each.id,
            session_id=each.session_id,
            counterpart=each.counterpart,
            reason=each.reason,
        )


def _due(adapter: Adapter) -> tuple[list[Due], Held]:
    """What is past its term and not held, and what was held when that was seen."""
    with adapter.store.reading() as session:
        found = retention.due(session, terms_of(adapter, adapter.clock()))
    held = holds.held(adapter, found)
    return [each for each in found if not held.covers(each)], held


def _past_its_term(
    batch: Sequence[Due], terms: Terms, seen: Held
) -> Callable[[Session], Sequence[Due]]:
    """What of these still is, and is not held, when it comes to it.

    seen: what was held when these were found. A pupil who is held since then may be whom a request
    was for, which only its zoeksleutel tells: requests wait for the next run then.
    """

    def which(session: Session) -> Sequence[Due]:
        held = holds_of_store.held(session)
        found = [each for each in retention.due(session, terms, batch) if not held.covers(each)]
        if seen.knows(holds_of_store.sealed_numbers(session)):
            return found
        return [each for each in found if each.kind != "request"]

    return which


def _destroy_lines(adapter: Adapter, moment: datetime, account: str | None) -> None:
    """The audit has a term too: its oldest lines go, up to the first that is held, and the chain
    begins after them. Where another hold came since that was found out, they wait for the next run.
    """
    before = moment - timedelta(days=adapter.settings.retention.audit)
    with adapter.store.reading() as session:
        chains = session.scalars(select(EventChain).order_by(EventChain.id)).all()
        held = holds_of_store.held(session)
        ends = {
            row.id: (row.first, last_before(session, row, before, held.subjects))
            for row in chains
            if row.id not in held.administrations
        }
    for chain, (first, last) in ends.items():
        if last > first:
            with adapter.store.writing() as session:
                if holds_of_store.held(session) == held:
                    events.destroy_until(session, chain, last, moment, account)
    with adapter.store.writing() as session:
        destroying.destroy_links(session, before, holds_of_store.held(session).subjects)


def _forget_calls(adapter: Adapter, moment: datetime) -> None:
    """Of the JSON API: jobs with the references of their pupils, and answers that were kept."""
    with adapter.store.writing() as session:
        jobs.forget(session, moment - timedelta(days=adapter.settings.retention.jobs))
        answers.forget_old(session, moment - ANSWERS_KEPT)


def _make_anew(adapter: Adapter) -> None:
    """See to it that no page of the file has a copy of what was destroyed."""
    try:
        adapter.store.rewrite()
    except StoreUnavailable:  # no room for it, or others write; it is done the next time
        log_event("purge.traces_left")


def empty_log(adapter: Adapter) -> None:
    """See to it that what was destroyed does not stand in the write-ahead log either."""
    if not adapter.store.truncate_log():
        log_event("purge.traces_left")


def terms_of(adapter: Adapter, moment: datetime) -> Terms:
    """The terms of the settings, as moments."""
    days = adapter.settings.retention

    def before(count: int) -> datetime:
        return moment - timedelta(days=count)

    return Terms(
        withdrawn=before(days.withdrawn),
        prepared=before(days.prepared),
        received=before(days.received),
        unprocessed=before(days.unprocessed),
        warning=before(max(days.unprocessed - days.warning, 0)),
        warned=before(min(days.warning, days.unprocessed)),
        requests=before(days.requests),
        orders=before(days.orders),
        accepted=adapter.releases.accepted_on(school_date(moment)),
    )


def _give_notice(adapter: Adapter, terms: Terms, moment: datetime) -> None:
    """Nothing that somebody may still count on is destroyed before its term was told of."""
    with adapter.store.writing() as session:
        for received in retention.to_warn_of(session, terms):
            events.record(
                session,
                retention.WARNED,
                moment,
                administration_id=received.administration_id,
                subject=received.id,
                counterpart=received.bron_brin,
            )
        for prepared in retention.newly_outdated(session, terms):
            events.record(
                session,
                retention.OUTDATED,
                moment,
                administration_id=prepared.administration_id,
                subject=prepared.id,
            )


def _rows(found: Sequence[Due]) -> list[str]:
    return [each.row for each in found if isinstance(each.row, str)]


def _batches(found: Sequence[Due]) -> Iterator[Sequence[Due]]:
    for begin in range(0, len(found), BATCH):
        yield found[begin : begin + BATCH]

"""What is past its term: the rules, as a table of queries."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Select, literal, select
from sqlalchemy.orm import Session

from oso_adapter.store.models import (
    Event,
    Exchange,
    ExchangeState,
    Prepared,
    PreparedState,
    Received,
    ReceivedState,
    Request,
)

Rows = Select[*tuple[Any, ...]]
Kind = Literal["prepared", "received", "order", "request"]

WITHDRAWN: Final = (PreparedState.WITHDRAWN, PreparedState.SUPERSEDED)
PROCESSED: Final = (ReceivedState.ACCEPTED, ReceivedState.REJECTED)
WARNED: Final = "received.expiring"
OUTDATED: Final = "dossier.outdated"


@dataclass(frozen=True)
class Terms:
    """What is older than these moments has had its time.

    accepted: the releases in use today; warning: from when on an unprocessed dossier is warned
    of; warned: one that was warned of before this moment was warned of in time.
    """

    withdrawn: datetime
    prepared: datetime
    received: datetime
    unprocessed: datetime
    warning: datetime
    warned: datetime
    requests: datetime
    orders: datetime
    accepted: Sequence[str]


@dataclass(frozen=True)
class Due:
    """Something that is past its term, and why, in a word.

    id: of the dossier, order or request; row: the id by which it is destroyed (of a received
    dossier its order).
    """

    kind: Kind
    id: str
    row: str | int
    administration_id: int
    reason: str
    counterpart: str | None = None
    session_id: str | None = None


def due(session: Session, terms: Terms, only: Collection[Due] | None = None) -> list[Due]:
    """What is past its term now. only: what was, to be looked at again; None for all."""
    found = {(each.kind, each.row): each for each in _due(session, terms, only)}
    return list(found.values())


def to_warn_of(session: Session, terms: Terms) -> Sequence[Received]:
    """Unprocessed dossiers that come near their term and were not warned of."""
    query = (
        select(Received)
        .where(Received.state.not_in(PROCESSED), Received.received_at <= terms.warning)
        .where(Received.id.not_in(_told(WARNED)))
    )
    return session.scalars(query.order_by(Received.received_at)).all()


def warned_at(session: Session, ids: Collection[str]) -> dict[str, datetime]:
    """When it was warned of each of these received dossiers, of which it was."""
    query = select(Event.subject, Event.moment).where(Event.name == WARNED, Event.subject.in_(ids))
    return {str(subject): moment for subject, moment in session.execute(query)}


def newly_outdated(session: Session, terms: Terms) -> Sequence[Prepared]:
    """Prepared dossiers of a release that is in use no longer, for which the term begins now."""
    query = select(Prepared).where(_outdated(terms), Prepared.id.not_in(_told(OUTDATED)))
    return session.scalars(query).all()


def _due(session: Session, terms: Terms, only: Collection[Due] | None) -> Iterator[Due]:
    for kind, reason, key, query in _rules(terms):
        rows = None if only is None else [each.row for each in only if each.kind == kind]
        for found in session.execute(query if rows is None else query.where(key.in_(rows))):
            name, row, administration_id, counterpart, session_id = found
            yield Due(kind, str(name), row, administration_id, reason, counterpart, session_id)


def _rules(terms: Terms) -> tuple[tuple[Kind, str, Any, Rows], ...]:
    """Kind, reason, the column of the row, and what is past its term."""
    came = select(Received.exchange_id)
    gone = Prepared.state.in_(WITHDRAWN)
    told = Prepared.id.in_(_told(OUTDATED, terms.withdrawn))
    warned = Received.id.in_(_told(WARNED, terms.warned))
    done = Received.state.in_(PROCESSED)
    return (
        ("prepared", "withdrawn", Prepared.id, _prepared(
            gone, Prepared.changed_at <= terms.withdrawn)),
        ("prepared", "outdated", Prepared.id, _prepared(_outdated(terms), told)),
        ("prepared", "old", Prepared.id, _prepared(
            ~gone, Prepared.changed_at <= terms.prepared)),
        ("received", "processed", Received.exchange_id, _received(
            done, Received.changed_at <= terms.received)),
        ("received", "unprocessed", Received.exchange_id, _received(
            ~done, Received.received_at <= terms.unprocessed, warned)),
        ("order", "nothing-came", Exchange.id, _order(
            Exchange.id.not_in(came), Exchange.finished_at <= terms.orders)),
        ("request", "term", Request.id, _request(Request.last_at <= terms.requests)),
    )  # fmt: skip


def _prepared(*which: ColumnElement[bool]) -> Rows:
    return select(
        Prepared.id,
        Prepared.id.label("row"),
        Prepared.administration_id,
        _nothing("counterpart"),
        _nothing("session_id"),
    ).where(*which)


def _received(*which: ColumnElement[bool]) -> Rows:
    """Not what somebody has in hand now."""
    return (
        select(
            Received.id,
            Received.exchange_id.label("row"),
            Received.administration_id,
            Received.bron_brin.label("counterpart"),
            Exchange.session_id,
        )
        .join(Exchange, Exchange.id == Received.exchange_id)
        .where(Exchange.lease_owner.is_(None), *which)
    )


def _order(*which: ColumnElement[bool]) -> Rows:
    return select(
        Exchange.id,
        Exchange.id.label("row"),
        Exchange.administration_id,
        Exchange.bron_brin.label("counterpart"),
        Exchange.session_id,
    ).where(Exchange.lease_owner.is_(None), Exchange.state == ExchangeState.DONE, *which)


def _request(*which: ColumnElement[bool]) -> Rows:
    return select(
        Request.id,
        Request.id.label("row"),
        Request.administration_id,
        (Request.doel_brin + " " + Request.peer_oin).label("counterpart"),
        Request.session_id,
    ).where(*which)


def _outdated(terms: Terms) -> ColumnElement[bool]:
    return Prepared.state.not_in(WITHDRAWN) & Prepared.release.not_in(terms.accepted)


def _told(name: str, until: datetime | None = None) -> Rows:
    """The subjects of an event, of those up to a moment if there is one."""
    query = select(Event.subject).where(Event.name == name, Event.subject.is_not(None))
    return query if until is None else query.where(Event.moment <= until)


def _nothing(name: str) -> ColumnElement[Any]:
    return literal(None).label(name)

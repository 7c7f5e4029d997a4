"""What has to be settled in yesterday's database before the adapter goes on with it.

Of the hours after the backup nothing is known here: orders were carried out, dossiers handed over,
sessions signed off. So an order that was open then is not carried out again: it ends, and a person
looks whether its dossier came. What had come by then is offered again with the same id, which the
plugin knows. A session that was open is signed off; the Traffic Center knows whether that was done.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.fetch import RESTORED
from oso_adapter.exchange.notify import break_off
from oso_adapter.store import event_chain, events, notices
from oso_adapter.store.dossiers import DELIVERABLE
from oso_adapter.store.models import (
    Event,
    Exchange,
    ExchangeState,
    Prepared,
)

GAP: Final = 1_000_000
"""A plugin was told of events of the lost hours; none of their ids is given again."""


@dataclass(frozen=True)
class Settled:
    """What was found in a backup. made_at: its last event; ready: dossiers that can be fetched."""

    made_at: datetime | None
    ended: int
    to_sign_off: int
    ready: int


def settle(adapter: Adapter, account: str) -> Settled:
    """Settle what was open, and record in every chain that a backup was restored.

    account: by whose order.
    """
    moment = adapter.clock()
    with adapter.store.writing() as session:
        made_at = session.scalar(select(func.max(Event.moment)))
        ended = _end_orders(session, moment)
        to_sign_off = session.scalar(
            select(func.count(Exchange.id)).filter_by(state=ExchangeState.CLOSING)
        )
        ready = session.scalar(
            select(func.count(Prepared.id)).where(Prepared.state.in_(DELIVERABLE))
        )
        for notice in notices.unfinished(session):
            break_off(session, notice, moment)
        _record(session, moment, made_at, account)
    return Settled(made_at, ended, to_sign_off or 0, ready or 0)


def _end_orders(session: Session, moment: datetime) -> int:
    """End the orders for which nothing had come; those in a session by signing that off."""
    open_ones = select(Exchange).where(
        Exchange.state.in_((ExchangeState.ORDERED, ExchangeState.OPEN))
    )
    rows = session.scalars(open_ones).all()
    for row in rows:
        row.result, row.attempt, row.due_at = RESTORED, 0, moment
        if row.session_id is None:
            row.state, row.finished_at = ExchangeState.DONE, moment
        else:
            row.state = ExchangeState.CLOSING
    session.execute(update(Exchange).values(lease_owner=None, lease_until=None))
    return len(rows)


def _record(session: Session, moment: datetime, made_at: datetime | None, account: str) -> None:
    last = session.scalar(select(func.max(Event.id))) or 0
    chains = {0, *(head.chain for head in event_chain.heads(session))}
    for chain in sorted(chains):
        recorded = events.record(
            session,
            "store.restored",
            moment,
            administration_id=chain or None,
            account=account,
            reason=f"of {made_at:%Y-%m-%dT%H:%M:%SZ}" if made_at else None,
        )
        if chain == 0:
            recorded.id = last + GAP
            session.flush()

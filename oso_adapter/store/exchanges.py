"""Orders to fetch as jobs: which is due, and who has it now.

The row is the job. A lease names the process that works on it, and the time that it took it up;
only the holder of the lease may write the row, so two runners, or two threads of one, never work on
one exchange. A lease of a process that is dead on this machine is free at once, another's when its
time has passed.
"""

import os
import secrets
import socket
from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from oso_adapter.errors import NotAllowed, NotFound
from oso_adapter.store.models import Attempt, Exchange, ExchangeState, Job, Received


def lease_owner() -> str:
    """A new name for who takes an exchange up: machine, process id, its start, and a token.

    With its start a process id that is used again is another, and with the token each time is.
    """
    process = f"{socket.gethostname()[:30]}:{os.getpid()}:{_started(os.getpid())}"
    return f"{process}:{secrets.token_hex(4)}"


def claim(
    session: Session,
    owner: str,
    now: datetime,
    until: datetime,
    only: Collection[str] | None = None,
) -> str | None:
    """Take the lease, until that moment, of the exchange that is due longest; gives its id.

    only: ids to choose from, or None for all. None when nothing is due.
    """
    query = (
        select(Exchange.id)
        .where(Exchange.state != ExchangeState.DONE, Exchange.due_at <= now)
        .where((Exchange.lease_until.is_(None)) | (Exchange.lease_until < now))
        .order_by(Exchange.due_at, Exchange.id)
        .limit(1)
    )
    if only is not None:
        query = query.where(Exchange.id.in_(only))
    exchange_id = session.scalar(query)
    if exchange_id is not None:
        session.execute(
            update(Exchange)
            .where(Exchange.id == exchange_id)
            .values(lease_owner=owner, lease_until=until)
        )
    return exchange_id


def unfinished_like(session: Session, order: Exchange) -> Exchange | None:
    """An order of the same administration for the same pupil and school that is not done."""
    return session.scalar(
        select(Exchange)
        .where(Exchange.state != ExchangeState.DONE)
        .filter_by(
            administration_id=order.administration_id,
            pgn_hmac=order.pgn_hmac,
            bron_brin=order.bron_brin,
            bron_routing_id=order.bron_routing_id,
            overdrachtsoort=order.overdrachtsoort,
            asked_after=order.asked_after,
        )
        .limit(1)
    )


def is_ordered(session: Session, exchange: Exchange, pgn_hmac: bytes) -> bool:
    """Whether another order of the same administration is for the pupil with this number."""
    query = select(Exchange.id).filter_by(
        administration_id=exchange.administration_id, pgn_hmac=pgn_hmac
    )
    return session.scalar(query.where(Exchange.id != exchange.id).limit(1)) is not None


def leased(session: Session, exchange_id: str, owner: str, until: datetime) -> Exchange:
    """The exchange, for writing, with its lease renewed until that moment.

    Raises :class:`NotAllowed` when the lease has gone to another process.
    """
    exchange = session.get_one(Exchange, exchange_id)
    if exchange.lease_owner != owner:
        raise NotAllowed("another process has taken over this exchange")
    exchange.lease_until = until
    return exchange


def release(session: Session, exchange_id: str, owner: str) -> None:
    """Give the lease back."""
    session.execute(
        update(Exchange)
        .where(Exchange.id == exchange_id, Exchange.lease_owner == owner)
        .values(lease_owner=None, lease_until=None)
    )


def free_dead_leases(session: Session) -> None:
    """Free the leases, of orders and of jobs, of processes of this machine that no longer run."""
    for leased_by in (Exchange, Job):
        _free_dead(session, leased_by)


def offer_again(session: Session, now: datetime) -> None:
    """Take up the orders whose dossier may be offered to the plugin by now."""
    due = select(Received.exchange_id).where(Received.offer_at <= now)
    session.execute(
        update(Exchange)
        .where(Exchange.state == ExchangeState.DONE, Exchange.id.in_(due))
        .values(state=ExchangeState.HANDING_OVER, attempt=0, due_at=now)
    )


def hand_over_now(session: Session, exchange_id: str, moment: datetime) -> None:
    """What waits to be offered to the plugin again is due at once."""
    session.execute(
        update(Exchange)
        .where(Exchange.id == exchange_id, Exchange.state == ExchangeState.HANDING_OVER)
        .values(due_at=moment, attempt=0)
    )


def end_handing_over(session: Session, exchange_id: str, moment: datetime) -> None:
    """The order is done, when all it waited for was a decision about its dossier."""
    session.execute(
        update(Exchange)
        .where(Exchange.id == exchange_id, Exchange.state == ExchangeState.HANDING_OVER)
        .values(state=ExchangeState.DONE, finished_at=moment)
    )


def attempts(session: Session, exchange: Exchange) -> Sequence[Attempt]:
    """The endpoints of the present session, in the order in which they are asked."""
    return session.scalars(
        select(Attempt)
        .filter_by(exchange_id=exchange.id, session_id=exchange.session_id)
        .order_by(Attempt.position)
    ).all()


def listed(session: Session, administration_id: int) -> Sequence[Exchange]:
    """The orders of an administration, oldest first."""
    return session.scalars(
        select(Exchange)
        .filter_by(administration_id=administration_id)
        .order_by(Exchange.ordered_at, Exchange.id)
    ).all()


def found(session: Session, exchange_id: str) -> Exchange:
    """The exchange with that id; raises :class:`NotFound`."""
    exchange = session.get(Exchange, exchange_id)
    if exchange is None:
        raise NotFound(f"there is no order {exchange_id}")
    return exchange


def _free_dead(session: Session, table: type[Exchange] | type[Job]) -> None:
    query = select(table.lease_owner).where(table.lease_owner.is_not(None)).distinct()
    dead = [owner for owner in session.scalars(query) if owner and not lives(owner)]
    if dead:
        session.execute(
            update(table)
            .where(table.lease_owner.in_(dead))
            .values(lease_owner=None, lease_until=None)
        )


def lives(owner: str) -> bool:
    """Whether the process of a lease still runs; of another machine that is not known: it does."""
    machine, _, process = owner.partition(":")
    if machine != socket.gethostname()[:30]:
        return True
    pid, started, *_ = process.split(":")
    return _started(int(pid)) == started


def _started(pid: int) -> str:
    """When a process of this machine began, in clock ticks since boot; empty when it is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] == "Z" else fields[19]

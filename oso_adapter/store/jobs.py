"""Long work: which is due, who has it now, and how far it has come."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from oso_adapter.errors import NotAllowed
from oso_adapter.store.models import Exchange, ExchangeState, ItemState, Job, JobItem, JobKind

_OF_THE_RUNNER: Final = (JobKind.COLLECT, JobKind.FIND)


def add(session: Session, job: Job, items: Sequence[JobItem]) -> None:
    """Store a job with its items."""
    session.add(job)
    session.flush()
    session.add_all(items)


def claim(
    session: Session,
    owner: str,
    now: datetime,
    until: datetime,
    served: Mapping[int | str, int] = MappingProxyType({}),
) -> Job | None:
    """Take the lease, until that moment, of the job whose turn it is; None when none is due.

    served: when an administration and a job (by id) last had a turn, as a number that rises. First
    comes the administration that had its turn longest ago, of that the job, and then the oldest.
    """
    due = session.execute(
        select(Job.id, Job.administration_id)
        .where(Job.kind.in_(_OF_THE_RUNNER), Job.finished_at.is_(None))
        .where((Job.lease_until.is_(None)) | (Job.lease_until < now))
        .order_by(Job.ordered_at, Job.id)
    ).all()
    if not due:
        return None
    turn = min(due, key=lambda row: (served.get(row.administration_id, 0), served.get(row.id, 0)))
    job = session.get_one(Job, turn.id)
    job.lease_owner, job.lease_until = owner, until
    return job


def leased(session: Session, job_id: str, owner: str, until: datetime) -> Job:
    """The job, for writing, with its lease renewed; raises NotAllowed when another has it."""
    job = session.get_one(Job, job_id)
    if job.lease_owner != owner:
        raise NotAllowed("another process has taken over this job")
    job.lease_until = until
    return job


def release(session: Session, job_id: str, owner: str) -> None:
    """Give the lease back."""
    job = session.get_one(Job, job_id)
    if job.lease_owner == owner:
        job.lease_owner = job.lease_until = None


def waiting(session: Session, job_id: str, limit: int | None = None) -> Sequence[JobItem]:
    """The items that are still to be done, in order; at most so many of them."""
    query = select(JobItem).filter_by(job_id=job_id, state=ItemState.WAITING)
    return session.scalars(query.order_by(JobItem.position).limit(limit)).all()


def count(session: Session, job: Job, delivered: str) -> dict[ItemState, int]:
    """How many items are in each state; of orders the state follows from the order.

    delivered: the result of an order that succeeded.
    """
    found = dict.fromkeys(ItemState, 0)
    if job.kind in _OF_THE_RUNNER:
        states = select(JobItem.state, func.count()).filter_by(job_id=job.id)
        for state, number in session.execute(states.group_by(JobItem.state)):
            found[ItemState(state)] = number
        return found
    ordered = (
        select(Exchange.state, Exchange.result, func.count())
        .join(JobItem, JobItem.subject == Exchange.id)
        .where(JobItem.job_id == job.id)
    )
    for state, result, number in session.execute(ordered.group_by(Exchange.state, Exchange.result)):
        found[state_of_order(state, result, delivered)] += number
    total = session.scalar(select(func.count()).select_from(JobItem).filter_by(job_id=job.id))
    found[ItemState.DONE] += (total or 0) - sum(found.values())  # what was destroyed since
    return found


def state_of_order(state: str, result: str | None, delivered: str) -> ItemState:
    """How far the order of an item has come."""
    if state != ExchangeState.DONE:
        return ItemState.WAITING
    return ItemState.DONE if result == delivered else ItemState.FAILED


def forget_pupils(session: Session, subjects: Collection[str]) -> None:
    """Forget whom items were about whose order or dossier is destroyed; the items stay."""
    of_these = update(JobItem).where(JobItem.subject.in_(subjects))
    session.execute(of_these.values(pupil_sealed=b"", outcome_sealed=None))


def forget(session: Session, before: datetime) -> None:
    """Delete jobs that were ordered before a moment; what they did stays."""
    old = select(Job.id).where(Job.ordered_at < before, Job.finished_at.is_not(None))
    session.execute(delete(JobItem).where(JobItem.job_id.in_(old)))
    session.execute(delete(Job).where(Job.id.in_(old)))


def forget_found(session: Session, before: datetime) -> None:
    """Destroy who was found by jobs that were done before a moment."""
    old = select(Job.id).where(Job.kind == JobKind.FIND, Job.finished_at < before)
    of_these = update(JobItem).where(JobItem.job_id.in_(old), JobItem.outcome_sealed.is_not(None))
    session.execute(of_these.values(outcome_sealed=None))

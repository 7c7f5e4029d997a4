"""The nightly repetition of ``osr sync``, which a person's first run begins.

It never ends more than a person would have been asked about: what is held back waits for one.
"""

import random
from datetime import datetime, time, timedelta
from typing import Final

from sqlalchemy.orm import Session

from oso_adapter.clock import AMSTERDAM, school_date
from oso_adapter.errors import NotAllowed, OsoError
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.osr_sync import sync
from oso_adapter.logs import event as log_event
from oso_adapter.store.pace import moment, set_moment

_NEXT: Final = "next-sync"
_AGAIN: Final = timedelta(hours=1)
"""After which a run that was stopped is tried again."""


def plan_next(adapter: Adapter, after: timedelta | None = None) -> datetime:
    """Set when the runner makes its next run, and give that moment.

    after: from now; None for the coming night, at a moment within the hour that is not everybody's.
    """
    now = adapter.clock()
    at = now + after if after is not None else _coming_night(adapter, now)
    with adapter.store.writing() as session:
        set_moment(session, _NEXT, at)
    return at


def is_followed(session: Session) -> bool:
    """Whether a person began to have the OSR followed."""
    return moment(session, _NEXT) is not None


def sync_when_due(adapter: Adapter) -> bool:
    """Make the run of this night when its time has come; gives whether it was made.

    As long as no person ran ``osr sync`` nothing is due: the first run may take over the endpoints
    of former software.
    """
    with adapter.store.reading() as session:
        due = moment(session, _NEXT)
    if due is None or adapter.clock() < due:
        return False
    plan_next(adapter, _AGAIN)  # a run that is killed is tried again as well
    try:
        outcome = sync(adapter, None)
    except NotAllowed:
        return False
    except OsoError as error:
        log_event("osr.synced", reason=type(error).__name__)
        return True
    stopped = outcome.stopped
    log_event(
        "osr.synced",
        written=len(outcome.done),
        remarks=len(outcome.remarks),
        held_back=len(outcome.held_back),
        reason=type(stopped).__name__ if stopped is not None else None,
    )
    if stopped is None:
        plan_next(adapter)
    return True


def _coming_night(adapter: Adapter, now: datetime) -> datetime:
    hour = min(adapter.settings.chain.osr_sync_hour, 23)
    begin = datetime.combine(school_date(now), time(hour), AMSTERDAM)
    while begin <= now:
        begin = datetime.combine(begin.date() + timedelta(days=1), time(hour), AMSTERDAM)
    return begin + timedelta(minutes=random.uniform(0, 55))  # noqa: S311 - no secret

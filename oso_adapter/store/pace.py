"""Asking the OSR at a pace that all processes of the adapter share: who reads, and when.

The register limits how often it is read (OSR U5). The next free moment stands in the store, so that
endpoint, runner and command line together stay below the limit.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from oso_adapter.clock import Clock
from oso_adapter.store.engine import Store
from oso_adapter.store.models import OsrMoment

_NEXT_READ: Final = "next-read"
_QUEUE: Final = 60
"""A moment that is more turns ahead is no queue but a clock that was put back."""


@dataclass(frozen=True)
class Pace:
    """One call each ``interval`` seconds, whichever process makes it; 0 is without a limit.

    sleep: waits that many seconds.
    """

    store: Store
    interval: float
    clock: Clock
    sleep: Callable[[float], None] = time.sleep

    def wait(self) -> None:
        """Return when the next call may be made; that moment is then taken."""
        if not self.interval:
            return
        now, interval = self.clock(), timedelta(seconds=self.interval)
        with self.store.writing() as session:
            free = moment(session, _NEXT_READ) or now
            turn = free if now < free <= now + _QUEUE * interval else now
            set_moment(session, _NEXT_READ, turn + interval)
        if turn > now:
            self.sleep((turn - now).total_seconds())


def moment(session: Session, name: str) -> datetime | None:
    """The moment with that name, or None when it was never set."""
    row = session.get(OsrMoment, name)
    return row.at if row is not None else None


def set_moment(session: Session, name: str, at: datetime) -> None:
    """Set the moment with that name."""
    session.merge(OsrMoment(name=name, at=at))

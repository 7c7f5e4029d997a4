"""A clock that a test moves."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta


@dataclass
class MovableClock:
    """A clock that stands still until it is moved; it begins at the moment of today.

    now: aware moment in UTC.
    """

    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __call__(self) -> datetime:
        """The moment that it is."""
        return self.now

    def forward(self, **duration: float) -> None:
        """Move it on: ``forward(days=1, minutes=5)``, as the arguments of ``timedelta``."""
        self.now += timedelta(**duration)

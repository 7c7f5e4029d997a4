"""Time: instants in UTC, dates and school years in Europe/Amsterdam, whatever the machine says."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]
"""Gives the present moment as an aware datetime in UTC; passed in wherever time matters."""

AMSTERDAM: Final = ZoneInfo("Europe/Amsterdam")


def utc_now() -> datetime:
    """The present moment in UTC."""
    return datetime.now(UTC)


def school_date(moment: datetime) -> date:
    """The calendar date of an aware moment as a Dutch school sees it."""
    return moment.astimezone(AMSTERDAM).date()

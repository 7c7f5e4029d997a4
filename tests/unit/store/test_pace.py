"""The pace at which the OSR is read, shared by all processes on one store."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.stores import upgraded

from oso_adapter.store.engine import Store
from oso_adapter.store.pace import Pace

NOON = datetime(2026, 3, 12, 12, tzinfo=UTC)


class Day:
    """A clock that sleeping moves."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path}/adapter.sqlite"
    upgraded(tmp_path / "adapter.sqlite").close()
    return url


def pace(url: str, day: Day, interval: float = 1.0) -> Pace:
    return Pace(Store(url), interval, day, day.sleep)


def test_two_processes_together_read_once_a_second(url: str) -> None:
    day = Day()
    runner, endpoint = pace(url, day), pace(url, day)
    moments = []
    for who in (runner, endpoint, runner, endpoint):
        who.wait()
        moments.append((day.now - NOON).total_seconds())
    runner.store.close()
    endpoint.store.close()

    assert [0.0, 1.0, 2.0, 3.0] == moments


def test_after_a_quiet_time_a_read_goes_at_once_but_only_one(url: str) -> None:
    day = Day()
    paced = pace(url, day)
    paced.wait()
    day.sleep(3600)
    paced.wait()
    assert NOON + timedelta(hours=1) == day.now
    paced.wait()
    paced.store.close()

    assert NOON + timedelta(hours=1, seconds=1) == day.now


def test_a_clock_that_is_put_back_does_not_stop_reading(url: str) -> None:
    day = Day()
    paced = pace(url, day)
    paced.wait()
    day.now -= timedelta(days=1)
    paced.wait()
    paced.store.close()

    assert NOON - timedelta(days=1) == day.now


def test_without_an_interval_nobody_waits(url: str) -> None:
    day = Day()
    paced = pace(url, day, interval=0.0)
    for _ in range(5):
        paced.wait()
    paced.store.close()

    assert NOON == day.now


def test_a_slow_pace_holds_however_many_wait_at_once(url: str) -> None:
    naps: list[float] = []
    paced = Pace(Store(url), 40.0, Day(), naps.append)
    for _ in range(4):
        paced.wait()
    paced.store.close()

    assert [40.0, 80.0, 120.0] == naps

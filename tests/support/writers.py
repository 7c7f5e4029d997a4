"""What other processes do with a store that a test has open."""

import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

from oso_adapter.store import events
from oso_adapter.store.engine import Store
from oso_adapter.store.models import EventOffset


def count(url: str, times: int) -> None:
    """Count "counter" up so often, in each of four threads."""
    store = Store(url)

    def work() -> None:
        for _ in range(times):
            with store.writing() as session:
                session.get_one(EventOffset, "counter").last_id += 1

    _in_threads(4, work)
    store.close()


def die(url: str) -> None:
    """Be killed within a transaction, after another one."""
    store = Store(url)
    with store.writing() as session:
        session.add(EventOffset(plugin="committed", last_id=1))
    with store.writing() as session:
        session.add(EventOffset(plugin="not committed", last_id=1))
        session.flush()
        os.kill(os.getpid(), signal.SIGKILL)


def upgrade(url: str, told: Path) -> None:
    """Upgrade, and write in a file what was done."""
    store = Store(url)
    told.write_text(str(store.upgrade()), encoding="ascii")
    store.close()


def record(url: str, times: int) -> None:
    """Record an event so often in each of two chains, in each of four threads."""
    store = Store(url)

    def work() -> None:
        for _ in range(times):
            for administration in (None, 1):
                with store.writing() as session:
                    now = datetime.now(UTC)
                    events.record(session, "fetch.ordered", now, administration_id=administration)

    _in_threads(4, work)
    store.close()


def _in_threads(number: int, work: Callable[[], None]) -> None:
    threads = [Thread(target=work) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

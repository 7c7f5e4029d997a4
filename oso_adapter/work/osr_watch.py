"""What the runner asks the OSR in the background, beside the exchanges.

Each task has a thread of its own: the OSR is read once a second at most, and neither dossiers nor
the other tasks wait for that.
"""

from collections.abc import Callable, Sequence
from threading import Event, Thread
from typing import Final

from oso_adapter.chain.osr import OsrRefused
from oso_adapter.errors import MalformedAnswer, Unreachable
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.authorisation import check_due
from oso_adapter.exchange.osr_night import sync_when_due
from oso_adapter.exchange.osr_status import look_when_due
from oso_adapter.logs import event as log_event

TASKS: Final[Sequence[Callable[[Adapter], object]]] = (
    check_due,
    sync_when_due,
    look_when_due,
)

_REST: Final = 60.0
"""Seconds until an OSR that does not answer is asked again."""
_PATIENCE: Final = 5.0


class OsrWatch:
    """Does the tasks, each as often as the runner looks for work, until it is stopped."""

    def __init__(self, adapter: Adapter, stop: Event) -> None:
        self._adapter = adapter
        self._stop = stop
        self._threads = [
            Thread(target=self._run, args=(task,), name=task.__name__, daemon=True)
            for task in TASKS
        ]

    def start(self) -> None:
        """Begin; it ends after ``stop`` is set."""
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        """Wait a little for what is being done; what is cut off is done again later."""
        for thread in self._threads:
            thread.join(_PATIENCE)

    def _run(self, task: Callable[[Adapter], object]) -> None:
        while not self._stop.is_set():
            self._stop.wait(look(self._adapter, task))


def look(adapter: Adapter, task: Callable[[Adapter], object]) -> float:
    """Do a task, and go on whatever goes wrong; gives the seconds until the next time."""
    try:
        task(adapter)
    except (Unreachable, MalformedAnswer, OsrRefused):
        return _REST
    except Exception as error:
        log_event("runner.failed", reason=type(error).__name__)
    return adapter.settings.fetching.tick

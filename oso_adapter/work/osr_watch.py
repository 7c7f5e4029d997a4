"""What the runner asks the OSR in the background, beside the exchanges.

It has a thread of its own: the OSR is read once a second at most, and dossiers do not wait for
that.
"""

from threading import Event, Thread
from typing import Final

from oso_adapter.chain.osr import OsrRefused
from oso_adapter.errors import MalformedAnswer, Unreachable
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.authorisation import check_due
from oso_adapter.logs import event as log_event

_REST: Final = 60.0
"""Seconds until an OSR that does not answer is asked again."""
_PATIENCE: Final = 5.0


class OsrWatch:
    """Checks, until it is stopped, whether those who ask us are still mandated."""

    def __init__(self, adapter: Adapter, stop: Event) -> None:
        self._adapter = adapter
        self._stop = stop
        self._thread = Thread(target=self._run, name="osr-watch", daemon=True)

    def start(self) -> None:
        """Begin; it ends after ``stop`` is set."""
        self._thread.start()

    def join(self) -> None:
        """Wait a little for what it is doing."""
        self._thread.join(_PATIENCE)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._stop.wait(self.look())

    def look(self) -> float:
        """Do what is due, and go on whatever goes wrong; gives the seconds until the next look."""
        try:
            check_due(self._adapter)
        except (Unreachable, MalformedAnswer, OsrRefused):
            return _REST
        except Exception as error:
            log_event("runner.failed", reason=type(error).__name__)
        return self._adapter.settings.fetching.tick

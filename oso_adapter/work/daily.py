"""What is done once a day, by the runner: at its start, and a day after the last time."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Final

from oso_adapter.errors import NotAllowed
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.heads import log_heads
from oso_adapter.exchange.purge import purge
from oso_adapter.logs import event as log_event

DAY: Final = timedelta(days=1)


class Daily:
    """Remembers when the daily work was done last."""

    def __init__(self, adapter: Adapter) -> None:
        self._adapter = adapter
        self._last: datetime | None = None

    def run_due(self) -> None:
        """Do the work of a day when it is time; a clock that went back is no reason to wait."""
        now = self._adapter.clock()
        if self._last is not None and self._last <= now < self._last + DAY:
            return
        self._last = now
        log_heads(self._adapter)
        try:
            done = purge(self._adapter)
        except NotAllowed:
            log_event("purge.waits")
        else:
            log_event("purge.done", **Counter(str(each.kind) for each in done))

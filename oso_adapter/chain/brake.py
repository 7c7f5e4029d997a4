"""Asking a party that limits how often it is asked."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock


@dataclass
class Brake:
    """Lets ``burst`` calls through at once, and after that one each ``interval`` seconds.

    now: seconds that only go up; sleep: waits that many seconds.
    """

    interval: float = 1.0
    burst: int = 10
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _free_at: float = field(default=-math.inf, init=False)
    _lock: Lock = field(default_factory=Lock, init=False, repr=False)

    def wait(self) -> None:
        """Return when the next call may be made."""
        with self._lock:
            moment = self.now()
            self._free_at = max(self._free_at, moment - (self.burst - 1) * self.interval)
            pause, self._free_at = self._free_at - moment, self._free_at + self.interval
        if pause > 0:
            self.sleep(pause)

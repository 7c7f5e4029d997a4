"""Asking a party that may be slow, on behalf of somebody who cannot wait."""

import math
import time
from collections.abc import Callable, Hashable
from concurrent.futures import Future, TimeoutError
from dataclasses import dataclass, field
from threading import Lock, Thread
from typing import Final

from oso_adapter.errors import OsoError

_AT_MOST: Final = 8


@dataclass
class Asking:
    """Questions that are answered in time or not at all.

    The same question is asked once, however many wait for its answer; what comes too late for them
    is still kept by the question itself. After a failure nobody asks for a while, so that a party
    that is down costs the first asker its patience and the next ones nothing.

    patience: seconds that an asker waits. rest: seconds after a failure. now: seconds that only go
    up.
    """

    patience: float = 2.0
    rest: float = 30.0
    now: Callable[[], float] = time.monotonic
    _rests_until: float = field(default=0.0, init=False)
    _answered_at: float = field(default=-math.inf, init=False)
    _running: dict[Hashable, Future[bool]] = field(default_factory=dict, init=False, repr=False)
    _lock: Lock = field(default_factory=Lock, init=False, repr=False)

    def ask(self, what: Hashable, question: Callable[[], bool]) -> bool | None:
        """The answer, or None when there is none in time, or nobody asks now.

        what: by which the same question is known. question: runs in a thread of its own, so that
        nothing holds up the asker; an OsoError is no answer.
        """
        with self._lock:
            answer = self._running.get(what)
            if answer is None:
                if self.now() < self._rests_until or len(self._running) >= _AT_MOST:
                    return None
                answer = self._running[what] = Future()
                Thread(target=self._find_out, args=(what, question, answer), daemon=True).start()
        try:
            return answer.result(self.patience)
        except TimeoutError:
            # whoever answers others is not down: the queue for it is long
            if self.now() - self._answered_at > self.patience:
                self._failed()
            return None
        except OsoError:
            self._failed()
            return None

    def _find_out(self, what: Hashable, question: Callable[[], bool], answer: Future[bool]) -> None:
        try:
            found = question()
            self._answered_at = self.now()
            answer.set_result(found)
        except OsoError as error:
            answer.set_exception(error)
        except BaseException:
            answer.set_exception(OsoError("the question failed"))
            raise
        finally:
            with self._lock:
                del self._running[what]

    def _failed(self) -> None:
        with self._lock:
            self._rests_until = self.now() + self.rest

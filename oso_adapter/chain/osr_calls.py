"""Calling the OSR: at a pace, with our key, and each answer judged by its status.

The table of errors is that of osr-and-security 1.7. Reading is limited, in a way that is not public
(OSR U5): whoever calls here waits for its turn, and comes back later when it is told so. A write is
sent once: whether one without an answer arrived is seen by reading.
"""

import random
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlsplit

from oso_adapter.errors import ConfigurationError, MalformedAnswer, OsoError, Unreachable
from oso_adapter.transport.client import HttpsClient

PARTY: Final = "OSR"
ABSENT: Final = object()

_TOO_MANY: Final = 429
_FORBIDDEN: Final = 403
_DIGITS: Final = re.compile("[0-9]{5,}")
_LONGEST: Final = 200


class OsrRefused(OsoError):
    """The OSR refused the request; ``said`` is its reason, without numbers."""

    def __init__(self, status: int, said: str = "") -> None:
        super().__init__(f"the OSR refused the request (HTTP {status})" + (said and f": {said}"))
        self.status = status
        self.said = said

    @property
    def concerns_us(self) -> bool:
        """Whether our key or certificate is refused, so that asking on is of no use."""
        return self.status in (401, 403)


class OsrBusy(Unreachable):
    """The OSR cannot answer now; ``after``: the seconds it asks us to wait, 0 when it does not."""

    def __init__(self, status: int, after: float = 0.0) -> None:
        super().__init__(PARTY, f"it answers HTTP {status}; try again later")
        self.status = status
        self.after = after

    @property
    def sends_away(self) -> bool:
        """Whether it says that we ask too much, so that asking on makes it worse."""
        return self.status == _TOO_MANY


@dataclass(frozen=True)
class BackOff:
    """How often, and after which pauses in seconds, a read is tried again.

    longest: seconds; an OSR that asks for more is not waited for. jitter: a factor from 0 to 1, so
    that those who were sent away together do not come back together.
    """

    pauses: tuple[float, ...] = ()
    longest: float = 120.0
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random

    def waited(self, attempt: int, after: float) -> bool:
        """Wait before another attempt; False when there is none left.

        attempt: the number of the one that failed, from 0; after: seconds that the OSR asked for.
        """
        if attempt >= len(self.pauses) or after > self.longest:
            return False
        self.sleep(after + self.pauses[attempt] * (0.5 + self.jitter() / 2))
        return True


AT_ONCE: Final = BackOff()
"""For whoever waits for the answer: no second attempt."""
PATIENT: Final = BackOff((2.0, 10.0, 30.0, 60.0))
"""For work at night."""


@dataclass(frozen=True)
class OsrCaller:
    """url: up to and with ``/api/v2`` or ``/api/v3``; wait: returns when the next read may be made.
    error_fields: names under which an error gives its reason.

    Every method raises Unreachable, MalformedAnswer or :class:`OsrRefused`.
    """

    client: HttpsClient
    url: str
    api_key: str | None
    api_key_header: str
    wait: Callable[[], None]
    back_off: BackOff = AT_ONCE
    error_fields: tuple[str, ...] = ("message", "errors")

    def get(
        self, path: str, query: Mapping[str, str] | None = None, absent: int | None = None
    ) -> Any:
        """Read; ABSENT when the status is ``absent``, unless with a page: that is of a proxy, or of
        a wrong address, and says nothing.

        A busy OSR is asked again as the back-off says; so is one that answers 403, which may be its
        way of slowing us down (OSR U5).
        """
        return self._read(self.url + path, query, absent)

    def at(self, kind: str, place: str) -> Any:
        """Read one object: of this kind with that id, or what a link leads to; ABSENT for 404."""
        if place.startswith("/"):
            return self._read(urlsplit(self.url)._replace(path=place).geturl(), None, 404)
        return self.get(f"/{kind}/{quote(place, safe='')}", absent=404)

    def write(self, method: str, path: str, body: Mapping[str, Any] | None) -> None:
        """Write, once."""
        if self.api_key is None:
            raise ConfigurationError("[chain] osr_api_key is missing: registering needs it")
        self._call(method, self.url + path, body=body)

    def _read(self, url: str, query: Mapping[str, str] | None, absent: int | None) -> Any:
        attempt = 0
        while True:
            self.wait()
            try:
                return self._call("GET", url, query=query, absent=absent)
            except OsrBusy as busy:
                if not self.back_off.waited(attempt, busy.after):
                    raise
            except OsrRefused as refused:
                if refused.status != _FORBIDDEN or not self.back_off.waited(attempt, 0.0):
                    raise
            attempt += 1

    def _call(
        self,
        method: str,
        url: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        absent: int | None = None,
    ) -> Any:
        headers = {self.api_key_header: self.api_key} if self.api_key else {}
        answer = self.client.ask_json(
            *(method, url),
            headers=headers,
            params=query,
            body=body,
            party=PARTY,
            need_json=method == "GET",  # what was written may be answered in words (OSR U3)
        )
        status = answer.status
        if status == absent:
            if "html" in answer.headers.get("Content-Type", "").lower():
                raise MalformedAnswer("a page came instead of an answer of the OSR")
            return ABSENT
        if status == _TOO_MANY or status >= 500:
            raise OsrBusy(status, _seconds(answer.headers.get("Retry-After")))
        if not 200 <= status < 300:
            raise OsrRefused(status, _said(answer.body, self.error_fields))
        return answer.body


def _seconds(text: str | None) -> float:
    """Retry-After in seconds; the other form, a date, counts as none."""
    return float(text) if text is not None and re.fullmatch("[0-9]{1,6}", text.strip()) else 0.0


def _said(answer: Any, fields: Sequence[str]) -> str:
    """The reason in an error of the OSR, in which no number can stand (OSR U3)."""
    values = [answer.get(name) for name in fields] if isinstance(answer, Mapping) else []
    listed = [text for value in values for text in (value if isinstance(value, list) else [value])]
    text = "; ".join(text for text in listed if isinstance(text, str) and text.isprintable())
    return _DIGITS.sub("***", text)[:_LONGEST]

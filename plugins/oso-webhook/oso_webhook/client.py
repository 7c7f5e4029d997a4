"""One call: signed, over HTTPS with a verified chain, bounded, and its answer verified.

Redirects are not followed, and the proxies of the environment are without effect. Only the files of
``roots`` are trusted, or the authorities of this machine when there are none.
"""

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NoReturn
from uuid import uuid4

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    ProtocolError,
    ReadTimeoutError,
    SSLError,
    TimeoutError,
)
from urllib3.response import BaseHTTPResponse

from oso_adapter.clock import Clock
from oso_adapter.transport.tls import one_sided_context
from oso_webhook.configuration import Configuration
from oso_webhook.forms import Call
from oso_webhook.reading import answered
from oso_webhook.signature import NotSigned
from oso_webhook.trouble import (
    AnswerNotSigned,
    AnswerNotUnderstood,
    CallRefused,
    ConnectionLost,
    ServerDown,
    ServerFailed,
    ServerNotTrusted,
    ServerSlow,
    SignatureRefused,
)

ANSWER: Final = "answer-"
"""The id of an answer is this and the id of its request, so that neither passes for the other."""

_PIECE: Final = 64 * 1024
_CONNECT: Final = 5.0
_PROBLEM_SIZE: Final = 64 * 1024
_CODE: Final = re.compile(r"[a-z]{1,30}(-[a-z]{1,30}){0,3}")  # no digits: they could be a number
_JSON: Final = re.compile(r"application/json(;\s*charset=utf-8)?", re.IGNORECASE)


@dataclass(frozen=True)
class Client:
    """Calls the server of one LAS.

    clock: for the moments of signatures. seconds: until when an answer is of use, from now.
    """

    configuration: Configuration
    clock: Clock
    seconds: float

    def ask(self, call: Call, told: Mapping[str, Any], lasting: str = "") -> dict[str, Any] | None:
        """Make one call; gives what was answered, empty where nothing is, None for *not mine*.

        told: the request, but for the name of the hook. lasting: the end of a ``webhook-id`` that
        stays the same at every offer, for a call that the LAS may see more than once. A connection
        that is reset before an answer began is tried once more. Raises a
        :class:`oso_webhook.trouble.WebhookTrouble`.
        """
        body = _written({"hook": call.name, **told})
        latest = time.monotonic() + self.seconds

        def message_id() -> str:
            # a question is a new message at each attempt, so that a LAS can refuse one seen before
            return f"{call.name}-{lasting or uuid4().hex}"

        try:
            return self.send(call, message_id(), body, latest)
        except ConnectionResetError:
            pass
        try:
            return self.send(call, message_id(), body, latest)
        except ConnectionResetError:
            raise ConnectionLost from None

    def send(
        self,
        call: Call,
        message_id: str,
        body: bytes,
        latest: float,
        changed: Callable[[dict[str, str]], dict[str, str]] = dict,
    ) -> dict[str, Any] | None:
        """Send one signed request; see :meth:`ask`.

        latest: on the monotonic clock. changed: makes other headers of those that are right, to
        try whether the server refuses them. Raises ConnectionResetError as well.
        """
        headers = {
            "Content-Type": "application/json",
            "Accept": "application/json, application/problem+json",
            "Accept-Encoding": "identity",
            **changed(self.configuration.secrets.signed(message_id, self.clock(), body)),
        }
        url = f"{self.configuration.url}/{call.name}"
        left = latest - time.monotonic()
        if left <= 0:
            raise ServerSlow
        try:
            response = _pools(self.configuration.roots, _stamps(self.configuration.roots)).urlopen(
                "POST",
                url,
                body=body,
                headers=headers,
                redirect=False,
                retries=False,
                timeout=urllib3.Timeout(connect=min(_CONNECT, left), total=left),
                preload_content=False,
                decode_content=False,
            )
        except HTTPError as error:
            _not_sent(error)
        try:
            answer = self._judged(call, message_id, response, latest)
        except BaseException:
            response.close()
            raise
        response.release_conn()
        return answer

    def _judged(
        self, call: Call, message_id: str, response: BaseHTTPResponse, latest: float
    ) -> dict[str, Any] | None:
        status = response.status
        if status in (401, 403):
            raise SignatureRefused
        if status == 429 or status >= 500:
            raise ServerFailed(f"the server of the LAS answered with HTTP {status}")
        if status in (409, 422):
            raise CallRefused(_code(_body(response, _PROBLEM_SIZE, latest)))
        if status not in (200, 204, 404):
            more = "; redirects are not followed" if 300 <= status < 400 else ""
            raise AnswerNotUnderstood(("/", f"HTTP status {status} is not known here{more}"))
        body = _body(response, call.size, latest)
        try:
            self.configuration.secrets.require(
                f"{ANSWER}{message_id}", self.clock(), response.headers, body
            )
        except NotSigned as missing:
            raise AnswerNotSigned(f"HTTP {status}: {missing}") from None
        if status == 404:
            return None
        if call.answer is None:
            if status != 204 or body:
                raise AnswerNotUnderstood(("/", "nothing is to be answered: HTTP 204, no body"))
            return {}
        if status != 200:
            raise AnswerNotUnderstood(("/", "something is to be answered, with HTTP 200"))
        if not _JSON.fullmatch(response.headers.get("Content-Type", "")):
            raise AnswerNotUnderstood(("/", "Content-Type is not application/json"))
        return answered(call.answer(), body)


def _written(told: Mapping[str, Any]) -> bytes:
    return json.dumps(told, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _body(response: BaseHTTPResponse, size: int, latest: float) -> bytes:
    """All of the answer, within its bounds."""
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise AnswerNotUnderstood(("/", "the answer is compressed, which was not asked for"))
    content = bytearray()
    try:
        while piece := response.read1(_PIECE):
            content += piece
            if len(content) > size:
                raise AnswerNotUnderstood(("/", f"the answer has more than {size} bytes"))
            if time.monotonic() > latest:
                raise ServerSlow
    except ReadTimeoutError:
        raise ServerSlow from None
    except HTTPError:
        raise ConnectionLost from None
    return bytes(content)


def _not_sent(error: HTTPError) -> NoReturn:
    """Which trouble it is; the library's own text holds addresses and pieces of what was sent."""
    match error:
        case SSLError():
            raise ServerNotTrusted from None
        case ConnectTimeoutError():  # also a name that is not known, and a port that is closed
            raise ServerDown from None
        case TimeoutError():
            raise ServerSlow from None
        case ProtocolError():
            raise ConnectionResetError from None
    raise ServerDown from None


def _code(body: bytes) -> str:
    """The word of a problem+json, when it is one that cannot hold a value."""
    try:
        code = json.loads(body)["code"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return "no reason given"
    good = isinstance(code, str) and _CODE.fullmatch(code)
    return str(code) if good else "a reason that is no code"


Stamps = tuple[tuple[int, int, int], ...]


def _stamps(files: tuple[Path, ...]) -> Stamps:
    """What changes when a file is replaced; a missing one is told when it is read."""
    try:
        stats = [file.stat() for file in files]
    except OSError:
        return ()
    return tuple((stat.st_ino, stat.st_mtime_ns, stat.st_size) for stat in stats)


@lru_cache(maxsize=8)
def _pools(roots: tuple[Path, ...], _changed: Stamps) -> urllib3.PoolManager:
    """The connections that are kept, with a context of the files as they are."""
    return urllib3.PoolManager(maxsize=4, ssl_context=one_sided_context(roots))

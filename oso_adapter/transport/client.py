"""Calls to other parties: HTTPS with our certificate, kept alive, bounded, never by chance.

Only what is given here counts: the environment's proxies, REQUESTS_CA_BUNDLE and SSL_CERT_FILE
are without effect. Redirects are not followed.
"""

import json
import ssl
import time
from collections.abc import Iterator, Mapping
from threading import Lock
from typing import Any, Final, NamedTuple, NoReturn
from urllib.parse import urlencode

import urllib3
from lxml import etree
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPSConnectionPool
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)
from urllib3.response import BaseHTTPResponse

from oso_adapter.bounded_xml import Limits, XmlRefused, parse_chunks
from oso_adapter.errors import ConfigurationError, MalformedAnswer, Unreachable
from oso_adapter.transport.tls import ContextHolder, TlsFiles, client_context

_PIECE: Final = 64 * 1024
_JSON_SIZE: Final = 8 * 2**20
_XML_HEADERS: Final = {"Content-Type": "text/xml; charset=utf-8", "Accept": "text/xml"}
_REASONS: Final[tuple[tuple[type[HTTPError], str], ...]] = (
    (ProxyError, "proxy"),
    (NameResolutionError, "dns"),
    (NewConnectionError, "refused"),
    (ConnectTimeoutError, "timeout"),
    (ReadTimeoutError, "timeout"),
    (SSLError, "tls"),
)


class JsonAnswer(NamedTuple):
    """What a JSON API answered; headers: by name, whatever its capitals."""

    status: int
    body: Any
    headers: Mapping[str, str]


class HttpsClient:
    """One of these per certificate; threads share it.

    connect_timeout, read_timeout: seconds, the second for each read. answer_timeout: seconds for
    a whole answer. proxy_url: a proxy for all calls (CONNECT), or None for none. max_size: bytes
    of an XML answer. keep_idle: seconds that an unused connection is kept for the next call;
    shorter than servers usually wait (5 seconds), because a post on a connection that the server
    is just closing cannot be told from one that arrived, and is never sent twice. limits: of an
    XML answer, and of what is packed in it.

    longest_call: seconds that one post can take; the last read may begin just before the end.
    """

    def __init__(
        self,
        files: TlsFiles,
        *,
        connect_timeout: float = 10.0,
        read_timeout: float = 60.0,
        answer_timeout: float = 300.0,
        proxy_url: str | None = None,
        max_size: int = Limits().size,
        keep_idle: float = 4.0,
    ) -> None:
        """Raises :class:`ConfigurationError` when the files are not usable."""
        self._holder = ContextHolder(files, client_context)
        self._timeout = urllib3.Timeout(connect=connect_timeout, read=read_timeout)
        self._answer_timeout = answer_timeout
        self.longest_call = connect_timeout + 2 * read_timeout + answer_timeout
        self._proxy_url = proxy_url
        self.limits = Limits(size=max_size)
        self._pool_class = _pool_class(keep_idle)
        self._lock = Lock()
        self._context = self._holder.current()
        self._pools = self._new_pools()

    def post_xml(
        self, url: str, body: bytes, *, party: str, soap_action: str = ""
    ) -> etree._Element:
        """Post an XML document once and give the root of the answer.

        url: https address. party: the word for the other side in errors. soap_action: without
        quotes. Raises :class:`Unreachable` with a reason of one word, or :class:`MalformedAnswer`.
        """
        headers = {**_XML_HEADERS, "SOAPAction": f'"{soap_action}"'}
        response = self._send("POST", url, headers=headers, body=body, party=party)
        with _Answer(response, party):
            _require_status(response.status in (200, 500), response.status, party)
            try:
                return parse_chunks(self._pieces(response, party), self.limits)
            except XmlRefused as refused:
                message = f"the answer of {party} is refused: {refused}"
                raise MalformedAnswer(message, refused.reason) from None

    def request_json(self, method: str, url: str, **options: Any) -> tuple[int, Any]:
        """As :meth:`ask_json`, for whom the status and what came are enough."""
        answer = self.ask_json(method, url, **options)
        return answer.status, answer.body

    def ask_json(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
        params: Mapping[str, str] | None = None,
        party: str,
        need_json: bool = True,
    ) -> JsonAnswer:
        """One call of a JSON API; gives the HTTP status and what came, None when nothing came.

        body: what JSON can hold, or None. params: the query. A GET whose kept-alive connection
        turns out to be gone is asked once more. need_json: whether a good answer that is no JSON
        is malformed; without it that counts as nothing. Raises as :meth:`post_xml` does, but every
        status is the caller's to judge; an answer outside 200-299 need not be JSON.
        """
        all_headers = {"Accept": "application/json", **(headers or {})}
        data = None
        if body is not None:
            all_headers["Content-Type"] = "application/json"
            data = json.dumps(body).encode()
        if params:
            url += "?" + urlencode(params)
        try:
            response = self._send(method, url, headers=all_headers, body=data, party=party)
        except Unreachable as failure:
            if method != "GET" or failure.reason != "reset":
                raise
            response = self._send(method, url, headers=all_headers, body=data, party=party)
        with _Answer(response, party):
            content = bytearray()
            for piece in self._pieces(response, party):
                content += piece
                if len(content) > _JSON_SIZE:
                    message = f"the answer of {party} is larger than the limit"
                    raise MalformedAnswer(message, "too-large")
        read = _json(bytes(content), response.status if need_json else 0, party)
        return JsonAnswer(response.status, read, response.headers)

    def close(self) -> None:
        """Close the connections that are kept."""
        # clear() alone leaves the sockets to the garbage collector
        pools = self._pools.pools
        for pool in [pools.get(key) for key in pools.keys()]:  # noqa: SIM118 - not a mapping
            if pool is not None:
                pool.close()
        self._pools.clear()

    def _send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None,
        party: str,
    ) -> BaseHTTPResponse:
        if not url.lower().startswith("https://"):
            raise ConfigurationError(f"the address of {party} does not begin with https://")
        try:
            return self._current_pools().urlopen(
                method,
                url,
                body=body,
                headers={"Accept-Encoding": "identity", **headers},
                redirect=False,
                retries=False,
                timeout=self._timeout,
                preload_content=False,
                decode_content=False,
            )
        except HTTPError as error:
            _unreachable(error, party)

    def _pieces(self, response: BaseHTTPResponse, party: str) -> Iterator[bytes]:
        """The answer as it comes in; bounded in time as a whole, not only for each read."""
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            message = f"the answer of {party} is compressed, which was not asked for"
            raise MalformedAnswer(message, "compressed")
        latest = time.monotonic() + self._answer_timeout
        while piece := response.read1(_PIECE):
            if time.monotonic() > latest:
                raise Unreachable(party, "timeout")
            yield piece

    def _current_pools(self) -> urllib3.PoolManager:
        with self._lock:
            context = self._holder.current()
            if context is not self._context:
                self._context = context
                # not closed: calls under way end on the connections that they have
                self._pools = self._new_pools()
            return self._pools

    def _new_pools(self) -> urllib3.PoolManager:
        pools = (
            urllib3.ProxyManager(self._proxy_url, maxsize=16, ssl_context=self._context)
            if self._proxy_url
            else urllib3.PoolManager(maxsize=16, ssl_context=self._context)
        )
        pools.pool_classes_by_scheme = {**pools.pool_classes_by_scheme, "https": self._pool_class}
        return pools


class _Answer:
    """Reading an answer: errors in our words, and the connection is kept only if all is read."""

    def __init__(self, response: BaseHTTPResponse, party: str) -> None:
        self._response = response
        self._party = party

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: Any, traceback: Any) -> None:
        if kind is None:
            self._response.release_conn()
            return
        self._response.close()
        if isinstance(error, HTTPError):
            _unreachable(error, self._party)


def _pool_class(keep_idle: float) -> type[HTTPSConnectionPool]:
    class Connection(HTTPSConnection):
        """Counts as closed when it was not used for a while."""

        answered = 0.0

        def getresponse(self) -> Any:
            response = super().getresponse()
            self.answered = time.monotonic()
            return response

        @property
        def is_connected(self) -> bool:
            return super().is_connected and time.monotonic() - self.answered < keep_idle

    class Pool(HTTPSConnectionPool):
        ConnectionCls = Connection

    return Pool


def _unreachable(error: HTTPError, party: str) -> NoReturn:
    """Say it in a word; the library's text holds addresses and pieces of what was sent."""
    reason = next((word for kind, word in _REASONS if isinstance(error, kind)), "reset")
    if isinstance(error.__context__, ssl.SSLError) and reason == "reset":
        reason = "tls"
    raise Unreachable(party, reason) from None


def _require_status(good: bool, status: int, party: str) -> None:
    if status in (429, 502, 503, 504):
        raise Unreachable(party, f"HTTP {status}")
    if not good:
        raise MalformedAnswer(f"{party} answered with HTTP status {status}", f"HTTP {status}")


def _json(content: bytes, status: int, party: str) -> Any:
    try:
        return json.loads(content) if content else None
    except (ValueError, RecursionError):
        if not 200 <= status < 300:
            return None
        raise MalformedAnswer(f"the answer of {party} is not JSON") from None

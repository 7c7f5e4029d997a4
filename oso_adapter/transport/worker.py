"""gunicorn's threaded worker, so that no peer takes service away from another.

What differs: a connection gets a thread only when something came in on it, sockets have
deadlines, the end of a connection is waited for in its own thread and not in the loop that serves
all, and neither the log nor an error page repeats what a peer sent.
"""

import ssl
import time
from concurrent.futures import Future
from functools import partial
from selectors import EVENT_READ
from typing import Any, ClassVar, Final

from gunicorn.glogging import Logger  # type: ignore[import-untyped]
from gunicorn.http.errors import ParseException  # type: ignore[import-untyped]
from gunicorn.util import write_error  # type: ignore[import-untyped]
from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

from oso_adapter.logs import event
from oso_adapter.transport.deadlines import (
    BoundedSocket,
    Deadlines,
    bounded,
    close_politely,
)

_CLOSED: Final = object()


class Worker(ThreadWorker):  # type: ignore[misc]
    """One worker process; :func:`worker_class` gives it its deadlines."""

    deadlines: ClassVar[Deadlines] = Deadlines()

    def enqueue_req(self, conn: Any) -> None:
        """Give a thread to a connection; a new one first has to send something."""
        if conn.initialized or conn.data_ready:
            super().enqueue_req(conn)
            return
        if not self.cfg.is_ssl:
            conn.sock = _with_deadlines(conn.sock, self.deadlines)
        conn.timeout = time.monotonic() + self.deadlines.handshake
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def handle(self, conn: Any) -> Any:
        """Serve one request in a thread; a connection that ends is closed here."""
        keep = super().handle(conn)
        if keep:
            return keep
        close_politely(conn.sock, self.deadlines)
        return _CLOSED

    def finish_request(self, conn: Any, future: "Future[Any]") -> None:
        """Take a connection back from its thread."""
        if not future.cancelled() and future.exception() is None and future.result() is _CLOSED:
            self.nr_conns -= 1
        else:
            super().finish_request(conn, future)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answer 400 or 500 without a word of what the peer sent."""
        if isinstance(exc, ssl.SSLError):
            return
        event("http.refused", reason=type(exc).__name__, peer=addr[0] if addr else None)
        status, phrase = 500, "Internal Server Error"
        if isinstance(exc, ParseException):
            status, phrase = 400, "Bad Request"
        try:
            write_error(client, status, phrase, "")
        except OSError:
            return


class QuietLogger(Logger):  # type: ignore[misc]
    """gunicorn's messages go the way of other libraries' (:mod:`oso_adapter.logs`)."""

    def setup(self, cfg: Any) -> None:
        """No handlers of its own, no access log."""
        self.cfg = cfg
        self._access_log_enabled = False
        self.error_log.propagate = True
        self.access_log.propagate = True


def worker_class(deadlines: Deadlines) -> type[Worker]:
    """The worker with these deadlines."""
    return type(Worker.__name__, (Worker,), {"deadlines": deadlines})


def _with_deadlines(sock: Any, deadlines: Deadlines) -> BoundedSocket:
    wrapped = bounded(BoundedSocket, deadlines)(fileno=sock.detach())
    wrapped.setblocking(False)
    return wrapped

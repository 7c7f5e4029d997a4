"""The server of a LAS that answers webhooks as it should, or in the way a test wants it to fail."""

import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from oso_webhook.signature import Secrets

from oso_adapter.simulator.pki import LeafFiles

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER_SECRET = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


@dataclass(frozen=True)
class Said:
    """What goes back.

    headers: beside the length; unsigned unless it was signed. promised: the length that is said,
    when more is promised than sent. hold: wait after this until the client has gone.
    """

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    promised: int | None = None
    hold: bool = False


RESET = Said(0)
"""Close the connection without an answer."""

SILENT = Said(0, hold=True)
"""Say nothing until the client has gone."""

Reply = Callable[[Asked], Said]
JSON = {"Content-Type": "application/json"}


def signed(
    asked: Asked,
    body: bytes,
    status: int = 200,
    *,
    secret: str = SECRET,
    message_id: str | None = None,
    moment: datetime | None = None,
    **more: Any,
) -> Said:
    """An answer with the signature of the LAS; the rest makes it a wrong one."""
    name = message_id or f"answer-{asked.id}"
    headers = Secrets(secret).signed(name, moment or datetime.now(UTC), body)
    return Said(status, body, {**JSON, **headers}, **more)


@dataclass
class Las:
    """The server: what it replies, once each and the last one always, and what it was asked."""

    url: str = ""
    replies: list[Reply] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)

    def replying(self, *replies: Reply) -> None:
        self.replies[:] = replies
        self.asked.clear()


@contextmanager
def las(leaf: LeafFiles) -> Iterator[Las]:
    """A server with this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(leaf.certificate, leaf.key)
    it = Las()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            asked = Asked(self.path, {k.lower(): v for k, v in self.headers.items()}, body)
            it.asked.append(asked)
            reply = it.replies.pop(0) if len(it.replies) > 1 else it.replies[0]
            said = reply(asked)
            self.close_connection = said is RESET or said.promised is not None or said.hold
            if said is not RESET:
                self._send(said)
            if said.hold:
                self.connection.recv(1)  # nothing comes but its end

        def _send(self, said: Said) -> None:
            if said.status:
                self.send_response(said.status)
                for name, value in said.headers.items():
                    self.send_header(name, value)
                if said.status != 204:
                    length = len(said.body) if said.promised is None else said.promised
                    self.send_header("Content-Length", str(length))
                self.end_headers()
            self.wfile.write(said.body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing on standard error."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def finish_request(self, request: object, client_address: object) -> None:
            """The client may break off, in the handshake or later."""
            try:
                with context.wrap_socket(request, server_side=True) as wrapped:  # type: ignore[arg-type]
                    self.RequestHandlerClass(wrapped, client_address, self)  # type: ignore[arg-type]
            except OSError:
                return

        def shutdown_request(self, request: object) -> None:
            """Closed with its wrapper."""
            request.close()  # type: ignore[attr-defined]

    with Server(("127.0.0.1", 0), Handler) as server:
        it.url = f"https://localhost:{server.server_address[1]}/oso"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield it
        server.shutdown()
        thread.join()

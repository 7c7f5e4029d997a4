"""Another party that says what a test wants it to say, over real mutual TLS."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from oso_adapter.bounded_xml import parse
from oso_adapter.simulator.pki import Pki
from oso_adapter.transport.tls import TlsFiles, server_context
from oso_adapter.wire.contract import Contract, load
from oso_adapter.wire.envelope import open_envelope, wrap, write_refusal
from oso_adapter.wire.messages import Message, read, write

CONTRACT = load()


@dataclass(frozen=True)
class Reply:
    """What goes back: an HTTP status, a content type and a body."""

    status: int
    body: bytes
    content_type: str = "text/xml; charset=utf-8"


@dataclass
class Scripted:
    """One listener; what it replies depends on the path, so that it can be many parties.

    asked: the paths that were called, and the message, in order.
    """

    port: int
    replies: dict[str, Reply | Callable[[Message], Reply]] = field(default_factory=dict)
    asked: list[tuple[str, Message]] = field(default_factory=list)

    def at(self, path: str, reply: Reply | Callable[[Message], Reply]) -> str:
        """Reply so at this path; gives the address."""
        self.replies[f"/{path}"] = reply
        return f"https://localhost:{self.port}/{path}"

    def messages(self, path: str) -> list[Message]:
        """What was asked at this path."""
        return [message for at, message in self.asked if at == f"/{path}"]


def with_option(name: str, value: str) -> Contract:
    """The contract with another value for one of its options."""
    option = replace(CONTRACT.options[name], value=value)
    return replace(CONTRACT, options={**CONTRACT.options, name: option})


def delivers(dossier: bytes, contract: Contract = CONTRACT) -> Reply:
    """The reply that carries a dossier."""
    return Reply(200, wrap(write(Message("documentResponse", {}, dossier), contract)))


def refuses(code: str, response: str = "documentResponse", contract: Contract = CONTRACT) -> Reply:
    """The reply that refuses with a code, in the form of the contract."""
    return Reply(*write_refusal(contract, response, code))


def says(name: str, **values: object) -> Reply:
    """The reply with a message."""
    return Reply(200, wrap(write(Message(name, values), CONTRACT)))


@contextmanager
def scripted(pki: Pki, name: str = "scripted") -> Iterator[Scripted]:
    """A listener with a certificate for the name localhost, and not for its address."""
    leaf = pki.leaf(name, hosts=("localhost",))
    context = server_context(TlsFiles(leaf.certificate, leaf.key, (Path(pki.roots),)))
    party = Scripted(0)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            message = read(open_envelope(parse(body)), CONTRACT)
            party.asked.append((self.path, message))
            reply = party.replies[self.path]
            self._send(reply if isinstance(reply, Reply) else reply(message))

        def log_message(self, format: str, *args: object) -> None:
            """Nothing on standard error."""

        def _send(self, reply: Reply) -> None:
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def finish_request(self, request: object, client_address: object) -> None:
            """The handshake in the connection's own thread; a caller may break it off."""
            try:
                wrapped = context.wrap_socket(request, server_side=True)  # type: ignore[arg-type]
            except (ssl.SSLError, OSError):
                return
            with wrapped:
                self.RequestHandlerClass(wrapped, client_address, self)  # type: ignore[arg-type]

        def shutdown_request(self, request: object) -> None:
            """Closed with its wrapper."""
            request.close()  # type: ignore[attr-defined]

    with Server(("127.0.0.1", 0), Handler) as server:
        party.port = server.server_address[1]
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield party
        server.shutdown()
        thread.join()

"""A WSGI application over mutual TLS in a thread of this process."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wsgi import get_input_stream

from oso_adapter.transport.server import WSGIApp
from oso_adapter.transport.tls import TlsFiles, server_context


class _Quiet(WSGIRequestHandler):
    """Writes no line for a request; what is worth telling is an event of the adapter's own log."""

    def log(self, type: str, message: str, *args: Any) -> None:
        """Nothing."""


@contextmanager
def listening(tls: TlsFiles) -> Iterator["Listener"]:
    """A listener on a free port of this machine, for an application that is put in later."""
    listener = Listener(tls)
    try:
        yield listener
    finally:
        listener.close()


class Listener:
    """One port. The application may be put in once its address is known."""

    def __init__(self, tls: TlsFiles) -> None:
        """Listen, with the certificate that callers have to trust; they need one as well."""
        self.app: WSGIApp | None = None
        self._server = make_server(
            "127.0.0.1",
            0,
            self._answer,
            threaded=True,
            request_handler=_Quiet,
            ssl_context=server_context(tls),
        )
        self.port: int = self._server.server_port
        self._thread = Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop listening; what is being answered is answered first."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Any:
        """As the real server does: the peer's certificate by its socket, a body that ends."""
        if self.app is None:
            start_response("503 Service Unavailable", [("Content-Length", "0")])
            return []
        environ["gunicorn.socket"] = environ["werkzeug.socket"]
        environ["wsgi.input"] = get_input_stream(environ)
        return self.app(environ, start_response)

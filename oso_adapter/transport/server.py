"""Listeners: gunicorn with threads in this process, public with mutual TLS or internal without.

TLS ends here, because who may speak for a school depends on the peer's certificate. gunicorn is
used as a library: no command line, no configuration file, no environment. Linux only.
"""

import os
import socket
import ssl
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]
from gunicorn.arbiter import Arbiter  # type: ignore[import-untyped]

from oso_adapter.errors import ConfigurationError, OsoError
from oso_adapter.logs import event
from oso_adapter.transport.deadlines import BoundedTlsSocket, Deadlines, bounded
from oso_adapter.transport.parent import die_with_parent
from oso_adapter.transport.tls import ContextHolder, TlsFiles, server_context
from oso_adapter.transport.worker import QuietLogger, worker_class

WSGIApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
AppFactory = Callable[[], WSGIApp]
Ready = Callable[[], None]


@dataclass(frozen=True)
class ServerSettings:
    """How to listen.

    port: 0 takes a free one, which the event ``server.listening`` names. threads: requests at the
    same time in one worker; peers that begin a handshake and stop hold one each until its
    deadline, so not fewer than 16 in public. keepalive: seconds that a connection is kept for a
    next request. graceful: seconds for requests in hand when the server is told to stop.
    """

    host: str
    port: int
    threads: int = 16
    workers: int = 1
    keepalive: int = 15
    graceful: int = 5
    deadlines: Deadlines = field(default_factory=Deadlines)


def run_https(
    app_factory: AppFactory,
    files: TlsFiles,
    settings: ServerSettings,
    on_ready: Ready | None = None,
) -> None:
    """Serve with mutual TLS until SIGTERM; ends with SystemExit.

    app_factory: called in each worker, after the fork. on_ready: called in the worker once its
    application is made and it is about to accept. Raises :class:`ConfigurationError` when the
    files or the port are not usable.
    """
    socket_class = bounded(BoundedTlsSocket, settings.deadlines)

    def make(files: TlsFiles) -> ssl.SSLContext:
        context = server_context(files)
        context.sslsocket_class = socket_class  # type: ignore[assignment]
        return context

    holder = ContextHolder(files, make)
    tls = {
        "certfile": str(files.certificate),
        "keyfile": str(files.key),
        "ssl_context": lambda _config, _default: holder.current(),
        "do_handshake_on_connect": False,
    }
    _run(app_factory, settings, on_ready, tls)


def run_http(
    app_factory: AppFactory,
    host: str,
    port: int,
    *,
    threads: int = 8,
    on_ready: Ready | None = None,
) -> None:
    """Serve plain HTTP, for an internal address only, as :func:`run_https` does."""
    _run(app_factory, ServerSettings(host, port, threads), on_ready, {})


def peer_certificate(environ: Mapping[str, Any]) -> bytes | None:
    """The certificate of the peer of a WSGI request, DER; None without TLS."""
    sock = environ.get("gunicorn.socket")
    return sock.getpeercert(True) if isinstance(sock, ssl.SSLSocket) else None


_NOT_STARTED: Final = (Arbiter.WORKER_BOOT_ERROR, Arbiter.APP_LOAD_ERROR)
"""gunicorn's exit codes for an application that cannot be made; with us 3 means another thing."""


class _Server(BaseApplication):  # type: ignore[misc]
    """gunicorn's idea of an application: where it gets its settings and the WSGI callable."""

    def __init__(self, app_factory: AppFactory, config: Mapping[str, Any]) -> None:
        self._app_factory = app_factory
        self._config = config
        super().__init__()

    def load_config(self) -> None:
        for key, value in self._config.items():
            self.cfg.set(key, value)

    def load(self) -> WSGIApp:
        try:
            return self._app_factory()
        except Exception as error:
            # gunicorn would print its text
            text = str(error) if isinstance(error, OsoError) else None
            event("server.failed", error=type(error).__name__, reason=text)
            raise SystemExit(Arbiter.WORKER_BOOT_ERROR) from None


def _run(
    app_factory: AppFactory, settings: ServerSettings, on_ready: Ready | None, tls: dict[str, Any]
) -> None:
    listener = _listen(settings)
    host, port = listener.getsockname()[:2]

    def listening(_arbiter: Any) -> None:
        event("server.listening", host=host, port=port, tls=bool(tls))

    def made(_worker: Any) -> None:
        if on_ready is not None:
            on_ready()

    config = {
        "bind": f"fd://{listener.detach()}",
        "workers": settings.workers,
        "threads": settings.threads,
        "worker_class": worker_class(settings.deadlines),
        "logger_class": QuietLogger,
        "keepalive": settings.keepalive,
        "graceful_timeout": settings.graceful,
        "control_socket_disable": True,
        "forwarded_allow_ips": "",
        "http_parser": "python",
        "when_ready": listening,
        "post_fork": lambda arbiter, _worker: die_with_parent(arbiter.pid),
        "post_worker_init": made,
        **tls,
    }
    process = os.getpid()
    try:
        _Server(app_factory, config).run()
    except SystemExit as ended:
        # a worker's own end passes here as well, and its parent has to see it as it is
        if os.getpid() == process and ended.code in _NOT_STARTED:
            raise SystemExit(ConfigurationError.exit_code) from None
        raise


def _listen(settings: ServerSettings) -> socket.socket:
    """Bind before gunicorn starts, so that a port in use is an error of configuration."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # a connection on which nothing comes in does not even reach the process
        seconds = max(1, round(settings.deadlines.handshake))
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, seconds)
        listener.bind((settings.host, settings.port))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        raise ConfigurationError(
            f"cannot listen on {settings.host} port {settings.port}: {error.strerror}"
        ) from None
    return listener

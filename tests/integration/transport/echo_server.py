"""A listener in a process of its own: ``echo_server.py CONFIG``, with CONFIG a JSON text.

Keys: certificate, key, roots and crl (file names), plain (no TLS), deadlines (seconds), fail (the
application cannot be made), parent (its process id: end when it does).
"""

import json
import resource
import sys
from pathlib import Path
from typing import Any

from oso_adapter.errors import OsoError
from oso_adapter.logs import configure_logs
from oso_adapter.transport.deadlines import Deadlines
from oso_adapter.transport.parent import die_with_parent
from oso_adapter.transport.peer import PeerRefused, oin_of
from oso_adapter.transport.server import (
    ServerSettings,
    peer_certificate,
    run_http,
    run_https,
)
from oso_adapter.transport.tls import TlsFiles

LIMIT = 2**20


def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """Says who called and how much came; reads no further than its limit."""
    try:
        peer = oin_of(peer_certificate(environ) or b"")
    except PeerRefused as refused:
        peer = refused.reason
    size = int(environ.get("CONTENT_LENGTH") or 0)
    if size <= LIMIT:
        size = 0
        while size <= LIMIT and (piece := environ["wsgi.input"].read(64 * 1024)):
            size += len(piece)
    answer = {
        "peer": peer,
        "size": size,
        "port": environ["REMOTE_PORT"],
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
    }
    body = json.dumps(answer).encode()
    status = "200 OK" if size <= LIMIT else "500 Internal Server Error"
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    start_response(status, headers)
    return [body]


def make_app() -> Any:
    if config.get("fail") == "own":
        raise OsoError("the store is full")
    if config.get("fail") == "other":
        raise ValueError("something personal")
    return app


config = json.loads(sys.argv[1])
configure_logs()
if "parent" in config:
    die_with_parent(config["parent"])
if not config.get("plain"):
    run_https(
        make_app,
        TlsFiles(
            Path(config["certificate"]),
            Path(config["key"]),
            tuple(Path(root) for root in config["roots"]),
            tuple(Path(crl) for crl in config.get("crl", [])),
        ),
        ServerSettings(
            "127.0.0.1",
            0,
            deadlines=Deadlines(**config.get("deadlines", {})),
        ),
        on_ready=lambda: print('{"event": "ready"}', flush=True),
    )
run_http(make_app, "127.0.0.1", 0)

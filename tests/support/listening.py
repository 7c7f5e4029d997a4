"""Talking to a listener of the tests, as a client of any kind does."""

import json
import socket
from pathlib import Path
from typing import Any

from oso_adapter.simulator.pki import LeafFiles
from oso_adapter.transport.client import HttpsClient
from oso_adapter.transport.tls import TlsFiles


def ask(client: HttpsClient, url: str) -> dict[str, Any]:
    status, answer = client.request_json("GET", url, party="endpoint")
    assert 200 == status
    return dict(answer)


def asking(leaf: LeafFiles, roots: Path) -> HttpsClient:
    return HttpsClient(TlsFiles(leaf.certificate, leaf.key, (roots,)))


def read_answer(connection: socket.socket) -> dict[str, Any]:
    """The answer as a client reads it that first sent all it had."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        assert piece, "the connection ended without an answer"
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode().lower().split("\r\n")
    length = next(int(line.split(":")[1]) for line in lines if line.startswith("content-length"))
    while len(body) < length:
        body += connection.recv(65536)
    return {"status": int(lines[0].split()[1]), **json.loads(body)}

import json
import os
import queue
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

import oso_adapter
from oso_adapter.identifiers import Oin
from oso_adapter.simulator.pki import LeafFiles, Pki
from oso_adapter.transport.client import HttpsClient
from oso_adapter.transport.tls import TlsFiles, server_context

SERVER_OIN = Oin("00000099000000001000")
CLIENT_OIN = Oin("00000099000000002000")
HELPER = Path(__file__).with_name("echo_server.py")
PATIENCE = 20.0


class Listener:
    """A listener in a process of its own, and what it logs."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.lines: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self.text = ""
        package = str(Path(oso_adapter.__file__).parents[1])
        path = os.pathsep.join([package, os.environ.get("PYTHONPATH", "")])
        self.process = subprocess.Popen(
            [sys.executable, str(HELPER), json.dumps(config)],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": path},
        )
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.text += line
            self.lines.put(json.loads(line))
        self.process.stdout.close()
        self.lines.put(None)

    def wait_for(self, name: str) -> dict[str, Any]:
        """The next line with this event."""
        while line := self.lines.get(timeout=PATIENCE):
            if line["event"] == name:
                return line
        raise AssertionError(f"the listener ended without {name}")

    def ended(self) -> int:
        """Wait until it ended by itself; gives the exit code."""
        code = self.process.wait(timeout=PATIENCE)
        self.reader.join()
        return code

    def stop(self) -> int:
        self.process.terminate()
        return self.ended()


class Address:
    """Where a listener is, and the ways to get there."""

    def __init__(self, listener: Listener, port: int) -> None:
        self.listener = listener
        self.port = port
        self.url = f"https://localhost:{port}/"

    def tcp(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    def tls(self, context: ssl.SSLContext) -> ssl.SSLSocket:
        return context.wrap_socket(self.tcp(), server_hostname="localhost")


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return Pki.create(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="session")
def server_leaf(pki: Pki) -> LeafFiles:
    return pki.leaf("server", SERVER_OIN)


@pytest.fixture(scope="session")
def client_files(pki: Pki) -> TlsFiles:
    leaf = pki.leaf("client", CLIENT_OIN)
    return TlsFiles(leaf.certificate, leaf.key, (pki.roots,))


@pytest.fixture
def client(client_files: TlsFiles) -> Iterator[HttpsClient]:
    client = HttpsClient(client_files)
    yield client
    client.close()


@pytest.fixture
def start(pki: Pki, server_leaf: LeafFiles) -> Iterator[Callable[..., Address]]:
    """Starts listeners with the server's certificate; stops them afterwards."""
    listeners = []

    def start(**config: Any) -> Address:
        files = {
            "certificate": str(server_leaf.certificate),
            "key": str(server_leaf.key),
            "roots": [str(pki.roots)],
        }
        listener = Listener({**files, **config})
        listeners.append(listener)
        return Address(listener, listener.wait_for("server.listening")["port"])

    yield start
    for listener in listeners:
        listener.stop()


@pytest.fixture(scope="session")
def shared(pki: Pki, server_leaf: LeafFiles) -> Iterator[Address]:
    """One listener for the tests that leave it as it was."""
    listener = Listener(
        {
            "certificate": str(server_leaf.certificate),
            "key": str(server_leaf.key),
            "roots": [str(pki.roots)],
            "deadlines": {"linger": 20.0},
        }
    )
    yield Address(listener, listener.wait_for("server.listening")["port"])
    assert 0 == listener.stop()


Script = Callable[[ssl.SSLSocket, int], None]


@pytest.fixture
def scripted(server_leaf: LeafFiles, pki: Pki) -> Iterator[Callable[[Script], str]]:
    """Starts a peer that handles connection after connection as a script says; gives its URL."""
    files = TlsFiles(server_leaf.certificate, server_leaf.key, (pki.roots,))
    stopping = []

    def start(script: Script) -> str:
        listener = socket.create_server(("", 0))
        context = server_context(files)

        def serve() -> None:
            number = 0
            while True:
                connection, _ = listener.accept()
                number += 1
                with connection:
                    if stop.is_set():
                        return
                    with (
                        suppress(OSError),
                        context.wrap_socket(connection, server_side=True) as tls,
                    ):
                        script(tls, number)

        stop = threading.Event()
        thread = threading.Thread(target=serve)
        thread.start()
        stopping.append((stop, listener, thread))
        return f"https://localhost:{listener.getsockname()[1]}/"

    yield start
    for stop, listener, thread in stopping:
        stop.set()
        socket.create_connection(("127.0.0.1", listener.getsockname()[1])).close()
        thread.join(timeout=PATIENCE)
        listener.close()
        assert not thread.is_alive()

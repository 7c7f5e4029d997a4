"""How a listener begins and ends."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.listening import ask, read_answer

import oso_adapter
from oso_adapter.errors import ConfigurationError
from oso_adapter.simulator.pki import LeafFiles, Pki
from oso_adapter.transport.client import HttpsClient
from oso_adapter.transport.server import ServerSettings, run_https
from oso_adapter.transport.tls import TlsFiles, client_context


def test_the_listener_ends_in_order_when_told_to_while_connections_are_kept(
    start: Callable[..., Any], client: HttpsClient
) -> None:
    address = start()
    ask(client, address.url)

    assert 0 == address.listener.stop()
    with pytest.raises(ConnectionRefusedError):
        address.tcp()


def test_a_request_in_hand_is_answered_before_the_listener_ends(
    start: Callable[..., Any], client_files: TlsFiles
) -> None:
    address = start()
    with address.tls(client_context(client_files)) as connection:
        connection.sendall(
            b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n"
            b"Expect: 100-continue\r\n\r\n"
        )
        assert connection.recv(65536).startswith(b"HTTP/1.1 100 ")
        address.listener.process.terminate()
        connection.sendall(b"hello")
        answer = read_answer(connection)

    assert (200, 5) == (answer["status"], answer["size"])
    assert 0 == address.listener.ended()


def test_a_listener_ends_with_its_parent(pki: Pki, server_leaf: LeafFiles) -> None:
    config = {
        "certificate": str(server_leaf.certificate),
        "key": str(server_leaf.key),
        "roots": [str(pki.roots)],
    }
    helper = Path(__file__).with_name("echo_server.py")
    program = (
        "import json, os, subprocess, sys\n"
        "config = {**json.loads(sys.argv[2]), 'parent': os.getpid()}\n"
        "subprocess.run([sys.executable, sys.argv[1], json.dumps(config)])\n"
    )
    env = {**os.environ, "PYTHONPATH": str(Path(oso_adapter.__file__).parents[1])}
    parent = subprocess.Popen(
        [sys.executable, "-c", program, str(helper), json.dumps(config)],
        stdout=subprocess.PIPE,
        env=env,
    )
    assert parent.stdout is not None
    with parent.stdout as output:
        while json.loads(output.readline())["event"] != "ready":
            pass
        parent.send_signal(signal.SIGKILL)
        parent.wait(timeout=20)

        # the end of file comes when the listener and its worker, who share it, have ended
        assert b"" == output.read()


def test_a_port_that_is_taken_is_an_error_of_configuration(
    client_files: TlsFiles,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = ServerSettings("127.0.0.1", taken.getsockname()[1])
        with pytest.raises(ConfigurationError, match="cannot listen"):
            run_https(lambda: pytest.fail("made"), client_files, settings)


def test_files_that_are_not_usable_are_an_error_of_configuration(
    client_files: TlsFiles, tmp_path: Path
) -> None:
    files = replace(client_files, key=tmp_path / "none")
    with pytest.raises(ConfigurationError):
        run_https(lambda: pytest.fail("made"), files, ServerSettings("127.0.0.1", 0))


@pytest.mark.parametrize(
    ("fail", "shown"),
    [
        ("own", {"error": "OsoError", "reason": "the store is full"}),
        ("other", {"error": "ValueError"}),
    ],
)
def test_an_application_that_cannot_be_made_ends_the_listener_with_an_event(
    fail: str, shown: dict[str, str], start: Callable[..., Any]
) -> None:
    address = start(fail=fail)
    line = address.listener.wait_for("server.failed")

    assert shown == {key: line[key] for key in ("error", "reason") if key in line}
    assert 2 == address.listener.ended()  # 3 would say that another party is out of reach
    assert "personal" not in address.listener.text


def test_an_internal_listener_speaks_plain_http(start: Callable[..., Any]) -> None:
    address = start(plain=True)

    with address.tcp() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        answer = read_answer(connection)

    assert (200, "no-certificate") == (answer["status"], answer["peer"])

"""Starting and ending the processes of the demonstration."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from oso_adapter.errors import OsoError

PATIENCE: Final = 30.0
"""Seconds in which a process has to be ready."""


_LAST_LINES: Final = 15


class DidNotStart(OsoError):
    """A process of the demonstration did not get ready, or a command did not succeed."""

    def __init__(self, what: str, log: Path) -> None:
        """``log``: its last lines are told here, for it is deleted with everything else."""
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LAST_LINES:]
        super().__init__("\n".join([f"{what}; the end of {log.name}:", *lines]))


def command(*arguments: str, config: Path | None = None) -> list[str]:
    """The command line of ``oso-adapter`` in this environment."""
    chosen = ["--config", str(config)] if config else []
    return [sys.executable, "-m", "oso_adapter.cli", *chosen, *arguments]


def run(
    *arguments: str, config: Path, log: Path, text: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; what it says goes to the log."""
    with log.open("a", encoding="utf-8") as said:
        done = subprocess.run(
            command(*arguments, config=config),
            input=text,
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
            check=False,
        )
        said.write(done.stdout)
    return done


def must(*arguments: str, config: Path, log: Path, text: str = "") -> str:
    """Run a command that has to succeed; gives what it printed."""
    done = run(*arguments, config=config, log=log, text=text)
    if done.returncode != 0:
        raise DidNotStart(f"`oso-adapter {' '.join(arguments[:2])}` failed", log)
    return done.stdout


def free_ports(count: int) -> list[int]:
    """Ports of this machine that are free now."""
    with ExitStack() as stack:
        sockets = [
            stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)
        ]
        return [s.getsockname()[1] for s in sockets]


class Processes:
    """Processes that end together, whatever happens: each in the block, ended at its end."""

    def __init__(self) -> None:
        self._running: list[subprocess.Popen[Any]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        for process in reversed(self._running):
            process.terminate()
        for process in reversed(self._running):
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout:
                process.stdout.close()

    def start(self, arguments: list[str], log: Path) -> subprocess.Popen[Any]:
        """Start a process that writes its log to a file."""
        with log.open("ab") as output:
            process = subprocess.Popen(arguments, stdout=output, stderr=output)
        self._running.append(process)
        return process

    def start_and_read(self, arguments: list[str], log: Path) -> dict[str, Any]:
        """Start a process that prints one line of JSON when it is ready; gives that line."""
        with log.open("ab") as errors:
            process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=errors, text=True)
        self._running.append(process)
        line = process.stdout.readline() if process.stdout else ""
        if not line.strip():
            raise DidNotStart("the simulator did not start", log)
        ready: dict[str, Any] = json.loads(line)
        return ready


def wait_until(ready: Callable[[], bool], process: subprocess.Popen[Any], log: Path) -> None:
    """Look until a process is ready; raises DidNotStart when it ends or takes too long."""
    deadline = time.monotonic() + PATIENCE
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise DidNotStart("the adapter did not start", log)
        time.sleep(0.05)


def listens(port: int) -> bool:
    """Whether something listens on a port of this machine."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True

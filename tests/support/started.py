"""Processes of ``oso-adapter`` that tests start by the hundred: the command, imported once.

Each is forked from a process that has imported the commands and done nothing else, and begins where
``main`` begins: most of the time of a short process is importing. That the program itself starts is
shown by a test of the supervisor, the README, the image and the demonstration.
"""

import atexit
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from multiprocessing import forkserver
from multiprocessing.process import BaseProcess
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final, TypeAlias
from unittest.mock import patch

from oso_adapter.cli.main import main

_FORKED: Final = multiprocessing.get_context("forkserver")


@cache
def _loaded() -> None:
    """Have the process that all are forked from, with this and :mod:`support.loaded` in it."""
    _FORKED.set_forkserver_preload([__name__, "support.loaded"])
    # it looks for modules where Python does
    with patch.dict(os.environ, PYTHONPATH=str(Path(__file__).parents[1])):
        forkserver.ensure_running()


class Started:
    """A running command; what it writes goes to a log, and its first line also to whoever asks.

    It has of :class:`subprocess.Popen` what tests need of one that they did not start themselves.
    given: what it reads.
    """

    def __init__(
        self,
        arguments: list[str],
        log: Path,
        environment: Mapping[str, str],
        *,
        heard: bool,
        given: str = "",
    ) -> None:
        _loaded()
        ours, theirs = socket.socketpair()
        with ours, theirs:
            self.stdout = ours.makefile("rb") if heard else None
            self._process = _FORKED.Process(
                target=_be,
                args=(arguments, str(log), dict(environment), theirs if heard else None, given),
            )
            self._process.start()
        assert self._process.pid is not None
        self.pid: int = self._process.pid
        atexit.register(self.kill)

    @property
    def returncode(self) -> int | None:
        """As of a process: None while it runs, below zero when a signal ended it."""
        return self._process.exitcode

    def poll(self) -> int | None:
        """The same."""
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Until it has ended; raises TimeoutExpired."""
        self._process.join(timeout)
        code = self.returncode
        if code is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout or 0)
        atexit.unregister(self.kill)
        return code

    def send_signal(self, number: int) -> None:
        """Nothing when it has ended."""
        if self.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """End it as an operator would."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a crash would."""
        self.send_signal(signal.SIGKILL)


def process(work: Callable[..., object], *arguments: object) -> BaseProcess:
    """A process of its own that does this, begun; work: a function of a module."""
    _loaded()
    begun = _FORKED.Process(target=work, args=arguments)
    begun.start()
    return begun


def ended(*processes: BaseProcess) -> list[int | None]:
    """How they ended, once they have."""
    for begun in processes:
        begun.join()
    return [begun.exitcode for begun in processes]


Running: TypeAlias = Started | subprocess.Popen[bytes]


def _be(
    arguments: list[str],
    log: str,
    environment: dict[str, str],
    answers: socket.socket | None,
    given: str,
) -> None:
    os.environ.clear()
    os.environ.update(environment)
    with open(log, "ab") as file, TemporaryFile() as read:
        read.write(given.encode())
        read.seek(0)
        os.dup2(read.fileno(), 0)
        os.dup2(file.fileno() if answers is None else answers.fileno(), 1)
        os.dup2(file.fileno(), 2)
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    if answers is not None:
        answers.close()
    sys.argv = ["oso-adapter", *arguments]
    try:
        main(arguments)
    except Exception:  # of what nobody caught, Python tells in this way at the end of a program
        sys.excepthook(*sys.exc_info())
        sys.exit(1)
    finally:
        atexit._run_exitfuncs()

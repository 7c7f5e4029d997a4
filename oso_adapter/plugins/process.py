"""A plugin in a process of its own: started when it is first called, and ended when it fails.

What hangs, eats memory or ends itself costs that process and that call. The next call starts
another, unless it goes wrong time after time: then it is left alone, each time longer.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import astuple, dataclass, replace
from types import MappingProxyType
from typing import Any, Final, NoReturn, TypeVar

from oso_adapter.hookspecs import HookContext
from oso_adapter.logs import library_message
from oso_adapter.plugins.answers import fits
from oso_adapter.plugins.channel import Channel, Ended, TooMuch
from oso_adapter.plugins.coding import NotCodable, decoded, encoded
from oso_adapter.plugins.found import Found
from oso_adapter.plugins.near import CallFailed, Tell
from oso_adapter.plugins.problems import PluginProblem, of_error, problem

T = TypeVar("T")

READY: Final = 60.0
"""Seconds for Python and our own modules, before the plugin's own time begins to count."""

_GRACE: Final = 1.0
_FREE: Final = 2
_LONGEST_REST: Final = 300.0

_starter = ThreadPoolExecutor(1, thread_name_prefix="plugin-process")
"""The kernel ends a process with the *thread* that started it, so that has to be one that lasts."""


@dataclass(frozen=True)
class Bounds:
    """What a process may take.

    memory: MiB; answer: octets of one answer; loading: seconds to load the plugin; waiting: seconds
    that a call waits for the calls before it.
    """

    memory: int
    answer: int
    loading: float
    waiting: float


@dataclass(frozen=True)
class Hello:
    """What a process says of its plugin: its hooks, None when it cannot be used."""

    hooks: frozenset[str] | None
    problems: tuple[PluginProblem, ...]


class PluginProcess:
    """One process with one plugin in it."""

    def __init__(self, found: Found, section: Mapping[str, Any], bounds: Bounds) -> None:
        """Start it and load the plugin; raises :class:`CallFailed`."""
        self._name = found.name
        self._bounds = bounds
        ours, theirs = socket.socketpair()
        output, printing = os.pipe()
        self.channel = Channel(ours, output, bounds.answer)
        self.ended = False
        self._calls = 0
        command = [sys.executable, "-P", "-m", "oso_adapter.plugins.worker", str(theirs.fileno())]
        try:
            self._process = _starter.submit(
                lambda: subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=printing,
                    stderr=printing,
                    pass_fds=(theirs.fileno(),),
                    start_new_session=True,
                    env=_environment(),
                )
            ).result()
        except OSError as error:
            self.channel.close()
            raise CallFailed(problem(self._name, "start-exit", of_error(error))) from None
        finally:
            theirs.close()
            os.close(printing)
        start = {
            "found": astuple(found),
            "section": section,
            "path": sys.path,
            "memory": bounds.memory,
            "parent": os.getpid(),
        }
        self._ask(start, READY, "start-time", "start-exit", lambda told: told["ready"])
        self.hello = self._ask(None, bounds.loading, "start-time", "start-exit", self._hello)

    def call(
        self, hook: str, arguments: Mapping[str, object], budget: float, *, stays: bool = False
    ) -> Any:
        """The answer of a hook; raises :class:`CallFailed`, for what it raised too.

        stays: the answer stays there, and whether there was one of the right type is told.
        """
        number = self._calls = self._calls + 1

        def read(told: Mapping[str, Any]) -> Any:
            if told["call"] != number:  # what another call was answered is nothing to believe here
                raise ValueError
            if "problem" in told:
                raise CallFailed(self._problem(told["problem"]))
            return told["answer"]

        message = {"call": number, "hook": hook, "arguments": arguments, "stays": stays}
        return self._ask(message, budget, "time", "exit", read)

    def end(self) -> None:
        """End it at once, with whatever it started itself."""
        if not self.ended:
            self.kill()
            self._process.wait()
            self.channel.close()
        self.ended = True

    def kill(self) -> None:
        """Let the kernel end it; whoever waits for an answer hears that it is gone."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def _hello(self, told: Mapping[str, Any]) -> Hello:
        hooks = told["hooks"]
        problems = tuple(self._problem(each) for each in told["problems"])
        if hooks is None and not problems:
            raise ValueError
        if self.channel.printed and hooks is not None:
            problems += (problem(self._name, "printed", self.channel.printed),)
        return Hello(None if hooks is None else frozenset(map(str, hooks)), problems)

    def _problem(self, told: Mapping[str, Any]) -> PluginProblem:
        found = PluginProblem(**told)
        if not fits(found, PluginProblem) or found.plugin != self._name:
            raise ValueError
        return found

    def _ask(
        self,
        message: object,
        seconds: float,
        too_slow: str,
        ended: str,
        read: Callable[[Mapping[str, Any]], T],
    ) -> T:
        """Send a message, or nothing, and read the next one; raises :class:`CallFailed`.

        What comes may be anything: the plugin can write on the line too.
        """
        try:
            octets = None if message is None else encoded(message)
            told = decoded(self.channel.ask(octets, seconds))
            for record in told.pop("records", ()):
                library_message(**record)
            return read(told)
        except TimeoutError:
            self._fail(problem(self._name, too_slow, f"{seconds:g}"))
        except Ended:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_GRACE)
            self.kill()  # it may have let go of the line alone, and go on without it
            self._fail(problem(self._name, ended, _how(self._process.wait())))
        except TooMuch:
            self._fail(problem(self._name, "no-use", "more than a dossier can be"))
        except NotCodable as wrong:
            self._fail(problem(self._name, "no-use", wrong))
        except (AttributeError, TypeError, LookupError, ValueError):
            self._fail(problem(self._name, "no-use", "something that is no answer"))

    def _fail(self, found: PluginProblem) -> NoReturn:
        self.end()
        raise CallFailed(found) from None


class Far:
    """A plugin that runs in a process of its own, one call at a time."""

    def __init__(
        self,
        found: Found,
        section: Mapping[str, Any],
        bounds: Bounds,
        tell: Tell,
        passing: Callable[[], float] = time.monotonic,
    ) -> None:
        """passing: seconds that go by, from whatever beginning."""
        self._found = found
        self._section = section
        self._bounds = bounds
        self._tell = tell
        self._passing = passing
        self._lock = threading.Lock()
        self._process: PluginProcess | None = None
        self._failures = 0
        self._rests_until = 0.0
        self._closed = False

    def call(
        self,
        hook: str,
        context: Callable[[], HookContext],
        arguments: Mapping[str, object],
        budget: float,
    ) -> Any:
        """Call one hook; raises :class:`CallFailed`. Its time begins when it is its turn."""
        name = self._found.name
        if not self._lock.acquire(timeout=self._bounds.waiting):
            raise CallFailed(problem(name, "busy"))
        try:
            process = self._running()
            before = process.channel.printed
            given = replace(context(), sections=MappingProxyType({}))
            try:
                answer = process.call(hook, {"context": given, **arguments}, budget)
            except CallFailed as failed:
                if process.ended or failed.problem.code == "memory":
                    self._ended()
                else:
                    self._failures = 0
                with suppress(CallFailed):  # what is worse is told already
                    self._printed(hook, process.channel.printed - before)
                raise
            self._failures = 0
            self._printed(hook, process.channel.printed - before)
            return answer
        finally:
            self._lock.release()

    def close(self) -> None:
        """End the process, also in the middle of a call, and start no other."""
        self._closed = True
        if (process := self._process) is not None:
            process.kill()
            with self._lock:
                process.end()
                self._process = None

    def _printed(self, hook: str, octets: int) -> None:
        if octets:
            self._tell(hook, problem(self._found.name, "printed", octets))

    def _running(self) -> PluginProcess:
        if self._process is not None:
            return self._process
        if self._passing() < self._rests_until or self._closed:
            raise CallFailed(problem(self._found.name, "resting"))
        try:
            process = PluginProcess(self._found, self._section, self._bounds)
        except CallFailed:
            self._ended()
            raise
        self._process = process
        if process.hello.hooks is None:
            self._ended()
            raise CallFailed(process.hello.problems[0])
        return process

    def _ended(self) -> None:
        """Another one is started at the next call, or after a rest."""
        if self._process is not None:
            self._process.end()
        self._process = None
        self._failures += 1
        if self._failures > _FREE:
            rest = min(2.0 ** (self._failures - _FREE), _LONGEST_REST)
            self._rests_until = self._passing() + rest


def _environment() -> dict[str, str]:
    """Ours, without the settings of the adapter: they are not for a plugin."""
    return {
        name: value
        for name, value in os.environ.items()
        if not (name.startswith("OSO_") and "__" in name)
    }


def _how(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"

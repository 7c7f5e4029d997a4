"""The process in which a plugin runs under `serve`, started by :mod:`oso_adapter.plugins.process`.

It knows the plugin and its settings: no keys, no store, no settings of the adapter. One call at a
time, in the main thread. It ends with the process that started it.
"""

import logging
import os
import resource
import signal
import socket
import struct
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from io import BufferedRWPair
from typing import Any, Final, get_type_hints

from oso_adapter import hookspecs
from oso_adapter.plugins.answers import fits
from oso_adapter.plugins.coding import NotCodable, decoded, encoded
from oso_adapter.plugins.found import Found
from oso_adapter.plugins.loading import Loaded, loaded_here
from oso_adapter.plugins.near import own_settings
from oso_adapter.plugins.problems import PluginProblem, of_error, problem
from oso_adapter.transport.parent import die_with_parent

_RECORDS: Final = 20
"""How many lines that a plugin logs are passed on for each call."""


class Noted(logging.Handler):
    """Notes who warned and where; what was said stays here, since it may hold a name."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._records: list[dict[str, object]] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Note a record."""
        error = record.exc_info[0] if record.exc_info else None
        if len(self._records) < _RECORDS:
            self._records.append(
                {
                    "library": record.name,
                    "level": record.levelname.lower(),
                    "place": f"{record.filename}:{record.lineno}",
                    "error": error.__name__ if error else None,
                }
            )

    def taken(self) -> list[dict[str, object]]:
        """What was noted since the last time."""
        taken, self._records = self._records, []
        return taken


def main(descriptor: int) -> None:
    """Load the plugin that the first message names, then answer calls until there are no more."""
    os.set_inheritable(descriptor, False)  # it is not for programs that the plugin starts
    channel = socket.socket(fileno=descriptor).makefile("rwb")
    start = _received(channel)
    if start is None:
        return
    die_with_parent(start["parent"], signal.SIGKILL)
    sys.path[:] = start["path"]
    noted = Noted()
    logging.getLogger().addHandler(noted)
    logging.captureWarnings(True)
    logging.raiseExceptions = False
    memory = start["memory"]
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, (memory * 2**20, memory * 2**20))
    _send(channel, {"ready": True})
    loaded = loaded_here(Found(*start["found"]), start["section"])
    if isinstance(loaded, Loaded):
        told: dict[str, object] = {"hooks": sorted(loaded.hooks), "problems": loaded.warnings}
    else:
        told = {"hooks": None, "problems": loaded}
    told["problems"] = [asdict(each) for each in told["problems"]]  # type: ignore[attr-defined]
    _send(channel, {**told, "records": noted.taken()})
    if not isinstance(loaded, Loaded):
        return
    process = os.getpid()
    while (call := _received(channel)) is not None:
        answer = _answer(loaded, call, memory)
        if os.getpid() != process:
            return  # the plugin forked; who answers is the process that was asked
        with suppress(Exception):  # a plugin may have closed or replaced them
            sys.stdout.flush()
            sys.stderr.flush()
        more = {"call": call["call"], "records": noted.taken()}
        channel.write(_framed(answer, more, loaded.name, memory))
        channel.flush()


def _answer(loaded: Loaded, call: Mapping[str, Any], memory: int) -> dict[str, object]:
    arguments = dict(call["arguments"])
    context = own_settings(arguments.pop("context"), loaded.name, loaded.section)
    try:
        answer = loaded.call(call["hook"], {"context": context, **arguments})
        return _judged(answer, call["hook"], loaded.name) if call["stays"] else {"answer": answer}
    except MemoryError:
        pass  # first what was taken is let go of: too little is left to tell it with
    except BaseException as error:
        return _failed(problem(loaded.name, "raised", of_error(error)))
    return _failed(problem(loaded.name, "memory", memory))


def _judged(answer: object, hook: str, name: str) -> dict[str, object]:
    """Whether there is an answer of the type that the hook gives, where it is not to be told."""
    kind = get_type_hints(getattr(hookspecs, hook))["return"]
    if fits(answer, kind):
        return {"answer": answer is not None}
    return _failed(problem(name, "no-use", "nothing of the type that this hook gives"))


def _failed(found: PluginProblem) -> dict[str, object]:
    return {"problem": asdict(found)}


def _framed(answer: dict[str, object], more: dict[str, object], name: str, memory: int) -> bytes:
    """The answer as it goes out, or that it cannot."""
    try:
        octets = encoded({**answer, **more})
    except NotCodable as wrong:
        octets = encoded({**_failed(problem(name, "no-use", wrong)), **more})
    except MemoryError:
        answer.clear()
        octets = encoded({**_failed(problem(name, "memory", memory)), **more})
    return struct.pack(">Q", len(octets)) + octets


def _received(channel: BufferedRWPair) -> Any:
    head = channel.read(8)
    if len(head) < 8:
        return None
    return decoded(channel.read(struct.unpack(">Q", head)[0]))


def _send(channel: BufferedRWPair, message: object) -> None:
    octets = encoded(message)
    channel.write(struct.pack(">Q", len(octets)) + octets)
    channel.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]))
    os._exit(0)  # threads of the plugin do not keep it

"""Hostile input in processes of their own, with no more memory and processor time than it needs.

Run as a program it reads the name of a case a line, and answers with a line of JSON: by each way
that it was read what came of it. Each way has a process of its own, so that a limit that is passed
ends that process alone.
"""

import gc
import json
import os
import resource
import subprocess
import sys
import traceback
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

SECONDS: Final = 15
"""Of processor time: on a quiet machine the slowest here takes three, what is quadratic minutes."""

MEMORY: Final = 300 * 2**20
UNPACKING: Final = 600 * 2**20
"""Bytes beside eight times the document; with what may be unpacked of its attachments."""

TESTS: Final = Path(__file__).parent.parent


class Bounded:
    """The process that answers; use it as a context."""

    def __enter__(self) -> "Bounded":
        self._process = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "support.bounded"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(TESTS)},
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    @cache  # noqa: B019 (one for each module of tests)
    def tried(self, case: str) -> dict[str, dict[str, Any]]:
        """By way: ``outcome`` and ``rules``, or ``ended`` with how its process ended."""
        assert self._process.stdin
        assert self._process.stdout
        print(case, file=self._process.stdin, flush=True)
        answer: dict[str, dict[str, Any]] = json.loads(self._process.stdout.readline())
        return answer


def _serve() -> None:
    from support import hostile_ways  # noqa: PLC0415 (in the process alone)

    hostile_ways.warm_up()
    gc.freeze()  # what is there by now is looked at in none of the copies
    for line in sys.stdin:
        answer = _apart(partial(_each_way, line.rstrip("\n")))
        print(json.dumps(answer), flush=True)


def _each_way(case: str) -> dict[str, Any]:
    from support import hostile_ways  # noqa: PLC0415

    document = hostile_ways.made(case)
    more = UNPACKING if case.startswith("ZIP: ") else MEMORY
    answer = {
        name: _apart(partial(_within_limits, partial(_measured, way), document, more))
        for name, way in hostile_ways.ways_of(case).items()
    }
    if case in hostile_ways.DOCUMENTS:
        read = _apart(partial(_within_limits, _read, document, more))
        answer |= {name: read.get(name, read) for name in hostile_ways.READERS}
    return answer


def _read(document: bytes) -> dict[str, Any]:
    """Each way to read begins with the tree, so that is made once; its memory counts in each."""
    from support import hostile_ways  # noqa: PLC0415

    root = hostile_ways.tree_of(document)
    if isinstance(root, dict):
        return dict.fromkeys(hostile_ways.READERS, root)
    ways = hostile_ways.READERS.items()
    return {name: _apart(partial(_measured, way, root)) for name, way in ways}


def _measured(way: Callable[[Any], dict[str, Any]], document: Any) -> dict[str, Any]:
    begin = resource.getrusage(resource.RUSAGE_SELF)
    answer = way(document)
    end = resource.getrusage(resource.RUSAGE_SELF)
    seconds = end.ru_utime + end.ru_stime - begin.ru_utime - begin.ru_stime
    return answer | {
        "seconds": round(seconds, 2),
        "megabytes": (end.ru_maxrss - begin.ru_maxrss) // 1024,
    }


def _apart(do: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What a function gives, in a process of its own; ``ended`` when that had no good end."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            os.write(writing, json.dumps(do()).encode())
        except BaseException:  # whatever it is, it ends here and not in the loop of the parent
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    answer: dict[str, Any] = json.loads(told) if ended == 0 else {"ended": ended}
    return answer


def _within_limits(
    do: Callable[[bytes], dict[str, Any]], document: bytes, more: int
) -> dict[str, Any]:
    """Memory: what is in use, eight times the document, and more bytes.

    Processes that are forked from this one have these limits too.
    """
    used = resource.getrusage(resource.RUSAGE_SELF)
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    memory = pages * resource.getpagesize() + 8 * len(document) + more
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    seconds = int(used.ru_utime + used.ru_stime) + SECONDS + 1
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    return do(document)


if __name__ == "__main__":
    _serve()

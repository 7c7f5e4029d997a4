"""Running XSLT 2.0 with Saxon, each stylesheet in a process of its own that is kept.

The stylesheets are official or at least a supplier's, but they see whole dossiers. So they may
read nothing but their own modules and write nothing, and one that hangs or takes all memory costs
a process and no more (see :mod:`oso_adapter.standard.saxon_worker`). Compiled once per process of
ours; a forked child starts its own, since Saxon does not survive a fork.
"""

import atexit
import importlib.util
import os
import struct
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Final, Literal

from oso_adapter.errors import ConfigurationError, OsoError
from oso_adapter.standard import saxon_worker

SECONDS: Final = 60
"""How long a stylesheet may take to compile, and for a document; then its process is ended."""

Reason = Literal["compile", "access", "failed", "time", "crashed"]

_WORKER: Final = Path(saxon_worker.__file__)
_ALARM: Final = -14
_INHERITED: Final = ("LD_LIBRARY_PATH",)


class SaxonFailed(OsoError):
    """A stylesheet gave no result.

    reason: compile (it is not right; the message says where), access (it asked for something
    outside), failed (it ended with an error, or by itself), time, crashed (also: out of memory).
    """

    def __init__(self, reason: Reason, place: str = "") -> None:
        super().__init__(f"the stylesheet gave no result: {reason}{place and f' ({place})'}")
        self.reason = reason


@dataclass(eq=False)
class _Worker:
    process: subprocess.Popen[bytes]
    lock: Lock = field(default_factory=Lock)


_Key = tuple[Path, int, int, int]
_lock = Lock()
_workers: dict[_Key, _Worker] = {}


def required() -> None:
    """Raise ConfigurationError where the extra ``official`` is not installed."""
    for package in ("saxonche", "xmlschema", "tomli_w"):
        if importlib.util.find_spec(package) is None:
            raise ConfigurationError(
                f"official files need {package}: pip install 'oso-adapter[official]'"
            )


def transform(stylesheet: Path, xml: bytes, seconds: int = SECONDS) -> bytes:
    """The result of a stylesheet for a document, UTF-8; one document at a time per stylesheet.

    xml: UTF-8, without a DOCTYPE. Raises SaxonFailed, without a word of the document.
    """
    try:
        return _ask(_worker(stylesheet, seconds), xml)
    except BrokenPipeError:  # ended since the last document; a new one takes its place
        pass
    try:
        return _ask(_worker(stylesheet, seconds), xml)
    except BrokenPipeError:
        raise SaxonFailed("crashed") from None


def compiled(stylesheet: Path, seconds: int = SECONDS) -> None:
    """Compile a stylesheet, to see whether it is right; raises SaxonFailed."""
    _worker(stylesheet, seconds)


def close(below: Path | None = None) -> None:
    """End the processes, all or those of stylesheets in a folder; the next use starts new ones."""
    with _lock:
        for key in [key for key in _workers if below is None or key[0].is_relative_to(below)]:
            _end(_workers.pop(key).process)


def _worker(stylesheet: Path, seconds: int) -> _Worker:
    found = stylesheet.stat()
    key = (stylesheet, found.st_ino, found.st_mtime_ns, seconds)
    with _lock:
        worker = _workers.get(key)
        if worker is not None and worker.process.poll() is not None:
            _end(worker.process)
            worker = None
        if worker is None:
            worker = _workers[key] = _Worker(_start(stylesheet, seconds))
        return worker


def _start(stylesheet: Path, seconds: int) -> subprocess.Popen[bytes]:
    required()
    process = subprocess.Popen(
        [sys.executable, "-I", str(_WORKER), str(stylesheet), str(seconds)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,  # nothing that a forked child could write a second time
        # No secrets, and no settings of somebody else's Python.
        env={name: os.environ[name] for name in _INHERITED if name in os.environ},
    )
    kind, text = _answer(process)
    if kind != saxon_worker.READY:
        _end(process)
        raise SaxonFailed("compile", text.decode("utf-8", "replace"))
    return process


def _ask(worker: _Worker, xml: bytes) -> bytes:
    with worker.lock:
        try:
            _write(worker.process, struct.pack(">Q", len(xml)) + xml)
        except (BrokenPipeError, ValueError):
            _end(worker.process)
            raise BrokenPipeError from None
        kind, text = _answer(worker.process)
    if kind != saxon_worker.DONE:
        raise SaxonFailed("access" if kind == saxon_worker.ACCESS else "failed")
    return text


def _write(process: subprocess.Popen[bytes], text: bytes) -> None:
    assert process.stdin is not None  # noqa: S101 - it was opened as a pipe
    rest = memoryview(text)
    while rest:
        rest = rest[process.stdin.write(rest) :]


def _answer(process: subprocess.Popen[bytes]) -> tuple[bytes, bytes]:
    head = _read(process, 9)
    return head[:1], _read(process, struct.unpack(">Q", head[1:])[0])


def _read(process: subprocess.Popen[bytes], length: int) -> bytes:
    assert process.stdout is not None  # noqa: S101
    pieces = []
    while length:
        piece = process.stdout.read(length)
        if not piece:
            raise _ended(process)
        pieces.append(piece)
        length -= len(piece)
    return b"".join(pieces)


def _ended(process: subprocess.Popen[bytes]) -> SaxonFailed:
    _end(process)
    return SaxonFailed("time" if process.returncode == _ALARM else "crashed")


def _end(process: subprocess.Popen[bytes]) -> None:
    """It ends by itself when nothing more can be asked; where it does not, it is killed."""
    _close_pipes(process)
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _close_pipes(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


def _forked() -> None:
    """The child has the pipes of its parent's processes, but they are not its own to use."""
    global _lock, _workers
    for worker in _workers.values():
        _close_pipes(worker.process)
        worker.process.returncode = 0  # so that nobody waits for what is not our child
    _lock, _workers = Lock(), {}


os.register_at_fork(after_in_child=_forked)
atexit.register(close)

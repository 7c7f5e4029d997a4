"""What a plugin prints is dropped and counted: it may hold names, and programs read our output."""

import os
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from typing import Any

_lock = threading.Lock()
_inside: dict[threading.Thread, int] = {}
_calls: list[None] = []


class Apart:
    """A stream that passes on what the adapter writes and drops what plugins write."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    def write(self, text: str | bytes) -> int:
        """Write, unless this thread is that of a plugin."""
        thread = threading.current_thread()
        if thread in _inside:
            _inside[thread] += len(text)
            return len(text)
        written: int = self.stream.write(text)
        return written

    def writelines(self, lines: Iterable[str | bytes]) -> None:
        """Write each."""
        for line in lines:
            self.write(line)

    @property
    def buffer(self) -> Any:
        """The stream below, for octets; a plugin stays here."""
        return self if threading.current_thread() in _inside else self.stream.buffer

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


@contextmanager
def kept_apart() -> Iterator[None]:
    """While plugins are called, in threads that are :func:`silenced`."""
    with _lock:
        if not isinstance(sys.stdout, Apart):
            sys.stdout = Apart(sys.stdout)
        if not isinstance(sys.stderr, Apart):
            sys.stderr = Apart(sys.stderr)
        _calls.append(None)
    try:
        yield
    finally:
        with _lock:
            _calls.pop()
            if not _calls:
                _put_back()


@contextmanager
def silenced() -> Iterator[list[int]]:
    """What this thread prints is dropped; gives a list in which the number of characters comes."""
    thread, printed = threading.current_thread(), [0]
    _inside[thread] = 0
    try:
        yield printed
    finally:
        printed[0] = _inside.pop(thread)


def move_standard_output() -> None:
    """Let our own standard output be another descriptor than 1, and 1 lead nowhere.

    So that not even a program that a plugin starts writes in what a command prints. Done once, at
    the start of a command that may call plugins.
    """
    stream = sys.stdout
    if stream is not sys.__stdout__ or not isinstance(stream, TextIOWrapper):
        return  # somebody else has taken over the output, and looks after it
    stream.flush()
    own, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    sys.stdout = TextIOWrapper(
        os.fdopen(own, "wb"),
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=stream.line_buffering,
    )


def _put_back() -> None:
    if isinstance(sys.stdout, Apart):
        sys.stdout = sys.stdout.stream
    if isinstance(sys.stderr, Apart):
        sys.stderr = sys.stderr.stream

"""Running a command where a person would: with a terminal as its output."""

import os
import pty
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from support.started import Started


def on_a_terminal(*arguments: str) -> str:
    """What ``oso-adapter`` writes when its output is a terminal."""
    ours, its = pty.openpty()
    with ThreadPoolExecutor(1) as reader:
        written = reader.submit(_all, ours)
        try:
            Started(list(arguments), Path(os.ttyname(its)), os.environ, heard=False).wait()
        finally:
            os.close(its)
    os.close(ours)
    return written.result().decode()


def _all(descriptor: int) -> bytes:
    """What comes until the other end is closed, which Linux tells as an error."""
    written = b""
    while piece := _read(descriptor):
        written += piece
    return written


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:
        return b""

"""Running a command where a person would: with a terminal as its output."""

import os
import pty
import subprocess
import sys


def on_a_terminal(*arguments: str) -> str:
    """What ``oso-adapter`` writes when its output is a terminal."""
    ours, its = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "oso_adapter.cli", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=its,
        stderr=its,
    )
    os.close(its)
    written = b""
    while piece := _read(ours):
        written += piece
    process.wait()
    os.close(ours)
    return written.decode()


def _read(descriptor: int) -> bytes:
    """The next piece; nothing once the other end is closed, which Linux tells as an error."""
    try:
        return os.read(descriptor, 65536)
    except OSError:
        return b""

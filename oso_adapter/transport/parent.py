"""What a process asks of the kernel: to end with the one that started it, and to have a name."""

import ctypes
import os
import signal
from typing import Final

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_NAME: Final = 15


def die_with_parent(
    parent: int | None = None, signal_number: signal.Signals = signal.SIGTERM
) -> None:
    """Ask the kernel for a signal when the process that started this one dies (prctl, Linux).

    parent: its process id, when the caller knows it: then a parent that is dead already is
    noticed too. The kernel looks at the thread that started this process, so that one has to last.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, signal_number, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    if parent is not None and os.getppid() != parent:
        os.kill(os.getpid(), signal_number)


def name_process(name: str) -> None:
    """Give this process the name by which ``top`` and ``ps -e`` show it (prctl, Linux).

    name: at most 15 octets; the rest is cut off. Those that are forked from it have it too.
    """
    ctypes.CDLL(None).prctl(_PR_SET_NAME, name.encode(), 0, 0, 0)

"""A process that ends when the one that started it does."""

import ctypes
import os
import signal
from typing import Final

_PR_SET_PDEATHSIG: Final = 1


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

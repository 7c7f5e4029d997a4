"""Folders that nobody but us can reach: opened once, checked once, and reached by descriptor.

What is checked is what was opened (fstat), and everything below is reached through the open folder
(openat), so that nothing can be put in its place between looking and reading. A link is never
followed. What is too open is refused with the command that mends it, and never mended silently:
whoever opened it has to know that others could have read it.
"""

import errno
import os
import shlex
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, Self

from oso_directory.errors import (
    NoFileItself,
    NotCompleteYet,
    NotOurs,
    NotPrivate,
    NotRead,
    NotThere,
    TooLarge,
)

_OTHERS: Final = 0o077
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Without O_NONBLOCK a pipe that lies there would hold us up for ever.
_FILE: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class Folder:
    """An open folder; ``descriptor`` is for what :mod:`os` does with ``dir_fd``."""

    def __init__(self, descriptor: int, path: Path, owner: int) -> None:
        self.descriptor = descriptor
        self.path = path
        self._owner = owner

    @classmethod
    @contextmanager
    def opened(cls, path: Path, owner: int | None = None) -> Iterator[Self]:
        """Open a folder, and see that it is ours alone.

        owner: the user id that everything must belong to, by default that of this process. Raises
        a FolderProblem.
        """
        with cls._open(path, None, os.geteuid() if owner is None else owner, path) as folder:
            yield folder

    @contextmanager
    def inner(self, name: str) -> Iterator[Self]:
        """Open a folder in this one; raises a FolderProblem, NotThere when it is not there."""
        with self._open(name, self.descriptor, self._owner, self.path / name) as folder:
            yield folder

    @classmethod
    @contextmanager
    def _open(cls, name: str | Path, within: int | None, owner: int, path: Path) -> Iterator[Self]:
        with _told(path):
            descriptor = os.open(name, _FOLDER, dir_fd=within)
        try:
            _require_ours(os.fstat(descriptor), path, owner)
            yield cls(descriptor, path, owner)
        finally:
            os.close(descriptor)

    def names(self) -> list[str]:
        """What is in it, in the order of the alphabet."""
        with _told(self.path):
            return sorted(os.listdir(self.descriptor))

    def has(self, name: str) -> bool:
        """Whether there is anything under this name."""
        return self.kind(name) is not None

    def kind(self, name: str) -> int | None:
        """What kind of thing there is under this name (``stat.S_IFMT``), None for nothing."""
        with _told(self.path / name):
            try:
                status = os.stat(name, dir_fd=self.descriptor, follow_symlinks=False)
            except FileNotFoundError:
                return None
        return stat.S_IFMT(status.st_mode)

    def look_at(self, name: str) -> None:
        """See that a file is ours alone, without reading it; raises a FolderProblem."""
        with self._file(name):
            pass

    def read(self, name: str, most: int) -> bytes:
        """The whole of a file of ours, at most so many bytes.

        Raises a FolderProblem; NotCompleteYet when it changes while it is read.
        """
        path = self.path / name
        with self._file(name) as (file, before):
            content = file.read(most + 1)
            after = os.fstat(file.fileno())
        if len(content) > most:
            raise TooLarge(str(path))
        if _state(before) != _state(after) or len(content) != after.st_size:
            raise NotCompleteYet(str(path))
        return content

    @contextmanager
    def _file(self, name: str) -> Iterator[tuple[BinaryIO, os.stat_result]]:
        """A file of ours, open, and what it was when it was opened."""
        path = self.path / name
        with _told(path), open(os.open(name, _FILE, dir_fd=self.descriptor), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise NoFileItself(str(path))
            _require_ours(status, path, self._owner)
            yield file, status


def _state(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _require_ours(status: os.stat_result, path: Path, owner: int) -> None:
    quoted = shlex.quote(str(path))
    if status.st_uid != owner:
        remedy = f"run both as one user, or look who made it, and then: chown {owner} {quoted}"
        raise NotOurs(str(path), f"{NotOurs.__doc__}; {remedy}")
    if status.st_mode & _OTHERS:
        mode = "700" if stat.S_ISDIR(status.st_mode) else "600"
        raise NotPrivate(str(path), f"{NotPrivate.__doc__}; do: chmod {mode} {quoted}")


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Errors of the system in our words, and with the path that we know it by."""
    try:
        yield
    except FileNotFoundError:
        raise NotThere(str(path)) from None
    except NotADirectoryError:
        raise NoFileItself(str(path)) from None
    except OSError as error:
        # ELOOP is how a link is refused, ENXIO a socket.
        if error.errno in (errno.ELOOP, errno.ENXIO):
            raise NoFileItself(str(path)) from None
        raise NotRead(str(path), f"{NotRead.__doc__} ({error.strerror})") from None

"""Writing so that a reader finds all of it or nothing, whatever happens in between.

Everything is written under a name that readers pass over, brought to the disk, and then renamed;
the rename is brought to the disk too, before anybody is told that it is done. What a killed process
left is taken away by the next one that writes the same; a lock keeps two from writing at once, and
it goes with the process that held it.
"""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Final

from oso_directory.errors import NotWritten
from oso_directory.guarded import Folder

_NEW_FILE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_BEGUN: Final = ".begun-"


@contextmanager
def alone(folder: Folder) -> Iterator[None]:
    """Keep others who write in this folder out, as long as this takes."""
    with _told(folder, ""):
        fcntl.flock(folder.descriptor, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(folder.descriptor, fcntl.LOCK_UN)


def make_folder(folder: Folder, name: str) -> None:
    """Make a folder for its owner alone; one that is there is left as it is, and is durable."""
    with _told(folder, name):
        with suppress(FileExistsError):
            os.mkdir(name, 0o700, dir_fd=folder.descriptor)
        os.fsync(folder.descriptor)


def put_file(folder: Folder, name: str, content: bytes) -> None:
    """Write a file, in the place of one of this name, for its owner alone."""
    begun = _BEGUN + name
    with _told(folder, name):
        with suppress(FileNotFoundError):
            os.unlink(begun, dir_fd=folder.descriptor)
        try:
            _write(folder.descriptor, begun, content)
        except OSError:
            with suppress(OSError):
                os.unlink(begun, dir_fd=folder.descriptor)
            raise
        os.rename(begun, name, src_dir_fd=folder.descriptor, dst_dir_fd=folder.descriptor)
        os.fsync(folder.descriptor)


def put_folder(folder: Folder, name: str, files: Mapping[str, bytes]) -> None:
    """Write a folder with files, all of them or nothing; one that is there already stays.

    To be called while :func:`alone`, since what is left of an earlier attempt is taken away.
    """
    begun = _BEGUN + name
    with _told(folder, name):
        _clear(folder.descriptor, begun)
        if not folder.has(name):
            try:
                _fill(folder.descriptor, begun, files)
            except OSError:
                with suppress(OSError):
                    _clear(folder.descriptor, begun)
                raise
            os.rename(begun, name, src_dir_fd=folder.descriptor, dst_dir_fd=folder.descriptor)
        os.fsync(folder.descriptor)


def _fill(within: int, name: str, files: Mapping[str, bytes]) -> None:
    os.mkdir(name, 0o700, dir_fd=within)
    descriptor = _folder(within, name)
    try:
        for file, content in files.items():
            _write(descriptor, file, content)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write(within: int, name: str, content: bytes) -> None:
    with open(os.open(name, _NEW_FILE, 0o600, dir_fd=within), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _clear(within: int, name: str) -> None:
    """Take away what an attempt that was cut off has left."""
    try:
        descriptor = _folder(within, name)
    except FileNotFoundError:
        return
    try:
        for file in os.listdir(descriptor):
            os.unlink(file, dir_fd=descriptor)
    finally:
        os.close(descriptor)
    os.rmdir(name, dir_fd=within)


def _folder(within: int, name: str) -> int:
    return os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=within)


@contextmanager
def _told(folder: Folder, name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        path = str(folder.path / name)
        raise NotWritten(path, f"{NotWritten.__doc__} ({error.strerror})") from None

"""The files of an official release, from a ZIP or a folder, read within bounds into memory.

Nothing is unpacked to disk here. Links, also those that a ZIP or a Windows checkout keeps as a
text file of one line, are followed within the source and nowhere else.
"""

import os
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from oso_adapter.bounded_xml import Limits
from oso_adapter.errors import ConfigurationError

LIMITS: Final = Limits(size=20 * 2**20, depth=128, markup=2_000_000, attributes=64)
"""Of one XSD, stylesheet or example; code list stylesheets are flat and long."""

MAX_FILES: Final = 5_000
MAX_TOTAL: Final = 200 * 2**20
KINDS: Final = frozenset({".xsd", ".xsl", ".xslt", ".xml", ".csv"})

_MAX_LINK: Final = 1_024
_MAX_STEPS: Final = 40
_LINK: Final = re.compile(rb"[^<>\0\r\n]{1,1000}\r?\n?")
_BOM: Final = "\ufeff"
_DRIVE: Final = re.compile(r"[A-Za-z]:")
_PASSED_OVER: Final = frozenset({"__MACOSX"})


class OfficialFilesRefused(ConfigurationError):
    """The official files were refused; the message says which file and why."""


Files = dict[str, bytes]
"""Content by path: names with ``/`` between them, none of them ``..``."""


def read_files(source: Path) -> Files:
    """All XSDs, stylesheets, XML and CSV files of a release, links replaced by what they name.

    source: a ZIP or a folder. Raises OfficialFilesRefused: no such source, not readable, too much,
    a path or a link that leaves the source.
    """
    if source.is_dir():
        found = dict(_of_folder(source))
    elif source.is_file():
        found = _of_zip(source)
    else:
        raise OfficialFilesRefused(f"there is no such file or folder: {source}")
    return _followed(*_links(found))


def clean(path: str, base: str = "") -> str:
    """A path within the source, from a folder of it; refused where it leaves the source."""
    given = path.replace("\\", "/")
    if given.startswith("/") or _DRIVE.match(given) or "\0" in given:
        raise OfficialFilesRefused(f"a path leaves the source: {_printable(path)}")
    steps: list[str] = [step for step in base.split("/") if step]
    for step in given.split("/"):
        if step == ".." and not steps:
            raise OfficialFilesRefused(f"a path leaves the source: {_printable(path)}")
        if step == "..":
            steps.pop()
        elif step not in ("", "."):
            steps.append(step)
    return "/".join(steps)


def folder_of(path: str) -> str:
    """The folder that a file is in."""
    return path.rpartition("/")[0]


class _Link(bytes):
    """Where a link says that the content is."""


def _of_folder(source: Path) -> Iterator[tuple[str, bytes]]:
    total = count = 0
    pending = [source]
    while pending:
        for entry in sorted(os.scandir(pending.pop()), key=lambda each: each.name):
            name = Path(entry.path).relative_to(source).as_posix()
            if _passed_over(name):
                continue
            count += 1
            if count > MAX_FILES:
                raise OfficialFilesRefused(f"there are more than {MAX_FILES} files")
            if entry.is_symlink():
                yield name, _Link(_within(source, entry.path).encode())
            elif entry.is_dir():
                pending.append(Path(entry.path))
            elif entry.is_file() and _wanted(name, entry.stat().st_size):
                content = _bounded(Path(entry.path), name)
                total += len(content)
                _check_total(total)
                yield name, content


def _within(source: Path, link: str) -> str:
    """What a link names; an absolute one has to name something in the source too."""
    target = os.readlink(link)
    if not os.path.isabs(target):
        return target
    if not Path(target).is_relative_to(source.absolute()):
        raise OfficialFilesRefused(f"a link leaves the source: {Path(link).name}")
    return os.path.relpath(target, Path(link).absolute().parent)


def _bounded(path: Path, name: str) -> bytes:
    try:
        with path.open("rb") as file:
            return _not_too_large(file.read(LIMITS.size + 1), name)
    except OSError:
        raise OfficialFilesRefused(f"{name} cannot be read") from None


def _of_zip(source: Path) -> dict[str, bytes]:
    if source.stat().st_size > MAX_TOTAL:
        raise OfficialFilesRefused(f"the ZIP is larger than {MAX_TOTAL} bytes")
    found: dict[str, bytes] = {}
    total = 0
    try:
        with zipfile.ZipFile(source) as archive:
            entries = archive.infolist()
            if len(entries) > MAX_FILES:
                raise OfficialFilesRefused(f"there are more than {MAX_FILES} files")
            for info in entries:
                name = _entry(info.filename)
                link = stat.S_ISLNK(info.external_attr >> 16)
                wanted = link or _wanted(name, info.file_size)
                if info.is_dir() or _passed_over(name) or not wanted:
                    continue
                if name in found:
                    raise OfficialFilesRefused(f"{_printable(name)} is in the ZIP twice")
                if info.flag_bits & 1:
                    raise OfficialFilesRefused(f"{_printable(name)} is encrypted")
                with archive.open(info) as file:
                    # The size in the directory is a claim; what comes out is counted.
                    content = _not_too_large(file.read(LIMITS.size + 1), name)
                total += len(content)
                _check_total(total)
                found[name] = _Link(content) if link else content
    # what zipfile raises for bytes that are no ZIP; NotImplementedError: a compression it lacks
    except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError, OSError, zlib.error):
        raise OfficialFilesRefused(f"{source.name} is no ZIP that can be read") from None
    return found


def _entry(name: str) -> str:
    """The name of a ZIP entry; unlike a link it has no reason to go up, not even within."""
    if ".." in name.replace("\\", "/").split("/"):
        raise OfficialFilesRefused(f"a path leaves the source: {_printable(name)}")
    return clean(name)


def _links(found: Mapping[str, bytes]) -> tuple[Files, dict[str, str]]:
    """Files and links apart; a text of one line that names something here is a link too."""
    folders = {
        "/".join(name.split("/")[:n]) for name in found for n in range(1, name.count("/") + 1)
    }
    files: Files = {}
    links: dict[str, str] = {}
    for name, content in found.items():
        if isinstance(content, _Link):
            links[name] = clean(_text(content, name), folder_of(name))
        elif target := _one_line(name, content):
            if target in found or target in folders or _through(target, found):
                links[name] = target
            elif Path(name).suffix:
                files[name] = content
        elif Path(name).suffix:
            files[name] = content
    return files, links


def _one_line(name: str, content: bytes) -> str | None:
    """Where a text of one line would point to as a link; None where it cannot be one."""
    ending = Path(name).suffix.lower()
    if ending == ".csv" or len(content) > _MAX_LINK or not _LINK.fullmatch(content):
        return None
    try:
        return clean(_text(content, name).removeprefix(_BOM).strip(), folder_of(name))
    except OfficialFilesRefused:
        if ending:
            raise
        return None  # some other text; nothing that we read has no ending


def _through(target: str, found: Mapping[str, bytes]) -> bool:
    """Whether a folder on the way is itself something that may be a link."""
    steps = target.split("/")
    return any("/".join(steps[:n]) in found for n in range(1, len(steps)))


def _followed(files: Files, links: Mapping[str, str]) -> Files:
    """The files, with at the place of each link what it names, a file or a whole folder."""
    whole = dict(files)
    total = sum(map(len, whole.values()))
    for link in links:
        target = _resolved(link, links)
        below = {
            link + name[len(target) :]: content
            for name, content in files.items()
            if name == target or name.startswith(f"{target}/")
        }
        if not below and Path(link).suffix.lower() in KINDS:
            raise OfficialFilesRefused(f"a link names nothing: {_printable(link)}")
        whole |= below
        total += sum(map(len, below.values()))
        _check_total(total)
        if len(whole) > MAX_FILES:
            raise OfficialFilesRefused(f"there are more than {MAX_FILES} files")
    return whole


def _resolved(path: str, links: Mapping[str, str]) -> str:
    """Where a path ends when every link on the way is followed."""
    for _ in range(_MAX_STEPS):
        steps = path.split("/")
        for n in range(1, len(steps) + 1):
            head = "/".join(steps[:n])
            if head in links:
                path = "/".join([links[head], *steps[n:]]).strip("/")
                break
        else:
            return path
    raise OfficialFilesRefused(f"links that go round: {_printable(path)}")


def _wanted(name: str, size: int) -> bool:
    """Files of a release; a small one without an ending may be a link to a folder."""
    ending = Path(name).suffix.lower()
    return ending in KINDS or (not ending and size <= _MAX_LINK)


def _passed_over(name: str) -> bool:
    return any(step.startswith(".") or step in _PASSED_OVER for step in name.split("/"))


def _not_too_large(content: bytes, name: str) -> bytes:
    if len(content) > LIMITS.size:
        raise OfficialFilesRefused(f"{_printable(name)} is larger than {LIMITS.size} bytes")
    return content


def _check_total(total: int) -> None:
    if total > MAX_TOTAL:
        raise OfficialFilesRefused(f"the files together are larger than {MAX_TOTAL} bytes")


def _text(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise OfficialFilesRefused(f"{_printable(name)} is no link that can be read") from None


def _printable(name: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in name[:200])

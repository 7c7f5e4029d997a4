"""Attachments: ``bestandsinhoud`` is Base64 of a ZIP that holds the one file (Gegevensset 2019.1).

A ZIP from outside is opened with care: one file, no paths, no more unpacked bytes than the limit,
whatever its directory says.
"""

import base64
import binascii
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from oso_adapter.errors import OsoError
from oso_adapter.standard.pack import Pack
from oso_adapter.standard.structure import Element

NAME: Final = "bestandsnaam"
CONTENT: Final = "bestandsinhoud"
MAX_UNPACKED: Final = 50 * 2**20
MAX_TOTAL: Final = 2 * MAX_UNPACKED
"""Bytes unpacked from one document: many small bombs are one large one."""

_ZIP: Final = (b"PK\x03\x04",)
_OLE: Final = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",)
KINDS: Final[Mapping[str, tuple[bytes, ...]]] = {
    "pdf": (b"%PDF-",),
    "jpg": (b"\xff\xd8\xff",),
    "jpeg": (b"\xff\xd8\xff",),
    "png": (b"\x89PNG\r\n\x1a\n",),
    "doc": _OLE,
    "docx": _ZIP,
    "odf": _ZIP,
    "odt": _ZIP,
    "ods": _ZIP,
    "odp": _ZIP,
    "xls": _OLE,
    "xlsx": _ZIP,
    "txt": (b"",),
    "ppt": _OLE,
    "pptx": _ZIP,
}
"""What a dossier may carry, by the end of the name, and how such a file begins.

Gegevensset 2019.1 names the kinds; ODF is a family.
"""

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_UNIX: Final = 3
_ENCRYPTED: Final = 0x1
_DIRECTORY_ENTRY: Final = b"PK\x01\x02"
_MAX_ENTRIES: Final = 10_000

_BASE64: Final = re.compile(r"[A-Za-z0-9+/\s]*+=?\s*+=?\s*+", re.ASCII)
_LOCAL_FILE: Final = b"PK\x03\x04"
_HEAD: Final = 1024
_PIECE: Final = 64 * 1024

Reason = Literal[
    "not-base64",
    "not-a-zip",
    "truncated",
    "not-one-file",
    "encrypted",
    "compression",
    "too-large",
    "damaged",
]


class AttachmentError(OsoError):
    """The attachment cannot be unpacked; ``reason`` is one word."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(f"the attachment cannot be unpacked: {reason}")
        self.reason = reason


class Budget:
    """The bytes that may still be unpacked from one document."""

    def __init__(self, total: int = MAX_TOTAL) -> None:
        self.left = total


def is_file(path: Path) -> bool:
    """Whether there is a file that can be an attachment; one that is too large is not read."""
    try:
        return path.is_file() and path.stat().st_size <= MAX_UNPACKED
    except OSError:
        return False


def pack_file(name: str, content: bytes) -> str:
    """Base64 of a ZIP with one file; the same bytes for the same name and content, always.

    name: as in ``bestandsnaam``; of a path only the last part is used.
    """
    packed = io.BytesIO()
    info = zipfile.ZipInfo(_last_part(name) or "bestand", date_time=_EPOCH)
    info.create_system = _UNIX
    info.external_attr = 0o644 << 16
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(info, content, compress_type=zipfile.ZIP_DEFLATED, compresslevel=6)
    return base64.b64encode(packed.getbuffer()).decode("ascii")


def unpack(
    content: str, limit: int = MAX_UNPACKED, budget: Budget | None = None
) -> tuple[str, bytes]:
    """Name and bytes of the file in a ``bestandsinhoud``, at most ``limit`` bytes.

    budget: what is left for the document that it is of; it is spent, also on what is damaged.
    Raises AttachmentError. The name is the last part of the ZIP's own, never a path.
    """
    content_of: list[bytes] = []
    name = _read_file(content, limit, budget or Budget(limit), content_of.append)
    return name, b"".join(content_of)


@dataclass(frozen=True)
class Attachment:
    """What is known of an attachment without keeping it: its name, size and first bytes."""

    name: str
    size: int
    head: bytes


def examine(content: str, limit: int = MAX_UNPACKED, budget: Budget | None = None) -> Attachment:
    """Read a ``bestandsinhoud`` to its end, so that damage is seen; see :func:`unpack`."""
    head, size = b"", 0

    def look(piece: bytes) -> None:
        nonlocal head, size
        head, size = head + piece[: max(0, _HEAD - len(head))], size + len(piece)

    name = _read_file(content, limit, budget or Budget(limit), look)
    return Attachment(name, size, head)


def unpacked(data: dict[str, Any], pack: Pack) -> dict[str, Any]:
    """A copy of a dossier's dict form where each healthy attachment has the file's own bytes.

    One that cannot be unpacked, or comes after MAX_TOTAL bytes, keeps the text it came with, since
    a bad attachment never costs a dossier.
    """
    budget = Budget()

    def bytes_of(content: Any) -> Any:
        try:
            return unpack(content, budget=budget)[1] if isinstance(content, str) else content
        except AttachmentError:
            return content

    return with_contents(data, pack, bytes_of)


def with_contents(data: dict[str, Any], pack: Pack, change: Callable[[Any], Any]) -> dict[str, Any]:
    """A copy of a dossier's dict form with every ``bestandsinhoud`` changed."""

    def copy(value: Any, spec: Element) -> Any:
        if isinstance(value, list):
            return [copy(item, spec) for item in value]
        if not isinstance(value, dict):
            return change(value) if spec.name == CONTENT else value
        return {key: copy(item, spec.children.get(key, spec)) for key, item in value.items()}

    changed: dict[str, Any] = copy(data, pack.structure.roots[pack.carried])
    return changed


def with_files(data: Any, pack: Pack, file: Callable[[str], Any]) -> Any:
    """A copy of a dossier's dict form where each document that has a name alone gets its content.

    file: gives the content that belongs to a ``bestandsnaam``; documents that have theirs stay as
    they are. What is not of the right shape is left to the checks.
    """

    def copy(value: Any, spec: Element) -> Any:
        if isinstance(value, list):
            return [copy(item, spec) for item in value]
        if not isinstance(value, dict):
            return value
        copied = {key: copy(item, spec.children.get(key, spec)) for key, item in value.items()}
        if spec.is_document and CONTENT not in value and isinstance(value.get(NAME), str):
            copied[CONTENT] = file(value[NAME])
        return copied

    return copy(data, pack.structure.roots[pack.carried])


def _read_file(content: str, limit: int, budget: Budget, take: Callable[[bytes], object]) -> str:
    """Give the one file of the ZIP in pieces to ``take``; returns its name."""
    packed = decoded(content)
    del content
    if packed.count(_DIRECTORY_ENTRY) > _MAX_ENTRIES:
        raise AttachmentError("not-one-file")
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            files = [info for info in archive.infolist() if info.filename.rpartition("/")[2]]
            if len(files) != 1:
                raise AttachmentError("not-one-file")
            _read(archive, files[0], limit, budget, take)
            return _last_part(files[0].filename)
    # what zipfile raises for bytes that are no ZIP; NotImplementedError: a compression it lacks
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, struct.error):
        begun = packed.startswith(_LOCAL_FILE)
        raise AttachmentError("truncated" if begun else "not-a-zip") from None


def decoded(content: str) -> bytes:
    """The bytes of a Base64 text, which may have white space; raises AttachmentError.

    No copy of a long text is made.
    """
    try:
        return binascii.a2b_base64(content, strict_mode=True)
    except ValueError:
        pass  # strict means without white space; what the lenient reader takes is looked at first
    if not _BASE64.fullmatch(content):
        raise AttachmentError("not-base64")
    try:
        return binascii.a2b_base64(content)
    except ValueError:
        raise AttachmentError("not-base64") from None


def _read(
    archive: zipfile.ZipFile,
    info: zipfile.ZipInfo,
    limit: int,
    budget: Budget,
    take: Callable[[bytes], object],
) -> None:
    if info.flag_bits & _ENCRYPTED:
        raise AttachmentError("encrypted")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise AttachmentError("compression")
    left = limit
    try:
        with archive.open(info) as file:
            # The directory may lie about the size, so what is read is counted.
            while piece := file.read(_PIECE):
                left -= len(piece)
                budget.left -= len(piece)
                if left < 0 or budget.left < 0:
                    raise AttachmentError("too-large")
                take(piece)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OSError, struct.error):
        raise AttachmentError("damaged") from None


def _last_part(name: str) -> str:
    return name.replace("\\", "/").rpartition("/")[2]

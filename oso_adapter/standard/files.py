"""Attachments as they are handed to a person: a name that does no harm, and a type that is true."""

import base64
import re
from collections import Counter
from dataclasses import dataclass
from typing import Final

from oso_adapter.standard import attachments
from oso_adapter.standard.attachments import KINDS, MAX_TOTAL, AttachmentError, Budget, Reason
from oso_adapter.standard.shown import harmless

UNKNOWN: Final = "application/octet-stream"
_MAX_NAME: Final = 120
_UNSAFE: Final = re.compile(r'[<>:"/\\|?*%\x00-\x1f\x7f-\x9f]|\[U\+[0-9A-F]+\]')
_DEVICES: Final = re.compile(r"(?i)(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)")
_NO_TEXT: Final = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")
_MAGIC: Final = {
    b"%PDF-": "application/pdf",
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
}
_TYPES: Final = {
    "pdf": ("PDF-bestand", "application/pdf"),
    "jpg": ("JPG-afbeelding", "image/jpeg"),
    "jpeg": ("JPG-afbeelding", "image/jpeg"),
    "png": ("PNG-afbeelding", "image/png"),
    "txt": ("tekstbestand", "text/plain"),
}
_REASONS: Final[dict[Reason, str]] = {
    "not-base64": "de inhoud is beschadigd (geen Base64)",
    "not-a-zip": "de inhoud is beschadigd of onvolledig (geen ZIP-bestand)",
    "truncated": "de inhoud is beschadigd of onvolledig (een afgebroken ZIP-bestand)",
    "not-one-file": "in het ZIP-bestand zit niet precies één bestand",
    "encrypted": "het bestand is met een wachtwoord beveiligd",
    "compression": "het bestand is ingepakt op een manier die niet mag",
    "too-large": "het bestand is te groot om hier te tonen",
    "damaged": "de inhoud is beschadigd of onvolledig",
}


@dataclass(frozen=True)
class File:
    """An attachment that could be unpacked.

    name: safe to save under. inner: its name in the ZIP, for a person to read. media_type: what
    name and content agree on, else application/octet-stream. doubt: what they do not agree on.
    """

    name: str
    inner: str
    content: bytes
    media_type: str
    doubt: str | None = None

    @property
    def url(self) -> str:
        """The content as a data: URL."""
        return f"data:{self.media_type};base64,{base64.b64encode(self.content).decode('ascii')}"

    @property
    def size(self) -> str:
        """The size in Dutch: ``12 kB``."""
        size = len(self.content)
        for unit in ("bytes", "kB"):
            if size < 1000:
                return f"{size} {unit}"
            size = -(-size // 1000)
        return f"{size} MB"


class Unpacker:
    """Unpacks the attachments of one document, all together no more than MAX_TOTAL bytes."""

    def __init__(self, total: int = MAX_TOTAL) -> None:
        self._budget = Budget(total)
        self._names: Counter[str] = Counter()

    def file(self, name: str, content: str) -> File | str:
        """The file of a ``bestandsinhoud``, or why there is none, in Dutch; never raises."""
        try:
            inner, unpacked = attachments.unpack(content, budget=self._budget)
        except AttachmentError as error:
            return _REASONS[error.reason]
        media_type, doubt = media_type_of(name, unpacked)
        return File(self._once(safe_name(name)), harmless(inner), unpacked, media_type, doubt)

    def _once(self, name: str) -> str:
        """The name, with a number when it was given before in this document."""
        self._names[name.casefold()] += 1
        times = self._names[name.casefold()]
        stem, dot, extension = name.rpartition(".")
        return name if times == 1 else f"{stem} ({times}){dot}{extension}"


def safe_name(name: str) -> str:
    """A file name that no system takes for a path, a device or a program; never empty.

    What does not end as an attachment may gets ``.bin`` behind it, so that no click starts it.
    """
    last = harmless(name).replace("\n", " ").replace("\\", "/").rpartition("/")[2]
    clean = " ".join(_UNSAFE.sub("_", last).split()).strip(". ")
    if _DEVICES.match(clean):
        clean = f"_{clean}"
    stem, dot, extension = clean.rpartition(".")
    if not dot:
        stem, extension = clean or "bijlage", "bin"
    elif extension.casefold() not in KINDS:
        stem, extension = clean, "bin"
    return f"{stem[:_MAX_NAME].rstrip('. ')}.{extension}"


def media_type_of(name: str, content: bytes) -> tuple[str, str | None]:
    """The media type that name and content agree on, and in Dutch what they do not agree on."""
    extension = name.rpartition(".")[2].strip().casefold() if "." in name else ""
    seen = next((kind for magic, kind in _MAGIC.items() if content.startswith(magic)), None)
    word, claimed = _TYPES.get(extension, ("", UNKNOWN))
    if not word:
        return UNKNOWN, None
    if claimed == "text/plain" and seen is None and not _NO_TEXT.search(content):
        return f"text/plain;charset={_charset(content)}", None
    if claimed == seen:
        return claimed, None
    return UNKNOWN, f"volgens de naam is dit een {word}, maar de inhoud is dat niet"


def _charset(content: bytes) -> str:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "windows-1252"
    return "utf-8"

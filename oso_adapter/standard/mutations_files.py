"""Attachments that are broken in one way each, by the rule that tells it."""

import base64
import io
import zipfile
from collections.abc import Callable, Mapping
from typing import Final

from oso_adapter.standard.attachments import MAX_UNPACKED, pack_file

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_LOCAL: Final = b"PK\x03\x04"
_DIRECTORY: Final = b"PK\x01\x02"
_ENCRYPTED: Final = 1
_TEXT: Final = b"Dit is een gewone tekst."


def _stored(*names: str) -> bytes:
    """A ZIP with files that are not packed, so that their bytes can be found in it."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name in names:
            archive.writestr(zipfile.ZipInfo(name, date_time=_EPOCH), _TEXT)
    return written.getvalue()


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def _encrypted(name: str, _: bytes) -> tuple[str, str]:
    packed = bytearray(_stored(name))
    packed[packed.index(_LOCAL) + 6] |= _ENCRYPTED
    packed[packed.index(_DIRECTORY) + 8] |= _ENCRYPTED
    return name, _base64(bytes(packed))


def _renamed(extension: str, content: bytes) -> Callable[[str, bytes], tuple[str, str]]:
    """The attachment as another file: what it is called, and what is in it."""

    def broken(name: str, _: bytes) -> tuple[str, str]:
        other = f"{name.rpartition('.')[0] or 'bijlage'}.{extension}"
        return other, pack_file(other, content)

    return broken


BROKEN: Final[Mapping[str, Callable[[str, bytes], tuple[str, str]]]] = {
    "ATT.base64": lambda name, _: (name, "Dit is geen Base64!"),
    "ATT.zip": lambda name, _: (name, _base64(_TEXT)),
    "ATT.truncated": lambda name, _: (name, _base64(_stored(name)[:-30])),
    "ATT.files": lambda name, _: (name, _base64(_stored(name, f"tweede-{name}"))),
    "ATT.encrypted": _encrypted,
    "ATT.damaged": lambda name, _: (
        name,
        _base64(_stored(name).replace(_TEXT, _TEXT[::-1])),
    ),
    "ATT.kind": _renamed("mp3", _TEXT),
    "ATT.content": _renamed("pdf", _TEXT),
    "ATT.executable": _renamed("exe", b"MZ"),
    "ATT.name": lambda name, content: (name, pack_file(f"ander-{name}", content)),
    "ATT.size": lambda name, _: (name, pack_file(name, bytes(MAX_UNPACKED + 1))),
}
"""From name and content of a sound attachment, the name and the bestandsinhoud of a broken one."""

"""Searching what was written for what may not be there, in every form that it could take.

Instead of writing a secret in every form, the bytes are read in every form: as they are, as
UTF-16, and what stands in Base64, in hexadecimal or in percent form decoded, at every alignment;
and that once more in what was decoded, because one form can stand in another.
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import unquote_to_bytes

SHORTEST: Final = 8
"""Characters of the shortest thing that is searched."""

_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{10,}")
_HEX = re.compile(rb"(?:[0-9A-Fa-f]{2}){%d,}" % SHORTEST)
_PERCENT = re.compile(rb"(?:%%[0-9A-Fa-f]{2}){%d,}" % SHORTEST)
_WIDE = re.compile(rb"(?:[\x20-\x7e]\x00){%d,}" % SHORTEST)
_DIGITS = re.compile(rb"[0-9]{9,}")


@dataclass(frozen=True)
class Secrets:
    """What may be found nowhere: words, and numbers of nine digits."""

    words: tuple[str, ...]
    numbers: frozenset[str] = field(repr=False)

    def found_in(self, data: bytes, forms: str = "plain", depth: int = 2) -> Iterator[str]:
        """The form of each find."""
        for word in self.words:
            if word.encode() in data:
                yield f"{forms}: a word"
        for digits in _DIGITS.findall(data):
            text = digits.decode()
            if any(text[at : at + 9] in self.numbers for at in range(len(text) - 8)):
                yield f"{forms}: a number"
        if depth:
            for form, decoded in _readings(data):
                yield from self.found_in(decoded, f"{forms}, {form}", depth - 1)

    def found_in_files(self, files: Iterable[Path]) -> list[str]:
        """Each file with the form of each find."""
        return [f"{file}: {found}" for file in files for found in self.found_in(file.read_bytes())]


def files_below(folder: Path, *without: Path) -> list[Path]:
    """Every file below a folder, but not these files and what is in these folders."""
    return [
        file
        for file in sorted(folder.rglob("*"))
        if file.is_file() and not {file, *file.parents} & set(without)
    ]


def _readings(data: bytes) -> Iterator[tuple[str, bytes]]:
    """What the runs of one form say when they are decoded, joined by a line end."""
    for shift in range(4):
        yield "Base64", _joined(_BASE64, data, lambda run, shift=shift: _of_base64(run[shift:]))
    for shift in range(2):
        yield "hex", _joined(_HEX, data, lambda run, shift=shift: _of_hex(run[shift:]))
    yield "percent", _joined(_PERCENT, data, unquote_to_bytes)
    yield "UTF-16", _joined(_WIDE, data, lambda run: run[::2])


def _joined(pattern: re.Pattern[bytes], data: bytes, decode: Callable[[bytes], bytes]) -> bytes:
    return b"\n".join(decode(run) for run in pattern.findall(data))


def _of_base64(run: bytes) -> bytes:
    return base64.b64decode(run[: len(run) // 4 * 4].translate(bytes.maketrans(b"-_", b"+/")))


def _of_hex(run: bytes) -> bytes:
    return binascii.unhexlify(run[: len(run) // 2 * 2])

"""Searching what was written for what may not be there, in every form that it could take.

Instead of writing a secret in every form, the bytes are read in every form: as they are, as
UTF-16, and what stands in Base64, in hexadecimal or in percent form decoded, at every alignment;
and that once more in what was decoded, because one form can stand in another.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import unquote_to_bytes

SHORTEST: Final = 8
"""Characters of the shortest thing that is searched."""

_RUN = re.compile(rb"[A-Za-z0-9+/_-]{9,}")
"""All of Base64, hexadecimal, digits and days consists of these; most octets of a file do not."""

_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{10,}")
_HEX = re.compile(rb"(?:[0-9A-Fa-f]{2}){%d,}" % SHORTEST)
# the first character of these two stands apart, because that is what is looked for at full speed
_PERCENT = re.compile(rb"%%[0-9A-Fa-f]{2}(?:%%[0-9A-Fa-f]{2}){%d,}" % (SHORTEST - 1))
_WIDE = re.compile(rb"\x00[\x20-\x7e](?:\x00[\x20-\x7e]){%d,}" % (SHORTEST - 2))
_STANDARD = bytes.maketrans(b"-_", b"+/")
_DIGITS = re.compile(rb"[0-9]{9,}")
_DAYS = re.compile(rb"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class Secrets:
    """What may be found nowhere: words, numbers of nine digits, and days as XML writes them."""

    words: tuple[str, ...]
    numbers: frozenset[str] = field(repr=False)
    days: frozenset[str] = field(repr=False)

    def found_in(self, data: bytes, forms: str = "plain", depth: int = 2) -> Iterator[str]:
        """The form of each find."""
        for word in self.words:
            if word.encode() in data:
                yield f"{forms}: a word"
        runs = b"\n".join(_RUN.findall(data))
        for digits in _DIGITS.findall(runs):
            text = digits.decode()
            if any(text[at : at + 9] in self.numbers for at in range(len(text) - 8)):
                yield f"{forms}: a number"
        if any(day.decode() in self.days for day in _DAYS.findall(runs)):
            yield f"{forms}: a day"
        if depth and len(data) >= SHORTEST:
            for form, decoded in _readings(data, runs):
                yield from self.found_in(decoded, f"{forms}, {form}", depth - 1)

    def found_in_files(self, files: Iterable[Path]) -> list[str]:
        """Each file with the form of each find, in its name or in what it holds."""
        return [
            f"{file}: {found}"
            for file in files
            for data in (str(file).encode(), file.read_bytes())
            for found in self.found_in(data)
        ]


def files_below(folder: Path, *without: Path) -> list[Path]:
    """Every file below a folder, but not these files and what is in these folders."""
    return [
        file
        for file in sorted(folder.rglob("*"))
        if file.is_file() and not {file, *file.parents} & set(without)
    ]


def _readings(data: bytes, runs: bytes) -> Iterator[tuple[str, bytes]]:
    """What the runs of one form say when they are decoded, joined by a line end."""
    written = _BASE64.findall(runs)
    for shift in range(4):
        yield "Base64", b"\n".join(_of_base64(run[shift:]) for run in written)
    written = _HEX.findall(runs)
    for shift in range(2):
        yield "hex", b"\n".join(_of_hex(run[shift:]) for run in written)
    yield "percent", b"\n".join(unquote_to_bytes(run) for run in _PERCENT.findall(data))
    yield "UTF-16", b"\n".join(_of_wide(data, *run.span()) for run in _WIDE.finditer(data))


def _of_base64(run: bytes) -> bytes:
    """What the characters say, also where the padding is missing."""
    run = run[:-1] if len(run) % 4 == 1 else run
    return base64.b64decode(run.translate(_STANDARD) + b"=" * (-len(run) % 4))


def _of_hex(run: bytes) -> bytes:
    return binascii.unhexlify(run[: len(run) // 2 * 2])


def _of_wide(data: bytes, start: int, end: int) -> bytes:
    """Every other octet, also the one before the first NUL: there the little-endian form begins."""
    return data[start - 1 if start else 1 : end : 2]

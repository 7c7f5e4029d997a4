"""A personal number wherever a dossier hides it: as people write it, in texts, names and files.

What is packed inside a file itself, as in most PDF and DOCX, is not read. A file that cannot be
opened, or that comes after as much as one document may unpack, is told from one without a number.
"""

import re
import unicodedata
from collections.abc import Collection
from typing import Final

from oso_adapter.errors import InvalidIdentifier
from oso_adapter.identifiers import Pgn, holds_number
from oso_adapter.standard.attachments import NAME, Budget, decoded, unpack

_NO_DIGIT: Final = re.compile("[^0-9]")
_DIGIT: Final = re.compile(r"\d")
_BETWEEN: Final = "[^0-9A-Za-z]{0,3}"
_FEWEST: Final = 7
"""Digits of a number that is written without its leading zeros; with less it is any number."""


TELLING: Final = ("leerlingid", NAME)
"""Elements that name something, and are often made of a number: any number at all is too many."""


def holds_any_number(text: str) -> bool:
    """Whether a text holds the number of anybody, in digits of any script."""
    return any(map(holds_number, _readings(text)))


def number_in(text: str) -> Pgn | None:
    """The number that an element for one holds, also with points, spaces or without zeros."""
    digits = _NO_DIGIT.sub("", _plain(text))
    if len(digits) < _FEWEST:
        return None
    try:
        return Pgn(digits.zfill(9))
    except InvalidIdentifier:
        return None


class NumberSearch:
    """Looks for some numbers, but for nine times the same digit, which is nobody's."""

    def __init__(self, numbers: Collection[Pgn]) -> None:
        sought = sorted(digits for n in numbers if len(set(digits := n.reveal())) > 1)
        self._budget = Budget()
        self._texts = [re.compile(_written(each)) for each in sought]
        self._octets = [re.compile(_written(each).encode("ascii")) for each in sought]

    def found_in(self, *texts: str | None) -> bool:
        """Whether one of the texts has one of the numbers."""
        for reading in (reading for text in texts if text for reading in _readings(text)):
            for form in self._texts:
                if form.search(reading):
                    return True
        return False

    def found_in_file(self, content: str) -> bool:
        """Whether a ``bestandsinhoud`` has: as text, in the names of its ZIP, or in its file.

        A file that is named after any number counts too. Raises AttachmentError where nothing was
        found as far as it can be read, and it cannot be read to its end.
        """
        if self.found_in(content):
            return True
        octets = decoded(content)
        if self._found_in_octets(octets):
            return True
        name, unpacked = unpack(content, budget=self._budget)
        return self.found_in(name) or holds_any_number(name) or self._found_in_octets(unpacked)

    def _found_in_octets(self, octets: bytes) -> bool:
        return any(form.search(octets) for form in self._octets)


def _readings(text: str) -> tuple[str, ...]:
    """A text, and where that differs how a person reads its digits."""
    return (text,) if text.isascii() else (text, _plain(text))


def _plain(text: str) -> str:
    """With plain digits for those of other scripts, widths and styles (Unicode, NFKC)."""
    if text.isascii():
        return text
    return _DIGIT.sub(lambda digit: str(int(digit[0])), unicodedata.normalize("NFKC", text))


def _written(digits: str) -> str:
    """A pattern for a number, with anything but letters between the digits.

    What stands before and behind does not matter: a number is also found within a longer one, and
    without the zeros that it begins with.
    """
    zeros = min(len(digits) - len(digits.lstrip("0")), len(digits) - _FEWEST)
    return _BETWEEN.join(digits[zeros:])

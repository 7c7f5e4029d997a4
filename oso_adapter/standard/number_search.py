"""A personal number wherever a dossier hides it: as people write it, in texts, names and files.

What is packed inside a file itself, as in most PDF and DOCX, is not read; nor is a file that cannot
be opened, or that comes after as much as one document may unpack.
"""

import re
from collections.abc import Collection
from typing import Final

from oso_adapter.errors import InvalidIdentifier
from oso_adapter.identifiers import Pgn
from oso_adapter.standard.attachments import AttachmentError, Budget, decoded, unpack

_NO_DIGIT: Final = re.compile("[^0-9]")
_BETWEEN: Final = "[^0-9A-Za-z]{0,3}"
_FEWEST: Final = 7
"""Digits of a number that is written without its leading zeros; with less it is any number."""


def number_in(text: str) -> Pgn | None:
    """The number that an element for one holds, also with points, spaces or without zeros."""
    digits = _NO_DIGIT.sub("", text)
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
        self.any = bool(sought)
        self._budget = Budget()
        self._texts = [re.compile(_written(each)) for each in sought]
        self._octets = [re.compile(_written(each).encode("ascii")) for each in sought]

    def found_in(self, *texts: str | None) -> bool:
        """Whether one of the texts has one of the numbers."""
        return any(text and form.search(text) for text in texts for form in self._texts)

    def found_in_file(self, content: str) -> bool:
        """Whether a ``bestandsinhoud`` has: as text, in the names of its ZIP, or in its file."""
        if self.found_in(content):
            return True
        try:
            octets = decoded(content)
            return self._found_in_octets(octets) or self._found_in_octets(
                unpack(content, budget=self._budget)[1]
            )
        except AttachmentError:
            return False

    def _found_in_octets(self, octets: bytes) -> bool:
        return any(form.search(octets) for form in self._octets)


def _written(digits: str) -> str:
    """A pattern for a number, with anything but letters between the digits.

    What stands before and behind does not matter: a number is also found within a longer one, and
    without the zeros that it begins with.
    """
    zeros = min(len(digits) - len(digits.lstrip("0")), len(digits) - _FEWEST)
    return _BETWEEN.join(digits[zeros:])

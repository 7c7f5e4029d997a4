"""Patterns of XML Schema: an example that fits one, and the same pattern for other languages.

Their regular expressions (XML Schema Part 2, appendix F) have no anchors, since they match the
whole value, and know classes such as ``\\p{Nd}`` and ``\\i`` that others do not.
"""

import random
import re
import string
from functools import cache
from typing import Final

_DIGITS: Final = string.digits
_LETTERS: Final = string.ascii_letters
_ESCAPES: Final = {
    "d": _DIGITS,
    "w": _LETTERS + _DIGITS,
    "s": " ",
    "i": _LETTERS + "_:",
    "c": _LETTERS + _DIGITS + "-._:",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "D": _LETTERS,
    "W": " -.",
    "S": _LETTERS + _DIGITS,
    "I": _DIGITS,
    "C": " ",
}
_PROPERTIES: Final = {
    "Nd": _DIGITS,
    "N": _DIGITS,
    "L": _LETTERS,
    "Lu": string.ascii_uppercase,
    "Ll": string.ascii_lowercase,
    "P": "-.,",
    "Zs": " ",
}
_PROPERTY: Final = re.compile(r"\\p\{(\w+)\}")
_OTHER_NAMES: Final = {
    "Nd": "0-9",
    "N": "0-9",
    "Lu": "A-ZÀ-ÖØ-Þ",
    "Ll": "a-zß-öø-ÿ",
    "L": "A-Za-zÀ-ÖØ-öø-ÿ",
}
_ANY: Final = _LETTERS + _DIGITS
_SOME_MORE: Final = 3
"""How often an element of a pattern without an upper bound is repeated at most."""


class NoExample(ValueError):
    """The pattern holds something that no example can be made for."""


def portable(pattern: str) -> str:
    """The pattern anchored, and in what ECMA-262 and Python's ``re`` both understand.

    Classes become ranges: ``\\p{Nd}`` and ``\\d`` are 0 to 9 here, so digits of other scripts,
    which XML Schema takes, do not fit. Raises NoExample for a class without a counterpart.
    """
    ranges = pattern.replace(r"\d", r"\p{Nd}")
    for start, name in reversed([(m.start(), m[1]) for m in _PROPERTY.finditer(ranges)]):
        if name not in _OTHER_NAMES:
            raise NoExample
        # Inside a class in brackets the brackets are there already.
        before = re.sub(r"\\.", "", ranges[:start])
        inside = before.rfind("[") > before.rfind("]")
        text = _OTHER_NAMES[name] if inside else f"[{_OTHER_NAMES[name]}]"
        ranges = ranges[:start] + text + ranges[start + len(name) + 4 :]
    if re.search(r"\\[icICpP]", ranges):
        raise NoExample
    return f"^(?:{ranges})$"


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """A Python expression for the portable form; use ``fullmatch``. Raises NoExample."""
    try:
        return re.compile(portable(pattern)[1:-1])
    except re.error:
        raise NoExample from None


def example(pattern: str, dice: random.Random) -> str:
    """A text that fits the pattern; raises NoExample."""
    maker = _Maker(pattern, dice)
    text = maker.branches()
    if maker.rest:
        raise NoExample
    return text


class _Maker:
    """Reads the pattern from left to right and makes what it asks on the way."""

    def __init__(self, pattern: str, dice: random.Random) -> None:
        self.rest = pattern
        self._dice = dice

    def branches(self) -> str:
        made = [self._branch()]
        while self.rest.startswith("|"):
            self._take()
            made.append(self._branch())
        return self._dice.choice(made)

    def _branch(self) -> str:
        parts: list[str] = []
        while self.rest and self.rest[0] not in "|)":
            start = self.rest
            self._atom()
            atom = start[: len(start) - len(self.rest)]
            low, high = self._times()
            for _ in range(self._dice.randint(low, high)):
                parts.append(_Maker(atom, self._dice)._atom())
        return "".join(parts)

    def _atom(self) -> str:
        first = self._take()
        if first == "(":
            made = self.branches()
            if self._take() != ")":
                raise NoExample
            return made
        if first == "[":
            return self._dice.choice(self._set())
        if first == "\\":
            return self._dice.choice(self._escape())
        if first in "?*+{}":
            raise NoExample
        return self._dice.choice(_ANY) if first == "." else first

    def _times(self) -> tuple[int, int]:
        found = re.match(r"\{(\d+)(,?)(\d*)\}|[?*+]", self.rest)
        if not found:
            return 1, 1
        self.rest = self.rest[found.end() :]
        if found[1] is None:
            return {"?": (0, 1), "*": (0, _SOME_MORE), "+": (1, _SOME_MORE)}[found[0]]
        low = int(found[1])
        open_end = low + _SOME_MORE if found[2] else low
        return low, int(found[3]) if found[3] else open_end

    def _set(self) -> str:
        excluded = self.rest.startswith("^")
        if excluded:
            self._take()
        letters = ""
        while (letter := self._take()) != "]":
            letters += self._range(letter)
        if excluded:
            letters = "".join(sorted(set(_ANY + " -.") - set(letters)))
        if not letters:
            raise NoExample
        return letters

    def _range(self, first: str) -> str:
        if first == "\\":
            return self._escape()
        if not re.match(r"-[^\]\[\\]", self.rest):
            return first
        self._take()
        last = self._take()
        return "".join(map(chr, range(ord(first), min(ord(last), ord(first) + 100) + 1)))

    def _escape(self) -> str:
        letter = self._take()
        if letter == "p":
            name, _, self.rest = self.rest[1:].partition("}")
            if name not in _PROPERTIES:
                raise NoExample
            return _PROPERTIES[name]
        return _ESCAPES.get(letter, letter)

    def _take(self) -> str:
        if not self.rest:
            raise NoExample
        letter, self.rest = self.rest[0], self.rest[1:]
        return letter

"""How a value of the standard is written for a person: Dutch, and with nothing hidden in it."""

import re
from datetime import date
from decimal import Decimal
from typing import Final

from oso_adapter.standard import lexical

EMPTY: Final = "(leeg)"

# What is not seen and changes what is: control characters, the marks that turn the direction of
# text, zero width spaces, line separators, tags and what Unicode calls no character. The joiners
# U+200C and U+200D stay, since names in other scripts need them.
_HIDDEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b"
    "\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff0-\ufffc\ufffe\uffff"
    "\ud800-\udfff\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


def harmless(text: str) -> str:
    """The text with every hidden character written out, such as ``[U+202E]``.

    Line breaks stay; escaping for HTML is the template's work.
    """
    if text.isascii() and text.isprintable():  # nearly all, and told at once
        return text
    return _HIDDEN.sub(lambda found: f"[U+{ord(found[0]):04X}]", _lines(text))


def value(text: str, kind: str) -> str:
    """A value as it is read in Dutch, by XML Schema built-in; what has no value stays as it is.

    A date is 31-05-2013, a boolean Ja or Nee, a decimal has a comma.
    """
    try:
        read = lexical.read(text, kind)
    except lexical.NoSuchValue:
        read = text
    match read:
        case bool():
            return "Ja" if read else "Nee"
        case date():
            return f"{read.day:02}-{read.month:02}-{read.year:04}"
        case Decimal():
            return text.strip().replace(".", ",")
    return harmless(text.strip()) or EMPTY


def with_meaning(code: str, meaning: str) -> str:
    """A code with what it means, when that says more: ``Vrouw (2)``."""
    if not meaning:
        return code
    return meaning if meaning.casefold() == code.casefold() else f"{meaning} ({code})"


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")

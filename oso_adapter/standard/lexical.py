"""The values of the standard as text and as Python values, by XML Schema built-in.

Only built-ins that the standard uses have a Python type; text of any other stays str. Python's own
readers take more than XML Schema does (``1_000``, other digits), so the form is checked first. A
number has at most 3,000 digits, since Python turns no more into an int.
"""

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

_INTEGERS: Final = frozenset({"integer", "int"})
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,3000}")
_DECIMAL: Final = re.compile(r"[+-]?(?:[0-9]{1,3000}(?:\.[0-9]{0,3000})?|\.[0-9]{1,3000})")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ANY_DATE: Final = re.compile(
    r"-?(?:[1-9][0-9]{4,}|[0-9]{4})-[0-9]{2}-[0-9]{2}(?:Z|[+-][0-9]{2}:[0-9]{2})?"
)
_BOOLEANS: Final = {"true": True, "1": True, "false": False, "0": False}
_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class NoSuchValue(ValueError):
    """The text or value has no counterpart; the caller knows the place, the value is not told."""


def fits_xml(text: str) -> bool:
    """Whether XML 1.0 can hold the text (section 2.2); control characters it cannot."""
    plain = text.isascii() and text.isprintable()  # nearly all, and told at once
    return plain or _NO_XML.search(text) is None


def read(text: str, kind: str) -> Any:
    """The Python value of a text; NoSuchValue where no value can hold it."""
    reader = _READERS.get(kind)
    if reader is None:
        return text
    try:
        return reader(text.strip(" \t\r\n"))
    except (KeyError, ValueError):
        raise NoSuchValue from None


def write(value: Any, kind: str) -> str:
    """The text of a Python value; NoSuchValue for a value of another type or not for XML.

    A date that Python cannot hold is str in the dict form and is written as it was read.
    """
    match value:
        case bool():
            fits, text = kind == "boolean", str(value).lower()
        case int():
            fits = kind in _INTEGERS and value.bit_length() < 10_000
            text = str(value) if fits else ""
        case Decimal():
            fits = kind == "decimal" and value.is_finite() and abs(value.adjusted()) < 3000
            text = format(value, "f") if fits else ""
        case datetime():
            fits, text = False, ""
        case date():
            fits, text = kind == "date", value.isoformat()
        case str():
            other = kind not in _READERS or (kind == "date" and _ANY_DATE.fullmatch(value))
            fits, text = bool(other) and fits_xml(value), value
        case _:
            fits, text = False, ""
    if not fits:
        raise NoSuchValue
    return text


def _integer(text: str) -> int:
    if not _INTEGER.fullmatch(text):
        raise NoSuchValue
    return int(text)


def _decimal(text: str) -> Decimal:
    if not _DECIMAL.fullmatch(text):
        raise NoSuchValue
    return Decimal(text)


def _date(text: str) -> date:
    if not _DATE.fullmatch(text):
        raise NoSuchValue
    return date.fromisoformat(text)


_READERS: Final[dict[str, Callable[[str], Any]]] = {
    "boolean": _BOOLEANS.__getitem__,
    "integer": _integer,
    "int": _integer,
    "decimal": _decimal,
    "date": _date,
}

KINDS: Final = frozenset(_READERS)
"""The built-ins that have a Python type of their own."""

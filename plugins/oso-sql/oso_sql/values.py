"""One value: from the form that a column has to the form of the standard, and back.

Nothing is guessed: what has neither the standard's own form nor the one the mapping names is a
:class:`~oso_sql.mapping.WrongValue`, which never quotes it.
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from oso_adapter.clock import school_date
from oso_sql.mapping import Field, Local, WrongValue

WORDS: Final[Mapping[str, str]] = {
    "boolean": "yes or no",
    "date": "a date",
    "int": "a whole number",
    "integer": "a whole number",
    "decimal": "a number",
    "string": "text",
}
_PLAIN: Final = Local()
_NUMBER: Final = re.compile(
    r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?", re.ASCII
)
_MOST_DIGITS: Final = 1000
_RUN_TOGETHER: Final = re.compile(r"%[A-Za-z]%[A-Za-z]")


def from_column(raw: Any, spec: Field) -> Any:
    """The value for the dossier of what a column holds; None where there is nothing to send."""
    if spec.kind == "file":
        return _file(raw, spec)
    many = spec.local.many
    if many is None:
        value = _one(raw, spec)
        return [value] if spec.repeats and value is not None else value
    values = [_one(each, spec) for each in _split(raw, many, spec)]
    values = [value for value in values if value is not None]
    if spec.repeats:
        return values or None
    if len(values) > 1:
        raise WrongValue(spec.full, "the column holds more values than the element takes")
    return values[0] if values else None


def to_column(value: Any, spec: Field) -> Any:
    """What the column gets for a value of the dossier; raises WrongValue for an unknown code."""
    many = spec.local.many
    if many is None and not spec.repeats:
        return _own(value, spec)
    own = [_own(each, spec) for each in (value if isinstance(value, list) else [value])]
    if many is None:
        if len(own) > 1:
            raise WrongValue(spec.full, "there are more values than the column takes")
        return own[0]
    if many == "json":
        return [str(each) if isinstance(each, Decimal) else each for each in own]
    if any(many in str(each) for each in own):
        raise WrongValue(spec.full, "a value holds the separator")
    return many.join(str(each) for each in own)


def _split(raw: Any, many: str, spec: Field) -> list[Any]:
    if many != "json":
        return [part.strip() for part in str(raw).split(many)]
    try:
        read = json.loads(raw, parse_float=Decimal) if isinstance(raw, str | bytes) else raw
    except ValueError:
        raise WrongValue(spec.full, "the column holds no JSON") from None
    if read is None:
        return []
    if not isinstance(read, list):
        raise WrongValue(spec.full, "the column holds no JSON list")
    return read


def _one(raw: Any, spec: Field) -> Any:
    local = spec.local
    if isinstance(raw, str) and not raw.strip():
        raw = "" if "" in (local.true, local.false) else None
    if raw is None:
        return None
    if local.codes is not None:
        try:
            raw = local.codes[_text(int(raw) if isinstance(raw, bool) else raw)]
        except KeyError:
            raise WrongValue(spec.full, "the code is not in the table") from None
    try:
        return _READ[spec.kind](raw, local)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        words = WORDS.get(spec.kind, spec.kind)
        raise WrongValue(spec.full, f"what the column holds is not {words}") from None


def _text(raw: Any, _: Local = _PLAIN) -> str:
    if isinstance(raw, bool | bytes | memoryview):
        raise TypeError
    return raw.rstrip() if isinstance(raw, str) else str(raw)


def _boolean(raw: Any, local: Local) -> bool:
    if local.true is not None or local.false is not None:
        for own, value in ((local.true, True), (local.false, False)):
            if own is not None and str(raw).strip() == str(own):
                return value
        raise ValueError
    if isinstance(raw, str):
        return {"true": True, "false": False, "1": True, "0": False}[raw.strip()]
    if raw in (0, 1):
        return bool(raw)
    raise ValueError


def _date(raw: Any, local: Local) -> date:
    if isinstance(raw, datetime):
        return _day(raw)
    if isinstance(raw, date):
        return raw
    if local.date is not None:
        return _parsed(str(raw).strip(), local.date)
    text = raw.strip()
    # Databases without a type for dates often keep a time of midnight behind it.
    return date.fromisoformat(text) if len(text) == 10 else _day(datetime.fromisoformat(text))


def _day(moment: datetime) -> date:
    """The day of a moment; with a time zone it is midnight in the Netherlands that was meant."""
    return moment.date() if moment.tzinfo is None else school_date(moment)


def _parsed(text: str, form: str) -> date:
    found = datetime.strptime(text, form)
    # 1022015 is 1 February without its zero, and would be read as 10 February.
    if _RUN_TOGETHER.search(form) and len(found.strftime(form)) != len(text):
        raise ValueError
    return _day(found)


def _integer(raw: Any, _: Local) -> int:
    number = _decimal(raw, _)
    if number != number.to_integral_value():
        raise ValueError
    return int(number)


def _decimal(raw: Any, _: Local) -> Decimal:
    if isinstance(raw, bool):
        raise TypeError
    # The shortest text of a binary fraction is the number that somebody once typed.
    text = str(raw).strip()
    # Python reads more as a number than anybody writes: 1_000, other digits
    if not isinstance(raw, Decimal) and not _NUMBER.fullmatch(text):
        raise ValueError
    number = raw if isinstance(raw, Decimal) else Decimal(text)
    if not number.is_finite() or abs(number.adjusted()) > _MOST_DIGITS:
        raise ValueError
    return number


_READ: Final[Mapping[str, Callable[[Any, Local], Any]]] = {
    "boolean": _boolean,
    "date": _date,
    "int": _integer,
    "integer": _integer,
    "decimal": _decimal,
    "string": _text,
}


def _file(raw: Any, spec: Field) -> Any:
    """A document: bytes from the column, or the path of the file that it names."""
    if raw is None:
        return None
    if spec.local.folder is not None:
        return _shared(str(raw), spec.local.folder, spec)
    if isinstance(raw, str):
        return raw
    return bytes(raw)


def _shared(name: str, folder: Path, spec: Field) -> Path:
    """A file of the share; what leads out of it, by dots, a root or a link, is refused."""
    try:
        share = folder.resolve(strict=True)
        found = (share / name.replace("\\", "/").strip()).resolve(strict=True)
    except (OSError, ValueError, RuntimeError):
        raise WrongValue(spec.full, "the file is not on the share") from None
    if not found.is_relative_to(share) or not found.is_file():
        raise WrongValue(spec.full, "the file is not on the share")
    return found


def _own(value: Any, spec: Field) -> Any:
    local = spec.local
    if local.codes is not None:
        text = str(value).lower() if isinstance(value, bool) else str(value)
        for own, standard in local.codes.items():
            if standard == text:
                return own
        raise WrongValue(spec.full, "the code is not in the table")
    if isinstance(value, bool) and (local.true is not None or local.false is not None):
        own = local.true if value else local.false
        if own is None:
            raise WrongValue(spec.full, "the mapping has no own value for this boolean")
        return own
    if isinstance(value, date) and local.date is not None:
        return value.strftime(local.date)
    return value

"""What goes between the adapter and the process of a plugin: JSON, with a few marked types.

Reading it runs nothing and makes nothing but plain values and the data classes of the hooks, so
that an answer cannot do more than be wrong.
"""

import base64
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as dtime
from decimal import Decimal
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from oso_adapter import hookspecs
from oso_adapter.clock import Clock

CLASSES: Final[Mapping[str, type]] = {
    name: value
    for name, value in vars(hookspecs).items()
    if isinstance(value, type) and is_dataclass(value)
}
"""The data classes that hooks get and give."""

_MARK: Final = "#"

_MOST: Final = 1_000_000
"""How many values may come: each takes some hundred octets of memory, and two in a message."""
_SIGNS: Final = (b",", b"[", b"{")
"""No value but the first is without one of these before it."""


class NotCodable(Exception):
    """A value cannot be brought over, or what came is none; names a type and never a value."""


def encoded(value: object) -> bytes:
    """The value as bytes; raises :class:`NotCodable`."""
    try:
        return json.dumps(_plain(value)).encode("ascii")
    except (RecursionError, ValueError):
        raise NotCodable("a value that goes round in itself, or a number that is none") from None


def decoded(octets: bytes) -> Any:
    """The value that these bytes are of; raises :class:`NotCodable`."""
    if sum(map(octets.count, _SIGNS)) > _MOST:
        raise NotCodable("more values than a dossier can have")
    try:
        return _value(json.loads(octets))
    except NotCodable:
        raise
    except Exception:  # whatever is wrong with it: it did not come from us
        raise NotCodable("something that is no answer") from None


def _plain(value: object) -> Any:
    if value is None or isinstance(value, bool | str):
        return str(value) if isinstance(value, str) else value
    if isinstance(value, int | float):
        return int(value) if isinstance(value, int) else float(value)
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, Mapping):
        if _MARK not in value and all(type(key) is str for key in value):
            return {key: _plain(each) for key, each in value.items()}
        return _marked("dict", [[_plain(key), _plain(each)] for key, each in value.items()])
    return _special(value)


def _special(value: object) -> Any:
    match value:
        case tuple():
            return _marked("tuple", [_plain(each) for each in value])
        case datetime():
            return _marked("datetime", value.isoformat())
        case date():
            return _marked("date", value.isoformat())
        case dtime():
            return _marked("time", value.isoformat())
        case Decimal():
            return _marked("Decimal", str(value))
        case bytes() | bytearray():
            return _marked("bytes", base64.b64encode(value).decode("ascii"))
        case Path():
            return _marked("Path", str(value))
    name = next((n for n, known in CLASSES.items() if type(value) is known), None)
    if name is None:
        raise NotCodable(f"a value of the type {type(value).__name__}")
    return _marked(name, {f.name: _field(value, f.name) for f in fields(value)})  # type: ignore[arg-type]


def _field(value: object, name: str) -> Any:
    found = getattr(value, name)
    return _marked("clock", found().isoformat()) if name == "clock" else _plain(found)


def _marked(kind: str, value: object) -> dict[str, object]:
    return {_MARK: kind, "v": value}


def _value(plain: Any) -> Any:
    if isinstance(plain, list):
        return [_value(each) for each in plain]
    if not isinstance(plain, dict):
        return plain
    if _MARK not in plain:
        return {key: _value(each) for key, each in plain.items()}
    kind, inner = plain[_MARK], _value(plain["v"])
    if kind in CLASSES:
        return CLASSES[kind](**inner)
    return _MAKE[kind](inner)


def _running(moment: str) -> Clock:
    """A clock that goes on from the moment at which it was sent."""
    return partial(_moment, datetime.fromisoformat(moment).astimezone(UTC), time.monotonic())


def _moment(sent: datetime, began: float) -> datetime:
    return sent + timedelta(seconds=time.monotonic() - began)


_MAKE: Final[Mapping[str, Callable[[Any], Any]]] = MappingProxyType(
    {
        "dict": dict,
        "tuple": tuple,
        "datetime": datetime.fromisoformat,
        "date": date.fromisoformat,
        "time": dtime.fromisoformat,
        "Decimal": Decimal,
        "bytes": partial(base64.b64decode, validate=True),
        "Path": Path,
        "clock": _running,
    }
)

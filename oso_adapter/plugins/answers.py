"""Whether what a plugin gave is what its hook gives: the types that the declaration names.

A wrong type that came further would be an error of ours in the middle of an exchange.
"""

import types
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints


def fits(value: object, hint: Any) -> bool:
    """Whether a value is of the type that a declaration names; what is in it as well."""
    origin, inner = get_origin(hint), get_args(hint)
    if hint is Any or hint is object:
        return True
    if hint is None:
        return value is None
    if origin in (Union, types.UnionType):
        return any(fits(value, each) for each in inner)
    if origin is Literal:
        return isinstance(value, str) and value in inner
    if origin in (tuple, Sequence, list):
        kinds = (tuple,) if origin is tuple else (list, tuple)
        return isinstance(value, kinds) and all(fits(each, inner[0]) for each in value)
    if origin in (Mapping, dict):
        pairs = value.items() if isinstance(value, Mapping) else None
        return pairs is not None and all(fits(k, inner[0]) and fits(v, inner[1]) for k, v in pairs)
    if origin is not None or not isinstance(hint, type):
        return True  # a callable, a type variable: nothing that can be seen from outside
    if hint in (int, float) and isinstance(value, bool):
        return False
    if not isinstance(value, hint):
        return False
    if is_dataclass(value) and not isinstance(value, type):
        return all(fits(getattr(value, name), each) for name, each in _fields(hint))
    return True


def ill_fitting(value: object, hint: Any) -> str | None:
    """Which field of a data class has a value of another type, if one has."""
    if not is_dataclass(value) or not isinstance(hint, type) or not isinstance(value, hint):
        return None
    return next((n for n, each in _fields(hint) if not fits(getattr(value, n), each)), None)


@cache
def _fields(cls: type) -> tuple[tuple[str, Any], ...]:
    if not is_dataclass(cls):
        return ()
    hints = get_type_hints(cls)
    return tuple((f.name, hints[f.name]) for f in fields(cls))

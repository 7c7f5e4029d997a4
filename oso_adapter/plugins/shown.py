"""The settings of a plugin as they may be shown: with their help, and without a secret."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from marshmallow import Schema, fields, missing

HIDDEN: Final = "***"

_SECRET: Final = re.compile(
    "pass|pwd|secret|credential|auth|private|token|key|(?<![a-z])pin(?![a-z])"
    "|wachtwoord|sleutel|geheim",
    re.IGNORECASE,
)
"""A setting of such a name is not shown, also when its plugin forgot to say that it is secret."""
_ASSIGNED: Final = re.compile(rf"(?:{_SECRET.pattern})[^=\s]*\s*=", re.IGNORECASE)
"""Where a text, such as the address of a database, says what its password is."""
_LOGIN: Final = re.compile(r"(?<=//).*(?=@)", re.DOTALL)
"""Name and password in an address; a password may have any sign in it."""


@dataclass(frozen=True)
class Setting:
    """A setting. value: what the plugin gets, as it may be shown; None when there is none."""

    name: str
    value: Any
    help: str = ""
    required: bool = False
    is_default: bool = False


def settings_shown(schema: type[Schema] | None, section: Mapping[str, Any]) -> list[Setting]:
    """Every setting of ``[plugins.<name>]``: those that the schema knows, then what else is there.

    Where no schema says which is a secret, no value is shown.
    """
    known = _by_key(schema()) if schema is not None else {}
    told = [_setting(name, field, section) for name, field in known.items()]
    unknown = [Setting(name, HIDDEN) for name in section if name not in known]
    return [*told, *unknown]


def _by_key(schema: Schema) -> dict[str, fields.Field[Any]]:
    """The fields by the name that they have in the configuration."""
    return {field.data_key or name: field for name, field in schema.fields.items()}


def _setting(name: str, field: fields.Field[Any], section: Mapping[str, Any]) -> Setting:
    there = name in section
    default = None if field.load_default is missing else field.load_default
    value = section[name] if there else default() if callable(default) else default
    return Setting(
        name=name,
        value=None if value is None else _value(name, field, value),
        help=str(field.metadata.get("help", "")),
        required=field.required,
        is_default=not there and value is not None,
    )


def _value(name: str, field: fields.Field[Any], value: Any) -> Any:
    if field.metadata.get("secret") or _SECRET.search(name):
        return HIDDEN
    if isinstance(field, fields.Nested):
        below = _by_key(field.schema)
        if not isinstance(value, Mapping):
            return HIDDEN
        return {n: _value(n, below[n], v) if n in below else HIDDEN for n, v in value.items()}
    if isinstance(field, fields.List) and isinstance(value, (list, tuple)):
        return [_value(name, field.inner, each) for each in value]
    if isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, Mapping):  # nobody says what is in it
        return HIDDEN
    text = str(value)
    return HIDDEN if _ASSIGNED.search(text) else _LOGIN.sub(HIDDEN, text)

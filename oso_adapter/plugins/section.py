"""The settings of a plugin, ``[plugins.<name>]``, judged by the plugin's own schema.

What is wrong is told by name of the setting and in our own words: marshmallow, and a validator of
the plugin, would quote the value.
"""

import inspect
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from oso_adapter.plugins.problems import PluginProblem, of_error, problem

if TYPE_CHECKING:
    from marshmallow import Schema

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z_-]*[0-9]{0,3}|[0-9]{1,3}")
_WHOLE: Final = "the whole"
_UNKNOWN: Final = "does not belong there"
_MISSING: Final = "is missing"
_WRONG: Final = "has a value that it cannot have"


def schema_of(plugin: object) -> "type[Schema] | None":
    """The class that judges the section, if the plugin has one; raises TypeError for another."""
    found = getattr(plugin, "OSO_SETTINGS", None)
    if found is None:
        return None
    from marshmallow import Schema  # noqa: PLC0415 - only a plugin with settings needs it

    if not (inspect.isclass(found) and issubclass(found, Schema)):
        raise TypeError
    return found


def judged(
    name: str, plugin: object, section: Mapping[str, Any]
) -> tuple[Mapping[str, Any], list[PluginProblem]]:
    """The settings as the schema of the plugin makes them, and what is wrong with them.

    Without a schema they are as they stand in the configuration.
    """
    try:
        schema = schema_of(plugin)
        if schema is None:
            return MappingProxyType(dict(section)), []
        return _loaded(name, schema(), dict(section))
    except Exception as error:
        return section, [problem(name, "settings-schema", of_error(error))]


def _loaded(
    name: str, schema: "Schema", given: Mapping[str, Any]
) -> tuple[Mapping[str, Any], list[PluginProblem]]:
    from marshmallow import ValidationError  # noqa: PLC0415

    try:
        loaded = schema.load(given)
    except ValidationError as refused:
        known = {f.data_key or n: f.required for n, f in schema.fields.items()}
        required = {name for name, is_required in known.items() if is_required}
        lines = [
            f"{path} {_why(path, given, set(known), required)}" for path in _paths(refused.messages)
        ]
        return given, [problem(name, "settings", ", ".join(lines))]
    if not isinstance(loaded, Mapping):
        raise TypeError
    return MappingProxyType(dict(loaded)), []


def _why(path: str, given: Mapping[str, Any], known: set[str], required: set[str]) -> str:
    if path not in given and path in required:
        return _MISSING
    return _UNKNOWN if "." not in path and path in given and path not in known else _WRONG


def _paths(messages: Any, path: str = "") -> Iterator[str]:
    """Where marshmallow found something, without what it says."""
    if isinstance(messages, Mapping) and messages:
        for key, below in messages.items():
            yield from _paths(below, f"{path}.{_step(key)}" if path else _step(key))
    else:
        yield path or _WHOLE


def _step(key: object) -> str:
    """A name of a setting, or its place in a list; a schema of its own making may give anything."""
    text = str(key)
    if text == "_schema":
        return _WHOLE
    return text if _NAME.fullmatch(text) else "..."

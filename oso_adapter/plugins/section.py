"""The settings of a plugin, ``[plugins.<name>]``, judged by the plugin's own schema.

What is wrong is told by name of the setting and in our own words: marshmallow, and a validator of
the plugin, would quote the value.
"""

import inspect
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from marshmallow import Schema, ValidationError

from oso_adapter.plugins.problems import PluginProblem, of_error, problem

_UNKNOWN: Final = "does not belong there"
_MISSING: Final = "is missing"
_WRONG: Final = "has a value that it cannot have"


def schema_of(plugin: object) -> type[Schema] | None:
    """The class that judges the section, if the plugin has one; raises TypeError for another."""
    found = getattr(plugin, "OSO_SETTINGS", None)
    if found is None:
        return None
    if not (inspect.isclass(found) and issubclass(found, Schema)):
        raise TypeError
    return found


def judged(
    name: str, plugin: object, section: Mapping[str, Any]
) -> tuple[Mapping[str, Any], list[PluginProblem]]:
    """The settings as the schema of the plugin makes them, and what is wrong with them.

    Without a schema they are as they stand in the configuration.
    """
    given = dict(section)
    try:
        schema = schema_of(plugin)
        made = schema() if schema else None
        loaded = given if made is None else made.load(given)
        if not isinstance(loaded, Mapping):
            raise TypeError
    except ValidationError as refused:
        known = set(made.fields) if made else set()
        required = {n for n, f in made.fields.items() if f.required} if made else set()
        lines = [
            f"{path} {_why(path, given, known, required)}" for path in _paths(refused.messages)
        ]
        return section, [problem(name, "settings", ", ".join(lines))]
    except Exception as error:
        return section, [problem(name, "settings-schema", of_error(error))]
    return MappingProxyType(dict(loaded)), []


def _why(path: str, given: Mapping[str, Any], known: set[str], required: set[str]) -> str:
    if path not in given and path in required:
        return _MISSING
    return _UNKNOWN if "." not in path and path in given and path not in known else _WRONG


def _paths(messages: Any, path: str = "") -> Iterator[str]:
    """Where marshmallow found something, without what it says."""
    if isinstance(messages, Mapping) and messages:
        for key, below in messages.items():
            step = "the whole" if key == "_schema" else str(key)
            yield from _paths(below, f"{path}.{step}" if path else step)
    else:
        yield path or "the whole"

"""Reading and judging the settings."""

import math
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, replace
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

from oso_adapter.errors import ConfigurationError
from oso_adapter.settings.sections import EnvironmentName, Plugins, Settings

_PREFIX: Final = "OSO_"
_FILE: Final = "_FILE"
_OTHERS: Final = frozenset({"OSO_CONFIG", "OSO_ENVIRONMENT"})
_KUBERNETES: Final = re.compile(
    r"OSO_(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_[0-9]+_(TCP|UDP)(_\w+)?)?)"
)
"""What Kubernetes gives every container about a service whose name begins with oso."""
_SQLITE: Final = "sqlite:///"


def read_settings(file: Path, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read and judge the settings.

    file: the TOML file. environ: variables that go before it. Raises
    :class:`ConfigurationError` with the section and key that is wrong, never its value.
    """
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigurationError(
            f"there is no configuration file {file}; name one with --config"
        ) from None
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        place = str(error).rpartition("(")[2].rstrip(")")
        raise ConfigurationError(f"{file} is not valid TOML ({place})") from None
    return settings_from(data, environ, file.parent.absolute())


def settings_from(data: Mapping[str, Any], environ: Mapping[str, str], base: Path) -> Settings:
    """Judge settings already read; ``base`` is the folder that relative paths start from."""
    sections = {f.name: f for f in fields(Settings)}
    unknown = set(data) - set(sections)
    if unknown:
        raise ConfigurationError(f"unknown section [{sorted(unknown)[0]}] in the configuration")
    environment: Any = environ.get(_PREFIX + "ENVIRONMENT", data.get("environment"))
    if environment not in get_args(EnvironmentName):
        names = ", ".join(get_args(EnvironmentName))
        raise ConfigurationError(f"`environment` must be one of {names}")
    types = get_type_hints(Settings)
    values = {
        name: _section(types[name], name, data.get(name, {}), environ, base)
        for name in sections
        if name != "environment"
    }
    _require_known(environ, {name: types[name] for name in values}, values["plugins"])
    values["store"] = replace(values["store"], url=_placed(values["store"].url, base))
    if not values["transport"].roots:
        raise ConfigurationError("[transport] roots must name at least one file")
    return Settings(environment=environment, **values)


def _require_known(
    environ: Mapping[str, str], sections: Mapping[str, Any], plugins: Plugins
) -> None:
    """Refuse a variable with our prefix that sets nothing; those of a plugin are its own."""
    known = {
        f"{_PREFIX}{name}__{key.name}".upper()
        for name, cls in sections.items()
        for key in fields(cls)
        if key.metadata
    }
    known |= _OTHERS
    begins = tuple(f"{_PREFIX}{name}_".upper() for name in sections)
    of_plugins = tuple(map(_variables_of, {*plugins.enabled, *plugins.sections}))
    for variable in sorted(v for v in environ if v.startswith(_PREFIX)):
        of_others = _KUBERNETES.fullmatch(variable) or (
            variable.startswith(of_plugins) and "__" not in variable
        )
        if of_others and not variable.startswith(begins):
            continue
        if known.isdisjoint({variable, variable.removesuffix(_FILE)}):
            raise ConfigurationError(f"the variable {variable} sets nothing that is known")


def _variables_of(plugin: str) -> str:
    """How the variables of a plugin begin: ``OSO_SQL_`` of oso-sql, ``OSO_MY_LAS_`` of my_las."""
    return f"{_PREFIX}{plugin.replace('-', '_').upper().removeprefix(_PREFIX)}_"


def _placed(url: str, base: Path) -> str:
    """The URL of the store, a relative SQLite file starting from the configuration file."""
    file = url.removeprefix(_SQLITE)
    if file == url or file in ("", ":memory:") or file.startswith(("/", "file:")):
        return url
    return f"{_SQLITE}{base / file}"


def _section(cls: Any, section: str, data: Any, environ: Mapping[str, str], base: Path) -> Any:
    if not isinstance(data, Mapping):
        raise ConfigurationError(f"[{section}] must be a section of the configuration")
    known: dict[str, Field[Any]] = {f.name: f for f in fields(cls) if f.metadata}
    rest = {key: value for key, value in data.items() if key not in known}
    values: dict[str, Any] = {}
    if cls is Plugins:
        values["sections"] = _plugin_sections(rest)
    elif rest:
        raise ConfigurationError(f"unknown key `{sorted(rest)[0]}` in [{section}]")
    hints = get_type_hints(cls)
    for key, spec in known.items():
        given = _given(section, key, data, environ)
        if given is not None:
            place, least = f"[{section}] {key}", spec.metadata.get("least", 0)
            values[key] = _convert(given, hints[key], place, base, least)
        elif spec.default is MISSING and spec.default_factory is MISSING:
            raise ConfigurationError(f"[{section}] {key} is missing: {spec.metadata['help']}")
    return cls(**values)


def _plugin_sections(rest: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    for name, section in rest.items():
        if not isinstance(section, Mapping):
            raise ConfigurationError(f"unknown key `{name}` in [plugins]")
    return MappingProxyType({name: MappingProxyType(dict(s)) for name, s in rest.items()})


def _given(section: str, key: str, data: Mapping[str, Any], environ: Mapping[str, str]) -> Any:
    variable = f"{_PREFIX}{section.upper()}__{key.upper()}"
    if variable in environ:
        return environ[variable]
    if variable + _FILE in environ:
        try:
            return Path(environ[variable + _FILE]).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ConfigurationError(f"{variable}{_FILE}: {error.strerror}") from None
        except UnicodeDecodeError:
            raise ConfigurationError(f"{variable}{_FILE}: the file is not UTF-8") from None
    return data.get(key)


def _convert(value: Any, hint: Any, place: str, base: Path, least: float = 0) -> Any:
    """Bring a TOML value, or the text of a variable, into the type of the setting."""
    if get_origin(hint) is Literal:
        if value not in get_args(hint):
            raise ConfigurationError(f"{place} must be one of {', '.join(get_args(hint))}")
        return value
    wanted = [t for t in get_args(hint) if t not in (type(None), Ellipsis)] or [hint]
    kind = wanted[0]
    if str(hint).startswith("tuple"):
        if isinstance(value, str):
            value = [item.strip() for item in value.split(",") if item.strip()]
        if not isinstance(value, list):
            raise ConfigurationError(f"{place} must be a list")
        return tuple(_convert(item, kind, place, base) for item in value)
    try:
        if kind is bool:
            return _boolean(value)
        if kind is Path and isinstance(value, str):
            return base / value
        if kind is str and isinstance(value, str):
            return value
        if kind in (int, float):
            return _number(value, kind, least)
        if kind is date:
            return _date(value)
    except (TypeError, ValueError):
        pass
    raise ConfigurationError(f"{place} must be {_WORDS[kind].format(least=least)}")


def _boolean(value: object) -> bool:
    words = {True: True, False: False, "true": True, "false": False}
    if isinstance(value, (bool, str)) and value in words:
        return words[value]
    raise ValueError


def _date(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str):
        return date.fromisoformat(value)
    raise TypeError


def _number(value: object, kind: type[int] | type[float], least: float) -> int | float:
    if isinstance(value, bool) or not isinstance(value, (str, int, kind)):
        raise TypeError
    number = kind(value)
    if number < least or not math.isfinite(number):
        raise ValueError
    return number


_WORDS: Final = {
    bool: "true or false",
    Path: "the name of a file",
    str: "a text",
    int: "a whole number of {least} or more",
    float: "a number of {least} or more",
    date: "a date such as 2026-08-01",
}

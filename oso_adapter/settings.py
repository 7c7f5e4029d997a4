"""Settings: one TOML file, the environment on top, judged when read and never in the request path.

``oso-adapter.toml`` holds a section per class below. Each key can also be given as
``OSO_<SECTION>__<KEY>`` (``OSO_STORE__URL``), or as ``OSO_<SECTION>__<KEY>_FILE``, the name of a
file that holds the value: the way secrets reach a container. Relative paths, that of a SQLite
database included, are relative to the configuration file. A key or variable nobody knows is an
error, because a typing error in a setting about security must not pass in silence.
"""

import math
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, replace
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal, get_args, get_type_hints

from oso_adapter.errors import ConfigurationError

EnvironmentName = Literal["simulation", "sandbox", "qualification", "production"]

_PREFIX: Final = "OSO_"
_FILE: Final = "_FILE"
_OTHERS: Final = frozenset({"OSO_CONFIG", "OSO_ENVIRONMENT"})
_KUBERNETES: Final = re.compile(
    r"OSO_(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_[0-9]+_(TCP|UDP)(_\w+)?)?)"
)
"""What Kubernetes gives every container about a service whose name begins with oso."""
_SQLITE: Final = "sqlite:///"


@dataclass(frozen=True)
class Chain:
    """The central parties of the chain."""

    traffic_center_url: str = field(metadata={"help": "https address of the Traffic Center"})
    osr_url: str = field(metadata={"help": "https address of the OSR, up to and with /api/v2"})
    osr_api_key: str | None = field(
        default=None, repr=False, metadata={"help": "API key of this administration system"}
    )
    osr_api_key_header: str = field(
        default="API-Key", metadata={"help": "header that carries the API key (assumed, OSR U1)"}
    )
    osr_namespace: str = field(
        default="http://xml.kennisnet.nl/schemas/Overstapservice/20200910",
        metadata={"help": "key of the service version in the OSR (assumed, OSR U10)"},
    )
    contract: str = field(default="20200910", metadata={"help": "wire contract"})
    contract_override: Path | None = field(
        default=None, metadata={"help": "TOML that replaces assumed facts of the contract"}
    )


@dataclass(frozen=True)
class Transport:
    """Mutual TLS: who we are, whom we trust, where we listen."""

    certificate: Path = field(metadata={"help": "our certificate with its chain, PEM"})
    key: Path = field(metadata={"help": "the private key of that certificate, PEM"})
    roots: tuple[Path, ...] = field(metadata={"help": "files with the trusted roots, PEM"})
    client_certificate: Path | None = field(
        default=None, metadata={"help": "certificate for outgoing calls, when it is another (G4)"}
    )
    client_key: Path | None = field(default=None, metadata={"help": "its private key"})
    crl: tuple[Path, ...] = field(
        default=(), metadata={"help": "files with revocation lists, PEM; refused when out of date"}
    )
    proxy_url: str | None = field(
        default=None, repr=False, metadata={"help": "proxy for outgoing calls"}
    )
    host: str = field(default="0.0.0.0", metadata={"help": "address of the public listener"})  # noqa: S104 - the endpoint is public
    port: int = field(default=8443, metadata={"help": "port of the public listener"})
    public_url: str | None = field(
        default=None, metadata={"help": "address of our endpoint as registered in the OSR"}
    )
    threads: int = field(
        default=16, metadata={"help": "threads of the public listener", "least": 1}
    )
    connect_timeout: float = field(
        default=10.0, metadata={"help": "seconds (assumed, wire U13)", "least": 0.1}
    )
    read_timeout: float = field(
        default=60.0, metadata={"help": "seconds (assumed, wire U13)", "least": 0.1}
    )


@dataclass(frozen=True)
class Internal:
    """The listener for health checks and the supplier's own system; never a public address."""

    host: str = field(default="127.0.0.1", metadata={"help": "address of the internal listener"})
    port: int = field(default=8080, metadata={"help": "port of the internal listener"})


@dataclass(frozen=True)
class StoreSettings:
    """Where the adapter keeps its state."""

    url: str = field(
        default="sqlite:///oso-adapter.sqlite", repr=False, metadata={"help": "SQLAlchemy URL"}
    )
    timeout: float = field(
        default=30.0, metadata={"help": "seconds that a write waits for another one"}
    )


@dataclass(frozen=True)
class Keys:
    """The keys that seal what is stored; leave out when a plugin provides them."""

    file: Path | None = field(
        default=None, metadata={"help": "key file, made by: oso-adapter config keys FILE"}
    )


@dataclass(frozen=True)
class Limits:
    """How much is accepted from outside."""

    message_size: int = field(
        default=50 * 2**20,
        metadata={"help": "bytes of one message (assumed, wire U13)", "least": 1},
    )


@dataclass(frozen=True)
class Fetching:
    """How orders to fetch are carried out."""

    parallel: int = field(default=4, metadata={"help": "exchanges at the same time", "least": 1})
    attempts: int = field(
        default=5,
        metadata={"help": "sessions asked for before an order ends as GeenAntwoord", "least": 1},
    )
    retry_after: float = field(
        default=30.0, metadata={"help": "seconds until the next attempt, doubled each time"}
    )
    tick: float = field(
        default=5.0, metadata={"help": "seconds between looks for due work", "least": 0.1}
    )


@dataclass(frozen=True)
class Package:
    """The administration system that the dossiers name as their maker (metadata)."""

    name: str = field(default="oso-adapter", metadata={"help": "pakketnaam"})
    version: str = field(default="0.1", metadata={"help": "pakketversie"})


@dataclass(frozen=True)
class Standard:
    """The releases of the dossier standard that are in use."""

    release: str = field(default="2019.1", metadata={"help": "release that dossiers are made in"})
    next_release: str | None = field(
        default=None, metadata={"help": "release that follows it; already accepted before then"}
    )
    cut_over: date | None = field(
        default=None, metadata={"help": "first day on which dossiers are made in the next release"}
    )
    accepted_until: date | None = field(
        default=None, metadata={"help": "last day on which one of the old release is accepted"}
    )
    packs: Path | None = field(
        default=None, metadata={"help": "folder with your own releases (standard import)"}
    )


@dataclass(frozen=True)
class Plugins:
    """Which plugins are loaded, and their own sections."""

    enabled: tuple[str, ...] = field(
        default=(), metadata={"help": "names of the entry points to load; nothing else is loaded"}
    )
    strict: bool = field(default=False, metadata={"help": "a plugin that fails stops the start"})
    sections: Mapping[str, Mapping[str, Any]] = field(
        default_factory=lambda: MappingProxyType({}), repr=False
    )


@dataclass(frozen=True)
class Settings:
    """Everything the adapter is told."""

    environment: EnvironmentName
    chain: Chain
    transport: Transport
    internal: Internal = Internal()
    store: StoreSettings = StoreSettings()
    keys: Keys = Keys()
    limits: Limits = Limits()
    fetching: Fetching = Fetching()
    package: Package = Package()
    standard: Standard = Standard()
    plugins: Plugins = field(default_factory=Plugins)


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
    _require_known(environ, {name: types[name] for name in values})
    values["store"] = replace(values["store"], url=_placed(values["store"].url, base))
    if not values["transport"].roots:
        raise ConfigurationError("[transport] roots must name at least one file")
    return Settings(environment=environment, **values)


def _require_known(environ: Mapping[str, str], sections: Mapping[str, Any]) -> None:
    """Refuse a variable with our prefix that sets nothing."""
    known = {
        f"{_PREFIX}{name}__{key.name}".upper()
        for name, cls in sections.items()
        for key in fields(cls)
        if key.metadata
    }
    known |= _OTHERS
    begins = tuple(f"{_PREFIX}{name}_".upper() for name in sections)
    for variable in sorted(v for v in environ if v.startswith(_PREFIX)):
        of_kubernetes = _KUBERNETES.fullmatch(variable) and not variable.startswith(begins)
        if not of_kubernetes and known.isdisjoint({variable, variable.removesuffix(_FILE)}):
            raise ConfigurationError(f"the variable {variable} sets nothing that is known")


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

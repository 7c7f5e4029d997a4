"""A release of the standard as data: a folder with a schema and tables.

Built-in releases are in ``packs`` beside this module. A supplier's own, such as an imported
official release, are in folders that :func:`use_folder` names, or else the environment variable
``OSO_STANDARD__PACKS``; each holds one folder per release, like ours.
"""

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from threading import Lock, RLock
from typing import Any, Final

from lxml import etree

from oso_adapter.errors import ConfigurationError, NotFound
from oso_adapter.standard.categories import Categories, load_categories
from oso_adapter.standard.codelists import CodeLists, load_codelists
from oso_adapter.standard.labels import Labels, load_labels
from oso_adapter.standard.rules import RuleBook, load_rules
from oso_adapter.standard.structure import Structure, load_structure

VARIABLE: Final = "OSO_STANDARD__PACKS"
"""The environment variable with a folder of packs, for use as a library without settings."""

_PARTS: Final = ("schema", "structure", "profiles", "codelists", "labels", "rules")
_BUILT_IN: Final = Path(__file__).parent / "packs"


@dataclass(frozen=True, eq=False)
class Pack:
    """One release.

    release: as in ``metadata/standaardversie``. validation_version: as in ``validatieversie``.
    namespace: of every element. carried: the root that travels in an OSO message.
    stylesheets: official rules in XSLT, by the overdrachtsoort that they judge. tables_from: by
    name of a table, the folder of the pack that has it, where this one has none of its own.
    built_in: whether it came with the adapter.
    """

    release: str
    validation_version: str
    namespace: str
    carried: str
    folder: Path
    stylesheets: Mapping[str, Path] = field(default_factory=dict)
    tables_from: Mapping[str, Path] = field(default_factory=dict)
    built_in: bool = True
    _lock: Lock = field(default_factory=Lock, repr=False)

    def table(self, name: str) -> Path:
        """Where a table such as ``labels.toml`` is; the file need not exist."""
        own = self.folder / name
        return own if own.exists() else self.tables_from.get(name, self.folder) / name

    @cached_property
    def schema(self) -> etree.XMLSchema:
        """The compiled schema; its error log is shared, so use :meth:`violations` to read it."""
        return etree.XMLSchema(etree.parse(self.folder / "dossier.xsd"))

    @cached_property
    def structure(self) -> Structure:
        """Every element of the release."""
        return load_structure(self.folder / "structure.json")

    @cached_property
    def profiles(self) -> Categories:
        """The kinds of transfer and what belongs in them."""
        return load_categories(self.table("profiles.toml"))

    @cached_property
    def codelists(self) -> CodeLists:
        """Which codes its elements take."""
        return load_codelists(self.table("codelists.toml"))

    @cached_property
    def labels(self) -> Labels:
        """How its elements and categories are called in Dutch, and how private they are."""
        return load_labels(self.table("labels.toml"))

    @cached_property
    def rules(self) -> RuleBook:
        """The business rules."""
        return load_rules(self.table("rules.toml"), self.profiles, self.namespace)

    def load(self) -> None:
        """Read all of it now, so that copies of this process need not, each for itself."""
        for part in _PARTS:
            getattr(self, part)

    def violations(self, root: etree._Element) -> Iterable[etree._LogEntry]:
        """What the schema has against a document, in document order; their messages quote values.

        One thread at a time: lxml keeps the errors with the schema and not with the call.
        """
        with self._lock:
            schema = self.schema
            return () if schema.validate(root) else tuple(schema.error_log)


@dataclass(frozen=True)
class _Packs:
    """What there is at one moment; a registration replaces the whole, so readers need no lock."""

    folders: tuple[Path, ...]
    by_release: Mapping[str, Pack]
    by_namespace: Mapping[str, Pack]


_changing: Final = RLock()
_current: _Packs | None = None


def load_pack(release: str = "2019.1") -> Pack:
    """The pack of a release, loaded once per process; an unknown one raises NotFound."""
    found = _packs().by_release.get(release)
    if found is None:
        raise NotFound(f"there is no pack for release {release[:20]!r} of the standard")
    return found


def available() -> tuple[str, ...]:
    """The releases that there is a pack for, oldest first."""
    return tuple(_packs().by_release)


def pack_of(namespace: str) -> Pack | None:
    """The pack whose elements have this namespace, or None."""
    return _packs().by_namespace.get(namespace)


def use_folder(path: Path) -> None:
    """Use the packs in a folder too, in the whole process; called at start-up.

    path: a folder with one folder per release. Given again, it is read again, so that a release
    just imported is found. Raises ConfigurationError, and then nothing has changed: the folder
    does not exist, a pack in it cannot be read, or a release or its namespace is there twice.
    """
    global _current  # noqa: PLW0603
    folder = _existing(path)
    with _changing:
        before = _current.folders if _current else ()
        _current = _read(tuple(dict.fromkeys((*before, folder))), fresh=folder)


def forget_folders() -> None:
    """Only what is built in again, and what the environment names; for tests and tools."""
    global _current  # noqa: PLW0603
    with _changing:
        _current = None


def read_pack(folder: Path, *, built_in: bool = False) -> Pack:
    """The pack in a folder, registered or not; raises ConfigurationError, naming the folder."""
    try:
        read = tomllib.loads((folder / "pack.toml").read_text(encoding="utf-8"))
        made = Pack(
            release=read["release"],
            validation_version=read["validation_version"],
            namespace=read["namespace"],
            carried=read["carried"],
            folder=folder,
            stylesheets=_stylesheets(folder, read),
            tables_from=_tables_from(read, built_in=built_in),
            built_in=built_in,
        )
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise ConfigurationError(f"pack {folder.name}: pack.toml cannot be read") from None
    except (KeyError, TypeError, AttributeError):
        raise ConfigurationError(f"pack {folder.name}: pack.toml is not complete") from None
    for needed in ("dossier.xsd", "structure.json"):
        if not (folder / needed).is_file():
            raise ConfigurationError(f"pack {folder.name}: {needed} is missing")
    return made


def built_in_releases() -> tuple[str, ...]:
    """The releases that come with the adapter, oldest first."""
    return tuple(sorted((file.parent.name for file in _BUILT_IN.glob("*/pack.toml")), key=age))


def age(release: str) -> tuple[list[int], str]:
    """A key that sorts releases oldest first, also 2022.2 before 2022.10."""
    return [int(number) for number in re.findall(r"[0-9]+", release)], release


def _packs() -> _Packs:
    global _current  # noqa: PLW0603
    found = _current
    if found is None:
        with _changing:
            if _current is None:
                named = os.environ.get(VARIABLE, "")
                _current = _read((_existing(Path(named)),) if named else ())
            found = _current
    return found


def _existing(path: Path) -> Path:
    folder = path.expanduser().resolve()
    if not folder.is_dir():
        raise ConfigurationError(f"the folder of packs does not exist: {path}")
    return folder


def _read(folders: tuple[Path, ...], fresh: Path | None = None) -> _Packs:
    """Everything in the folders; packs already loaded stay as they are, but for the fresh folder.

    A pack that replaces a built-in release says so in its pack.toml; any other double is refused.
    """
    known = {pack.folder: pack for pack in _current.by_release.values()} if _current else {}
    releases: dict[str, Pack] = {}
    for parent in (_BUILT_IN, *folders):
        for folder in sorted(file.parent for file in parent.glob("*/pack.toml")):
            if folder.name.startswith("."):  # an import that is being written
                continue
            kept = known.get(folder) if parent != fresh else None
            pack = kept or read_pack(folder, built_in=parent == _BUILT_IN)
            there = releases.get(pack.release)
            if there and not (there.built_in and _replaces(pack)):
                places = f"{there.folder} and {folder}"
                raise ConfigurationError(f"release {pack.release} is there twice: {places}")
            releases[pack.release] = pack
    ordered = {name: releases[name] for name in sorted(releases, key=age)}
    return _Packs(folders, ordered, _by_namespace(ordered.values()))


def _by_namespace(packs: Iterable[Pack]) -> dict[str, Pack]:
    found: dict[str, Pack] = {}
    for pack in packs:
        there = found.setdefault(pack.namespace, pack)
        if there is not pack:
            both = f"{there.release} and {pack.release}"
            raise ConfigurationError(f"releases {both} have the same namespace")
    return found


def _replaces(pack: Pack) -> bool:
    read = tomllib.loads((pack.folder / "pack.toml").read_text(encoding="utf-8"))
    return read.get("replaces_built_in") is True


def _stylesheets(folder: Path, read: Mapping[str, Any]) -> dict[str, Path]:
    """By overdrachtsoort; a path that leaves the folder of the pack is refused."""
    found = {kind: folder / file for kind, file in read.get("stylesheets", {}).items()}
    for file in found.values():
        if not file.resolve().is_relative_to(folder.resolve()) or not file.is_file():
            raise ConfigurationError(f"pack {folder.name}: a stylesheet is missing")
    return found


def _tables_from(read: Mapping[str, Any], *, built_in: bool) -> dict[str, Path]:
    """Official files have no table of profiles, so that of the newest built-in pack holds."""
    if built_in:
        return {}
    ours = built_in_releases()
    named = {"profiles.toml": ours[-1], **read.get("tables_from", {})}
    if not set(named.values()) <= set(ours):
        raise ConfigurationError(f"pack {read['release']}: tables_from names no built-in release")
    return {table: _BUILT_IN / release for table, release in named.items()}

"""A release of the standard as data: a folder with a schema and tables."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from threading import Lock
from typing import Final

from lxml import etree

from oso_adapter.errors import NotFound
from oso_adapter.standard.categories import Categories, load_categories
from oso_adapter.standard.codelists import CodeLists, load_codelists
from oso_adapter.standard.labels import Labels, load_labels
from oso_adapter.standard.rules import RuleBook, load_rules
from oso_adapter.standard.structure import Structure, load_structure

_PACKS: Final = Path(__file__).parent / "packs"


@dataclass(frozen=True, eq=False)
class Pack:
    """One release.

    release: as in ``metadata/standaardversie``. validation_version: as in ``validatieversie``.
    namespace: of every element. carried: the root that travels in an OSO message.
    """

    release: str
    validation_version: str
    namespace: str
    carried: str
    folder: Path
    _lock: Lock = field(default_factory=Lock, repr=False)

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
        return load_categories(self.folder / "profiles.toml")

    @cached_property
    def codelists(self) -> CodeLists:
        """Which codes its elements take."""
        return load_codelists(self.folder / "codelists.toml")

    @cached_property
    def labels(self) -> Labels:
        """How its elements and categories are called in Dutch, and how private they are."""
        return load_labels(self.folder / "labels.toml")

    @cached_property
    def rules(self) -> RuleBook:
        """The business rules."""
        return load_rules(self.folder / "rules.toml", self.profiles, self.namespace)

    def violations(self, root: etree._Element) -> Iterable[etree._LogEntry]:
        """What the schema has against a document, in document order; their messages quote values.

        One thread at a time: lxml keeps the errors with the schema and not with the call.
        """
        with self._lock:
            return () if self.schema.validate(root) else tuple(self.schema.error_log)


@cache
def load_pack(release: str = "2019.1") -> Pack:
    """The pack of a release, loaded once per process; an unknown one raises NotFound."""
    if release not in available():
        raise NotFound(f"there is no pack for release {release[:20]!r} of the standard")
    read = tomllib.loads((_PACKS / release / "pack.toml").read_text(encoding="utf-8"))
    return Pack(
        release=read["release"],
        validation_version=read["validation_version"],
        namespace=read["namespace"],
        carried=read["carried"],
        folder=_PACKS / release,
    )


@cache
def available() -> tuple[str, ...]:
    """The releases that there is a pack for, oldest first."""
    return tuple(sorted(file.parent.name for file in _PACKS.glob("*/pack.toml")))


def pack_of(namespace: str) -> Pack | None:
    """The pack whose elements have this namespace, or None."""
    return next((p for p in map(load_pack, available()) if p.namespace == namespace), None)

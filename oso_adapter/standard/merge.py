"""One dossier of what several systems gave: the LAS first, then what a second one (LVS) adds.

Nobody wins silently. What two systems both give must be the same, or it is an error finding that
names both and never the values. Where the standard has a list, the entries of both stay: an entry
is recognised by what tells it from the others of its pupil (:data:`KEYS`), one that both give is
one, and of a list without such a key both must give the same, since nobody can tell whether two
carers are one.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from oso_adapter.standard import attachments
from oso_adapter.standard.findings import LIMIT, Finding
from oso_adapter.standard.pack import Pack
from oso_adapter.standard.structure import Element

KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "toets": ("toetsidentificatie", "afname/afnamedatum"),
    "toetsonderdeel": ("eldonderdeelcode", "onderdeelnaam"),
    "cijferlijst": ("afnamedatum", "jaargroep", "periode"),
    "cijferlijstTypelijst": ("naam",),
    "onderdeel": ("onderdeelcode", "naam"),
    "schoolloopbaan": ("schooljaar", "brincode"),
    "handelingsplan": ("startdatum", "isgerichtop"),
    "diagnose": ("naam", "datum"),
    "tlv": ("tlvbeschikkingsnummer",),
    "arrangement_cluster12": ("arrangement_datum", "arrangement_brin"),
    "arrangement_pao": ("arrangement_datum", "arrangement_kenmerk"),
    "vroegschools": ("codevroegschoolsprogramma",),
    "resultaatvakkenvo": ("vakcode",),
    "competenties": ("competentiereferentie",),
    "stage": ("begindatum", "soortstage"),
    "document": ("bestandsnaam",),
}
"""What tells an entry of a list from the others, by element: what a system keeps one of for each
such set of values. The standard (Gegevensset 2019.1) names no keys; these are ours."""

_POSITION: Final = re.compile(r"\[[0-9]+\]")

LAS: Final = "LAS"
LAS_AND_LVS: Final = "LASLVS"
"""What ``metadata/deeldossier`` says (code list 33): of the LAS alone, or with another's part."""


@dataclass(frozen=True, repr=False)
class Merged:
    """A dossier in the dict form, where its parts contradict each other, and what was added.

    added: paths, without positions, of the values that only another system than the LAS gave.
    """

    dossier: Mapping[str, Any]
    conflicts: tuple[Finding, ...]
    added: frozenset[str]


def merge(parts: Sequence[tuple[str, Mapping[str, Any]]], pack: Pack) -> Merged:
    """Merge the parts of systems, by name; the first is the LAS.

    What has another shape than the standard asks is left to the check of the whole, at its path;
    where two parts cannot be brought together for that reason it is a conflict too.
    """
    (first, dossier), *others = parts
    merger = _Merger(first)
    spec = pack.structure.roots[pack.carried]
    merged: Any = dossier
    for name, part in others:
        merged = merger.both(merged, part, spec, f"/{spec.name}", name)
    return Merged(merged, tuple(merger.conflicts[:LIMIT]), frozenset(merger.added))


def deeldossier(added: Collection[str], left_out: Collection[str] = ()) -> str:
    """What the metadata say: ``LASLVS`` when something that another system added goes along.

    added: see :class:`Merged`; left_out: paths of the data that this dossier does not have, as in
    ``profiles.toml``.
    """
    stays = any(not any(_below(path, gone) for gone in left_out) for path in added)
    return LAS_AND_LVS if stays else LAS


class _Merger:
    """Remembers by path which system gave what is there, to name it when another differs."""

    def __init__(self, first: str) -> None:
        self._first = first
        self._givers: dict[str, str] = {}
        self.conflicts: list[Finding] = []
        self.added: set[str] = set()

    def both(self, one: Any, other: Any, spec: Element, path: str, name: str) -> Any:
        """What two systems give of one element; name: who gave the other."""
        if spec.is_block and isinstance(one, Mapping) and isinstance(other, Mapping):
            return self._block(one, other, spec, path, name)
        if not same(one, other):
            self._conflict(path, name)
        return one

    def _block(
        self,
        one: Mapping[Any, Any],
        other: Mapping[Any, Any],
        spec: Element,
        path: str,
        name: str,
    ) -> dict[Any, Any]:
        merged = dict(one)
        for key, given in other.items():
            child = spec.children.get(key) if isinstance(key, str) else None
            at = f"{path}/{'*' if child is None else key}"
            if key not in merged:
                if chosen := self._alternative(merged, child, spec):
                    self._conflict(f"{path}/{chosen}", name)
                    continue
                merged[key] = given
                self._add(at, given, name)
            elif child is None:
                if not same(merged[key], given):
                    self._conflict(path, name)
            elif child.repeats or child.sequence_repeats:
                merged[key] = self._list(merged[key], given, child, at, name)
            else:
                merged[key] = self.both(merged[key], given, child, at, name)
        return merged

    def _alternative(
        self, there: Mapping[str, Any], child: Element | None, spec: Element
    ) -> str | None:
        """The other alternative of a choice that another system took: bsn, or onderwijsnummer."""
        if child is None or child.choice is None:
            return None
        same = (c.name for c in spec.content if c.choice == child.choice and c is not child)
        return next((found for found in same if found in there), None)

    def _list(self, one: Any, other: Any, spec: Element, path: str, name: str) -> Any:
        keys = KEYS.get(spec.name)
        if same(one, other):
            return one
        if keys is None or not isinstance(one, list) or not isinstance(other, list):
            self._conflict(path, name)
            return one
        merged, before = list(one), len(one)
        for given in other:
            if any(same(there, given) for there in merged[:before]):
                continue
            key = key_of(given, keys)
            places = [n for n, there in enumerate(merged[:before]) if key_of(there, keys) == key]
            if key is None or not places:
                merged.append(given)
                self._add(f"{path}[{len(merged)}]", given, name)
            elif len(places) > 1:
                self._conflict(f"{path}[{places[0] + 1}]", name)
            else:
                place = places[0]
                at = f"{path}[{place + 1}]"
                merged[place] = self.both(merged[place], given, spec, at, name)
        return merged

    def _add(self, path: str, given: Any, name: str) -> None:
        self._givers[path] = name
        self.added.update(_leaves(given, _POSITION.sub("", path)))

    def _conflict(self, path: str, name: str) -> None:
        before = max(
            (place for place in self._givers if _below(path, place)), key=len, default=None
        )
        giver = self._first if before is None else self._givers[before]
        self.conflicts.append(
            Finding(
                rule="STD.tegenspraak",
                severity="error",
                path=path,
                line=None,
                message=f"Twee systemen geven hier verschillende gegevens: {giver} en {name}.",
                owner="verzendende school",
                next_step="Verbeter het in een van beide systemen en verzamel opnieuw.",
            )
        )


def key_of(entry: Any, keys: Sequence[str]) -> tuple[Any, ...] | None:
    """What tells an entry from others; None when nothing of it is there, for then nobody knows."""
    found = tuple(_at(entry, path.split("/")) for path in keys)
    return found if any(value is not None for value in found) else None


def _at(entry: Any, names: Sequence[str]) -> Any:
    for name in names:
        if not isinstance(entry, Mapping):
            return None
        entry = entry.get(name)
    return None if entry is None else _comparable(entry)


def same(one: Any, other: Any) -> bool:
    """Whether two values of the dict form are the same; types count, and of files the content."""
    return bool(_comparable(one) == _comparable(other))


def _comparable(value: Any) -> Any:
    """A value with its type, since True is not 1; a file by what is in it."""
    if isinstance(value, Mapping):
        return {str(key): _comparable(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_comparable(inner) for inner in value]
    if isinstance(value, Path) and attachments.is_file(value):
        return ("bytes", value.read_bytes())
    return (type(value).__name__, value)


def _below(path: str, place: str) -> bool:
    return path == place or path.startswith((f"{place}/", f"{place}["))


def _leaves(value: Any, path: str) -> Iterator[str]:
    """The paths, without positions, of the values in what was given."""
    if isinstance(value, Mapping) and value:
        for name, inner in value.items():
            yield from _leaves(inner, f"{path}/{name}")
    elif isinstance(value, list) and value:
        for inner in value:
            yield from _leaves(inner, path)
    else:
        yield path

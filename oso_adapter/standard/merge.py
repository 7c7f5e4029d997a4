"""One dossier of what several systems gave: the LAS first, then what a second one (LVS) adds.

Nobody wins silently. What two systems both give must be the same, or it is an error finding that
names both and never the values. Where the standard has a list, the entries of both stay: an entry
is recognised by what tells it from the others of its pupil (:data:`KEYS`), and one that both give
is one. Where nobody can tell whether two are one, as of carers, or of two marks of which one has no
date, both must give the same. An empty list or block says nothing.

All parts are compared with each other at once, so that it does not matter in which order plugins
are asked: only the order of what was added in a list follows it.
"""

import re
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from hashlib import file_digest, sha256
from itertools import combinations
from pathlib import Path
from typing import Any, Final

from oso_adapter.standard import attachments
from oso_adapter.standard.findings import LIMIT, Finding
from oso_adapter.standard.pack import Pack
from oso_adapter.standard.structure import Element

KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "toets": ("toetsidentificatie/eldtoetscode", "afname/afnamedatum"),
    "toetsonderdeel": ("eldonderdeelcode",),
    "cijferlijst": ("afnamedatum", "jaargroep", "periode"),
    "cijferlijstTypelijst": ("naam",),
    "onderdeel": ("onderdeelcode", "naam"),
    "schoolloopbaan": ("schooljaar", "brincode"),
    "handelingsplan": ("startdatum", "isgerichtop"),
    "diagnose": ("code", "datum"),
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
such set of values, by codes and dates and not by the words beside them, which differ by system. The
standard (Gegevensset 2019.1) names no keys; these are ours."""

_Given = Sequence[tuple[str, Any]]
"""What systems give of one thing, by name, in the order in which they were asked."""
_Key = tuple[Hashable, ...]

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


def merge(parts: _Given, pack: Pack, left_out: Collection[str] = ()) -> Merged:
    """Merge the parts of systems, by name; the first is the LAS.

    left_out: paths of the data that this dossier will not have (``profiles.stays_out``); of what
    nobody gets nobody has to agree.
    The parts have the form of the standard (``fields.check`` with ``part=True``); two that cannot
    be brought together because one has not are a conflict.
    """
    first, dossier = parts[0]
    if len(parts) == 1:
        return Merged(dossier, (), frozenset())
    merger = _Merger(first, left_out)
    spec = pack.structure.roots[pack.carried]
    merged = merger.one(parts, spec, f"/{spec.name}")
    return Merged(merged, tuple(merger.conflicts), frozenset(merger.added))


def deeldossier(added: Collection[str], left_out: Collection[str] = ()) -> str:
    """What the metadata say: ``LASLVS`` when something that another system added goes along.

    added: see :class:`Merged`; left_out: paths of the data that this dossier does not have, as in
    ``profiles.toml``.
    """
    stays = any(not is_below(path, left_out) for path in added)
    return LAS_AND_LVS if stays else LAS


def is_below(path: str, places: Iterable[str]) -> bool:
    """Whether something stands at one of these places or within it; positions do not matter."""
    bare = _POSITION.sub("", path)
    return any(bare == place or bare.startswith(f"{place}/") for place in places)


class _Merger:
    """Makes one of what systems give, and keeps the first :data:`LIMIT` conflicts."""

    def __init__(self, first: str, left_out: Collection[str]) -> None:
        self._first = first
        self._left_out = left_out
        self.conflicts: list[Finding] = []
        self.added: set[str] = set()

    def one(self, given: _Given, spec: Element, path: str) -> Any:
        """What they give of one element together; of what is in conflict, the first."""
        if len(given) == 1:
            return self._of_one(given[0], path)
        blocks = all(isinstance(value, Mapping) for _, value in given)
        if blocks and spec.is_block:
            return self._block(given, spec, path)
        if blocks and spec.attributes:
            return self._text(given, path)
        self._require_same(given, path)
        return self._of_one(given[0], path)

    def _of_one(self, given: tuple[str, Any], path: str) -> Any:
        name, value = given
        if name != self._first:
            self.added.update(_leaves(value, _POSITION.sub("", path)))
        return value

    def _block(self, given: _Given, spec: Element, path: str) -> dict[Any, Any]:
        merged: dict[Any, Any] = {}
        taken: dict[str, tuple[str, list[str]]] = {}
        for key in dict.fromkeys(key for _, block in given for key in block):
            child = spec.children.get(key) if isinstance(key, str) else None
            values = [(name, block[key]) for name, block in given if key in block]
            if child is not None:
                values = [v for v in values if not _says_nothing(v[1], child)] or values[:1]
                if _says_nothing(values[0][1], child) and values[0][0] != self._first:
                    continue
                if child.choice is not None:
                    names = [name for name, _ in values]
                    other, others = taken.setdefault(child.choice, (child.name, names))
                    pair = next(((o, n) for o in others for n in names if o != n), None)
                    if other != child.name and pair is not None:
                        self._conflict(f"{path}/{other}", *pair)
                        continue
            at = f"{path}/{'*' if child is None else key}"
            if child is not None and (child.repeats or child.sequence_repeats):
                merged[key] = self._list(values, child, at)
            elif child is not None:
                merged[key] = self.one(values, child, at)
            else:  # no element of the standard: its name is not told
                self._require_same(values, path)
                merged[key] = self._of_one(values[0], at)
        return merged

    def _text(self, given: _Given, path: str) -> dict[Any, Any]:
        """A text with what is said beside it, which one system may leave out."""
        merged: dict[Any, Any] = {}
        for key in dict.fromkeys(key for _, text in given for key in text):
            values = [(name, text[key]) for name, text in given if key in text]
            self._require_same(values, path)
            merged[key] = self._of_one(values[0], path)
        return merged

    def _list(self, given: _Given, spec: Element, path: str) -> Any:
        keys = KEYS.get(spec.name)
        if len(given) == 1:
            return self._of_one(given[0], path)
        if keys is None or not all(isinstance(value, list) for _, value in given):
            self._require_same(given, path)
            return self._of_one(given[0], path)
        if len({_comparable(value) for _, value in given}) == 1:
            return self._of_one(given[0], path)
        found: dict[_Key, dict[str, list[Any]]] = {}
        for name, entries in given:
            for entry in entries if name == self._first else _once(entries):
                of_key = found.setdefault(_parts_of_key(entry, keys), {})
                of_key.setdefault(name, []).append(entry)
        merged: list[Any] = []
        places: dict[_Key, int] = {}
        for key, of_key in found.items():
            places[key] = len(merged) + 1
            merged += self._entries(list(of_key.items()), spec, path, places[key])
        for one, other in _alike(found):
            self._tell_apart(found[one], found[other], f"{path}[{places[other]}]")
        return merged

    def _entries(self, given: _Given, spec: Element, path: str, place: int) -> list[Any]:
        """The entries with one key."""
        if all(len(entries) == 1 for _, entries in given):
            alone = [(name, entries[0]) for name, entries in given]
            return [self.one(alone, spec, f"{path}[{place}]")]
        self._require_same(given, f"{path}[{place}]", lambda e: frozenset(map(_comparable, e)))
        name, entries = given[0]
        return [self._of_one((name, entry), path) for entry in entries]

    def _tell_apart(self, one: Collection[str], other: Collection[str], path: str) -> None:
        """Conflict where one system gives the one and another the other, which may be the same."""
        ones = [name for name in one if name not in other]
        others = [name for name in other if name not in one]
        if ones and others:
            self._conflict(path, *sorted((ones[0], others[0]), key=lambda n: n != self._first))

    def _require_same(
        self, given: _Given, path: str, seen: Callable[[Any], Hashable] | None = None
    ) -> None:
        seen = seen or _comparable
        first, value = given[0]
        said = seen(value)
        for name, other in given[1:]:
            if seen(other) != said:
                self._conflict(path, first, name)
                return

    def _conflict(self, path: str, one: str, other: str) -> None:
        if len(self.conflicts) >= LIMIT or is_below(path, self._left_out):
            return
        self.conflicts.append(
            Finding(
                rule="STD.tegenspraak",
                severity="error",
                path=path,
                line=None,
                message=f"Twee systemen geven hier verschillende gegevens: {one} en {other}.",
                owner="verzendende school",
                next_step="Verbeter het in een van beide systemen en verzamel opnieuw.",
            )
        )


def key_of(entry: Any, keys: Sequence[str]) -> tuple[Any, ...] | None:
    """What tells an entry from others; None when nothing of it is there, for then nobody knows."""
    found = _parts_of_key(entry, keys)
    return found if any(value is not None for value in found) else None


def same(one: Any, other: Any) -> bool:
    """Whether two values of the dict form are the same: True is not 1; of files the content."""
    return bool(_comparable(one) == _comparable(other))


def _parts_of_key(entry: Any, keys: Sequence[str]) -> _Key:
    return tuple(_at(entry, path.split("/")) for path in keys)


def _at(entry: Any, names: Sequence[str]) -> Hashable:
    for name in names:
        if not isinstance(entry, Mapping):
            return None
        entry = entry.get(name)
    return None if entry is None else _comparable(entry)


def _alike(keys: Collection[_Key]) -> Iterator[tuple[_Key, _Key]]:
    """Pairs of keys that differ only in what one of them does not have."""
    by_form: dict[tuple[bool, ...], list[_Key]] = {}
    for key in keys:
        by_form.setdefault(tuple(part is not None for part in key), []).append(key)
    for one, other in combinations(by_form, 2):
        shared = [n for n in range(len(one)) if one[n] and other[n]]
        having: dict[_Key, list[_Key]] = {}
        for key in by_form[one]:
            having.setdefault(tuple(key[n] for n in shared), []).append(key)
        for key in by_form[other]:
            for found in having.get(tuple(key[n] for n in shared), ()):
                yield found, key


def _once(entries: Iterable[Any]) -> Collection[Any]:
    """The entries, of those that are the same one."""
    found: dict[Hashable, Any] = {}
    for entry in entries:
        found.setdefault(_comparable(entry), entry)
    return found.values()


def _says_nothing(value: Any, spec: Element) -> bool:
    """What is empty is not there in XML either."""
    lists = spec.repeats or spec.sequence_repeats
    return value == [] if lists else spec.is_block and value == {}


def _comparable(value: Any) -> Hashable:
    """What is the same for the same value, in whatever type of Python; a file by what is in it."""
    if isinstance(value, Mapping):
        return ("block", frozenset((str(key), _comparable(inner)) for key, inner in value.items()))
    if isinstance(value, list):
        return ("list", tuple(_comparable(inner) for inner in value))
    if isinstance(value, bytes):
        return ("file", sha256(value).digest())
    if isinstance(value, Path):
        return _file(value)
    if isinstance(value, str):
        return ("text", str(value))
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        kind = "number"
    else:
        kind = type(value).__name__
    try:
        hash(value)
    except TypeError:
        return (kind, id(value))
    return (kind, value)


def _file(path: Path) -> Hashable:
    """A file that cannot be read is only the same as itself; that it cannot is found elsewhere."""
    if attachments.is_file(path):
        with suppress(OSError), path.open("rb") as opened:
            return ("file", file_digest(opened, "sha256").digest())
    return ("path", str(path))


def _leaves(value: Any, path: str) -> Iterator[str]:
    """The paths, without positions, of the values in what was given; what is empty has none."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _leaves(inner, f"{path}/{name}")
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, path)
    else:
        yield path

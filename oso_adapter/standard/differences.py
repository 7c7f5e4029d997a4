"""What is known of a pupil beside what came: only the places where the two differ.

Both are in the dict form; what is known may be a part, and only what it has is compared. Entries of
a list are brought together by what tells them apart (:data:`oso_adapter.standard.merge.KEYS`); of a
list without such a key the whole is shown.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any, Final

from oso_adapter.standard.codec import TEXT
from oso_adapter.standard.merge import KEYS, key_of, same
from oso_adapter.standard.pack import Pack
from oso_adapter.standard.structure import Element

MOST: Final = 500
"""Differences that are told; more help nobody."""
FILE: Final = "(bestand)"


@dataclass(frozen=True, repr=False)
class Difference:
    """One place where the two differ; known or new is None where it is not there.

    path: as in findings, positions those of what came, or of what is known where nothing came.
    label: of the field in Dutch, with those of the blocks it is in.
    """

    path: str
    label: str
    known: str | None
    new: str | None


def differences(known: Mapping[str, Any], new: Mapping[str, Any], pack: Pack) -> list[Difference]:
    """Compare what is known with what came, in the order of the standard."""
    root = pack.structure.roots[pack.carried]
    found = _Comparison(pack).block(known, new, root, f"/{root.name}", (root.name,))
    return list(islice(found, MOST))


class _Comparison:
    def __init__(self, pack: Pack) -> None:
        self._labels = pack.labels

    def block(
        self, known: Any, new: Any, spec: Element, path: str, names: tuple[str, ...]
    ) -> Iterator[Difference]:
        """The differences in two blocks; what is no block counts as empty."""
        known = known if isinstance(known, Mapping) else {}
        new = new if isinstance(new, Mapping) else {}
        for child in spec.content:
            if child.name not in known:
                continue
            at, below = f"{path}/{child.name}", (*names, child.name)
            one, other = known[child.name], new.get(child.name)
            if child.repeats or child.sequence_repeats:
                yield from self._list(one, other, child, at, below)
            else:
                yield from self._item(one, other, child, at, below)

    def _item(
        self, known: Any, new: Any, spec: Element, path: str, names: tuple[str, ...]
    ) -> Iterator[Difference]:
        if spec.is_block and not spec.is_document:
            yield from self.block(known, new, spec, path, names)
        elif not same(known, new):
            one, other = _shown(known, spec), _shown(new, spec)
            if one != other or spec.is_document:  # the 3 of one system may be the "3" of another
                yield self._told(one, other, path, names)

    def _list(
        self, known: Any, new: Any, spec: Element, path: str, names: tuple[str, ...]
    ) -> Iterator[Difference]:
        ones, others = _entries(known), _entries(new)
        keys = KEYS.get(spec.name)
        if keys is None or not spec.is_block:
            if not same(ones, others):
                shown = ["; ".join(_shown(e, spec) or "" for e in each) for each in (ones, others)]
                yield self._told(shown[0] or None, shown[1] or None, path, names)
            return
        left = list(ones)
        for number, entry in enumerate(others, 1):
            key = key_of(entry, keys)
            mine = next((e for e in left if key is not None and key_of(e, keys) == key), None)
            mine = mine if mine is not None else next((e for e in left if same(e, entry)), None)
            at = f"{path}[{number}]"
            if mine is None:
                yield self._told(None, _summary(entry, spec, keys), at, names)
            else:
                left.remove(mine)
                yield from self._item(mine, entry, spec, at, names)
        for entry in left:
            at = f"{path}[{ones.index(entry) + 1}]"
            yield self._told(_summary(entry, spec, keys), None, at, names)

    def _told(
        self, known: str | None, new: str | None, path: str, names: tuple[str, ...]
    ) -> Difference:
        """The label leaves out the blocks that every field is in."""
        parts = [self._labels.of(names[:end]).text for end in range(1, len(names) + 1)]
        return Difference(path, " > ".join(parts[3:] or parts[-1:]), known, new)


def _entries(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _summary(entry: Any, spec: Element, keys: Sequence[str]) -> str:
    """An entry that only one side has, by what tells it from the others."""
    values = []
    for key in keys:
        value: Any = entry
        element: Element | None = spec
        for name in key.split("/"):
            value = value.get(name) if isinstance(value, Mapping) else None
            element = element.children.get(name) if element is not None else None
        if value is not None and element is not None:
            values.append(_shown(value, element) or "")
    return ", ".join(values) or "(zonder kenmerk)"


def _shown(value: Any, spec: Element) -> str | None:
    """A value as a person reads it; a file is only named as one."""
    if value is None:
        return None
    if spec.is_document:
        name = value.get("bestandsnaam") if isinstance(value, Mapping) else None
        return name if isinstance(name, str) else FILE
    if isinstance(value, Mapping):
        if spec.is_block:
            pairs = ((value.get(child.name), child) for child in spec.content)
            return ", ".join(_shown(inner, child) or "" for inner, child in pairs if inner)
        said = [value.get(TEXT), *(value.get(attribute.name) for attribute in spec.attributes)]
        return " ".join(str(part) for part in said if isinstance(part, str))
    if isinstance(value, list):
        return "; ".join(_shown(inner, spec) or "" for inner in value)
    if isinstance(value, bool):
        return "ja" if value else "nee"
    return str(value) if isinstance(value, str | int | Decimal | date) else FILE

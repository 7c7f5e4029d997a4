"""Does a mapping fit the standard: judged from the file alone, before any pupil is looked at."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

from oso_adapter.standard import lexical
from oso_adapter.standard.pack import Pack
from oso_adapter.standard.structure import Element
from oso_sql.collect import kept
from oso_sql.mapping import Block, Field, SqlMapping

Severity = Literal["error", "warning"]

_OURS: Final = frozenset({"cat_metadata", "cat_ouderinzage"})
"""Categories that the adapter fills."""


@dataclass(frozen=True)
class Problem:
    """Something that does not fit: where, why, how bad, and for how many pupils of those seen.

    pupils: 0 where it follows from the mapping alone. profile: None where it holds for each.
    """

    path: str
    reason: str
    severity: Severity = "error"
    profile: str | None = None
    pupils: int = 0


def codes(mapping: SqlMapping) -> list[Problem]:
    """Code tables and constants that give what the standard does not take."""
    return list(
        dict.fromkeys(
            found for spec in _fields(mapping.root) for found in _judge(spec, mapping.pack)
        )
    )


def missing(mapping: SqlMapping, profile: str) -> list[Problem]:
    """What the standard asks for in this kind of transfer, and the mapping has no place for."""
    root = kept(mapping, profile)
    mapped = set(_mapped(root))
    pack = mapping.pack
    found = []
    for category, status in pack.profiles.named(profile).statuses.items():
        paths = pack.profiles.data[category]
        if status == "VERPLICHT" and category not in _OURS and not mapped.intersection(paths):
            found.append(Problem(paths[0], f"{category} has to be there", "error", profile))
    structure = pack.structure
    for path in sorted(mapped):
        element = structure.find(path)
        if element is not None and element.is_block and path.count("/") > 1:
            found += [
                Problem(at, why, "error", profile) for at, why in _absent(path, element, mapped)
            ]
    return found


def _absent(path: str, element: Element, mapped: set[str]) -> Iterator[tuple[str, str]]:
    for group in element.groups:
        names = [child.name for child in group]
        if any(f"{path}/{name}" in mapped for name in names):
            continue
        if len(group) > 1 or group[0].choice:
            if group[0].choice_required:
                yield f"{path}/{names[0]}", f"one of {', '.join(names)} has to be there"
        elif group[0].min and not _may_be_empty(group[0]):
            yield f"{path}/{names[0]}", "this element has to be there"


def _may_be_empty(element: Element) -> bool:
    """A block of optional elements is there by itself."""
    return element.is_block and not any(c.min or c.choice_required for c in element.content)


def _mapped(block: Block) -> Iterator[str]:
    """Every path that is filled, and those above it."""
    for full in (block.full, *(spec.full for spec in block.fields)):
        steps = full.split("/")
        yield from ("/".join(steps[:length]) for length in range(2, len(steps) + 1))
    for inner in block.blocks:
        yield from _mapped(inner)


def _fields(block: Block) -> Iterator[Field]:
    yield from block.fields
    if block.value:
        yield block.value
    for inner in block.blocks:
        yield from _fields(inner)


def _judge(spec: Field, pack: Pack) -> Iterator[Problem]:
    element = pack.structure.find(spec.full)
    listed = pack.codelists.by_path.find(tuple(spec.full.strip("/").split("/")))
    known = set(listed.codes) if listed else set(element.values) if element else set()
    severity: Severity = "warning" if listed and listed.severity != "error" else "error"
    name = f"code list {listed.number}" if listed else "the values of this element"
    if spec.local.codes is not None:
        for code in dict.fromkeys(spec.local.codes.values()):
            if known and code not in known:
                yield Problem(spec.full, f"{code} is not in {name}", severity)
            elif not _readable(code, spec.kind):
                yield Problem(spec.full, f"{code} is not of the type {spec.kind}")
    elif spec.column is None:
        for value in spec.value if isinstance(spec.value, list) else [spec.value]:
            if not _writable(value, spec.kind):
                yield Problem(spec.full, f"the constant is not of the type {spec.kind}")
            elif known and str(value) not in known:
                yield Problem(spec.full, f"the constant is not in {name}", severity)
    for key, kind in (("date", "date"), ("true", "boolean"), ("false", "boolean")):
        if getattr(spec.local, key) is not None and spec.kind != kind:
            yield Problem(spec.full, f"{key} is for a {kind}, and this is of the type {spec.kind}")
    for key in ("folder", "packed"):
        if getattr(spec.local, key) is not None and spec.kind != "file":
            yield Problem(spec.full, f"{key} is for the content of a document")


def _readable(code: str, kind: str) -> bool:
    try:
        lexical.read(code, kind)
    except lexical.NoSuchValue:
        return False
    return True


def _writable(value: Any, kind: str) -> bool:
    try:
        lexical.write(value, kind)
    except lexical.NoSuchValue:
        return False
    return True

"""The structure of a release as a tree of elements, from which everything else is derived.

The XSD of a pack is the source; :mod:`oso_adapter.standard.build` reads it once and writes the
table ``structure.json`` beside it, which is all that start-up loads.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

BLOCK: Final = "block"
_POSITION: Final = re.compile(r"\[[0-9]+\]")


@dataclass(frozen=True)
class Attribute:
    """An attribute of a text element; ``type`` is a built-in of XML Schema, such as ``string``."""

    name: str
    type: str
    required: bool


@dataclass(frozen=True, eq=False)
class Element:
    """One element of the standard, at one place.

    min, max: how often it may occur; max is None where there is no bound.
    type: ``block`` for an element with elements, else the local name of an XML Schema built-in.
    facets: what XML Schema asks of the value, by name (``minLength``, ``pattern``).
    values: the only values it takes, where the schema itself lists them; else empty.
    choice: id, within the parent, of the choice that this element is one alternative of.
    choice_required: whether one alternative of that choice has to be there.
    content: the elements of a block in their order.
    sequence_repeats: whether the whole content of the block may come again.
    """

    name: str
    min: int
    max: int | None
    type: str
    facets: Mapping[str, str]
    attributes: tuple[Attribute, ...]
    choice: str | None
    choice_required: bool
    content: tuple["Element", ...] = field(repr=False)
    sequence_repeats: bool
    documentation: str
    values: tuple[str, ...] = ()

    @cached_property
    def children(self) -> Mapping[str, "Element"]:
        """The content by name; within one block a name occurs once."""
        return {child.name: child for child in self.content}

    @cached_property
    def groups(self) -> tuple[tuple["Element", ...], ...]:
        """The content in its order, the alternatives of a choice together."""
        found: dict[str, list[Element]] = {}
        for child in self.content:
            found.setdefault(child.choice or child.name, []).append(child)
        return tuple(tuple(group) for group in found.values())

    @property
    def is_block(self) -> bool:
        """Whether it holds elements rather than text."""
        return self.type == BLOCK

    @property
    def repeats(self) -> bool:
        """Whether it may occur more than once, so that the dict form has a list."""
        return self.max != 1

    @property
    def is_document(self) -> bool:
        """Whether it is an attachment: a file's name, a description and the packed file."""
        return "bestandsinhoud" in self.children


class Structure:
    """All elements of a release, reachable from its roots."""

    def __init__(self, roots: Mapping[str, Element]) -> None:
        self.roots = roots

    def find(self, path: str) -> Element | None:
        """The element at a path such as ``/dossier/huidigeschool``; positions are ignored."""
        first, *rest = _POSITION.sub("", path).strip("/").split("/")
        found = self.roots.get(first)
        for name in rest:
            if found is None:
                return None
            found = found.children.get(name)
        return found

    def walk(self, root: str = "dossier") -> Iterator[tuple[str, Element]]:
        """Every element below and including a root, with its path, in document order."""

        def below(path: str, element: Element) -> Iterator[tuple[str, Element]]:
            yield path, element
            for child in element.content:
                yield from below(f"{path}/{child.name}", child)

        return below(f"/{root}", self.roots[root])

    @cached_property
    def names(self) -> frozenset[str]:
        """Every element name that the standard knows anywhere."""
        return frozenset(element.name for root in self.roots for _, element in self.walk(root))


def load_structure(table: Path) -> Structure:
    """Read the table of a pack; ``build.derive`` tells its form."""
    return structure_of(json.loads(table.read_text(encoding="utf-8")))


def structure_of(table: Mapping[str, Any]) -> Structure:
    """Make the tree from the table; blocks that occur in several places share their content."""
    contents: dict[str, tuple[Element, ...]] = {}

    def content(name: str) -> tuple[Element, ...]:
        if name not in contents:
            contents[name] = tuple(element(row) for row in table["blocks"][name]["content"])
        return contents[name]

    def element(row: Mapping[str, Any]) -> Element:
        block: str | None = row.get("block")
        return Element(
            name=row["name"],
            min=row.get("min", 1),
            max=row.get("max", 1),
            type=row.get("type", BLOCK),
            facets=row.get("facets", {}),
            attributes=tuple(Attribute(**attribute) for attribute in row.get("attributes", ())),
            choice=row.get("choice"),
            choice_required=row.get("choice_required", False),
            content=content(block) if block else (),
            sequence_repeats=bool(block and table["blocks"][block].get("sequence_repeats")),
            documentation=row["documentation"],
            values=tuple(row.get("values", ())),
        )

    return Structure({row["name"]: element(row) for row in table["roots"]})

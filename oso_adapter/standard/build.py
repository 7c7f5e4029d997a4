"""Derive the table of a pack's structure from its XSD: ``python -m oso_adapter.standard.build``.

Done when a pack is made, not when the adapter starts: xmlschema takes a third of a second and is
imported here only. What the table cannot express is refused, so that nothing is lost silently.
"""

import json
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any, Final

from xmlschema import XMLSchema10
from xmlschema.validators import XsdComplexType, XsdElement, XsdGroup

from oso_adapter.errors import OsoError

Row = dict[str, Any]

_FACETS: Final = frozenset({"minLength", "maxLength", "minInclusive", "maxInclusive", "pattern"})


class SchemaNotSupported(OsoError):
    """The schema holds a construction that the adapter has no table for."""


def derive(schema: Path) -> Row:
    """The table of a schema: ``roots``, and ``blocks`` by name with the rows of their content.

    Values that are the usual ones (min 1, max 1, no facets) are left out; ``max`` null is no bound.
    """
    blocks: dict[str, Row] = {}
    read = XMLSchema10(str(schema), allow="local")
    roots = [_element(root, blocks) for root in read.elements.values()]
    return {"roots": roots, "blocks": blocks}


def dump(table: Row) -> str:
    """The table as the text of ``structure.json``, the same for the same schema."""
    return json.dumps(table, indent=1, ensure_ascii=False) + "\n"


def _element(element: XsdElement, blocks: dict[str, Row]) -> Row:
    row: Row = {"name": element.local_name}
    if element.min_occurs != 1:
        row["min"] = element.min_occurs
    if element.max_occurs != 1:
        row["max"] = element.max_occurs
    kind: Any = element.type
    if kind.is_complex() and not kind.has_simple_content():
        row["block"] = _block(kind, element.local_name, blocks)
    else:
        row |= _value(kind, element.local_name)
    row["documentation"] = str(element.annotation or "").strip()
    return row


def _block(kind: XsdComplexType, element: str, blocks: dict[str, Row]) -> str:
    name = kind.local_name or element
    if kind.attributes or kind.mixed or not isinstance(kind.content, XsdGroup):
        raise SchemaNotSupported(f"{name}: a block has elements only")
    if name not in blocks:
        row = blocks[name] = {}
        if kind.content.max_occurs is None:
            row["sequence_repeats"] = True
        row["content"] = list(_content(kind.content, name, blocks, count(1)))
    return name


def _content(
    group: XsdGroup, block: str, blocks: dict[str, Row], numbers: Iterator[int]
) -> Iterator[Row]:
    """The rows of a sequence; an extension is the sequence of its base and then its own."""
    for item in group:
        if isinstance(item, XsdElement):
            yield _element(item, blocks)
        elif isinstance(item, XsdGroup) and item.model == "choice" and item.max_occurs == 1:
            choice = f"choice{next(numbers)}"
            for alternative in item:
                if not isinstance(alternative, XsdElement):
                    raise SchemaNotSupported(f"{block}: a choice is between elements")
                row = _element(alternative, blocks)
                row["choice"] = choice
                if item.min_occurs:
                    row["choice_required"] = True
                yield row
        elif isinstance(item, XsdGroup) and (item.model, *item.occurs) == ("sequence", 1, 1):
            yield from _content(item, block, blocks, numbers)
        else:
            raise SchemaNotSupported(f"{block}: only sequences of elements and choices")


def _value(kind: Any, element: str) -> Row:
    row: Row = {}
    facets: dict[str, str] = {}
    simple = kind.content if kind.is_complex() else kind
    while simple.target_namespace != "http://www.w3.org/2001/XMLSchema":
        for name, facet in simple.facets.items():
            word = name.rpartition("}")[2]
            if word not in _FACETS:
                raise SchemaNotSupported(f"{element}: no table for {word}")
            facets.setdefault(word, facet.regexps[0] if word == "pattern" else str(facet.value))
        simple = simple.base_type
    row["type"] = simple.local_name
    if facets:
        row["facets"] = facets
    if kind.is_complex():
        row["attributes"] = [
            {
                "name": name,
                "type": attribute.type.local_name,
                "required": attribute.use == "required",
            }
            for name, attribute in kind.attributes.items()
        ]
    return row


def main(folder: Path) -> None:
    """Write ``structure.json`` beside the ``dossier.xsd`` in the folder of a pack."""
    table = derive(folder / "dossier.xsd")
    (folder / "structure.json").write_text(dump(table), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

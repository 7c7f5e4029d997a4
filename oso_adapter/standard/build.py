"""Derive the table of a pack's structure from its XSD: ``python -m oso_adapter.standard.build``.

Done when a pack is made or imported, not when the adapter starts: xmlschema takes a third of a
second and is imported here only. What the table cannot express is refused, so that nothing is lost
silently. Three things it tells less strictly than the schema, which keeps the last word on XML: the
elements of an optional sequence are optional each, ``all`` is a sequence, and a union of types is
text.
"""

import json
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any, Final

from xmlschema import XMLSchema10, XMLSchemaException
from xmlschema.validators import XsdComplexType, XsdElement, XsdGroup

from oso_adapter.errors import ConfigurationError

Row = dict[str, Any]

_XSD: Final = "http://www.w3.org/2001/XMLSchema"
_FACETS: Final = frozenset(
    {
        "length",
        "minLength",
        "maxLength",
        "minInclusive",
        "maxInclusive",
        "minExclusive",
        "maxExclusive",
        "totalDigits",
        "fractionDigits",
        "pattern",
    }
)
_WITHOUT_TABLE: Final = frozenset({"whiteSpace", "enumeration"})
"""Facets that are no text: one is the parser's affair, the other becomes ``values``."""

_INTEGERS: Final = {
    "long": {},
    "short": {},
    "byte": {},
    "unsignedLong": {"minInclusive": "0"},
    "unsignedInt": {"minInclusive": "0"},
    "unsignedShort": {"minInclusive": "0"},
    "unsignedByte": {"minInclusive": "0"},
    "nonNegativeInteger": {"minInclusive": "0"},
    "positiveInteger": {"minInclusive": "1"},
    "nonPositiveInteger": {"maxInclusive": "0"},
    "negativeInteger": {"maxInclusive": "-1"},
}
_TEXTS: Final = frozenset({"normalizedString", "token", "anySimpleType", "anyAtomicType"})


class SchemaNotSupported(ConfigurationError):
    """The schema holds a construction that the adapter has no table for."""


def derive(schema: Path) -> Row:
    """The table of a schema: ``roots``, and ``blocks`` by name with the rows of their content.

    Values that are the usual ones (min 1, max 1, no facets) are left out; ``max`` null is no bound.
    Includes and imports are read from beside the schema, never from a network. Raises
    SchemaNotSupported, which names the element.
    """
    try:
        read = XMLSchema10(schema.absolute().as_uri(), allow="local")
    except (XMLSchemaException, OSError, RecursionError) as error:
        at = getattr(getattr(error, "elem", None), "attrib", {})
        place = at.get("name") or at.get("ref") or type(error).__name__
        raise SchemaNotSupported(f"{schema.name} is no XML Schema 1.0 (at {place})") from None
    if read.substitution_groups:
        raise SchemaNotSupported(f"{schema.name}: there is no table for substitution groups")
    table = _Table(read.target_namespace)
    roots = [table.element(root, root.local_name) for root in read.elements.values()]
    return {"roots": roots, "blocks": table.blocks}


def dump(table: Row) -> str:
    """The table as the text of ``structure.json``, the same for the same schema."""
    return json.dumps(table, indent=1, ensure_ascii=False) + "\n"


class _Table:
    """The blocks found so far; a type that occurs in several places is one block."""

    def __init__(self, namespace: str) -> None:
        self.blocks: dict[str, Row] = {}
        self._namespace = namespace
        self._names: dict[XsdComplexType, str] = {}
        self._open: list[str] = []

    def element(self, element: XsdElement, path: str) -> Row:
        """The row of an element; path: for messages, and for the name of a type without one."""
        if element.target_namespace != self._namespace or (
            self._namespace and not element.qualified
        ):
            raise SchemaNotSupported(f"{path}: an element of another namespace, or of none")
        row: Row = {"name": element.local_name}
        if element.min_occurs != 1:
            row["min"] = element.min_occurs
        if element.max_occurs != 1:
            row["max"] = element.max_occurs
        kind: Any = element.type
        if kind.is_complex() and not kind.has_simple_content():
            row["block"] = self._block(kind, path)
        else:
            row |= _value(kind, path)
        row["documentation"] = _documentation(element)
        return row

    def _block(self, kind: XsdComplexType, path: str) -> str:
        if kind in self._names:
            name = self._names[kind]
            if name in self._open:
                raise SchemaNotSupported(f"{path}: a block that holds itself")
            return name
        if kind.attributes or kind.mixed or not isinstance(kind.content, XsdGroup):
            raise SchemaNotSupported(f"{path}: a block has elements only")
        name = self._names[kind] = self._free_name(kind, path)
        row = self.blocks[name] = {}
        content, repeats = _unwrapped(kind.content)
        if repeats:
            row["sequence_repeats"] = True
        self._open.append(name)
        missing = content.min_occurs == 0 and content.model != "choice" and not repeats
        row["content"] = list(self._content(content, path, count(1), optional=missing))
        self._open.pop()
        names = [child["name"] for child in row["content"]]
        if len(set(names)) < len(names):
            raise SchemaNotSupported(f"{path}: an element is there in two places of one block")
        return name

    def _free_name(self, kind: XsdComplexType, path: str) -> str:
        """Its own; of a type without one that of the element, with the path where that is taken."""
        wanted = kind.local_name or path.rpartition("/")[2]
        return path if wanted in self.blocks else wanted

    def _content(
        self, group: XsdGroup, path: str, numbers: Iterator[int], *, optional: bool = False
    ) -> Iterator[Row]:
        """The rows of a group; an extension is the sequence of its base and then its own."""
        if group.model == "choice":
            yield from self._choice(group, path, f"choice{next(numbers)}", optional=optional)
            return
        for item in group:
            if isinstance(item, XsdElement):
                row = self.element(item, f"{path}/{item.local_name}")
                yield _optional(row) if optional else row
            elif not isinstance(item, XsdGroup):
                raise SchemaNotSupported(f"{path}: there is no table for xs:any")
            elif item.max_occurs != 1 and len(item):
                row = self._repeated(item, path)
                yield _optional(row) if optional else row
            else:
                missing = optional or (item.min_occurs == 0 and item.model != "choice")
                yield from self._content(item, path, numbers, optional=missing)

    def _repeated(self, group: XsdGroup, path: str) -> Row:
        """A group of one element is that element, repeated; the order of several has no table."""
        only = group[0]
        simple = len(group) == 1 and group.min_occurs <= 1 and group.max_occurs != 0
        if not simple or not isinstance(only, XsdElement) or only.max_occurs not in (1, None):
            raise SchemaNotSupported(
                f"{path}: a {group.model} that repeats and is not the whole content"
            )
        row = self.element(only, f"{path}/{only.local_name}")
        if only.max_occurs == 1:
            row["max"] = group.max_occurs
        return row if group.min_occurs else _optional(row)

    def _choice(self, group: XsdGroup, path: str, choice: str, *, optional: bool) -> Iterator[Row]:
        for alternative in group:
            if not isinstance(alternative, XsdElement):
                raise SchemaNotSupported(f"{path}: a choice is between elements, not groups")
            row = self.element(alternative, f"{path}/{alternative.local_name}")
            row["choice"] = choice
            # Where an alternative may be absent, so may the choice.
            if group.min_occurs and not optional and all(item.min_occurs for item in group):
                row["choice_required"] = True
            yield row


def _unwrapped(group: XsdGroup) -> tuple[XsdGroup, bool]:
    """The group that is the whole content, and whether it repeats; empty ones are left out.

    An extension that adds nothing is a sequence around that of its base.
    """
    while True:
        if group.max_occurs != 1 and len(group):
            return group, True
        filled = [item for item in group if not (isinstance(item, XsdGroup) and not len(item))]
        if len(filled) != 1 or not isinstance(filled[0], XsdGroup) or group.min_occurs == 0:
            return group, False
        if filled[0].max_occurs == 1 and filled[0].model == "choice":
            return group, False
        group = filled[0]


def _optional(row: Row) -> Row:
    return {"name": row["name"], **row, "min": 0}


def _documentation(element: XsdElement) -> str:
    """What the schema says of it; of a reference what is said where it is declared."""
    said = str(element.annotation or "").strip()
    if not said and element.ref is not None:
        said = str(element.ref.annotation or "").strip()
    return " ".join(said.split()) if "\n" in said else said


def _value(kind: Any, path: str) -> Row:
    if kind.is_complex() and kind.mixed:
        raise SchemaNotSupported(f"{path}: text with elements in it")
    row = _simple(kind.content if kind.is_complex() else kind, path)
    if kind.is_complex() and kind.attributes:
        row["attributes"] = [
            _attribute(name, attribute, path)
            for name, attribute in kind.attributes.items()
            if getattr(attribute, "use", None) != "prohibited"
        ]
    return row


def _attribute(name: str | None, attribute: Any, path: str) -> Row:
    if name is None or name.startswith("{"):
        raise SchemaNotSupported(f"{path}: an attribute of any name, or of another namespace")
    return {
        "name": name,
        "type": _simple(attribute.type, path)["type"],
        "required": attribute.use == "required",
    }


def _simple(simple: Any, path: str) -> Row:
    """Built-in, facets and values of a simple type; what the last derivation says holds."""
    row: Row = {}
    facets: dict[str, str] = {}
    values: list[str] = []
    while simple.target_namespace != _XSD or simple.local_name is None:
        if simple.variety != "atomic" or simple.base_type is None:
            return {"type": "string"}
        for name, facet in simple.facets.items():
            word = name.rpartition("}")[2] if name else "assertion"
            if word == "enumeration":
                values = values or [str(value) for value in facet.enumeration]
            elif word in _FACETS:
                text = "|".join(facet.regexps) if word == "pattern" else str(facet.value)
                facets.setdefault(word, text)
            elif word not in _WITHOUT_TABLE:
                raise SchemaNotSupported(f"{path}: no table for {word}")
        simple = simple.base_type
    row["type"], inherent = _built_in(simple.local_name)
    if facets or inherent:
        row["facets"] = inherent | facets
    if values:
        row["values"] = values
    return row


def _built_in(name: str) -> tuple[str, dict[str, str]]:
    """The built-in that the dict form has a Python value for, and what the other one adds."""
    if name in _INTEGERS:
        return "integer", _INTEGERS[name]
    return ("string" if name in _TEXTS else name), {}


def main(folder: Path) -> None:
    """Write ``structure.json`` beside the ``dossier.xsd`` in the folder of a pack."""
    table = derive(folder / "dossier.xsd")
    (folder / "structure.json").write_text(dump(table), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

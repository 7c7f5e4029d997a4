"""The JSON Schema (draft 2020-12) of the JSON form, derived from structure and code lists.

It asks more than reading does: a code has to be on its list, a date has no time zone, and digits in
a pattern are 0 to 9. It cannot tell the characters that XML does not hold; reading does.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from oso_adapter.standard import lexical, patterns
from oso_adapter.standard.attachments import CONTENT
from oso_adapter.standard.codec import TEXT
from oso_adapter.standard.pack import Pack
from oso_adapter.standard.structure import Element

FILE: Final = "bestand"
"""Key of a ``document`` for the file itself in Base64, instead of ``bestandsinhoud``."""

OURS: Final = ("metadata", "overdrachtsoort")
"""What a dossier has that is complete; one that a supplier gives to be completed has neither."""

_DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
_TYPES: Final[Mapping[str, Mapping[str, Any]]] = {
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
    "decimal": {
        "type": ["string", "number"],
        "pattern": r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)$",
    },
    "integer": {"type": "integer"},
    "int": {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1},
}
_FACETS: Final = {
    "minInclusive": "minimum",
    "maxInclusive": "maximum",
    "minExclusive": "exclusiveMinimum",
    "maxExclusive": "exclusiveMaximum",
}
_LENGTHS: Final = ("minLength", "maxLength")

Schema = dict[str, Any]


def schema(pack: Pack) -> Schema:
    """The schema of the JSON form of a dossier of this release, as what ``json.dumps`` takes.

    It takes a complete dossier and what a supplier gives, ``huidigeschool`` alone.
    """
    made = _Schemas(pack)
    root = pack.structure.roots[pack.carried]
    body = made.block(root, (root.name,))
    ours = [name for name in OURS if name in root.children]
    rest = [child.name for child in root.content if child.name not in ours and child.min]
    together = {child.name: ours for child in root.content if child.name not in rest}
    return {
        "$schema": _DRAFT,
        "$id": f"urn:oso:gegevensset:{pack.release}:json",
        "title": f"OSO dossier, Gegevensset {pack.release}, as JSON",
        "description": root.documentation,
        **body,
        "required": rest,
        "dependentRequired": together,
        "$defs": made.definitions,
    }


class _Schemas:
    """Makes the schemas of blocks; equal ones of one name are one definition."""

    def __init__(self, pack: Pack) -> None:
        self._codelists = pack.codelists.by_path
        self.definitions: dict[str, Schema] = {}

    def block(self, spec: Element, path: tuple[str, ...]) -> Schema:
        """The object of a block, once."""
        properties = {
            child.name: self._property(child, (*path, child.name)) for child in spec.content
        }
        made: Schema = {
            "type": "object",
            "properties": properties,
            "required": [child.name for child in spec.content if child.min and not child.choice],
            "additionalProperties": False,
        }
        if choices := [_one_of(group) for group in spec.groups if group[0].choice]:
            made["allOf"] = choices
        if spec.is_document:
            _allow_file(made)
        return made

    def _property(self, spec: Element, path: tuple[str, ...]) -> Schema:
        made = self._single(spec, path)
        if spec.sequence_repeats:
            made = {"type": "array", "items": made, "minItems": 1}
        if spec.repeats:
            bounds = {"minItems": spec.min, "maxItems": spec.max}
            made = {"type": "array", "items": made} | {k: n for k, n in bounds.items() if n}
        return {"description": spec.documentation} | made

    def _single(self, spec: Element, path: tuple[str, ...]) -> Schema:
        if spec.is_block:
            return {"$ref": f"#/$defs/{self._define(spec, path)}"}
        plain = self._value(spec.type, spec.facets, path, spec.values)
        if not spec.attributes:
            return plain
        return {
            "type": "object",
            "properties": {TEXT: plain}
            | {each.name: self._value(each.type, {}, (*path, "@")) for each in spec.attributes},
            "required": [TEXT, *(each.name for each in spec.attributes if each.required)],
            "additionalProperties": False,
        }

    def _define(self, spec: Element, path: tuple[str, ...]) -> str:
        """The name of the definition: that of the element, with those above where it must be."""
        made = self.block(spec, path)
        for depth in range(1, len(path) + 1):
            name = ".".join(path[-depth:])
            if self.definitions.setdefault(name, made) == made:
                return name
        raise AssertionError("a whole path is one place")

    def _value(
        self,
        kind: str,
        facets: Mapping[str, str],
        path: tuple[str, ...],
        values: tuple[str, ...] = (),
    ) -> Schema:
        made: Schema = {**_TYPES.get(kind, {"type": "string"})}
        if kind not in _TYPES:
            lengths = {name: facets.get("length", facets.get(name)) for name in _LENGTHS}
            made |= {name: int(text) for name, text in lengths.items() if text is not None}
        if made["type"] == "integer":
            made |= {_FACETS[name]: int(facets[name]) for name in _FACETS if name in facets}
        if "pattern" in facets:
            made |= _pattern(facets["pattern"])
        return made | _listed(kind, values) | self._codes(kind, path, values)

    def _codes(self, kind: str, path: tuple[str, ...], values: tuple[str, ...]) -> Schema:
        found = self._codelists.find(path)
        if found is None:
            return {}
        told = {"$comment": f"Code list {found.number}: {found.name}."}
        if values and found.severity != "error":
            return told
        listed = _listed(kind, [code for code in found.codes if not values or code in values])
        # A code that is unknown but only warned of is not refused here either.
        if found.severity == "error":
            return told | listed
        return told | ({"examples": listed["enum"]} if listed else {})


def _listed(kind: str, values: Sequence[str]) -> Schema:
    """That a value is one of these; of a decimal not, since its texts are many."""
    try:
        read = [lexical.read(text, kind) for text in values]
    except lexical.NoSuchValue:
        return {}
    if not read or kind == "decimal":
        return {}
    return {"enum": list(values) if kind == "date" else read}


def _pattern(pattern: str) -> Schema:
    try:
        return {"pattern": patterns.portable(pattern)}
    except patterns.NoExample:
        return {"$comment": "XML Schema has a pattern here that has no counterpart in JSON Schema."}


def _one_of(group: tuple[Element, ...]) -> Schema:
    """That one alternative of a choice is there, or at most one."""
    each: list[Schema] = [{"required": [child.name]} for child in group]
    if group[0].choice_required:
        return {"oneOf": each}
    return {"oneOf": [*each, {"not": {"anyOf": each}}]}


def _allow_file(made: Schema) -> None:
    """A supplier may give the file itself; the adapter makes the ZIP that the standard asks."""
    properties = made["properties"]
    zipped = properties[CONTENT]
    zipped |= {"contentEncoding": "base64", "contentMediaType": "application/zip"}
    properties[FILE] = {
        "description": "The file itself in Base64, instead of bestandsinhoud; no ZIP is needed.",
        "type": "string",
        "contentEncoding": "base64",
    }
    made["required"].remove(CONTENT)
    made["oneOf"] = [{"required": [CONTENT]}, {"required": [FILE]}]

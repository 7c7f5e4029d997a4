"""Checking the dict form that a plugin gives: marshmallow schemas derived from the structure.

Strict: an unknown key is an error and nothing is coerced; a datetime is no date, True no integer,
a float no decimal. marshmallow finds the places, the words are ours. What XML Schema asks of a
value (facets) is left to the schema itself, since its patterns are not Python's.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar, Final

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from oso_adapter.standard import attachments, lexical
from oso_adapter.standard.codec import TEXT, to_element
from oso_adapter.standard.conformity import schema_findings
from oso_adapter.standard.explain import PYTHON, Words, explain
from oso_adapter.standard.findings import LIMIT, Finding
from oso_adapter.standard.pack import Pack
from oso_adapter.standard.profiles import frame
from oso_adapter.standard.structure import Element

_Codes = dict[str, str | list[Any] | dict[Any, Any]]
_CODES: Final[_Codes] = {
    code: code for code in ("required", "null", "type", "unknown", "text", "file")
}
_GIVEN: Final = "huidigeschool"
"""The one part of a dossier that a plugin gives; metadata, overdrachtsoort and inzage are ours."""


class _Value(fields.Field[Any]):
    """A value of one XML Schema built-in, as it is in the dict form."""

    default_error_messages = _CODES

    def __init__(self, kind: str, *, required: bool, dated: bool = True) -> None:
        super().__init__(required=required)
        self._kind = kind
        self._dated = dated

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        # A str is no date here: only what came from XML may stay in a form Python has no date for.
        if isinstance(value, str) and self._kind == "date" and self._dated:
            raise self.make_error("type")
        try:
            lexical.write(value, self._kind)
        except lexical.NoSuchValue:
            wrong = isinstance(value, str) and not lexical.fits_xml(value)
            raise self.make_error("text" if wrong else "type") from None
        return value


class _Content(_Value):
    """``bestandsinhoud``: Base64 of a ZIP as str, or the file itself as bytes or its path."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(value, Path) and not attachments.is_file(value):
            raise self.make_error("file")
        if isinstance(value, bytes | Path):
            return value
        return super()._deserialize(value, *args, **kwargs)


class _Block(Schema):
    error_messages = {code: code for code in ("type", "unknown")}  # noqa: RUF012
    spec: ClassVar[Element]

    # A choice is judged by the keys that were given, also when the value of one is wrong.
    @validates_schema(skip_on_field_errors=False, pass_original=True)
    def _choose(self, _: Any, given: Any, *, partial: Any = None, **__: Any) -> None:
        if not isinstance(given, Mapping):
            return
        errors: dict[str, list[str]] = {}
        judged: dict[str, str] = {}
        for child in self.spec.content:
            if child.choice and child.name in given:
                if child.choice in judged:
                    errors[child.name] = ["choice"]
                judged[child.choice] = child.name
        for child in self.spec.content:
            missed = not partial and child.choice_required and child.choice not in judged
            if missed and child.choice:
                judged[child.choice] = child.name
                errors[child.name] = ["one-of"]
        if errors:
            raise ValidationError(errors)


def check(
    data: Any, pack: Pack, *, whole: bool = False, part: bool = False, words: Words = PYTHON
) -> list[Finding]:
    """What is wrong with a plugin's dossier, ``{"huidigeschool": {...}}``; empty when all is well.

    Paths are those of the XML. The schema is asked once everything has the right shape, so that a
    first list of findings can be followed by a second.
    whole: it is a dossier with metadata and all, as it comes from XML, where a date that Python
    cannot hold is still text. part: it is a part of one, so that only what is there is judged, by
    name and type. words: those of the form that the data came in.
    """
    root = pack.structure.roots[pack.carried]
    errors = _schemas(pack, whole).validate(data, partial=part)
    if errors or part:
        return list(islice(explain(errors, root, data, f"/{root.name}", words), LIMIT))
    kind = next(iter(pack.profiles.profiles.values()))
    day = date(2000, 1, 1)
    ours = {} if whole else frame(pack, kind, package="-", package_version="-", on=day)
    light = attachments.with_contents(dict(data), pack, _stand_in)
    element = to_element({**ours, **light}, pack)
    return [replace(finding, line=None) for finding in schema_findings(element, pack)]


def _stand_in(content: Any) -> Any:
    """The file itself does not matter to the schema, and packing it takes time."""
    return content if isinstance(content, str) else "-"


@cache
def _schemas(pack: Pack, whole: bool) -> Schema:
    """The schema of what a plugin gives or of a whole dossier; blocks in several places share."""
    made: dict[int, type[_Block]] = {}

    def block(spec: Element) -> type[_Block]:
        key = id(spec.content)
        if key not in made:
            given = {child.name: field(child) for child in spec.content}
            made[key] = _named(spec, given)
        return made[key]

    def field(spec: Element) -> fields.Field[Any]:
        required = spec.min > 0 and not spec.choice
        if spec.repeats or spec.sequence_repeats:
            least = validate.Length(min=1 if spec.sequence_repeats else spec.min, error="required")
            many = fields.List(item(spec, required=True), required=required, validate=least)
            many.error_messages = {**_CODES, "invalid": "list"}
            return many
        return item(spec, required=required)

    def item(spec: Element, *, required: bool) -> fields.Field[Any]:
        if spec.is_block:
            nested = fields.Nested(block(spec), required=required)
        elif spec.attributes:
            given = {TEXT: _Value(spec.type, required=True)} | {
                attribute.name: _Value(attribute.type, required=attribute.required)
                for attribute in spec.attributes
            }
            nested = fields.Nested(_named(spec, given), required=required)
        else:
            kind = _Content if spec.name == attachments.CONTENT else _Value
            return kind(spec.type, required=required, dated=not whole)
        nested.error_messages = _CODES
        return nested

    root = pack.structure.roots[pack.carried]
    if whole:
        return block(root)()
    given = {_GIVEN: field(root.children[_GIVEN])}
    return _named(replace(root, content=()), given)()


def _named(spec: Element, given: Mapping[str, fields.Field[Any]]) -> type[_Block]:
    made: type[_Block] = _Block.from_dict(dict(given), name=spec.name)  # type: ignore[assignment]
    made.spec = spec
    return made

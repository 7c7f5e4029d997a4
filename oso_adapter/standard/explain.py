"""From marshmallow's tree of errors to findings with paths, in our own words.

The leaves of the tree are the codes of :mod:`oso_adapter.standard.fields`. The data is read beside
it, only to count positions: where a block's content repeats, the dict form has groups and the XML
has one row of elements.
"""

import difflib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from oso_adapter.standard.attachments import MAX_UNPACKED
from oso_adapter.standard.conformity import alternatives
from oso_adapter.standard.findings import Finding
from oso_adapter.standard.paths import UNKNOWN
from oso_adapter.standard.structure import Element
from oso_adapter.standard.wording import conflict, missing, of_school, of_supplier

_SELF: Final = "_schema"
_NO_XML: Final = "De tekst bevat tekens die XML niet kan bevatten, zoals besturingstekens."
_NO_FILE: Final = f"Dit pad wijst geen bestand aan van hoogstens {MAX_UNPACKED // 2**20} MB."
_RESERVED: Final = "Dit deel vult de adapter zelf; een plugin mag het niet geven."


@dataclass(frozen=True)
class Words:
    """How the values of a form are called, in Dutch.

    form: what the ids of rules begin with. kinds: by XML Schema built-in; ``string`` is for all
    others. content: an attachment. null, list: what is said of null, and where a list is expected.
    """

    form: str
    kinds: Mapping[str, str]
    content: str
    null: str
    list: str


PYTHON: Final = Words(
    form="DICT",
    kinds={
        "block": "een dict",
        "boolean": "een bool",
        "date": "een datetime.date (geen datetime en geen tekst)",
        "decimal": "een decimal.Decimal (geen float)",
        "int": "een int",
        "integer": "een int",
        "string": "een str",
    },
    content="bytes, een pathlib.Path of een str met Base64 van een ZIP",
    null="None is geen waarde; laat de sleutel weg als het gegeven er niet is.",
    list="Hier wordt een list verwacht.",
)


def explain(
    errors: Mapping[Any, Any], spec: Element, data: Any, path: str, words: Words = PYTHON
) -> Iterator[Finding]:
    """The findings of one block and all below it; words: those of the form that data came in."""
    return _Explainer(words).block(errors, spec, data, path)


class _Explainer:
    def __init__(self, words: Words) -> None:
        self._words = words
        self._structure = f"{words.form}.structure"

    def block(
        self,
        errors: Mapping[Any, Any],
        spec: Element,
        data: Any,
        path: str,
        before: Counter[str] | None = None,
    ) -> Iterator[Finding]:
        """``before`` counts the elements of the groups before this one."""
        for key, found in errors.items():
            child = spec.children.get(key) if isinstance(key, str) else None
            if key == _SELF and "unknown" not in found:
                yield from self._codes(found, spec, parent=spec, path=path, at=path)
            elif child is None:
                yield self._unknown(key, spec, path)
            else:
                value = data.get(key) if isinstance(data, Mapping) else None
                yield from self._child(found, child, value, parent=spec, path=path, before=before)

    def _child(
        self,
        found: Any,
        child: Element,
        value: Any,
        *,
        parent: Element,
        path: str,
        before: Counter[str] | None,
    ) -> Iterator[Finding]:
        at = f"{path}/{child.name}"
        first = before[child.name] + 1 if before is not None else 1
        if child.repeats and isinstance(found, Mapping):
            for index, errors in found.items():
                place = f"{at}[{first + index}]"
                yield from self._one(
                    errors, child, value[index], parent=parent, path=path, at=place
                )
        elif child.sequence_repeats and isinstance(found, Mapping):
            for index, errors in found.items():
                earlier = Counter[str]()
                for group in value[:index]:
                    earlier.update(_lengths(group))
                if isinstance(errors, Mapping):
                    yield from self.block(errors, child, value[index], at, earlier)
                else:
                    yield from self._codes(errors, child, parent=parent, path=path, at=at)
        else:
            place = at if before is None or child.repeats else f"{at}[{first}]"
            yield from self._one(found, child, value, parent=parent, path=path, at=place)

    def _one(
        self, errors: Any, child: Element, value: Any, *, parent: Element, path: str, at: str
    ) -> Iterator[Finding]:
        """The findings of one occurrence: of the block below it, or of its text and attributes."""
        if not isinstance(errors, Mapping):
            yield from self._codes(errors, child, parent=parent, path=path, at=at)
        elif child.is_block:
            yield from self.block(errors, child, value, at)
        else:
            for codes in errors.values():
                if "unknown" in codes or "required" in codes:
                    yield self._type(child, at)
                else:
                    yield from self._codes(codes, child, parent=parent, path=path, at=at)

    def _codes(
        self, codes: list[str], child: Element, *, parent: Element, path: str, at: str
    ) -> Iterator[Finding]:
        words, type_rule = self._words, f"{self._words.form}.type"
        for code in dict.fromkeys(codes):
            match code:
                case "required":
                    yield missing(self._structure, path, None, [child.name])
                case "one-of":
                    names = [child.name, *alternatives(parent, child)]
                    yield missing(self._structure, path, None, names)
                case "choice":
                    names = [*alternatives(parent, child), child.name]
                    yield conflict(self._structure, at, None, names)
                case "type":
                    yield self._type(child, at)
                case "text":
                    yield of_school(f"{words.form}.text", at, None, _NO_XML)
                case "null":
                    yield of_supplier(type_rule, at, None, words.null)
                case "list":
                    yield of_supplier(type_rule, at, None, words.list)
                case "file":
                    yield of_supplier(type_rule, at, None, _NO_FILE)
                case _:
                    yield of_supplier(f"{words.form}.reserved", at, None, _RESERVED)

    def _type(self, spec: Element, at: str) -> Finding:
        kinds = self._words.kinds
        wanted = kinds.get(spec.type, kinds["string"])
        if spec.attributes:
            names = ", ".join(attribute.name for attribute in spec.attributes)
            block = kinds["block"]
            wanted = f"{block} met de sleutel waarde ({wanted}) en eventueel {names}"
        elif spec.name == "bestandsinhoud":
            wanted = self._words.content
        return of_supplier(f"{self._words.form}.type", at, None, f"Hier wordt {wanted} verwacht.")

    def _unknown(self, key: Any, spec: Element, path: str) -> Finding:
        message = f"In {spec.name} staat een sleutel die de standaard daar niet kent."
        name = str(key)
        # Looking for what is near takes quadratic time, and no real name is longer.
        near = difflib.get_close_matches(name, spec.children, 1) if len(name) <= 64 else []
        if near:
            message += f" Bedoelt u {near[0]}?"
        return of_supplier(self._structure, f"{path}/{UNKNOWN}", None, message)


def _lengths(group: Any) -> dict[str, int]:
    if not isinstance(group, Mapping):
        return {}
    return {key: len(value) if isinstance(value, list) else 1 for key, value in group.items()}

"""From marshmallow's tree of errors to findings with paths, in our own words.

The leaves of the tree are the codes of :mod:`oso_adapter.standard.fields`. The data is read beside
it, only to count positions: where a block's content repeats, the dict form has groups and the XML
has one row of elements.
"""

import difflib
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from oso_adapter.standard.conformity import alternatives
from oso_adapter.standard.findings import Finding
from oso_adapter.standard.paths import UNKNOWN
from oso_adapter.standard.structure import Element
from oso_adapter.standard.wording import conflict, missing, of_school, of_supplier

_SELF: Final = "_schema"
_PYTHON: Final = {
    "block": "een dict",
    "boolean": "een bool",
    "date": "een datetime.date (geen datetime en geen tekst)",
    "decimal": "een decimal.Decimal (geen float)",
    "int": "een int",
    "integer": "een int",
}
_MESSAGES: Final = {
    "null": ("DICT.type", "None is geen waarde; laat de sleutel weg als het gegeven er niet is."),
    "list": ("DICT.type", "Hier wordt een list verwacht."),
    "file": ("DICT.type", "Dit pad wijst geen bestand aan."),
    "unknown": ("DICT.reserved", "Dit deel vult de adapter zelf; een plugin mag het niet geven."),
}


def explain(
    errors: Mapping[Any, Any],
    spec: Element,
    data: Any,
    path: str,
    before: Counter[str] | None = None,
) -> Iterator[Finding]:
    """The findings of one block; ``before`` counts the elements of the groups before this one."""
    for key, found in errors.items():
        child = spec.children.get(key) if isinstance(key, str) else None
        if key == _SELF and "unknown" not in found:
            yield from _codes(found, spec, parent=spec, path=path, at=path)
        elif child is None:
            yield _unknown(key, spec, path)
        else:
            value = data.get(key) if isinstance(data, Mapping) else None
            yield from _child(found, child, value, parent=spec, path=path, before=before)


def _child(
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
            yield from _one(errors, child, value[index], parent=parent, path=path, at=place)
    elif child.sequence_repeats and isinstance(found, Mapping):
        for index, errors in found.items():
            earlier = Counter[str]()
            for group in value[:index]:
                earlier.update(_lengths(group))
            if isinstance(errors, Mapping):
                yield from explain(errors, child, value[index], at, earlier)
            else:
                yield from _codes(errors, child, parent=parent, path=path, at=at)
    else:
        place = at if before is None or child.repeats else f"{at}[{first}]"
        yield from _one(found, child, value, parent=parent, path=path, at=place)


def _one(
    errors: Any, child: Element, value: Any, *, parent: Element, path: str, at: str
) -> Iterator[Finding]:
    """The findings of one occurrence: of the block below it, or of its text and attributes."""
    if not isinstance(errors, Mapping):
        yield from _codes(errors, child, parent=parent, path=path, at=at)
    elif child.is_block:
        yield from explain(errors, child, value, at)
    else:
        for codes in errors.values():
            if "unknown" in codes or "required" in codes:
                yield _python(child, at)
            else:
                yield from _codes(codes, child, parent=parent, path=path, at=at)


def _codes(
    codes: list[str], child: Element, *, parent: Element, path: str, at: str
) -> Iterator[Finding]:
    for code in dict.fromkeys(codes):
        match code:
            case "required":
                yield missing("DICT.structure", path, None, [child.name])
            case "one-of":
                names = [child.name, *alternatives(parent, child)]
                yield missing("DICT.structure", path, None, names)
            case "choice":
                names = [*alternatives(parent, child), child.name]
                yield conflict("DICT.structure", at, None, names)
            case "type":
                yield _python(child, at)
            case "text":
                message = "De tekst bevat tekens die XML niet kan bevatten, zoals besturingstekens."
                yield of_school("DICT.text", at, None, message)
            case _:
                rule, message = _MESSAGES[code]
                yield of_supplier(rule, at, None, message)


def _python(spec: Element, at: str) -> Finding:
    wanted = _PYTHON.get(spec.type, "een str")
    if spec.attributes:
        names = ", ".join(attribute.name for attribute in spec.attributes)
        wanted = f"een dict met de sleutel waarde ({wanted}) en eventueel {names}"
    elif spec.name == "bestandsinhoud":
        wanted = "bytes, een pathlib.Path of een str met Base64 van een ZIP"
    return of_supplier("DICT.type", at, None, f"Hier wordt {wanted} verwacht.")


def _unknown(key: Any, spec: Element, path: str) -> Finding:
    message = f"In {spec.name} staat een sleutel die de standaard daar niet kent."
    if near := difflib.get_close_matches(str(key), spec.children, 1):
        message += f" Bedoelt u {near[0]}?"
    return of_supplier("DICT.structure", f"{path}/{UNKNOWN}", None, message)


def _lengths(group: Any) -> dict[str, int]:
    if not isinstance(group, Mapping):
        return {}
    return {key: len(value) if isinstance(value, list) else 1 for key, value in group.items()}

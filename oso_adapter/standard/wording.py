"""The Dutch words of findings about structure and values: what is expected, never what is there."""

from collections.abc import Iterable, Mapping
from typing import Final

from oso_adapter.standard.findings import Finding, Owner
from oso_adapter.standard.structure import Element

_KINDS: Final = {
    "block": "een blok met elementen",
    "boolean": "true of false",
    "date": "een datum (jjjj-mm-dd)",
    "decimal": "een getal, met een punt voor de decimalen",
    "int": "een geheel getal",
    "integer": "een geheel getal",
    "string": "tekst",
}
_FACETS: Final = {
    "minLength": "van ten minste {} teken(s)",
    "maxLength": "van ten hoogste {} tekens",
    "length": "van precies {} tekens",
    "minInclusive": "niet kleiner dan {}",
    "maxInclusive": "niet groter dan {}",
    "minExclusive": "groter dan {}",
    "maxExclusive": "kleiner dan {}",
    "totalDigits": "van ten hoogste {} cijfers",
    "fractionDigits": "met ten hoogste {} decimalen",
    "pattern": "volgens het patroon {}",
}
_MOST_VALUES: Final = 20
_SCHOOL_STEP: Final = (
    "Vul of verbeter dit gegeven in de leerlingadministratie en maak het dossier opnieuw."
)
_SUPPLIER_STEP: Final = (
    "Geef deze melding met pad en regel door aan de leverancier van de verzendende school."
)

UNREADABLE: Final = (
    "Dit gegeven heeft een vorm die niet als waarde te lezen is; de tekst is bewaard."
)

OWNERS: Final[Mapping[str, Owner]] = {"school": "verzendende school", "supplier": "leverancier"}
"""Who can mend what, by the word that the tables of a pack use."""

STEPS: Final[Mapping[Owner, str]] = {
    "verzendende school": _SCHOOL_STEP,
    "leverancier": _SUPPLIER_STEP,
}
"""What each of them usually has to do."""


def expectation(spec: Element) -> str:
    """What the standard asks of the value of an element."""
    kind = _KINDS.get(spec.type, f"een waarde van het type {spec.type}")
    asked = [_FACETS[name].format(value) for name, value in spec.facets.items()]
    if spec.values:
        more = " en andere" if len(spec.values) > _MOST_VALUES else ""
        asked.append(f"(een van: {', '.join(spec.values[:_MOST_VALUES])}{more})")
    return " ".join([kind, *asked])


def one_of(names: Iterable[str]) -> str:
    """Names as alternatives: ``a, b of c``."""
    *most, last = names
    return f"{', '.join(most)} of {last}" if most else last


def of_school(rule: str, path: str, line: int | None, message: str) -> Finding:
    """An error that the sending school can mend in its own data."""
    return Finding(rule, "error", path, line, message, "verzendende school", _SCHOOL_STEP)


def of_supplier(rule: str, path: str, line: int | None, message: str) -> Finding:
    """An error that is in the software of the sending school."""
    return Finding(rule, "error", path, line, message, "leverancier", _SUPPLIER_STEP)


def missing(rule: str, path: str, line: int | None, names: Iterable[str]) -> Finding:
    """A mandatory element, or one of a mandatory choice, is not there; path is the block's."""
    names = list(names)
    at = f"{path}/{names[0]}" if len(names) == 1 else path
    return of_school(
        rule, at, line, f"Een verplicht element ontbreekt: verwacht wordt {one_of(names)}."
    )


def conflict(rule: str, path: str, line: int | None, names: Iterable[str]) -> Finding:
    """Two alternatives of one choice are both there."""
    message = f"Er mag er maar één voorkomen: {one_of(names)}."
    return of_supplier(rule, path, line, message)

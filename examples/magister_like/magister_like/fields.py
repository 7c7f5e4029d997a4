"""A table of fields that serves both directions: column of the LAS, element of the dossier."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


class UnknownCode(Exception):
    """A received code is in none of the code tables of this product; a person has to choose."""

    def __init__(self, element: str) -> None:
        super().__init__(f"unknown code in {element}")
        self.element = element


@dataclass(frozen=True)
class Field:
    """One value: the element's name, the column's name and, where they differ, the codes."""

    element: str
    column: str
    codes: Mapping[Any, Any] = field(default_factory=dict)
    """The LAS's own code -> the code of the standard; empty where both hold the same value."""

    def sent(self, own: Any) -> Any:
        """The value for the dossier."""
        return self.codes[own] if self.codes else own

    def taken(self, value: Any) -> Any:
        """The value for the LAS; raises UnknownCode rather than guess."""
        if not self.codes:
            return value
        for own, standard in self.codes.items():
            if standard == value:
                return own
        raise UnknownCode(self.element)


def to_dict(row: Mapping[str, Any], fields: Iterable[Field]) -> dict[str, Any]:
    """The elements that this row fills; an empty column gives no element."""
    return {
        each.element: each.sent(row[each.column])
        for each in fields
        if row.get(each.column) is not None
    }


def to_row(data: Mapping[str, Any], fields: Iterable[Field]) -> dict[str, Any]:
    """The columns that these elements fill; an absent element gives no column."""
    return {each.column: each.taken(data[each.element]) for each in fields if each.element in data}


def filled(data: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is empty: no blocks or lists without content in a dossier."""
    return {name: value for name, value in data.items() if value not in ({}, [], None)}

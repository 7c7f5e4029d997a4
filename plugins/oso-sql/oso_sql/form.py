"""The form of a mapping file: which key holds what kind of thing, before its meaning is read.

TOML has kinds of its own, and a number or a text where a table belongs would otherwise be an error
of ours, or, worse, pass in silence: ``same = "bsn"`` is a list of three letters to Python.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final

Kind = tuple[str, Callable[[Any], bool]]


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _is_value(value: Any) -> bool:
    return isinstance(value, str | int | Decimal | date | datetime | time)


def _table_of(each: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, dict) and all(map(each, value.values()))


def _list_of(each: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(map(each, value))


def _is_table(value: Any) -> bool:
    return isinstance(value, dict)


_TEXT: Final[Kind] = ("a text", _is_text)
_TEXTS: Final[Kind] = ("a list of texts", _list_of(_is_text))
_VALUE: Final[Kind] = ("a value", _is_value)
_YES: Final[Kind] = ("true or false", lambda value: isinstance(value, bool))
_TABLE: Final[Kind] = ("a table", _is_table)
_TABLES: Final[Kind] = ("a list of tables", _list_of(_is_table))
_NAMED_TABLES: Final[Kind] = ("a table of tables", _table_of(_is_table))
_VALUES: Final[Kind] = ("a table of values", _table_of(_is_value))
_COLUMNS: Final[Kind] = ("a table of columns", _table_of(_is_text))
_COLUMN: Final[Kind] = ("a column or a table", lambda value: _is_text(value) or _is_table(value))

_TOP: Final[Mapping[str, Kind]] = {
    **dict.fromkeys(("pupil", "queries", "import"), _TABLE),
    "codes": ("a table of tables with values", _table_of(_table_of(_is_value))),
    "shapes": _NAMED_TABLES,
    "blocks": _TABLES,
}
_PUPIL: Final[Mapping[str, Kind]] = {"former": _TABLE}
_FORMER: Final[Mapping[str, Kind]] = {
    **dict.fromkeys(("rows", "column", "table", "number"), _TEXT),
    "store": _VALUES,
}
_IMPORT: Final[Mapping[str, Kind]] = {
    **dict.fromkeys(("key", "owner"), _TEXT),
    **dict.fromkeys(("replace", "update"), _VALUES),
    "same": _TEXTS,
    "done": _COLUMNS,
}
_BLOCK: Final[Mapping[str, Kind]] = {
    **dict.fromkeys(("path", "under", "rows", "table", "number"), _TEXT),
    **dict.fromkeys(("where", "tag", "store"), _VALUES),
    **dict.fromkeys(("unless", "value"), _COLUMN),
    "join": _COLUMNS,
    "merge": _YES,
    "like": _TEXTS,
    "fields": _TABLE,
    "blocks": _TABLES,
}
_FIELD: Final[Mapping[str, Kind]] = {
    **dict.fromkeys(("column", "date", "many", "folder", "packed", "store"), _TEXT),
    **dict.fromkeys(("true", "false"), _VALUE),
    "when": _VALUES,
    "codes": (
        "the name of a table, or a table of values",
        lambda value: _is_text(value) or _table_of(_is_value)(value),
    ),
}


def problems(mapping: Mapping[str, Any]) -> list[str]:
    """Every key whose value is of another kind, a line each; none when all are as they should."""
    found = list(_wrong(mapping, _TOP, "the mapping"))
    if found:
        return found
    pupil, taking = mapping.get("pupil", {}), mapping.get("import", {})
    found += _wrong(pupil, _PUPIL, "pupil")
    if not found:
        found += _wrong(pupil.get("former", {}), _FORMER, "pupil.former")
    found += _wrong(taking, _IMPORT, "import")
    for name, shape in mapping.get("shapes", {}).items():
        found += _block(shape, f"shapes.{name}")
    for block in mapping.get("blocks", ()):
        found += _block(block, str(block.get("path", "blocks")))
    return found


def field_problems(said: Mapping[str, Any], place: str) -> Iterator[str]:
    """The same for the table of one field."""
    return _wrong(said, _FIELD, place)


def _block(block: Mapping[str, Any], place: str) -> Iterator[str]:
    found = list(_wrong(block, _BLOCK, place))
    yield from found
    if not found:
        for inner in block.get("blocks", ()):
            yield from _block(inner, f"{place}/{inner.get('path', 'blocks')}")


def _wrong(table: Mapping[str, Any], kinds: Mapping[str, Kind], place: str) -> Iterator[str]:
    for key, (words, fits) in kinds.items():
        if key in table and not fits(table[key]):
            yield f"{place}: {key} has to be {words}"

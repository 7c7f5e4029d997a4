"""Collecting: the rows of one pupil, put together as the mapping says."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection

from oso_sql import database
from oso_sql.database import Row
from oso_sql.mapping import PUPIL, Block, Field, SqlMapping, WrongValue
from oso_sql.values import from_column

Report = Callable[[WrongValue], None]


@dataclass(frozen=True, repr=False)
class Collected:
    """The dict form of a pupil, the former numbers, and the row that the pupil was found by."""

    dossier: dict[str, Any]
    former: tuple[str, ...]
    row: Row


def collect(
    connection: Connection,
    mapping: SqlMapping,
    given: Row,
    report: Report | None = None,
) -> Collected | None:
    """The dossier of the pupil that the parameters ask for; None when there is no such pupil.

    given: a value for each of :data:`oso_sql.mapping.GIVEN`. report: takes what does not fit, so
    that the rest can be seen; without it the first such thing is raised as WrongValue.
    """
    found = database.rows(connection, mapping.pupil, given, "pupil.query")
    if not found:
        return None
    if len(found) > 1:
        raise WrongValue("pupil.query", "there is more than one row for a pupil")
    source = _Rows(connection, mapping, {**found[0], **given}, found)
    collector = _Collector(source, report or _raise)
    data: dict[str, Any] = {}
    collector.fill(data, kept(mapping, given["profile"]), {})
    former = former_numbers(connection, mapping, {**found[0], **given})
    return Collected(data, former, found[0])


def former_numbers(connection: Connection, mapping: SqlMapping, parameters: Row) -> tuple[str, ...]:
    """The former numbers of the pupil whose row is among the parameters."""
    former = mapping.former
    if former is None:
        return ()
    place = f"queries.{former.rows}"
    rows = database.rows(connection, mapping.queries[former.rows], parameters, place)
    try:
        numbers = [row[former.column] for row in rows]
    except KeyError:
        raise WrongValue("pupil.former", f"no query gives the column {former.column}") from None
    return tuple(text for number in numbers if number is not None and (text := str(number).strip()))


@lru_cache(maxsize=64)
def kept(mapping: SqlMapping, profile: str) -> Block:
    """The tree without what the profile forbids, so that it is not even asked for."""
    statuses = mapping.pack.profiles.named(profile).statuses
    forbidden = [
        path
        for category, status in statuses.items()
        if status == "VERBODEN"
        for path in mapping.pack.profiles.data[category]
    ]

    def may(full: str) -> bool:
        return not any(full == path or full.startswith(f"{path}/") for path in forbidden)

    def below(block: Block) -> Block:
        return Block(
            **{
                **vars(block),
                "fields": tuple(field for field in block.fields if may(field.full)),
                "blocks": tuple(
                    below(inner)
                    for inner in block.blocks
                    if may(inner.full) and not inner.written_only
                ),
            }
        )

    return below(mapping.root)


class _Rows:
    """The rows of each query, asked for once per pupil, and found by the values of columns."""

    def __init__(
        self, connection: Connection, mapping: SqlMapping, parameters: Row, pupil: list[Row]
    ) -> None:
        self._connection = connection
        self._mapping = mapping
        self._parameters = parameters
        self._read: dict[str, list[Row]] = {PUPIL: pupil}
        self._found: dict[tuple[str, tuple[str, ...]], dict[tuple[Any, ...], list[Row]]] = {}

    def all(self, name: str) -> list[Row]:
        if name not in self._read:
            query = self._mapping.queries[name]
            place = f"queries.{name}"
            self._read[name] = database.rows(self._connection, query, self._parameters, place)
        return self._read[name]

    def of(self, block: Block, around: Row) -> list[Row]:
        if block.rows is None:
            return [around]
        if not block.where and not block.join:
            return self.all(block.rows)
        columns = (*block.where, *block.join)
        wanted = (*block.where.values(), *(around[name] for name in block.join.values()))
        return self._by(block.rows, columns).get(wanted, [])

    def _by(self, name: str, columns: tuple[str, ...]) -> dict[tuple[Any, ...], list[Row]]:
        key = (name, columns)
        if key not in self._found:
            found: defaultdict[tuple[Any, ...], list[Row]] = defaultdict(list)
            for row in self.all(name):
                found[tuple(row[column] for column in columns)].append(row)
            self._found[key] = dict(found)
        return self._found[key]


class _Collector:
    def __init__(self, rows: _Rows, report: Report) -> None:
        self._rows = rows
        self._report = report

    def fill(self, data: dict[str, Any], block: Block, around: Row) -> None:
        """Put what a block gives in the dict around it; a block without content is left out."""
        try:
            made = list(self._made(block, around))
        except KeyError as missing:
            # A column that the mapping names; its name is of the mapping and not of a pupil.
            raise WrongValue(block.full, f"no query gives the column {missing}") from None
        if not made:
            return
        for name in block.path[:-1]:
            data = data.setdefault(name, {})
        name = block.path[-1]
        if block.many:
            data.setdefault(name, []).extend(made)
        elif len(made) > 1:
            self._report(WrongValue(block.full, "there are more rows than the element takes"))
        elif block.value:
            data[name] = made[0]
        else:
            _merge(data.setdefault(name, {}), made[0])

    def _made(self, block: Block, around: Row) -> Iterator[Any]:
        if block.unless and self._value(block.unless, around):
            return
        found = self._rows.of(block, around)
        if not found:
            return
        if block.merge:
            merged: dict[str, Any] = {}
            for row in found:
                self._fields(merged, block.fields, row)
            self._below(merged, block, {**found[0], **block.tag})
            if merged:
                yield self._whole(merged, block)
            return
        for row in found:
            if block.value:
                value = self._value(block.value, row)
                if value is not None:
                    yield value
                continue
            data: dict[str, Any] = {}
            self._fields(data, block.fields, row)
            if block.blocks:
                self._below(data, block, {**row, **block.tag} if block.tag else row)
            if data:
                yield self._whole(data, block)

    def _fields(self, data: dict[str, Any], fields: tuple[Field, ...], row: Row) -> None:
        for spec in fields:
            if spec.when and any(row[name] != value for name, value in spec.when.items()):
                continue
            value = self._value(spec, row)
            if value is not None:
                target = data
                for name in spec.path[:-1]:
                    target = target.setdefault(name, {})
                target[spec.path[-1]] = value

    def _value(self, spec: Field, row: Row) -> Any:
        if spec.column is None:
            return spec.value
        raw = row[spec.column]
        if raw is None and spec.local.packed:
            raw = row[spec.local.packed]
        if raw is None:
            return None
        try:
            return from_column(raw, spec)
        except WrongValue as wrong:
            self._report(wrong)
            return None

    def _below(self, data: dict[str, Any], block: Block, row: Row) -> None:
        for inner in block.blocks:
            self.fill(data, inner, row)

    @staticmethod
    def _whole(data: dict[str, Any], block: Block) -> dict[str, Any]:
        """A block that the standard asks for is there, also when there is nothing in it."""
        for child in block.element.content:
            many = child.repeats or child.sequence_repeats
            if child.is_block and child.min and not (child.choice or many):
                data.setdefault(child.name, {})
        return data


def _merge(into: dict[str, Any], data: Mapping[str, Any]) -> None:
    for name, value in data.items():
        if isinstance(value, dict) and isinstance(into.get(name), dict):
            _merge(into[name], value)
        else:
            into[name] = value


def _raise(wrong: WrongValue) -> None:
    raise wrong

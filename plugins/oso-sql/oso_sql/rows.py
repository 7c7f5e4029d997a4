"""A dossier as rows: the mapping the other way round, a pure function without a database."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from oso_sql.database import Row
from oso_sql.mapping import Block, Field, Import, MappingRefused, SqlMapping
from oso_sql.values import to_column

_Row = dict[str, Any]


@dataclass(frozen=True, repr=False)
class Rows:
    """The row of the pupil, the rows of each other table, and the categories they are of.

    tables: every table that is written, those that others refer to first. reference: of the pupil.
    """

    pupil: _Row
    parts: Mapping[str, list[_Row]]
    tables: tuple[str, ...]
    categories: tuple[str, ...]
    reference: str | None


def pupil_block(mapping: SqlMapping) -> Block:
    """The block of ``leerling`` with the table of pupils; raises MappingRefused without one."""
    for block in mapping.root.blocks:
        if block.path == ("leerling",) and block.table and not block.number:
            return block
    raise MappingRefused(["huidigeschool/leerling: taking over needs a table, without a number"])


def rows_of(
    mapping: SqlMapping,
    taking: Import,
    dossier: Mapping[str, Any],
    told: Row,
    new: Row,
    former: list[str],
) -> Rows:
    """The rows for a received dossier.

    told: what ``store`` may name with a colon. new: the key and other values of a new pupil.
    former: other numbers of the pupil. Raises WrongValue for what has no form here.
    """
    pupil = pupil_block(mapping)
    writer = _Writer(taking, told, new, pupil)
    writer.block(mapping.root, dossier, _Around({}, {}))
    if mapping.former and mapping.former.table:
        for number in former:
            row = {mapping.former.column: number, **mapping.former.store}
            writer.add(mapping.former.table, mapping.former.number, row)
    tables = [*_tables(mapping.root), mapping.former.table if mapping.former else None]
    others = dict.fromkeys(name for name in tables if name and name != pupil.table)
    data = mapping.pack.profiles.data
    return Rows(
        pupil=writer.pupil,
        parts=writer.parts,
        tables=tuple(others),
        categories=tuple(name for name in data if _any_of(data[name], writer.written)),
        reference=_reference(pupil, writer.pupil),
    )


def _tables(block: Block) -> Iterator[str | None]:
    yield block.table
    for inner in block.blocks:
        yield from _tables(inner)


def columns_of(block: Block, taking: Import, *, of_pupil: bool) -> set[str]:
    """Every column that taking over writes in the table of a block."""
    parts = [block, *(inner for inner in block.blocks if not inner.rows and not inner.table)]
    specs = [spec for part in parts for spec in part.fields if spec.column]
    if block.value:
        specs.append(block.value)
    return {
        *block.where,
        *block.join,
        *block.store,
        *(name for spec in specs for name in (_target(spec), *spec.when)),
        *(spec.local.packed for spec in specs if spec.local.packed),
        *(taking.update if of_pupil else (taking.owner,)),
        *([block.number] if block.number else []),
    }


def _any_of(paths: tuple[str, ...], written: set[str]) -> bool:
    return any(one == path or one.startswith(f"{path}/") for path in paths for one in written)


def _reference(pupil: Block, row: Row) -> str | None:
    for spec in pupil.fields:
        if spec.path == ("leerlingid",) and spec.column and spec.column in row:
            return str(row[spec.column])
    return None


@dataclass(frozen=True)
class _Around:
    """The row that a block is in, and what its rows are tagged with to be joined by."""

    row: _Row
    tag: Mapping[str, Any]

    def value(self, column: str, block: Block) -> Any:
        for source in (self.tag, self.row):
            if column in source:
                return source[column]
        raise MappingRefused([f"{block.full}: the row around it has no column {column}"])


class _Writer:
    def __init__(self, taking: Import, told: Row, new: Row, pupil: Block) -> None:
        self._taking = taking
        self._told = told
        self._new = new
        self._pupil = pupil
        self._numbers: Counter[str] = Counter()
        self.pupil: _Row = {}
        self.parts: defaultdict[str, list[_Row]] = defaultdict(list)
        self.written: set[str] = set()

    def block(self, block: Block, around_data: Any, around: _Around) -> None:
        """The rows of a block and all below it."""
        data = around_data
        for name in block.path:
            if not isinstance(data, Mapping) or name not in data:
                return
            data = data[name]
        for each in data if block.many else [data]:
            within = self._rows(block, each, around)
            for inner in block.blocks:
                self.block(inner, each, within)

    def _rows(self, block: Block, data: Any, around: _Around) -> _Around:
        if block.table is None:
            if block.rows is None:
                # A part of the row around it.
                around.row.update(self._values(block, data))
                return around
            return _Around({}, block.tag)
        same = {
            **block.where,
            **{column: around.value(other, block) for column, other in block.join.items()},
            **{column: self._told_value(value) for column, value in block.store.items()},
        }
        if block is self._pupil:
            empty = {_target(spec): None for spec in block.fields if spec.column}
            self.pupil.update({**empty, **same, **self._values(block, data)})
            self.pupil.update({**self._taking.update, **self._new})
            return _Around(self.pupil, block.tag)
        if block.merge:
            for row in self._split(block, data):
                self.add(block.table, block.number, {**same, **row})
            return _Around({}, block.tag)
        row = {**same, **self._values(block, data)}
        self.add(block.table, block.number, row)
        return _Around(row, block.tag)

    def add(self, table: str, number: str | None, row: _Row) -> None:
        """Append a row of the pupil to a table, with its number there."""
        self._numbers[table] += 1
        row[self._taking.owner] = self._new[self._taking.key]
        if number:
            row[number] = self._numbers[table]
        self.parts[table].append(row)

    def _values(self, block: Block, data: Any) -> _Row:
        row: _Row = {}
        for spec, value in self._given(block, data):
            row.update(spec.when)
            row[_target(spec, value)] = to_column(value, spec)
        return row

    def _split(self, block: Block, data: Any) -> list[_Row]:
        """The rows that were merged into one block: elements with the same condition share one."""
        rows: dict[tuple[Any, ...], _Row] = {}
        for spec, value in self._given(block, data):
            row = rows.setdefault(tuple(spec.when.items()), dict(spec.when))
            row[_target(spec, value)] = to_column(value, spec)
        return list(rows.values())

    def _given(self, block: Block, data: Any) -> Iterator[tuple[Field, Any]]:
        if block.value:
            self.written.add(block.full)
            yield block.value, data
            return
        for spec in block.fields:
            value = data
            for name in spec.path:
                value = value.get(name) if isinstance(value, Mapping) else None
            if spec.column and value is not None:
                self.written.add(spec.full)
                yield spec, value

    def _told_value(self, value: Any) -> Any:
        if isinstance(value, str) and value.startswith(":"):
            return self._told[value[1:]]
        return value


def _target(spec: Field, value: Any = None) -> str:
    """The column that takes a value: a document that is still packed may have another."""
    if spec.kind == "file" and isinstance(value, str) and spec.local.packed:
        return spec.local.packed
    return spec.local.store or spec.column or ""

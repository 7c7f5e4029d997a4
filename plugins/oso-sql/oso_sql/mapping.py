"""What a mapping says: which rows and columns fill which places of a dossier.

Frozen objects, made from a TOML file by :mod:`oso_sql.reading`. A mapping is a tree of blocks that
follows the structure of the standard; one tree serves collecting and taking over.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from oso_adapter.standard.pack import Pack
from oso_adapter.standard.structure import Element

GIVEN: Final = ("pupil", "brin", "routing_id", "profile", "release", "today", "school_year")
"""What every query may name besides the columns of the pupil: ``:pupil`` is the reference that was
asked for, ``:brin`` and ``:routing_id`` are of the school, ``:today`` is a date and
``:school_year`` the year in which this school year began, from 1 August."""

RECEIVED: Final = ("pgn", "received_id", "bron_brin", "key")
"""What the queries of ``[import]`` may name besides; ``:key`` only in ``new``, and it is empty for
a pupil who is not there yet."""

PUPIL: Final = "pupil"
"""The rows of ``[pupil]`` under the name by which a block asks for them."""

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


NOT_COMPARED: Final = "the block of leerling has no column for it, so that nobody can be compared"


class MappingRefused(Exception):
    """The mapping cannot be used; ``problems`` say where and why, one line each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


class WrongValue(Exception):
    """What a row or a dossier holds does not fit; names the place and the kind, never the value."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


@dataclass(frozen=True)
class Local:
    """How a column writes a value where that differs from the standard.

    codes: own code (as text) to the code of the standard. date: as in ``strptime``. true, false:
    what stands for a boolean. many: ``json`` or a separator, where one column holds several values.
    folder: the files of documents are here, and the column names them. packed: the column that
    keeps a document which could not be unpacked. store: the column that takes the value, where it
    is not the one that gives it.
    """

    codes: Mapping[str, str] | None = None
    date: str | None = None
    true: Any = None
    false: Any = None
    many: str | None = None
    folder: Path | None = None
    packed: str | None = None
    store: str | None = None


@dataclass(frozen=True)
class Field:
    """One element that is filled from a column, or always by the same value.

    path: from its block. full: from the root, as findings write it. kind: a built-in of XML
    Schema, or ``file`` for a document. repeats: whether the dict form has a list. when: only for
    rows whose columns have these values.
    """

    path: tuple[str, ...]
    full: str
    kind: str
    repeats: bool = False
    column: str | None = None
    value: Any = None
    local: Local = Local()
    when: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)


@dataclass(frozen=True, eq=False)
class Block:
    """An element that is filled once per row, or once where it cannot repeat.

    path: from the block around it. rows: name of a query; None for the row of the block around it,
    or, where there is a table, for a block that is only written.
    where: columns that must have these values. join: column of these rows to the column of the row
    around them. merge: several rows make one block. unless: a yes or no in the row around it; when
    that is yes the block stays out. tag: columns that rows are given to be joined by.
    table, number, store: where the rows go when a dossier is taken over, the column that counts
    them, and columns that they are given. value: for an element with text alone.
    """

    path: tuple[str, ...]
    full: str
    element: Element
    rows: str | None
    where: Mapping[str, Any]
    join: Mapping[str, str]
    merge: bool
    unless: Field | None
    tag: Mapping[str, Any]
    table: str | None
    number: str | None
    store: Mapping[str, Any]
    fields: tuple[Field, ...]
    blocks: tuple["Block", ...]
    value: Field | None = None

    @property
    def written_only(self) -> bool:
        """Whether it says where something goes, and not where it comes from."""
        return self.rows is None and self.table is not None

    @property
    def many(self) -> bool:
        """Whether the dict form has a list here."""
        return self.element.repeats or self.element.sequence_repeats


@dataclass(frozen=True)
class Query:
    """A SELECT with the names of its parameters."""

    sql: str
    parameters: frozenset[str]


@dataclass(frozen=True)
class Former:
    """Where the former numbers of a pupil stand, and the table that takes them."""

    rows: str
    column: str
    table: str | None = None
    number: str | None = None
    store: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)


@dataclass(frozen=True)
class Import:
    """How a received dossier is taken over.

    find: query for the pupils that have, or had, the number ``:pgn``. key: the column of a pupil
    that all other tables refer to. owner: the column in those tables. replace: columns of a pupil
    who may be overwritten; without these nobody is. new: query for the one row with the key and
    other values that the pupil gets here; no row when it is for another school. update: constants
    that the pupil gets. same: elements of ``leerling`` that must be equal for somebody to be the
    same person. done_table, done: where the received id, the outcome and the reason are kept.
    """

    find: Query
    key: str
    owner: str
    new: Query
    replace: Mapping[str, Any]
    update: Mapping[str, Any]
    same: tuple[str, ...]
    done_table: str
    done: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class SqlMapping:
    """A whole mapping, read and found to fit the standard."""

    pack: Pack
    pupil: Query
    pupils: Query | None
    former: Former | None
    queries: Mapping[str, Query]
    root: Block
    taking: Import | None
    source: Path = field(default_factory=Path)


def compared(root: Block) -> set[str]:
    """The elements of ``leerling`` that a pupil in the database can be compared by."""
    return {
        spec.path[0]
        for block in root.blocks
        if block.path == ("leerling",)
        for spec in block.fields
        if spec.column and len(spec.path) == 1
    }

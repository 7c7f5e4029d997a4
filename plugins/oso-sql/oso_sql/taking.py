"""Taking over: a received dossier as rows, once per received id, and never over somebody else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from sqlalchemy import Connection

from oso_sql import database, writing
from oso_sql.collect import former_numbers
from oso_sql.database import Row
from oso_sql.mapping import (
    NOT_COMPARED,
    Block,
    Field,
    Import,
    MappingRefused,
    SqlMapping,
    WrongValue,
    compared,
)
from oso_sql.rows import Rows, pupil_block, rows_of
from oso_sql.values import from_column

Outcome = Literal["accepted", "postponed", "rejected"]


@dataclass(frozen=True)
class Decision:
    """What became of a received dossier; ``reason`` is Dutch and names no pupil.

    reference: of the pupil in this system, where the dossier was taken over.
    """

    outcome: Outcome
    categories: tuple[str, ...] = ()
    reason: str | None = None
    reference: str | None = field(default=None, repr=False)


class NoImport(Exception):
    """The mapping has no ``[import]``, so that nothing can be taken over."""


_NO_NUMBER: Final = Decision("rejected", reason="Het dossier bevat geen BSN of onderwijsnummer.")
_OWN_PUPIL: Final = Decision(
    "postponed",
    reason="De leerling staat hier al ingeschreven. Vergelijk en neem per onderdeel over.",
)
_TWO_PUPILS: Final = Decision(
    "postponed",
    reason="Het oude en het nieuwe nummer horen hier bij verschillende leerlingen. Zoek dit uit.",
)
_OTHER_PERSON: Final = Decision(
    "postponed",
    reason="Het nummer hoort hier bij een andere naam of geboortedatum. Zoek dit eerst uit.",
)
_SCHOOL: Final = "huidigeschool"
_NUMBERS: Final = ("bsn", "onderwijsnummer")


@dataclass(frozen=True, repr=False)
class Received:
    """What is taken over: the id it is offered under, the dict form, the sender, other numbers."""

    id: str
    dossier: Mapping[str, Any]
    bron_brin: str
    former: tuple[str, ...] = ()


def take_over(
    connection: Connection, mapping: SqlMapping, received: Received, given: Row
) -> Decision | None:
    """Take a dossier over in the caller's transaction, or say why not; None for another school.

    The same id again gives the first decision again; a postponed one may be offered again. given:
    as for collecting. Raises NoImport, and WrongValue or DatabaseTrouble without a value.
    """
    if mapping.taking is None:
        raise NoImport
    known = _decided(connection, mapping.taking, received.id)
    if known is not None:
        return known
    try:
        # a column may refuse a value after other rows were written: then none of them stays
        with connection.begin_nested():
            decision = _decide(connection, mapping, mapping.taking, received, given)
    except WrongValue as wrong:
        element = wrong.path.rpartition("/")[2]
        reason = f"Onbekende waarde in {element}. Kies een passende waarde of vraag de verzender."
        return Decision("postponed", reason=reason)
    if decision is not None and decision.outcome != "postponed":
        _remember(connection, mapping.taking, received.id, decision)
    return decision


def _decided(connection: Connection, taking: Import, received_id: str) -> Decision | None:
    done = taking.done
    row = writing.find(connection, taking.done_table, {done["id"]: received_id})
    return None if row is None else Decision(row[done["outcome"]], reason=row[done["reason"]])


def _remember(connection: Connection, taking: Import, received_id: str, made: Decision) -> None:
    done = taking.done
    row = {done["id"]: received_id, done["outcome"]: made.outcome, done["reason"]: made.reason}
    writing.insert(connection, taking.done_table, [row])


def _decide(
    connection: Connection, mapping: SqlMapping, taking: Import, received: Received, given: Row
) -> Decision | None:
    data = received.dossier.get(_SCHOOL, {}).get("leerling", {})
    pgn = next((data[name] for name in _NUMBERS if name in data), None)
    told = {**given, "received_id": received.id, "bron_brin": received.bron_brin, "pgn": pgn}
    found: dict[Any, Row] = {}
    for number in (pgn, *received.former) if pgn else ():
        rows = database.rows(connection, taking.find, {**told, "pgn": number}, "import.find")
        found |= {_column(row, taking.key, "import.find"): row for row in rows}
    present = next(iter(found.values()), None)
    key = None if present is None else present[taking.key]
    new = database.rows(connection, taking.new, {**told, "key": key}, "import.new")
    if not new:
        return None
    if len(new) > 1:
        raise database.DatabaseTrouble("more than one row", "import.new")
    if pgn is None:
        return _NO_NUMBER
    if len(found) > 1:
        return _TWO_PUPILS
    pupil = pupil_block(mapping)
    if present is not None:
        if lacking := sorted(set(taking.same) - compared(mapping.root)):
            raise MappingRefused([f"import.same: {name}: {NOT_COMPARED}" for name in lacking])
        if not _same_person(present, data, pupil, taking):
            return _OTHER_PERSON
        if not _may_be_replaced(present, taking):
            return _OWN_PUPIL
    _column(new[0], taking.key, "import.new")
    others = _other_numbers(connection, mapping, pgn, received.former, present, told)
    made = rows_of(mapping, taking, received.dossier, {**told, **new[0]}, new[0], others)
    _store(connection, taking, pupil, made, present)
    return Decision("accepted", made.categories, reference=made.reference)


def _same_person(present: Row, data: Mapping[str, Any], pupil: Block, taking: Import) -> bool:
    for spec in _fields(pupil, taking.same):
        ours = from_column(_column(present, spec.column, "import.find"), spec)
        if _plain(ours) != _plain(data.get(spec.path[-1])):
            return False
    return True


def _plain(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _may_be_replaced(present: Row, taking: Import) -> bool:
    wanted = taking.replace.items()
    return bool(wanted) and all(
        _column(present, name, "import.find") == value for name, value in wanted
    )


def _other_numbers(
    connection: Connection,
    mapping: SqlMapping,
    pgn: str,
    former: tuple[str, ...],
    present: Row | None,
    told: Row,
) -> list[str]:
    """Every number but the present one that the pupil is known by: none is ever forgotten."""
    numbers = set(former)
    if present is not None:
        numbers |= set(former_numbers(connection, mapping, {**present, **told}))
        fields = _fields(pupil_block(mapping), _NUMBERS)
        held = (_column(present, spec.column, "import.find") for spec in fields)
        numbers |= {str(number) for number in held if number is not None}
    return sorted(numbers - {pgn})


def _column(row: Row, name: str | None, place: str) -> Any:
    if name is None or name not in row:
        raise MappingRefused([f"{place}: its rows have no column {name}"])
    return row[name]


def _fields(block: Block, names: tuple[str, ...]) -> list[Field]:
    return [spec for spec in block.fields if spec.path[0] in names and len(spec.path) == 1]


def _store(
    connection: Connection, taking: Import, pupil: Block, made: Rows, present: Row | None
) -> None:
    """Put the rows in their tables; of a pupil who was there every part is replaced."""
    table = pupil.table or ""
    key = made.pupil[taking.key]
    if present is None:
        writing.insert(connection, table, [made.pupil])
    else:
        for name in reversed(made.tables):
            writing.delete(connection, name, {taking.owner: key})
        writing.update(connection, table, {taking.key: key}, made.pupil)
    for name in made.tables:
        writing.insert(connection, name, made.parts[name])

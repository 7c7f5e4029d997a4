"""Taking over a received dossier: once per received id, and never over another pupil's file."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import Connection, insert, select

from magister_like import database, mapping, schema
from magister_like.fields import UnknownCode
from magister_like.record import Record, Row

Outcome = Literal["accepted", "postponed", "rejected"]


@dataclass(frozen=True)
class Decision:
    """What became of a received dossier; ``reason`` is Dutch and names no pupil."""

    outcome: Outcome
    categories: tuple[str, ...] = ()
    reason: str | None = None


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


def take_over(
    connection: Connection,
    received_id: str,
    dossier: Mapping[str, Any],
    source: str,
    former: Collection[str] = (),
) -> Decision:
    """Take a dossier over, or say why not; the same id again gives the first decision again.

    Runs inside the caller's write transaction, so that the pupil and the remembered id are stored
    together. ``source``: BRIN of the school that sent it. ``former``: other numbers of the pupil,
    who may be known here under one of these. A postponed dossier may be offered again under the
    same id, once a person has solved what stood in the way.
    """
    known = _decided(connection, received_id)
    if known is not None:
        return known
    decision = _decide(connection, dossier, source, former)
    if decision.outcome != "postponed":
        _remember(connection, received_id, decision)
    return decision


def _decided(connection: Connection, received_id: str) -> Decision | None:
    done = schema.oso_verwerkt
    row = connection.execute(select(done).where(done.c.ontvangst_id == received_id)).mappings()
    found = row.one_or_none()
    if found is None:
        return None
    return Decision(found["uitkomst"], tuple(found["onderdelen"]), found["reden"])


def _remember(connection: Connection, received_id: str, decision: Decision) -> None:
    values = {
        "ontvangst_id": received_id,
        "uitkomst": decision.outcome,
        "reden": decision.reason,
        "onderdelen": list(decision.categories),
    }
    connection.execute(insert(schema.oso_verwerkt).values(values))


def _decide(
    connection: Connection, dossier: Mapping[str, Any], source: str, former: Collection[str]
) -> Decision:
    try:
        record = mapping.from_dossier(dossier)
    except UnknownCode as unknown:
        reason = (
            f"Onbekende code in {unknown.element}. Kies een passende waarde of vraag de verzender."
        )
        return Decision("postponed", reason=reason)
    pgn = record.main.get("bsn") or record.main.get("onderwijsnr")
    if pgn is None:
        return _NO_NUMBER
    pgns = [pgn, *former]
    numbers = {n for one in pgns for n in database.numbers_of_pgn(connection, one)}
    if len(numbers) > 1:
        return _TWO_PUPILS
    number = next(iter(numbers), None)
    announced = _announced(connection, pgns)
    present = None if number is None else database.load(connection, number)
    known = announced if present is None else present.main
    if known is not None and not _same_person(known, record.main):
        return _OTHER_PERSON
    if present is not None and present.main["status"] != "OVERGENOMEN":
        return _OWN_PUPIL
    for old in _other_numbers(pgn, former, present):
        record.add("oud_nummer", nummer=old)
    _store(connection, record, number, announced, source)
    return Decision("accepted", mapping.categories(dossier))


def _other_numbers(pgn: str, former: Collection[str], present: Record | None) -> list[str]:
    """Every number but the present one that the pupil is known by: none is ever forgotten."""
    numbers = {*former}
    if present is not None:
        numbers |= {row["nummer"] for row in present.of("oud_nummer")}
        numbers |= {present.main["bsn"], present.main["onderwijsnr"]} - {None}
    return sorted(numbers - {pgn})


def _announced(connection: Connection, pgns: Collection[str]) -> Row | None:
    query = select(schema.aanmelding).where(schema.aanmelding.c.pgn.in_(pgns))
    row = connection.execute(query.order_by(schema.aanmelding.c.nr)).mappings().first()
    return None if row is None else dict(row)


def _same_person(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return (one["achternaam"].casefold(), one["geboren"]) == (
        other["achternaam"].casefold(),
        other.get("geboren"),
    )


def _store(
    connection: Connection, record: Record, number: int | None, announced: Row | None, source: str
) -> None:
    """Give the record its own code and dates here; the old ones stay in ``herkomst``."""
    main = record.main
    record.add(
        "herkomst",
        brin=source,
        leerlingcode=main.get("leerlingcode"),
        ingeschreven=main.get("ingeschreven"),
        uitgeschreven=main.get("uitgeschreven"),
    )
    own_number = number or database.next_number(connection)
    main.update(
        nr=own_number,
        leerlingcode=f"N{own_number:05d}",
        status="OVERGENOMEN",
        ingeschreven=announced["startdatum"] if announced else None,
        uitgeschreven=None,
    )
    if number is None:
        database.save_new(connection, [record])
    else:
        database.replace(connection, record)

"""Taking over a received dossier: once per received id, and never over another pupil's file."""

from collections.abc import Mapping
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
_OTHER_PERSON: Final = Decision(
    "postponed",
    reason="Het nummer hoort hier bij een andere naam of geboortedatum. Zoek dit eerst uit.",
)


def take_over(
    connection: Connection, received_id: str, dossier: Mapping[str, Any], source: str
) -> Decision:
    """Take a dossier over, or say why not; the same id again gives the first decision again.

    Runs inside the caller's write transaction, so that the pupil and the remembered id are stored
    together. ``source``: BRIN of the school that sent it. A postponed dossier may be offered again
    under the same id, once a person has solved what stood in the way.
    """
    known = _decided(connection, received_id)
    if known is not None:
        return known
    decision = _decide(connection, dossier, source)
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


def _decide(connection: Connection, dossier: Mapping[str, Any], source: str) -> Decision:
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
    number = database.number_of_pgn(connection, pgn)
    announced = _announced(connection, pgn)
    known = announced if number is None else database.load(connection, number).main
    if known is not None and not _same_person(known, record.main):
        return _OTHER_PERSON
    if number is not None and known is not None and known["status"] != "OVERGENOMEN":
        return _OWN_PUPIL
    _store(connection, record, number, announced, source)
    return Decision("accepted", mapping.categories(dossier))


def _announced(connection: Connection, pgn: str) -> Row | None:
    query = select(schema.aanmelding).where(schema.aanmelding.c.pgn == pgn)
    row = connection.execute(query).mappings().one_or_none()
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

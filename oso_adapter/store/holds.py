"""Holds: what may not be destroyed, whatever its term."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select, union_all
from sqlalchemy.orm import Session

from oso_adapter.errors import NotFound
from oso_adapter.store.models import Exchange, Hold, Prepared, PreparedNumber, Received, Request
from oso_adapter.store.pupils import numbers_of, subjects_of, with_its_order
from oso_adapter.store.retention import Due


@dataclass(frozen=True)
class Held:
    """What the holds come down to: administrations, dossiers and orders, requests.

    pupils: the sealed numbers with which requests were compared.
    """

    administrations: frozenset[int]
    subjects: frozenset[str]
    requests: frozenset[int]
    pupils: frozenset[bytes] = frozenset()

    def covers(self, due: Due) -> bool:
        """Whether this may not be destroyed."""
        if due.kind == "request" and due.row in self.requests:
            return True
        return due.administration_id in self.administrations or bool(
            {due.id, due.row} & self.subjects
        )

    def knows(self, numbers: Collection[bytes]) -> bool:
        """Whether requests were compared with all these sealed numbers."""
        return self.pupils.issuperset(numbers)


def listed(session: Session) -> Sequence[Hold]:
    """All holds, oldest first."""
    return session.scalars(select(Hold).order_by(Hold.placed_at, Hold.id)).all()


def found(session: Session, hold_id: str) -> Hold:
    """The hold with that id; raises NotFound."""
    hold = session.get(Hold, hold_id)
    if hold is None:
        raise NotFound(f"er is geen bewaarplicht {hold_id}; zie: oso-adapter audit hold list")
    return hold


def held(session: Session) -> Held:
    """What may not be destroyed now; of the requests those answered with what is held."""
    holds = listed(session)
    subjects: set[str] = set()
    for hold in holds:
        if hold.subject is not None:
            subjects |= with_its_order(session, hold.subject)
        if hold.pgn_hmac is not None:
            subjects |= subjects_of(session, numbers_of(session, hold.pgn_hmac))
    answered = select(Request.id).where(Request.prepared_id.in_(subjects))
    return Held(
        frozenset(h.administration_id for h in holds if h.administration_id is not None),
        frozenset(subjects),
        frozenset(session.scalars(answered)),
    )


def sealed_numbers(session: Session) -> list[bytes]:
    """The numbers of the pupils with a hold, and the others that they are known by; sealed."""
    numbers: set[bytes] = set()
    sealed: list[bytes] = []
    for hold in listed(session):
        if hold.pgn_hmac is not None and hold.pgn_sealed is not None:
            numbers |= numbers_of(session, hold.pgn_hmac) - {hold.pgn_hmac}
            sealed.append(hold.pgn_sealed)
    others = select(PreparedNumber.pgn_sealed).where(PreparedNumber.pgn_hmac.in_(numbers))
    return [*sealed, *session.scalars(others)]


def administration_of(session: Session, subject: str) -> int | None:
    """The administration of a prepared or received dossier, or an order; None when it is gone."""
    rows = (
        session.get(Prepared, subject),
        session.get(Received, subject),
        session.get(Exchange, subject),
    )
    return next((row.administration_id for row in rows if row is not None), None)


def of_administrations(ids: Collection[int]) -> Select[Any]:
    """What finds the holds on these administrations, and on dossiers and orders of these.

    One on a pupil is about all administrations together, and is none of these.
    """
    subjects = union_all(
        *(
            select(table.id).where(table.administration_id.in_(ids))
            for table in (Prepared, Received, Exchange)
        )
    )
    on_dossier = Hold.subject.in_(subjects.scalar_subquery())
    return select(Hold).where(Hold.administration_id.in_(ids) | on_dossier)

"""Prepared dossiers: finding the right version of the right pupil."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from oso_adapter.errors import NotFound
from oso_adapter.store.models import (
    Payload,
    Prepared,
    PreparedNumber,
    PreparedState,
    Received,
    ReceivedState,
)
from oso_adapter.store.sealing import Sealed

DELIVERABLE: Final = (PreparedState.READY, PreparedState.FETCHED)
UNFINISHED: Final = (PreparedState.COLLECTED, PreparedState.SEEN)


def payload(payload_id: str, sealed: Sealed) -> Payload:
    """The row of a sealed dossier."""
    return Payload(
        id=payload_id, key_id=sealed.key_id, wrapped_key=sealed.wrapped_key, box=sealed.box
    )


def sealed_payload(session: Session, payload_id: str) -> Sealed | None:
    """What to open, or None when its key was destroyed."""
    row = session.get(Payload, payload_id)
    if row is None or row.wrapped_key is None:
        return None
    return Sealed(row.key_id, row.wrapped_key, row.box)


def next_version(session: Session, administration_id: int, pupil: bytes, profile: str) -> int:
    """The number of the next version for this pupil and profile."""
    query = select(func.max(Prepared.version)).filter_by(
        administration_id=administration_id, pupil_hmac=pupil, profile=profile
    )
    return (session.scalar(query) or 0) + 1


def newest(
    session: Session, administration_id: int, pupil: bytes, profile: str | None = None
) -> Prepared | None:
    """The newest version for a pupil, whatever its state."""
    query = (
        select(Prepared)
        .filter_by(administration_id=administration_id, pupil_hmac=pupil)
        .order_by(Prepared.collected_at.desc(), Prepared.version.desc())
        .limit(1)
    )
    return session.scalar(query.filter_by(profile=profile) if profile else query)


def versions(
    session: Session, administration_id: int, pupil: bytes, states: Collection[PreparedState]
) -> Sequence[Prepared]:
    """The versions for a pupil, of every profile, that are in one of the states; newest first."""
    query = select(Prepared).filter_by(administration_id=administration_id, pupil_hmac=pupil)
    return session.scalars(
        query.where(Prepared.state.in_(states)).order_by(
            Prepared.collected_at.desc(), Prepared.version.desc()
        )
    ).all()


def version(session: Session, like: Prepared, number: int) -> Prepared | None:
    """The version of that number, of the same pupil and profile as another."""
    return session.scalar(
        select(Prepared).filter_by(
            administration_id=like.administration_id,
            pupil_hmac=like.pupil_hmac,
            profile=like.profile,
            version=number,
        )
    )


def others(
    session: Session, prepared: Prepared, states: Collection[PreparedState]
) -> Sequence[Prepared]:
    """The other versions of the same pupil and profile that are in one of the states."""
    return session.scalars(
        select(Prepared).where(
            Prepared.administration_id == prepared.administration_id,
            Prepared.pupil_hmac == prepared.pupil_hmac,
            Prepared.profile == prepared.profile,
            Prepared.id != prepared.id,
            Prepared.state.in_(states),
        )
    ).all()


def past_last_day(session: Session, today: date) -> Sequence[Prepared]:
    """The versions that are ready, were never fetched, and whose last day was before today."""
    return session.scalars(
        select(Prepared).where(Prepared.state == PreparedState.READY, Prepared.ready_until < today)
    ).all()


def candidates(
    session: Session, administration_id: int, fragment: bytes
) -> Sequence[PreparedNumber]:
    """The numbers that end in the fragment; the zoeksleutel decides which it is."""
    return session.scalars(
        select(PreparedNumber)
        .filter_by(administration_id=administration_id, fragment_hmac=fragment)
        .order_by(PreparedNumber.prepared_id)
    ).all()


def of_another(
    session: Session, administration_id: int, pupil: bytes, numbers: Collection[bytes]
) -> bool:
    """Whether a dossier that counts, of another pupil of the school, is found by these numbers."""
    query = (
        select(Prepared.id)
        .join(PreparedNumber, PreparedNumber.prepared_id == Prepared.id)
        .where(
            Prepared.administration_id == administration_id,
            Prepared.pupil_hmac != pupil,
            Prepared.state.in_((*UNFINISHED, *DELIVERABLE)),
            PreparedNumber.pgn_hmac.in_(numbers),
        )
        .limit(1)
    )
    return session.scalar(query) is not None


def numbers(session: Session, prepared_id: str) -> Sequence[PreparedNumber]:
    """The numbers under which a dossier can be asked for."""
    return session.scalars(select(PreparedNumber).filter_by(prepared_id=prepared_id)).all()


def fragments(session: Session, prepared_id: str) -> Sequence[bytes]:
    """The digests of the fragments of the numbers under which a dossier can be asked for."""
    query = select(PreparedNumber.fragment_hmac).filter_by(prepared_id=prepared_id)
    return session.scalars(query).all()


def of_ids(session: Session, ids: Collection[str]) -> Sequence[Prepared]:
    """The prepared dossiers with these ids, newest first."""
    query = select(Prepared).where(Prepared.id.in_(ids))
    return session.scalars(
        query.order_by(Prepared.collected_at.desc(), Prepared.version.desc())
    ).all()


def listed(
    session: Session, administration_id: int, state: PreparedState | None = None
) -> Sequence[Prepared]:
    """The prepared dossiers of an administration, oldest first."""
    query = select(Prepared).filter_by(administration_id=administration_id)
    if state is not None:
        query = query.filter_by(state=state)
    return session.scalars(query.order_by(Prepared.collected_at, Prepared.version)).all()


def received_of(session: Session, exchange_id: str) -> Received:
    """The dossier that came for an order."""
    return session.scalars(select(Received).filter_by(exchange_id=exchange_id)).one()


def received_for(session: Session, exchange_ids: Collection[str]) -> dict[str, Received]:
    """The dossier of each of these orders for which one came."""
    query = select(Received).where(Received.exchange_id.in_(exchange_ids))
    return {row.exchange_id: row for row in session.scalars(query)}


def received(session: Session, received_id: str) -> Received:
    """The received dossier with that id; raises :class:`NotFound`."""
    row = session.get(Received, received_id)
    if row is None:
        raise NotFound(
            f"er is geen ontvangen dossier {received_id}; zie: oso-adapter received list"
        )
    return row


def received_by(
    session: Session, administration_id: int, state: ReceivedState | None = None
) -> Sequence[Received]:
    """The received dossiers of an administration, oldest first."""
    query = select(Received).filter_by(administration_id=administration_id)
    if state is not None:
        query = query.filter_by(state=state)
    return session.scalars(query.order_by(Received.received_at, Received.id)).all()

"""What is not done yet, on both sides: the rows that the lists of open work are made of."""

from collections.abc import Collection, Sequence

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from oso_adapter.store import dossiers, exchanges
from oso_adapter.store.models import Exchange, ExchangeState, Prepared, PreparedState, Request

DELIVERED = "OverdrachtGeslaagd"


def open_versions(session: Session, administration_id: int) -> Sequence[Prepared]:
    """The versions that can still be fetched, now or after a next step, oldest first.

    So can one whose last day passed unfetched, as long as no other followed: it can be made ready
    again. (One that lapsed because of a newer version is never the newest.)
    """
    newer = aliased(Prepared)
    followed = exists().where(
        newer.administration_id == Prepared.administration_id,
        newer.pupil_hmac == Prepared.pupil_hmac,
        newer.profile == Prepared.profile,
        newer.version > Prepared.version,
    )
    still = Prepared.state.in_((*dossiers.UNFINISHED, *dossiers.DELIVERABLE))
    return session.scalars(
        select(Prepared)
        .filter_by(administration_id=administration_id)
        .where(still | ((Prepared.state == PreparedState.SUPERSEDED) & ~followed))
        .order_by(Prepared.changed_at, Prepared.version)
    ).all()


def fetched_by(session: Session, prepared_ids: Collection[str]) -> set[tuple[str, str]]:
    """Which versions were delivered to which schools, as pairs of id and BRIN."""
    query = select(Request.prepared_id, Request.doel_brin).where(
        Request.prepared_id.in_(prepared_ids)
    )
    return {(str(row[0]), row[1]) for row in session.execute(query)}


def open_orders(session: Session, administration_id: int) -> list[Exchange]:
    """The orders that are not done, or ended without a dossier and were not followed by another.

    The newest order for the same pupil and school says how things are.
    """
    rows = exchanges.listed(session, administration_id)
    newest = {(row.pgn_hmac, row.bron_brin, row.overdrachtsoort): row.id for row in rows}
    return [
        row
        for row in rows
        if row.state != ExchangeState.DONE
        or (row.result != DELIVERED and row.id in newest.values())
    ]

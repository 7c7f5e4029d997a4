"""The school administrations that this adapter speaks for (data, not configuration)."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session

from oso_adapter.errors import NotAllowed, NotFound
from oso_adapter.identifiers import Brin, RoutingId
from oso_adapter.store.models import Administration, AdministrationKind

_THERE: Final = select(Administration.id).where(
    Administration.routing_id == bindparam("routing_id")
)


def add(
    session: Session,
    *,
    brin: Brin,
    routing_id: RoutingId,
    kind: AdministrationKind,
    name: str,
    tenant: str,
    valid_from: date,
    valid_until: date | None = None,
    sector: str | None = None,
) -> Administration:
    """Add an administration; raises NotAllowed when the routing id is already there."""
    # past the session, which would first write the event of the one before; administrations are
    # flushed when they are added
    if session.connection().scalar(_THERE, {"routing_id": str(routing_id)}) is not None:
        raise NotAllowed(f"the administration {routing_id} is already there")
    if routing_id.brin is not None and routing_id.brin != brin:
        raise NotAllowed(f"the routeringskenmerk {routing_id} belongs to another BRIN than {brin}")
    if valid_until is not None and valid_until < valid_from:
        raise NotAllowed("the last day lies before the first day")
    administration = Administration(
        brin=str(brin),
        routing_id=str(routing_id),
        kind=kind.value,
        name=name,
        tenant=tenant,
        valid_from=valid_from,
        valid_until=valid_until,
        sector=sector,
    )
    session.add(administration)
    session.flush()
    return administration


def by_routing_id(session: Session, routing_id: str) -> Administration | None:
    """The administration with that routing id, or None."""
    return session.scalar(select(Administration).filter_by(routing_id=str(routing_id)))


def named(session: Session, name: str) -> Administration:
    """The administration that a user means by a routing id, or by a BRIN that has only one.

    Raises :class:`NotFound`, or :class:`NotAllowed` when a BRIN has several.
    """
    found = session.scalars(
        select(Administration).where(
            (Administration.routing_id == name) | (Administration.brin == name)
        )
    ).all()
    if not found:
        raise NotFound("there is no such administration; see: oso-adapter administration list")
    if len(found) > 1:
        raise NotAllowed(f"{name} has several administrations; name the routeringskenmerk")
    return found[0]


def listed(session: Session) -> Sequence[Administration]:
    """All administrations, by BRIN and routing id."""
    return session.scalars(
        select(Administration).order_by(Administration.brin, Administration.routing_id)
    ).all()


def of_ids(ids: Collection[int]) -> Select[Any]:
    """What finds the administrations with these ids."""
    return select(Administration).where(Administration.id.in_(ids))


def count(session: Session) -> int:
    """How many there are."""
    return session.scalar(select(func.count(Administration.id))) or 0


def brins(session: Session) -> Sequence[str]:
    """The different BRINs that the adapter speaks for."""
    return session.scalars(select(Administration.brin).distinct()).all()

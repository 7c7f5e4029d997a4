"""The school administrations: added, changed and ended while the adapter runs."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from sqlalchemy.orm import Session

from oso_adapter.clock import school_date
from oso_adapter.environment import require_brins
from oso_adapter.errors import NotAllowed
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.policy import fits
from oso_adapter.identifiers import Brin, RoutingId
from oso_adapter.store import administrations, dossiers, events
from oso_adapter.store.models import Administration, AdministrationKind

SECTORS: Final = ("PO", "VO", "SO")


def add(adapter: Adapter, account: str | None, given: Mapping[str, Any]) -> Administration:
    """Add one administration; see :func:`add_in`."""
    with adapter.store.writing() as session:
        return add_in(adapter, session, account, given)


def add_in(
    adapter: Adapter, session: Session, account: str | None, given: Mapping[str, Any]
) -> Administration:
    """Add an administration within a transaction, as one of many that come all or none.

    given: brin, routing_id, kind, name, tenant, valid_from, valid_until, sector; what may be
    empty has its default. Raises :class:`NotAllowed`, and ConfigurationError for a BRIN that does
    not fit the environment.
    """
    brin = Brin(given["brin"])
    require_brins(adapter.settings.environment, [brin])
    added = administrations.add(
        session,
        brin=brin,
        routing_id=RoutingId(given["routing_id"]),
        kind=_kind(given["kind"]),
        name=given["name"],
        tenant=given["tenant"],
        valid_from=given["valid_from"] or school_date(adapter.clock()),
        valid_until=given["valid_until"],
        sector=_sector(given["sector"]),
    )
    _record(adapter, session, "administration.added", added, account)
    return added


def change(
    adapter: Adapter,
    account: str | None,
    administration: Administration,
    changes: Mapping[str, Any],
) -> Administration:
    """Change name, sector or last day (valid_until); what is not named stays.

    Raises :class:`NotAllowed` for a last day before the first one.
    """
    with adapter.store.writing() as session:
        found = session.get_one(Administration, administration.id)
        last: date | None = changes.get("valid_until")
        if last is not None and last < found.valid_from:
            raise NotAllowed("the last day lies before the first day")
        if "sector" in changes:
            found.sector = _sector(changes["sector"])
        if "name" in changes:
            found.name = changes["name"]
        if last is not None:
            found.valid_until = last
            _record(adapter, session, "administration.ended", found, account)
        if changes.keys() & {"name", "sector"}:
            sector = found.sector if "sector" in changes else None
            _record(adapter, session, "administration.changed", found, account, sector)
        return found


def held_back(adapter: Adapter, administration: Administration, sector: str) -> int:
    """How many prepared dossiers do not fit a school of this sector, and are delivered no more."""
    with adapter.store.reading() as session:
        return sum(
            not fits(prepared.profile, sector, None)
            for prepared in dossiers.listed(session, administration.id)
            if prepared.state in (*dossiers.UNFINISHED, *dossiers.DELIVERABLE)
        )


def _record(
    adapter: Adapter,
    session: Session,
    name: str,
    row: Administration,
    account: str | None,
    result: str | None = None,
) -> None:
    moment = adapter.clock()
    events.record(session, name, moment, administration_id=row.id, account=account, result=result)


def _kind(name: str) -> AdministrationKind:
    try:
        return AdministrationKind(name or "LAS")
    except ValueError:
        raise NotAllowed(f"kind is one of {', '.join(AdministrationKind)}") from None


def _sector(name: str | None) -> str | None:
    if name and name not in SECTORS:
        raise NotAllowed(f"sector is one of {', '.join(SECTORS)}")
    return name or None

"""Holds (bewaarplicht): a pupil, a dossier or an administration of which nothing is destroyed.

A complaint, a lawsuit or a request of the police outlives every term. Placed and released by an
account, with a reason, which is sealed: it is free text.
"""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from oso_adapter.errors import NotFound
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.identifiers import Pgn
from oso_adapter.store import events, holds
from oso_adapter.store.holds import Held
from oso_adapter.store.models import (
    Administration,
    Exchange,
    Hold,
    Prepared,
    PupilLink,
    Received,
    Request,
)
from oso_adapter.store.retention import Due
from oso_adapter.store.sealing import Purpose
from oso_adapter.wire.search_key import SearchKey


@dataclass(frozen=True)
class Target:
    """What is held; exactly one of the three. dossier: id of a prepared or received one."""

    pupil: Pgn | None = field(default=None, repr=False)
    dossier: str | None = None
    administration: Administration | None = None

    @property
    def kind(self) -> str:
        """The word for it in events."""
        return "pupil" if self.pupil else "dossier" if self.dossier else "administration"


def add(adapter: Adapter, target: Target, *, account: str, reason: str) -> str:
    """Place a hold; gives its id. Raises NotFound for a dossier that is not there (any more)."""
    moment, hold_id = adapter.clock(), str(uuid4())
    sealer, digits = adapter.sealer, target.pupil and target.pupil.reveal()
    pgn_hmac = sealer.digest(Purpose.PGN, digits) if digits else None
    hold = Hold(
        id=hold_id,
        administration_id=target.administration.id if target.administration else None,
        subject=target.dossier,
        pgn_hmac=pgn_hmac,
        pgn_sealed=sealer.seal_field(digits.encode(), Purpose.PGN) if digits else None,
        account=account,
        reason_sealed=sealer.seal_field(reason.encode(), Purpose.DECISION),
        placed_at=moment,
    )
    with adapter.store.writing() as session:
        concerned = _concerned(session, hold)
        if target.dossier is not None and concerned is None:
            raise NotFound(f"er is geen dossier {target.dossier}, of het is al vernietigd")
        session.add(hold)
        if pgn_hmac is not None:
            session.add(PupilLink(subject=hold_id, pgn_hmac=pgn_hmac, linked_at=moment))
        _record(session, "hold.added", hold, concerned, target.kind, adapter, account)
    return hold_id


def release(adapter: Adapter, hold_id: str, *, account: str) -> None:
    """Take a hold away: what was held goes when its term is over. Raises NotFound."""
    with adapter.store.writing() as session:
        hold = holds.found(session, hold_id)
        kind = "dossier" if hold.subject else "pupil" if hold.pgn_hmac else "administration"
        _record(session, "hold.released", hold, _concerned(session, hold), kind, adapter, account)
        session.delete(hold)


def reason_of(adapter: Adapter, hold: Hold) -> str:
    """Why it was placed."""
    return adapter.sealer.open_field(hold.reason_sealed, Purpose.DECISION).decode()


def held(adapter: Adapter, due: Collection[Due]) -> Held:
    """What may not be destroyed of what is past its term.

    A request is compared with every pupil that is held, which takes too long for a transaction:
    :meth:`Held.knows` says whether another pupil is held since then.
    """
    with adapter.store.reading() as session:
        found, sealed = holds.held(session), holds.sealed_numbers(session)
        ids = [each.row for each in due if each.kind == "request"]
        query = select(Request).where(Request.id.in_(ids))
        requests = session.scalars(query).all() if sealed else []
    pupils = [Pgn(adapter.sealer.open_field(each, Purpose.PGN).decode()) for each in sealed]
    asked = {request.id for request in requests if asks_for(adapter, request, pupils)}
    return replace(found, requests=found.requests | asked, pupils=frozenset(sealed))


def asks_for(adapter: Adapter, request: Request, pupils: Collection[Pgn]) -> bool:
    """Whether a request that came in was for one of these pupils, by its zoeksleutel."""
    opened = adapter.sealer.open_field(request.key_sealed, Purpose.SEARCH_KEY).decode()
    fragment, _, key = opened.partition(" ")
    return any(adapter.search_key.matches(pgn, SearchKey(key, fragment)) for pgn in pupils)


def _concerned(session: Session, hold: Hold) -> int | None:
    """The administration that the hold is about, as far as it is about one."""
    if hold.subject is None:
        return hold.administration_id
    rows = (session.get(Prepared, hold.subject), session.get(Received, hold.subject),
            session.get(Exchange, hold.subject))  # fmt: skip
    return next((row.administration_id for row in rows if row is not None), None)


def _record(
    session: Session,
    name: str,
    hold: Hold,
    administration_id: int | None,
    kind: str,
    adapter: Adapter,
    account: str,
) -> None:
    events.record(
        session,
        name,
        adapter.clock(),
        administration_id=administration_id,
        account=account,
        subject=hold.subject or hold.id,
        reason=kind,
    )

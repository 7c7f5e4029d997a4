"""Orders to fetch a dossier: what a school employee asks for, before anything is sent."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal
from uuid import uuid4

from sqlalchemy.orm import Session

from oso_adapter.clock import school_date
from oso_adapter.errors import NotAllowed
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.identifiers import Brin, Pgn, RoutingId, without_number
from oso_adapter.store import events, exchanges
from oso_adapter.store.models import Administration, Exchange, ExchangeState
from oso_adapter.store.sealing import Purpose

Overdrachtsoort = Literal["overstapdossier", "overdrachtbinnenbrin"]

_BINNEN_BRIN: Final = "overdrachtbinnenbrin"


@dataclass(frozen=True, repr=False)
class Order:
    """One dossier to fetch.

    pgn: checked; surname and birth_date: as the doelschool has them, compared with what comes;
    reference: the caller's own name for this row (leerlingid, row number), used in every message;
    bron_routing_id: only for the variant that asks one endpoint (PvE-15); asked_after: only a
    dossier collected after this aware moment (aanvraagdatum, PvE-11).
    """

    pgn: Pgn
    surname: str
    birth_date: date
    bron_brin: Brin
    reference: str
    bron_routing_id: RoutingId | None = None
    overdrachtsoort: Overdrachtsoort = "overstapdossier"
    asked_after: datetime | None = None


def place(
    adapter: Adapter, administration: Administration, account: str, orders: Iterable[Order]
) -> list[str]:
    """Store orders, all or none; gives their ids in the same sequence.

    The work is done by whoever runs due exchanges. The same order again, while the first is not
    done, is that first one, due at once: whoever was interrupted gives the same command again, and
    the dossier comes once. What is new in it (name, date of birth, reference, account) counts from
    then on. Raises :class:`NotAllowed` when the
    administration does not take part, or a transfer within one BRIN names another.
    """
    moment = adapter.clock()
    if not administration.is_valid(school_date(moment)):
        raise NotAllowed(f"the administration {administration.routing_id} does not take part today")
    rows = [_row(adapter, administration, account, order, moment) for order in orders]
    with adapter.store.writing() as session:
        return [_placed(session, row).id for row in rows]


def order_of(adapter: Adapter, exchange: Exchange) -> Order:
    """The order as it was given."""
    sealed = json.loads(adapter.sealer.open_field(exchange.order_sealed, Purpose.ORDER))
    return Order(
        pgn=Pgn(sealed["pgn"]),
        surname=sealed["surname"],
        birth_date=date.fromisoformat(sealed["birth_date"]),
        bron_brin=Brin(exchange.bron_brin),
        reference=sealed["reference"],
        bron_routing_id=RoutingId(exchange.bron_routing_id) if exchange.bron_routing_id else None,
        overdrachtsoort=_soort(exchange.overdrachtsoort),
        asked_after=exchange.asked_after,
    )


def _placed(session: Session, row: Exchange) -> Exchange:
    """The order that is not done yet and asks for the same, or else this one, stored."""
    placed = exchanges.unfinished_like(session, row)
    if placed is None:
        placed = row
        session.add(row)
    else:
        placed.order_sealed, placed.account = row.order_sealed, row.account
        placed.due_at = min(placed.due_at, row.due_at)
    session.flush()
    events.record(
        session,
        "fetch.ordered",
        row.ordered_at,
        administration_id=row.administration_id,
        account=row.account,
        subject=placed.id,
        counterpart=row.bron_brin,
    )
    return placed


def _soort(value: str) -> Overdrachtsoort:
    return "overdrachtbinnenbrin" if value == _BINNEN_BRIN else "overstapdossier"


def _row(
    adapter: Adapter,
    administration: Administration,
    account: str,
    order: Order,
    moment: datetime,
) -> Exchange:
    if order.overdrachtsoort == _BINNEN_BRIN and order.bron_brin != administration.brin:
        raise NotAllowed(f"row {order.reference}: binnen BRIN means your own BRIN")
    sealed = {
        "pgn": order.pgn.reveal(),
        "surname": order.surname,
        "birth_date": order.birth_date.isoformat(),
        "reference": without_number(order.reference),
    }
    sealer = adapter.sealer
    return Exchange(
        id=str(uuid4()),
        administration_id=administration.id,
        account=account,
        order_sealed=sealer.seal_field(json.dumps(sealed).encode(), Purpose.ORDER),
        pgn_hmac=sealer.digest(Purpose.PGN, order.pgn.reveal()),
        bron_brin=str(order.bron_brin),
        bron_routing_id=str(order.bron_routing_id) if order.bron_routing_id else None,
        overdrachtsoort=order.overdrachtsoort,
        asked_after=order.asked_after,
        ordered_at=moment,
        state=ExchangeState.ORDERED,
        attempt=0,
        due_at=moment,
    )

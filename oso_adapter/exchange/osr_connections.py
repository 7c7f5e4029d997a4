"""What is to be said of each kenmerk after a look at the OSR, and keeping that in the store.

Whoever may not wait for the OSR, which limits reading, is told what the last look showed, and when
that was: the JSON API.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from oso_adapter.clock import school_date
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.osr_plan import Own, Plan, Remark, Seen, Write
from oso_adapter.exchange.osr_texts import CONNECTED, UNSEEN
from oso_adapter.store import connections
from oso_adapter.store.models import Administration, Connection

RIGHT: Final = "goed"
STATES: Final = {"POST": "ontbreekt", "PUT": "anders"}
"""How an endpoint is that has yet to be written."""

_OF_ALL: Final = ("dienstversie-onbekend", "endpoints-verdwenen")
"""Said once, and the reason of every administration of which nothing else is said."""


@dataclass(frozen=True)
class Connected:
    """Whether an administration is connected, as far as the last look showed.

    connected, mandated, endpoint: None when nobody looked yet; endpoint also when it was not
    judged. looked_at, mandate_seen_at, endpoint_seen_at: as in the store.
    """

    remarks: tuple[Remark, ...]
    connected: bool | None = None
    mandated: bool | None = None
    endpoint: str | None = None
    looked_at: datetime | None = None
    mandate_seen_at: datetime | None = None
    endpoint_seen_at: datetime | None = None


def of(adapter: Adapter, administration: Administration) -> Connected:
    """What the last look showed of an administration."""
    names = (administration.brin, administration.routing_id)
    with adapter.store.reading() as session:
        row = connections.found(session, administration.id)
    if row is None:
        return Connected((Remark(UNSEEN, *names),))
    return Connected(
        tuple(Remark(code, *names, detail) for code, detail in row.said.items()),
        *(row.connected, row.mandated, row.endpoint),
        *(row.looked_at, row.mandate_seen_at, row.endpoint_seen_at),
    )


def keep(adapter: Adapter, seen: Seen, made: Plan, more: Sequence[Remark] = ()) -> None:
    """Keep what a look showed of every administration that was looked at.

    made: the plan for the versions that are in use; more: what was told beside it.
    """
    now = adapter.clock()
    remarks = [*remarks_of(seen, made, school_date(now)), *more]
    states = {write.routing_id: STATES[write.method] for write in made.writes}
    states |= {routing_id: RIGHT for routing_id, _ in made.right}
    looks = [_look(own, seen, states.get(own.routing_id), remarks, now) for own in seen.own]
    with adapter.store.writing() as session:
        connections.keep(session, looks)


def after_writing(made: Plan, done: Iterable[Write]) -> Plan:
    """The plan, once these writes were done: what they wrote is right."""
    carried_out = set(done)
    written = [write for write in made.writes if write in carried_out]
    return replace(
        made,
        writes=tuple(write for write in made.writes if write not in carried_out),
        right=(*made.right, *((write.routing_id, write.namespace) for write in written)),
    )


def remarks_of(seen: Seen, made: Plan, today: date) -> list[Remark]:
    """What there is to say of the administrations that were looked at.

    made: the plan for the versions that are in use.
    """
    found = [*made.remarks, *(_told(remark, seen, today) for remark in _by_kenmerk(seen, made))]
    found += [
        Remark("administratie-geëindigd", own.brin, own.routing_id, f"{own.valid_until:%d-%m-%Y}")
        for own in seen.own
        if own.valid_until is not None and own.valid_until < today
    ]
    return found


def _look(
    own: Own, seen: Seen, endpoint: str | None, remarks: Iterable[Remark], now: datetime
) -> Connection:
    of_school, of_all = (own.brin, ""), ("", "")
    names = {(own.brin, own.routing_id), of_school}
    said = {each.code: each.detail for each in remarks if (each.brin, each.routing_id) in names}
    if not said:
        said = {each.code: each.detail for each in remarks
                if each.code in _OF_ALL and (each.brin, each.routing_id) == of_all}  # fmt: skip
    mandated = own.brin in seen.mandates
    return Connection(
        administration_id=own.id,
        connected=CONNECTED in said,
        mandated=mandated,
        endpoint=endpoint,
        said=said,
        looked_at=now,
        mandate_seen_at=now if mandated else None,
        endpoint_seen_at=now if endpoint == RIGHT else None,
    )


def _by_kenmerk(seen: Seen, made: Plan) -> Iterator[Remark]:
    by_kenmerk = {own.routing_id: own.brin for own in seen.own}
    for write in made.writes:
        code = "geen-endpoint" if write.method == "POST" else "endpoint-anders"
        yield Remark(code, write.brin, write.routing_id)
    for routing_id, _ in made.right:
        yield Remark(CONNECTED, by_kenmerk[routing_id], routing_id)


def _told(remark: Remark, seen: Seen, today: date) -> Remark:
    """What is said of a kenmerk: first of all when it is not to be there before a later day."""
    [begins] = {own.valid_from for own in seen.own if own.routing_id == remark.routing_id}
    mandated = seen.mandates[remark.brin].start_date
    for code, day in (("administratie-later", begins), ("mandaat-later", mandated)):
        if day is not None and day > today:
            return replace(remark, code=code, detail=f"{day:%d-%m-%Y}")
    return remark

"""What is to be said of each kenmerk after a look at the OSR, and keeping that in the store.

Whoever may not wait for the OSR, which limits reading, is told what the last look showed, and when
that was: the JSON API.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from oso_adapter.clock import school_date
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.osr_plan import Own, Plan, Remark, Seen, Write
from oso_adapter.exchange.osr_texts import CONNECTED, UNSEEN
from oso_adapter.store import connections
from oso_adapter.store.models import Administration, Connection

RIGHT: Final = "goed"
STATES: Final = {"POST": "ontbreekt", "PUT": "anders"}
"""How an endpoint is that has yet to be written."""
_CODES: Final = {"POST": "geen-endpoint", "PUT": "endpoint-anders"}

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


def keep(
    adapter: Adapter,
    seen: Seen,
    made: Plan,
    more: Sequence[Remark] = (),
    only: Collection[int] | None = None,
) -> None:
    """Keep what a look showed of every administration that was looked at.

    made: the plan for the versions that are in use; more: what was told beside it; only: the ids of
    the administrations that it is about, None for all.
    """
    now = adapter.clock()
    states = {write.routing_id: STATES[write.method] for write in made.writes}
    states |= {routing_id: RIGHT for routing_id, _ in made.right}
    said: dict[tuple[str, str], dict[str, Any]] = defaultdict(dict)
    for remark in (*remarks_of(seen, made, school_date(now)), *more):
        said[remark.brin, remark.routing_id][remark.code] = remark.detail
    looks = [
        _look(own, seen, states.get(own.routing_id), said, now)
        for own in seen.own
        if only is None or own.id in only
    ]
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
    found = [*made.remarks, *_by_kenmerk(seen, made, today)]
    found += [
        Remark("administratie-geëindigd", own.brin, own.routing_id, f"{own.valid_until:%d-%m-%Y}")
        for own in seen.own
        if own.valid_until is not None and own.valid_until < today
    ]
    return found


def _look(
    own: Own,
    seen: Seen,
    endpoint: str | None,
    said: Mapping[tuple[str, str], Mapping[str, Any]],
    now: datetime,
) -> Connection:
    """said: code and detail of what was told, by BRIN and kenmerk, empty where it is of all."""
    ours = {**said.get((own.brin, ""), {}), **said.get((own.brin, own.routing_id), {})}
    of_all = said.get(("", ""), {})
    mandated = own.brin in seen.mandates
    return Connection(
        administration_id=own.id,
        connected=CONNECTED in ours,
        mandated=mandated,
        endpoint=endpoint,
        said=ours or {code: of_all[code] for code in _OF_ALL if code in of_all},
        looked_at=now,
        mandate_seen_at=now if mandated else None,
        endpoint_seen_at=now if endpoint == RIGHT else None,
    )


def _by_kenmerk(seen: Seen, made: Plan, today: date) -> Iterator[Remark]:
    """Of each kenmerk how its endpoint is; but first of all that it is not to be there before a
    later day.
    """
    own = {each.routing_id: each for each in seen.own}
    codes = {write.routing_id: _CODES[write.method] for write in made.writes}
    for routing_id, code in (*codes.items(), *((name, CONNECTED) for name, _ in made.right)):
        brin = own[routing_id].brin
        remark = Remark(code, brin, routing_id)
        begins = (own[routing_id].valid_from, seen.mandates[brin].start_date)
        for later, day in zip(("administratie-later", "mandaat-later"), begins, strict=True):
            if day is not None and day > today:
                remark = Remark(later, brin, routing_id, f"{day:%d-%m-%Y}")
                break
        yield remark

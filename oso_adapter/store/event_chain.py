"""The events of an administration as a chain: each line holds a hash over the one before it.

A line that is changed, left out, moved or cut off no longer fits. Whoever can write the database
can also make the whole chain anew, or put yesterday's in its place; that is found by comparing it
with heads (how many lines, and the last hash) that were kept elsewhere, such as in the log.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from sqlalchemy import Connection, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from oso_adapter.store.models import Base, Event, EventChain

ORIGIN: Final = hashlib.sha256(b"oso-adapter events").hexdigest()
"""The hash before the first line of every chain."""

FIELDS: Final = (
    *("administration_id", "number", "moment", "name", "account", "subject", "session_id"),
    *("counterpart", "result", "fault_id", "reason"),
)
"""What the hash of a line is over; what is added to this list changes every hash."""

# made once: every delivery and every step of an order records an event
_CHAINS: Final = Base.metadata.tables[EventChain.__tablename__]
_HEAD: Final = select(_CHAINS.c.count, _CHAINS.c.hash).where(_CHAINS.c.id == bindparam("chain"))
_BEGIN: Final = insert(_CHAINS).values(
    id=bindparam("chain"), count=0, hash=ORIGIN, first=0, first_hash=ORIGIN
)
_EXTEND: Final = (
    update(_CHAINS)
    .where(_CHAINS.c.id == bindparam("chain"))
    .values(count=bindparam("number"), hash=bindparam("last"))
)

BEGINNING: Final = "audit.destroyed"
"""The event that says after which line a chain begins."""

Kind = Literal[
    "changed", "missing", "loose", "cut-off", "other-head", "no-chain", "beginning", "too-early"
]


@dataclass(frozen=True)
class Head:
    """How many lines a chain has had, and the hash of the last.

    moment: when it was kept, of a head that comes from elsewhere.
    """

    chain: int
    count: int
    hash: str
    moment: datetime | None = None


@dataclass(frozen=True)
class Break:
    """What is wrong with a chain, and at which number (the first of them).

    kind: changed (it does not follow from the line before it), missing (lines from this number),
    loose (a line after the head), cut-off (the last lines, from this number), other-head (a kept
    head is not of this chain), no-chain (a kept head is of a chain that is not there), beginning
    (the lines before it were not destroyed by the adapter), too-early (nor were they old enough:
    when a kept head was kept, some were still to be written).
    """

    chain: int
    kind: Kind
    number: int
    moment: datetime | None = None


def link(previous: str, line: Mapping[str, Any]) -> str:
    """The hash of a line. previous: that of the line before it; line: its :data:`FIELDS`."""
    values = [_plain(line[name]) for name in FIELDS]
    content = json.dumps([previous, *values], ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(content.encode()).hexdigest()


def append(session: Session, event: Event) -> None:
    """Give an event its place in its chain, in the transaction that also stores it.

    Until that ends nobody else can append: whoever writes has the database for itself.
    """
    connection = session.connection()
    head = _head(connection, event.chain)
    event.number = head.count + 1
    event.hash = link(head.hash, {name: getattr(event, name) for name in FIELDS})
    place = {"chain": event.chain, "number": event.number, "last": event.hash}
    connection.execute(_EXTEND, place)
    session.add(event)


def begin_after(session: Session, chain: int, number: int) -> str:
    """Let a chain begin after the line with this number; gives the hash of that line.

    Only from then on does the database let go of the lines up to it.
    """
    last = session.scalars(select(Event.hash).filter_by(chain=chain, number=number)).one()
    session.execute(
        update(_CHAINS).where(_CHAINS.c.id == chain).values(first=number, first_hash=last)
    )
    return last


def beginning(number: int, last: str) -> str:
    """What the event says of a beginning: the last destroyed line, and the start of its hash."""
    return f"{number} {last[:16]}"


def last_before(
    session: Session, chain: EventChain, moment: datetime, held: Collection[str] = ()
) -> int:
    """The number of the last line up to which all are of that moment or before.

    held: subjects whose lines stay, and with them all that follow.
    """
    stays = (Event.moment > moment) | Event.subject.in_(held)
    first = session.scalar(select(func.min(Event.number)).where(Event.chain == chain.id, stays))
    return chain.count if first is None else first - 1


def heads(session: Session) -> Sequence[Head]:
    """The heads of all chains, by administration."""
    rows = session.scalars(select(EventChain).order_by(EventChain.id))
    return [Head(row.id, row.count, row.hash) for row in rows]


def breaks(
    session: Session, kept: Iterable[Head] = (), term_began: datetime | None = None
) -> Iterator[Break]:
    """Everything that is wrong with the chains.

    kept: heads that were kept elsewhere; term_began: lines from after that moment may not be
    destroyed yet. A head from before it says nothing any more of lines that were.
    """
    chains = {row.id: row for row in session.scalars(select(EventChain).order_by(EventChain.id))}
    wanted: dict[int, dict[int, list[Head]]] = {}
    for head in kept:
        if head.chain in chains:
            wanted.setdefault(head.chain, {}).setdefault(head.count, []).append(head)
        else:
            yield Break(head.chain, "no-chain", head.count, head.moment)
    known = set(session.scalars(select(Event.chain).distinct()))
    for chain in sorted(known - set(chains)):
        yield Break(chain, "loose", 1)
    for row in chains.values():
        yield from _too_early(row, wanted.get(row.id, {}), term_began)
        yield from _breaks(session, row, wanted.get(row.id, {}))


def _too_early(
    chain: EventChain, wanted: Mapping[int, Sequence[Head]], term_began: datetime | None
) -> Iterator[Break]:
    """The last line that is gone was written after every head that counts fewer lines."""
    seen = [
        head.moment
        for count in wanted
        if count < chain.first
        for head in wanted[count]
        if head.moment is not None
    ]
    if seen and term_began is not None and max(seen) > term_began:
        yield Break(chain.id, "too-early", chain.first + 1, max(seen))


def _breaks(
    session: Session, chain: EventChain, wanted: Mapping[int, Sequence[Head]]
) -> Iterator[Break]:
    number, previous = chain.first, chain.first_hash
    if number and not _begun(session, chain):
        yield Break(chain.id, "beginning", number + 1)
    yield from _other(wanted, number, previous)
    rows = session.scalars(
        select(Event)
        .filter_by(chain=chain.id)
        .order_by(Event.number)
        .execution_options(yield_per=1000)
    )
    for event in rows:
        if event.number > chain.count:
            yield Break(chain.id, "loose", event.number)
            break
        if event.number != number + 1:
            yield Break(chain.id, "missing", number + 1)
        elif link(previous, {name: getattr(event, name) for name in FIELDS}) != event.hash:
            yield Break(chain.id, "changed", event.number)
        number, previous = event.number, event.hash
        yield from _other(wanted, number, previous)
    if number < chain.count:
        yield Break(chain.id, "cut-off", number + 1)
    elif previous != chain.hash:
        yield Break(chain.id, "changed", number)
    for count in sorted(count for count in wanted if count > max(number, chain.count)):
        yield Break(chain.id, "cut-off", chain.count + 1, wanted[count][0].moment)


def _begun(session: Session, chain: EventChain) -> bool:
    """Whether a line of the chain says that it begins where it does."""
    said = beginning(chain.first, chain.first_hash)
    query = select(Event.id).filter_by(chain=chain.id, name=BEGINNING, reason=said).limit(1)
    return session.scalar(query) is not None


def _other(wanted: Mapping[int, Sequence[Head]], number: int, found: str) -> Iterator[Break]:
    for head in wanted.get(number, ()):
        if head.hash != found:
            yield Break(head.chain, "other-head", number, head.moment)


def _head(connection: Connection, chain: int) -> Head:
    """The head of a chain; a new chain begins here."""
    found = connection.execute(_HEAD, {"chain": chain}).one_or_none()
    if found is None:
        connection.execute(_BEGIN, {"chain": chain})
        return Head(chain, 0, ORIGIN)
    count, last = found
    return Head(chain, count, last)


def _plain(value: Any) -> str | int | None:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return None if value is None else value if isinstance(value, int) else str(value)

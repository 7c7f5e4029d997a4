"""Whether a school is connected, and if not who has to do what: a trial of ``osr sync`` for it."""

from collections.abc import Callable, Collection, Iterator
from datetime import timedelta
from typing import Final

from oso_adapter.clock import school_date
from oso_adapter.errors import ConfigurationError, NotFound
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.osr_connections import keep, remarks_of
from oso_adapter.exchange.osr_night import is_followed
from oso_adapter.exchange.osr_plan import Remark, Seen, plan, versions
from oso_adapter.exchange.osr_sync import look
from oso_adapter.identifiers import Brin
from oso_adapter.store import administrations, connections
from oso_adapter.store.pace import moment, set_moment

_NEXT: Final = "next-status"
_AGAIN: Final = timedelta(hours=1)
_AT_A_TIME: Final = 100
"""Schools that are looked at in an hour: each takes some readings, which the register limits."""


def status(
    adapter: Adapter, brins: Collection[str], read: Callable[[int], None] = lambda number: None
) -> list[Remark]:
    """What there is to say of each school, by BRIN; ``verbonden`` for a kenmerk that is right.

    What it shows is kept, for whoever asks the store. read: is told how many schools were read.
    """
    url = adapter.settings.transport.public_url
    if url is None:
        raise ConfigurationError("[transport] public_url is missing: it is what is registered")
    today = school_date(adapter.clock())
    in_use = [version for version in versions(adapter.settings) if version.is_in_use(today)]
    seen = look(adapter, adapter.osr, url, in_use, brins=brins, read=read)
    made = plan(seen, in_use, url, today)
    keep(adapter, seen, made)
    found = [*remarks_of(seen, made, today), *_strangers(adapter, seen, brins)]
    return sorted(found, key=lambda remark: (remark.brin, remark.routing_id, remark.code))


def look_when_due(adapter: Adapter) -> int:
    """Look again at schools that were not connected, once an hour; gives at how many.

    Their mandate is expected, and who waits for it wants to see it. Not before a person began to
    have the OSR followed (``osr sync``). Raises what the client raises when the OSR cannot be read.
    """
    now = adapter.clock()
    with adapter.store.reading() as session:
        due = moment(session, _NEXT) or now
        brins = connections.to_look_at(session, school_date(now), _AT_A_TIME)
        followed = is_followed(session)
    if not followed or not brins or now < due:
        return 0
    with adapter.store.writing() as session:
        set_moment(session, _NEXT, now + _AGAIN)
    status(adapter, set(brins))
    return len(set(brins))


def all_schools(adapter: Adapter) -> list[Brin]:
    """The schools for which this adapter speaks."""
    with adapter.store.reading() as session:
        return [Brin(brin) for brin in sorted(administrations.brins(session))]


def schools_of_board(adapter: Adapter, brin: Brin) -> list[Brin]:
    """The schools of the board of this school, as the OSR has them; raises NotFound."""
    school = adapter.osr.school(brin)
    board = adapter.osr.board_at(school.board) if school is not None and school.board else None
    if board is None:
        raise NotFound(
            f"the OSR does not know the board of {brin}; the school corrects that in RIO"
        )
    found = [adapter.osr.school_at(place) for place in board.schools]
    return sorted({Brin(school.brin) for school in found if school is not None})


def _strangers(adapter: Adapter, seen: Seen, brins: Collection[str]) -> Iterator[Remark]:
    """Schools that have no administration here and no mandate for us."""
    for brin in sorted(set(brins) - {own.brin for own in seen.own} - set(seen.mandates)):
        known = adapter.osr.school(Brin(brin)) is not None
        yield Remark("geen-mandaat" if known else "school-onbekend", brin)

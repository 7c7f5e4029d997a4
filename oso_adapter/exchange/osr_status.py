"""Whether a school is connected, and if not who has to do what: a trial of ``osr sync`` for it."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from datetime import date

from oso_adapter.clock import school_date
from oso_adapter.errors import ConfigurationError, NotFound
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.osr_plan import Plan, Remark, Seen, plan, versions
from oso_adapter.exchange.osr_sync import look
from oso_adapter.identifiers import Brin
from oso_adapter.store import administrations


def status(
    adapter: Adapter, brins: Collection[str], read: Callable[[int], None] = lambda number: None
) -> list[Remark]:
    """What there is to say of each school, by BRIN; ``verbonden`` for a kenmerk that is right.

    read: is told how many schools were read.
    """
    url = adapter.settings.transport.public_url
    if url is None:
        raise ConfigurationError("[transport] public_url is missing: it is what is registered")
    today = school_date(adapter.clock())
    in_use = [version for version in versions(adapter.settings) if version.is_in_use(today)]
    seen = look(adapter, adapter.osr, url, in_use, brins=brins, read=read)
    made = plan(seen, in_use, url, today)
    found = [*made.remarks, *_strangers(adapter, seen, brins)]
    found += [_told(remark, seen, today) for remark in _by_kenmerk(seen, made)]
    found += [
        Remark("administratie-geëindigd", own.brin, own.routing_id, f"{own.valid_until:%d-%m-%Y}")
        for own in seen.own
        if own.valid_until is not None and own.valid_until < today
    ]
    return sorted(found, key=lambda remark: (remark.brin, remark.routing_id, remark.code))


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


def _by_kenmerk(seen: Seen, made: Plan) -> Iterator[Remark]:
    by_kenmerk = {own.routing_id: own.brin for own in seen.own}
    for write in made.writes:
        code = "geen-endpoint" if write.method == "POST" else "endpoint-anders"
        yield Remark(code, write.brin, write.routing_id)
    for routing_id, _ in made.right:
        yield Remark("verbonden", by_kenmerk[routing_id], routing_id)


def _told(remark: Remark, seen: Seen, today: date) -> Remark:
    """What is said of a kenmerk: first of all when it is not to be there before a later day."""
    [begins] = {own.valid_from for own in seen.own if own.routing_id == remark.routing_id}
    mandated = seen.mandates[remark.brin].start_date
    for code, day in (("administratie-later", begins), ("mandaat-later", mandated)):
        if day is not None and day > today:
            return replace(remark, code=code, detail=f"{day:%d-%m-%Y}")
    return remark


def _strangers(adapter: Adapter, seen: Seen, brins: Collection[str]) -> Iterator[Remark]:
    """Schools that have no administration here and no mandate for us."""
    for brin in sorted(set(brins) - {own.brin for own in seen.own} - set(seen.mandates)):
        known = adapter.osr.school(Brin(brin)) is not None
        yield Remark("geen-mandaat" if known else "school-onbekend", brin)

"""Whether a school is connected, and if not who has to do what: a trial of ``osr sync`` for it."""

from collections.abc import Collection, Iterator
from dataclasses import replace

from oso_adapter.clock import school_date
from oso_adapter.errors import ConfigurationError, NotFound
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.osr_plan import Plan, Remark, Seen, plan
from oso_adapter.exchange.osr_sync import look
from oso_adapter.identifiers import Brin
from oso_adapter.store import administrations


def status(adapter: Adapter, brins: Collection[str]) -> list[Remark]:
    """What there is to say of each school, by BRIN; ``verbonden`` for a kenmerk that is right."""
    url = adapter.settings.transport.public_url
    if url is None:
        raise ConfigurationError("[transport] public_url is missing: it is what is registered")
    today = school_date(adapter.clock())
    seen, wanted = look(adapter, adapter.osr, url, brins=brins)
    made = plan(seen, wanted[:1], url, today)
    later = {
        brin: mandate.start_date
        for brin, mandate in seen.mandates.items()
        if mandate.start_date is not None and mandate.start_date > today
    }
    found = [*made.remarks, *_strangers(adapter, seen, brins)]
    for remark in _by_kenmerk(seen, made):
        start = later.get(remark.brin)
        if start is not None:
            remark_later = replace(remark, code="mandaat-later", detail=f"{start:%d-%m-%Y}")
            found.append(remark_later)
        else:
            found.append(remark)
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


def _strangers(adapter: Adapter, seen: Seen, brins: Collection[str]) -> Iterator[Remark]:
    """Schools that have no administration here and no mandate for us."""
    for brin in sorted(set(brins) - {own.brin for own in seen.own} - set(seen.mandates)):
        known = adapter.osr.school(Brin(brin)) is not None
        yield Remark("geen-mandaat" if known else "school-onbekend", brin)

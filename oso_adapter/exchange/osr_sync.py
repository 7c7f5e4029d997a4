"""Following the OSR: what it shows is read, what differs is planned, and the plan is carried out.

Each write is an event of its own. A run that is killed or stopped half way leaves nothing to mend:
the next one begins by reading, and a write is not repeated before that.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from oso_adapter.chain.osr import Mandate, Osr, OsrBusy, OsrRefused, RegisteredEndpoint
from oso_adapter.clock import school_date
from oso_adapter.errors import (
    ConfigurationError,
    MalformedAnswer,
    OsoError,
    Unreachable,
)
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.osr_connections import after_writing, keep
from oso_adapter.exchange.osr_lease import Hold, held
from oso_adapter.exchange.osr_plan import (
    Followed,
    Own,
    Plan,
    Remark,
    Seen,
    Version,
    Write,
    follow,
    plan,
    versions,
    why_left,
    why_not,
)
from oso_adapter.identifiers import Brin, RoutingId
from oso_adapter.store import administrations, events, own_registrations
from oso_adapter.store.models import OwnMandate

_EVENTS: Final = {"POST": "osr.registered", "PUT": "osr.changed", "DELETE": "osr.ended"}


@dataclass(frozen=True)
class Outcome:
    """What a run, or a trial of it, came to.

    to_do: the writes; done: those that the OSR took. stopped: why it ended before the last.
    """

    plan: Plan
    to_do: tuple[Write, ...]
    done: tuple[Write, ...]
    remarks: tuple[Remark, ...]
    stopped: OsoError | None = None

    @property
    def held_back(self) -> tuple[Write, ...]:
        """The endings that wait for a person who names their number."""
        return tuple(write for write in self.plan.endings if write not in self.to_do)


def sync(
    adapter: Adapter,
    account: str | None,
    *,
    confirmed: int | None = None,
    dry_run: bool = False,
    osr: Osr | None = None,
    read: Callable[[int], None] = lambda number: None,
) -> Outcome:
    """Make the OSR say what is; with ``dry_run`` only tell what would be written.

    account: by whose order; None for the runner. confirmed: the number of endpoints that a person
    said may end. osr: otherwise a patient client. read: is told how many schools were
    read, once for each version of the service. Raises NotAllowed when another run is going on,
    and what the client raises when the OSR cannot be read: then nothing was written.
    """
    url = adapter.settings.transport.public_url
    if url is None:
        raise ConfigurationError("[transport] public_url is missing: it is what is registered")
    osr = osr or adapter.osr.patient()
    wanted, today = versions(adapter.settings), school_date(adapter.clock())
    with held(adapter) as hold:
        seen = look(adapter, osr, url, wanted, hold=hold, read=read)
        made = plan(seen, wanted, url, today)
        current = plan(seen, [v for v in wanted if v.is_in_use(today)], url, today)
        to_do, remarks = made.to_do(confirmed), list(made.remarks)
        if made.endings and not made.may_end(confirmed):
            remarks.append(Remark("einde-niet-bevestigd", detail=str(len(made.endings))))
        if dry_run:
            return Outcome(made, to_do, (), tuple(remarks))
        with adapter.store.writing() as session:
            kept = [OwnMandate(brin=brin, **vars(state)) for brin, state in seen.followed.items()]
            own_registrations.keep_mandates(session, kept)
            own_registrations.saw(session, made.right, today)
            if any(v.is_in_use(today) and v.namespace not in seen.unusable for v in wanted):
                own_registrations.looked(session, adapter.clock())
        keep(adapter, seen, current)
        outcome = _carry_out(adapter, osr, account, made, to_do, remarks, hold)
        if to_do:
            failed = [remark for remark in outcome.remarks if remark not in made.remarks]
            written = {write.administration_id for write in to_do}
            keep(adapter, seen, after_writing(current, outcome.done), failed, only=written)
        return outcome


def _carry_out(
    adapter: Adapter,
    osr: Osr,
    account: str | None,
    made: Plan,
    to_do: tuple[Write, ...],
    remarks: list[Remark],
    hold: Hold,
) -> Outcome:
    """A refusal concerns one endpoint; what is about us stops all writes, and so does no answer
    twice in a row (1.7). Once it may be about one endpoint, which would be in the way of all others
    every night.
    """
    done: list[Write] = []
    silent: OsoError | None = None
    for write in to_do:
        hold(writes=True)
        try:
            _perform(osr, write)
        except OsrRefused as refused:
            _record(adapter, account, write, f"HTTP {refused.status}")
            if refused.concerns_us:
                return Outcome(made, to_do, tuple(done), tuple(remarks), refused)
            detail = f": {refused.said}" if refused.said else ""
            remarks.append(Remark("geweigerd", write.brin, write.routing_id, detail))
        except (Unreachable, MalformedAnswer) as error:
            _record(adapter, account, write, "no-answer")
            remarks.append(Remark("geen-antwoord", write.brin, write.routing_id))
            if silent is not None or (isinstance(error, OsrBusy) and error.sends_away):
                return Outcome(made, to_do, tuple(done), tuple(remarks), error)
            silent = error
        else:
            _record(adapter, account, write, None)
            done.append(write)
            silent = None
    return Outcome(made, to_do, tuple(done), tuple(remarks), silent)


def _perform(osr: Osr, write: Write) -> None:
    values = {"url": write.url, "attributes": write.attributes, "start_date": write.start_date}
    if write.method == "POST" and write.mandate is not None:
        given = {name: value for name, value in values.items() if value is not None}
        osr.create_endpoint(write.mandate, write.routing_id, write.namespace, **given)
    elif write.method == "PUT":
        osr.update_endpoint(
            str(write.endpoint_id), write.mandate, **values, end_date=write.end_date
        )
    else:
        osr.delete_endpoint(str(write.endpoint_id))


def _record(adapter: Adapter, account: str | None, write: Write, failure: str | None) -> None:
    ended = write.end_date is not None or write.method == "DELETE"
    name = "osr.ended" if ended else _EVENTS[write.method]
    with adapter.store.writing() as session:
        if failure is None and ended:
            own_registrations.dropped(session, write.routing_id, write.namespace)
        elif failure is None:
            today = school_date(adapter.clock())
            own_registrations.saw(session, [(write.routing_id, write.namespace)], today)
        events.record(
            session,
            name if failure is None else "osr.refused",
            adapter.clock(),
            administration_id=write.administration_id,
            account=account,
            counterpart=write.routing_id,
            reason=failure or write.reason[:40],
        )


def look(
    adapter: Adapter,
    osr: Osr,
    url: str,
    wanted: Sequence[Version],
    *,
    brins: Collection[str] | None = None,
    hold: Callable[[], None] = lambda: None,
    read: Callable[[int], None] = lambda number: None,
) -> Seen:
    """All that has to be read for these versions, in as few reads as there can be.

    url: of our endpoint; brins: of the schools to look at, or None for all; hold: called between
    reads; read: is told how many schools were read, once for each version.
    """
    today = school_date(adapter.clock())
    with adapter.store.reading() as session:
        own = tuple(
            Own(a.id, a.brin, a.routing_id, a.kind, a.valid_from, a.valid_until)
            for a in administrations.listed(session)
            if brins is None or a.brin in brins
        )
        rows = own_registrations.mandates(session)
        lately = own_registrations.lately(session, today)
    known = {
        brin: Followed(r.href, r.first_seen, r.last_seen, r.end_date, r.gone_since)
        for brin, r in rows.items()
    }
    unusable = _unusable(osr, wanted)
    listed, remarks = _mandates(osr, known, hold)
    if brins is not None:
        known = {brin: past for brin, past in known.items() if brin in brins}
        listed = {brin: mandate for brin, mandate in listed.items() if brin in brins}
    followed = follow(known, listed, today)
    mandates = {
        brin: mandate
        for brin, mandate in listed.items()
        if mandate.end_date is None or mandate.end_date >= today
    }
    seen = Seen(own, mandates, followed, {}, lately, unusable, tuple(remarks))
    by_brin: dict[str, list[Own]] = defaultdict(list)
    for each in own:
        by_brin[each.brin].append(each)
    endpoints: dict[tuple[str, str], tuple[RegisteredEndpoint, ...]] = {}
    for version in wanted:
        if version.namespace not in unusable:
            for brin, ours in sorted(by_brin.items()):
                hold()
                found = _endpoints(osr, seen, brin, ours, version, url, today)
                endpoints[brin, version.namespace] = found
                read(len(endpoints))
    left = [a for a in own if why_left(seen, a, today) is not None]
    with adapter.store.reading() as session:
        leaning = own_registrations.leaning(session, {a.id for a in left})
    for a in left:
        detail = ", ".join(f"{count} {kind}" for kind, count in leaning.get(a.id, {}).items())
        if detail:
            remarks.append(Remark("gestrand", a.brin, a.routing_id, detail))
    remarks += _unknown(osr, seen, today)
    return replace(seen, endpoints=endpoints, remarks=tuple(remarks))


def _unusable(osr: Osr, wanted: Sequence[Version]) -> frozenset[str]:
    """The namespaces for which the OSR takes no endpoints; it may not let itself be asked (U9)."""
    try:
        active = {version.namespace for version in osr.service_versions() if version.is_active}
    except OsrRefused as refused:
        if refused.concerns_us:
            raise
        return frozenset()
    return frozenset(version.namespace for version in wanted) - active


def _mandates(
    osr: Osr, known: dict[str, Followed], hold: Callable[[], None]
) -> tuple[dict[str, Mandate], list[Remark]]:
    """Our mandates by BRIN; the link of a school that was seen before is not followed again."""
    by_href = {followed.href: brin for brin, followed in known.items()}
    found: dict[str, Mandate] = {}
    remarks: list[Remark] = []
    for mandate in osr.own_mandates():
        if mandate.school is None:
            remarks.append(Remark("mandaat-van-bestuur"))
            continue
        brin = by_href.get(mandate.school)
        if brin is None:
            hold()
            school = osr.school_at(mandate.school)
            if school is None:
                remarks.append(Remark("mandaat-zonder-school"))
                continue
            brin = school.brin
        other = found.get(brin)
        if other is None or _last(other) < _last(mandate):
            found[brin] = mandate
    return found, remarks


def _last(mandate: Mandate) -> date:
    return mandate.end_date or date.max


def _endpoints(
    osr: Osr, seen: Seen, brin: str, ours: list[Own], version: Version, url: str, today: date
) -> tuple[RegisteredEndpoint, ...]:
    """The endpoints of a school: those under our kenmerken (ours) with their owner, which only has
    to be asked when there is something to write.
    """
    mine = {own.routing_id: own for own in ours}
    found = []
    for endpoint in osr.endpoints_of_school(Brin(brin), version.namespace):
        own = mine.pop(endpoint.routing_id, None)
        if own is not None and not endpoint.is_ours:
            wanted = why_not(seen, own, version, today) is None
            same = (endpoint.url, endpoint.attributes, endpoint.end_date) == (url, own.kind, None)
            if wanted and same:
                found.append(replace(endpoint, is_ours=True))
                continue
            found.append(osr.endpoint_at(endpoint.id) or endpoint)
            continue
        found.append(endpoint)
    if brin in seen.mandates:
        for routing_id, own in mine.items():
            if why_not(seen, own, version, today) is None:
                listed = osr.endpoint(RoutingId(routing_id), version.namespace)
                found += [listed] if listed is not None else []
    return tuple(found)


def _unknown(osr: Osr, seen: Seen, today: date) -> list[Remark]:
    """The schools without a mandate that the OSR does not know at all."""
    without = {
        own.brin
        for own in seen.own
        if own.brin not in seen.mandates
        and (own.brin not in seen.followed or seen.followed[own.brin].has_ended(today))
    }
    return [Remark("school-onbekend", b) for b in sorted(without) if osr.school(Brin(b)) is None]

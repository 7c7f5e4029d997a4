"""What has to be written in the OSR, as data: the algorithm of osr-and-security 1.7, without calls.

What a run would write is what :func:`plan` gives; trying and doing differ in nothing else. An
answer of the register that is not whole must do no harm, so what ends is held back when it is much,
a mandate that is missing is believed on the second day, and what was there yesterday is not
registered anew in numbers.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final, Literal

from oso_adapter.chain.osr import Mandate, RegisteredEndpoint
from oso_adapter.errors import ConfigurationError
from oso_adapter.settings import Settings

MOST: Final = 5
PER_CENT: Final = 2
"""More endpoints than this, or a larger part, do not end without a person's word."""


@dataclass(frozen=True)
class Version:
    """A version of the service, and the days on which endpoints are wanted for it."""

    namespace: str
    first: date | None = None
    last: date | None = None

    def is_in_use(self, today: date) -> bool:
        """Whether dossiers are exchanged by it today."""
        begun = self.first is None or self.first <= today
        return begun and (self.last is None or today <= self.last)


@dataclass(frozen=True)
class Own:
    """An administration of ours."""

    id: int
    brin: str
    routing_id: str
    kind: str
    valid_from: date
    valid_until: date | None


@dataclass(frozen=True)
class Followed:
    """A mandate as it was seen through time; see the table ``own_mandates``."""

    href: str
    first_seen: date
    last_seen: date
    end_date: date | None = None
    gone_since: date | None = None

    def has_ended(self, today: date) -> bool:
        """Whether it counts as ended: its last day, told beforehand, has passed, or it was missed
        on an earlier day and is missed today.
        """
        told = self.end_date is not None and self.end_date < today
        return told or (self.gone_since is not None and self.gone_since < today)


@dataclass(frozen=True)
class Seen:
    """What the OSR showed, and what we have.

    mandates: those in force or to come, by BRIN. followed: all that were ever seen. endpoints: by
    BRIN and namespace, the owner known where it matters. lately: kenmerk and namespace of what was
    right yesterday or today. unusable: namespaces that the OSR has no active version for.
    """

    own: tuple[Own, ...]
    mandates: Mapping[str, Mandate]
    followed: Mapping[str, Followed]
    endpoints: Mapping[tuple[str, str], tuple[RegisteredEndpoint, ...]]
    lately: frozenset[tuple[str, str]] = frozenset()
    unusable: frozenset[str] = frozenset()
    remarks: tuple["Remark", ...] = ()


@dataclass(frozen=True)
class Write:
    """One write: what is sent, and why. The mandate's token is a secret and never shown."""

    method: Literal["POST", "PUT", "DELETE"]
    reason: str
    brin: str
    routing_id: str
    namespace: str
    administration_id: int
    endpoint_id: str | None = None
    url: str | None = None
    attributes: str | None = None
    start_date: date | None = None
    end_date: date | None = None
    mandate: Mandate | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class Remark:
    """What a person has to know; code: a key of the texts of :mod:`exchange.osr_texts`."""

    code: str
    brin: str = ""
    routing_id: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Plan:
    """writes: registering and changing. endings: what takes an endpoint away. right: kenmerk and
    namespace of what is as it should be. ours: the number of our endpoints.
    """

    writes: tuple[Write, ...]
    endings: tuple[Write, ...]
    remarks: tuple[Remark, ...]
    right: tuple[tuple[str, str], ...]
    ours: int

    def may_end(self, confirmed: int | None) -> bool:
        """Whether the endings may be done: a person named their number, or they are few."""
        number = len(self.endings)
        if confirmed is not None:
            return confirmed == number
        return number <= MOST and number * 100 <= PER_CENT * self.ours

    def to_do(self, confirmed: int | None) -> tuple[Write, ...]:
        """The writes of this run, in order."""
        return (*self.writes, *(self.endings if self.may_end(confirmed) else ()))


def versions(settings: Settings) -> tuple[Version, ...]:
    """This year's version of the service, and next year's from the day of the cut-over."""
    chain, cut_over = settings.chain, settings.standard.cut_over
    if chain.osr_next_namespace is None:
        return (Version(chain.osr_namespace),)
    if cut_over is None:
        raise ConfigurationError("[standard] cut_over is missing: osr_next_namespace begins then")
    return (
        Version(chain.osr_namespace, last=cut_over - timedelta(days=1)),
        Version(chain.osr_next_namespace, first=cut_over),
    )


def follow(
    known: Mapping[str, Followed], listed: Mapping[str, Mandate], today: date
) -> dict[str, Followed]:
    """What is known of every mandate, after one more look."""
    found = {
        brin: replace(past, gone_since=past.gone_since or today) for brin, past in known.items()
    }
    for brin, mandate in listed.items():
        past = known.get(brin)
        first = past.first_seen if past is not None else today
        found[brin] = Followed(mandate.school or "", first, today, mandate.end_date)
    return found


def plan(seen: Seen, wanted: Iterable[Version], url: str, today: date) -> Plan:
    """What has to be written, so that the register says what is.

    url: of our endpoint.
    """
    writes: list[Write] = []
    endings: list[Write] = []
    remarks = [*seen.remarks, *_about_mandates(seen, today), *_strays(seen)]
    right: list[tuple[str, str]] = []
    for version in wanted:
        if version.namespace in seen.unusable:
            remarks.append(Remark("dienstversie-onbekend", detail=version.namespace))
            continue
        for own in seen.own:
            why = why_not(seen, own, version, today)
            if why is not None:
                endings += _endings(seen, own, version, why, today)
            elif own.brin in seen.mandates:
                step = _step(seen, own, version, url, today)
                if isinstance(step, Remark):
                    remarks.append(step)
                elif isinstance(step, Write):
                    writes.append(step)
                else:
                    right.append((own.routing_id, version.namespace))
    vanished = {(w.routing_id, w.namespace) for w in writes if w.method == "POST"} & seen.lately
    if len(vanished) > MOST:
        writes = [w for w in writes if (w.routing_id, w.namespace) not in vanished]
        remarks.append(Remark("endpoints-verdwenen", detail=str(len(vanished))))
    ours = sum(endpoint.is_ours for found in seen.endpoints.values() for endpoint in found)
    ours = max(ours, len(seen.lately))
    return Plan(tuple(writes), tuple(endings), tuple(remarks), tuple(right), ours)


def why_not(seen: Seen, own: Own, version: Version, today: date) -> str | None:
    """Why no endpoint is wanted any more; None as long as it is, or nobody knows yet."""
    over = version.last is not None and version.last < today
    return why_left(seen, own, today) or ("volgende release in gebruik" if over else None)


def why_left(seen: Seen, own: Own, today: date) -> str | None:
    """Why an administration takes part no more, in any version; None as long as it does."""
    followed = seen.followed.get(own.brin)
    if own.valid_until is not None and own.valid_until < today:
        return "administratie geëindigd"
    return "mandaat geëindigd" if followed is not None and followed.has_ended(today) else None


def _at(seen: Seen, own: Own, version: Version) -> list[RegisteredEndpoint]:
    """The endpoints under the kenmerk of an administration."""
    found = seen.endpoints.get((own.brin, version.namespace), ())
    return [endpoint for endpoint in found if endpoint.routing_id == own.routing_id]


def _step(seen: Seen, own: Own, version: Version, url: str, today: date) -> Write | Remark | None:
    """What has to be done so that an endpoint that is wanted is there, and right."""
    at, mandate = _at(seen, own, version), seen.mandates[own.brin]
    ours = [endpoint for endpoint in at if endpoint.is_ours]
    theirs = [endpoint.end_date for endpoint in at if not endpoint.is_ours]
    if None in theirs or (theirs and not ours):
        return Remark("kenmerk-van-ander", own.brin, own.routing_id)
    free = [last + timedelta(days=1) for last in theirs if last is not None]
    firsts = (today, own.valid_from, mandate.start_date, version.first, *free)
    start = max(day for day in firsts if day is not None)
    write = Write(
        *("POST", "nieuw", own.brin, own.routing_id, version.namespace, own.id),
        url=url,
        attributes=own.kind,
        start_date=start if start > today else None,
        mandate=mandate,
    )
    if not ours:
        return write
    present = max(ours, key=lambda endpoint: endpoint.start_date or date.min)
    begun = present.start_date is None or present.start_date <= today
    moved = not begun and present.start_date != start
    differs = {
        "ander adres": present.url != url,
        "andere soort": present.attributes != own.kind,
        "andere begindag": moved,
        "einde vervalt": present.end_date is not None,
    }
    if not any(differs.values()):
        return None
    return replace(
        write,
        method="PUT",
        endpoint_id=present.id,
        reason=", ".join(reason for reason, holds in differs.items() if holds),
        start_date=start if moved else present.start_date,
    )


def _endings(seen: Seen, own: Own, version: Version, why: str, today: date) -> Iterator[Write]:
    """Our endpoints end today, since the register may take no day that has passed; one that has
    yet to begin is removed.
    """
    for endpoint in _at(seen, own, version):
        write = Write(
            *("PUT", why, own.brin, own.routing_id, version.namespace, own.id),
            endpoint_id=endpoint.id,
            url=endpoint.url,
            attributes=endpoint.attributes,
            start_date=endpoint.start_date,
            end_date=today,
        )
        if not endpoint.is_ours:
            continue
        if endpoint.start_date is not None and endpoint.start_date > today:
            yield replace(write, method="DELETE", end_date=None)
        elif endpoint.end_date is None or endpoint.end_date > today:
            yield write


def _about_mandates(seen: Seen, today: date) -> Iterator[Remark]:
    brins = {own.brin for own in seen.own if own.valid_until is None or own.valid_until >= today}
    swv = {own.brin for own in seen.own if own.kind == "SWV"}
    unknown = {remark.brin for remark in seen.remarks if remark.code == "school-onbekend"}
    for brin in sorted(brins - set(seen.mandates) - unknown):
        followed, detail = seen.followed.get(brin), "SWV" if brin in swv else ""
        if followed is None:
            yield Remark("geen-mandaat", brin, detail=detail)
        elif followed.has_ended(today):
            yield Remark("mandaat-geëindigd", brin, detail=detail)
        else:
            yield Remark("mandaat-gemist", brin)
    for brin in sorted(set(seen.mandates) - {own.brin for own in seen.own}):
        yield Remark("geen-administratie", brin)


def _strays(seen: Seen) -> Iterator[Remark]:
    """Endpoints in our name with a kenmerk that no administration has: reported, never touched."""
    known = {own.routing_id for own in seen.own}
    found = {
        (brin, endpoint.routing_id)
        for (brin, _), endpoints in seen.endpoints.items()
        for endpoint in endpoints
        if endpoint.is_ours and endpoint.routing_id not in known
    }
    return (Remark("kenmerk-onbekend", brin, routing_id) for brin, routing_id in sorted(found))

"""Who asked in vain: requests that were remembered, matched with what can be fetched by now.

A request came before the dossier was ready, perhaps before the pupil was collected, or it got a
version that a newer one follows. Who made it may be told (:mod:`oso_adapter.exchange.notify`), by
order of the school and never by itself (PvE-9 and PvE-10).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from oso_adapter.exchange import candidates, versions
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.deliver import DELIVERED, OVERDRACHT_BINNEN_BRIN, objection
from oso_adapter.exchange.matching import key_of, matching
from oso_adapter.store import dossiers, notices, requests
from oso_adapter.store.models import Administration, Prepared, Request

RECEIVED: Final = "NotificatieOntvangen"


@dataclass(frozen=True)
class Asked:
    """The last request of one system for one pupil, as long as it got no dossier that is current.

    ready: what that system would get if it asked again now; None while that is nothing, and then
    there is nothing to notify it of. newest: the newest version for the pupil, None for a pupil who
    is unknown here. told_at: when it was notified of what is ready.
    """

    request: Request
    newest: Prepared | None
    ready: Prepared | None
    told_at: datetime | None

    @property
    def waits(self) -> bool:
        """Whether the system can be notified of something that it was not notified of yet."""
        return self.ready is not None and self.told_at is None


def of_dossier(adapter: Adapter, administration: Administration, prepared_id: str) -> list[Asked]:
    """The systems that can be notified of this version, newest request first."""
    with adapter.store.reading() as session:
        fragments = dossiers.fragments(session, prepared_id)
        found = requests.of(session, administration.id, fragments)
    asked = _in_vain(adapter, administration, found)
    return [a for a in asked if a.waits and a.ready is not None and a.ready.id == prepared_id]


def of_administration(adapter: Adapter, administration: Administration) -> list[Asked]:
    """All that asked in vain, newest request first; also for a pupil who is unknown here."""
    with adapter.store.reading() as session:
        found = requests.of(session, administration.id)
    return list(_in_vain(adapter, administration, found))


def of_request(adapter: Adapter, administration: Administration, request: Request) -> Asked | None:
    """What is known now of one request; None when it, or a later one, got what is current."""
    with adapter.store.reading() as session:
        found = requests.of(session, administration.id, [request.fragment_hmac])
    asked = _in_vain(adapter, administration, found)
    return next((a for a in asked if a.request.id == request.id), None)


def pupil_of(adapter: Adapter, asked: Asked) -> str | None:
    """The supplier's own reference of the pupil, when that is known: prepared, or recognised."""
    if asked.newest is not None:
        return versions.pupil_of(adapter, asked.newest)
    return candidates.pupil_of(adapter, asked.request)


def _in_vain(
    adapter: Adapter, administration: Administration, found: Sequence[Request]
) -> Iterator[Asked]:
    """Of each system the last request for each pupil, unless it got what is current.

    Requests for a pupil who is unknown here cannot be brought together: each is there.
    """
    with adapter.store.reading() as session:
        told = notices.ended_with(session, [request.id for request in found], RECEIVED)
    seen = set()
    for request in found:
        versions = _versions(adapter, administration, request)
        newest = versions[0] if versions else None
        if newest is not None:
            system = (newest.pupil_hmac, request.doel_routing_id, request.overdrachtsoort)
            if system in seen:
                continue
            seen.add(system)
        ready = next((v for v in versions if objection(adapter, request, v) is None), None)
        got_one = request.prepared_id is not None or request.result == DELIVERED
        if got_one and (ready is None or ready.id == request.prepared_id):
            continue
        notice = told.get(request.id)
        of_this = notice is not None and ready is not None and notice.prepared_id == ready.id
        yield Asked(request, newest, ready, notice.finished_at if notice and of_this else None)


def _versions(
    adapter: Adapter, administration: Administration, request: Request
) -> Sequence[Prepared]:
    """The versions of the pupil's dossier for this kind of transfer, newest first."""
    ids = matching(adapter, administration, key_of(adapter, request))
    with adapter.store.reading() as session:
        found = dossiers.of_ids(session, ids)
    within_brin = request.overdrachtsoort == OVERDRACHT_BINNEN_BRIN
    return [version for version in found if (version.profile == "BB") == within_brin]

"""What still has to happen before every school has the dossiers that it waits for (bron)."""

from dataclasses import dataclass
from datetime import datetime

from oso_adapter.clock import school_date
from oso_adapter.exchange import asked as asking
from oso_adapter.exchange import candidates
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.versions import pupil_of
from oso_adapter.store import dossiers, unfinished
from oso_adapter.store.models import Administration, Prepared, PreparedState


@dataclass(frozen=True)
class Unfinished:
    """One thing that is still to do.

    pupil, profile, version: of the dossier; None when nothing was collected, but for the pupil when
    a plugin knew whom a request means. missing: what has not happened, in Dutch. destination: BRIN
    of the school that waits, where it is known. since: the last thing that did happen.
    """

    pupil: str | None
    profile: str | None
    version: int | None
    missing: str
    destination: str | None
    since: datetime
    account: str | None


def listed(adapter: Adapter, administration: Administration) -> list[Unfinished]:
    """Everything that is not collected, not seen, not ready or not fetched, oldest first.

    Of pupils who should be collected this adapter only knows those whom another school asked for
    in vain, and of these no name or number: a request carries a key that fits nobody here. Whom it
    means only a plugin can know (:mod:`oso_adapter.exchange.candidates`).
    """
    with adapter.store.reading() as session:
        versions = unfinished.open_versions(session, administration.id)
        fetched = unfinished.fetched_by(session, [version.id for version in versions])
    found = [
        _still(adapter, version, missing, destination)
        for version in versions
        for missing, destination in _missing(adapter, version, fetched)
    ]
    found += _uncollected(adapter, administration)
    return sorted(found, key=lambda item: item.since)


def _missing(
    adapter: Adapter, version: Prepared, fetched: set[tuple[str, str]]
) -> list[tuple[str, str | None]]:
    """What has not happened with a version, and for which school."""
    if version.state in (*dossiers.DELIVERABLE, PreparedState.SUPERSEDED):
        last, today = version.ready_until, school_date(adapter.clock())
        past = last is not None and last < today
        missing = "niet opgehaald, laatste dag voorbij" if past else "niet opgehaald"
        brins = sorted(school.brin for school in version.schools)
        return [(missing, brin) for brin in brins if (version.id, brin) not in fetched]
    if adapter.what_is_missing(version):
        return [("geen toestemming" if version.seen else "niet ingezien", None)]
    return [("niet klaargezet", None)]


def _uncollected(adapter: Adapter, administration: Administration) -> list[Unfinished]:
    """Requests for pupils of whom there is no dossier; one for each pupil and school.

    One that got its dossier before that was destroyed was not in vain. Pupils whose numbers end
    alike are told apart once a plugin knew them; a request of which none did may be for either.
    """
    found: dict[tuple[str, bytes], dict[str | None, datetime]] = {}
    for asked in asking.of_administration(adapter, administration):
        request = asked.request
        if asked.newest is None and request.result != unfinished.DELIVERED:
            first = found.setdefault((request.doel_brin, request.fragment_hmac), {})
            pupil = candidates.pupil_of(adapter, request)
            first[pupil] = min(request.first_at, first.get(pupil, request.first_at))
    for first in found.values():
        unknown = first.pop(None, None) if len(first) > 1 else None
        if unknown is not None and len(first) == 1:
            pupil = next(iter(first))
            first[pupil] = min(unknown, first[pupil])
    return [
        Unfinished(pupil, None, None, "niet verzameld", brin, since, None)
        for (brin, _), first in found.items()
        for pupil, since in first.items()
    ]


def _still(
    adapter: Adapter, version: Prepared, missing: str, destination: str | None
) -> Unfinished:
    return Unfinished(
        pupil_of(adapter, version),
        version.profile,
        version.version,
        missing,
        destination,
        version.changed_at,
        version.account,
    )

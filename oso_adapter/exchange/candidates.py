"""Whom a request means that nothing is prepared for: asked of the supplier's system, afterwards.

A request has a zoeksleutel and the last digits of a number, and no name. A plugin says who has such
a number, and the zoeksleutel decides which of these it is. What is remembered is the supplier's own
reference, sealed; the numbers are forgotten. It is asked in the background and never while the
other school waits, once for each request, and again when it failed.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from oso_adapter.errors import InvalidIdentifier, PluginFailed, StoreUnavailable
from oso_adapter.exchange.adapter import Adapter, reference
from oso_adapter.exchange.matching import key_of, matching
from oso_adapter.hookspecs import Candidate
from oso_adapter.identifiers import Pgn, plain_text
from oso_adapter.logs import event as log_event
from oso_adapter.store import events, requests
from oso_adapter.store.models import Administration, Request
from oso_adapter.store.sealing import Purpose
from oso_adapter.wire.search_key import SearchKey

HOOK: Final = "oso_candidates"
AT_A_TIME: Final = 20
"""Requests that are looked up at one tick, so that nothing else of the runner waits long."""
MOST: Final = 2000
"""Candidates that are compared, since each takes a slow computation."""
AGAIN: Final = (timedelta(minutes=5), timedelta(hours=1))
"""When it is tried again after it failed; then no more."""


def look_up(adapter: Adapter) -> int:
    """Look up the requests for which it is due; gives of how many the pupil is known now."""
    if not adapter.plugins.listeners(HOOK):
        return 0
    with adapter.store.reading() as session:
        due = requests.to_look_up(session, adapter.clock(), AT_A_TIME)
    known = 0
    for request in due:
        recognised = _looked_up(adapter, request)
        if recognised is None:
            break  # the rest of the runner does not wait while one after another fails
        known += recognised
    return known


def pupil_of(adapter: Adapter, request: Request) -> str | None:
    """The supplier's own reference of the pupil that it means, where a plugin knew that."""
    if request.pupil_sealed is None:
        return None
    return adapter.sealer.open_field(request.pupil_sealed, Purpose.PUPIL).decode()


def _looked_up(adapter: Adapter, request: Request) -> bool | None:
    """Whether the pupil is known now; None when it failed, whatever it was, and is put off."""
    with adapter.store.reading() as session:
        administration = session.get_one(Administration, request.administration_id)
    pupil, failed = None, True
    try:
        key = key_of(adapter, request)
        if not matching(adapter, administration, key):  # it may have been collected since
            pupil = _pupil_of(adapter, administration, key)
        failed = False
    except StoreUnavailable:
        raise
    except PluginFailed as failure:
        log_event("plugin.failed", plugin=failure.plugin, hook=HOOK, reason=failure.reason)
    except Exception as error:  # a seal that does not open, an algorithm of a supplier that raises
        log_event("runner.failed", reason=type(error).__name__)
    again = dict(enumerate(AGAIN)).get(request.looked_up) if failed else None
    moment = adapter.clock()
    sealed = pupil and adapter.sealer.seal_field(pupil.encode(), Purpose.PUPIL)
    with adapter.store.writing() as session:
        row = session.get(Request, request.id)
        if row is None or row.looked_up != request.looked_up:
            return None if failed else False  # destroyed, or looked up by another process
        row.looked_up += 1
        row.look_up_at = moment + again if again else None
        row.pupil_sealed = sealed or None
        if sealed:
            events.record(
                session,
                "request.recognised",
                moment,
                administration_id=row.administration_id,
                session_id=row.session_id,
                counterpart=row.doel_brin,
            )
    return None if failed else bool(sealed)


def _pupil_of(adapter: Adapter, administration: Administration, key: SearchKey) -> str | None:
    """The pupil to whom the key belongs; None when it is nobody, or several."""
    found = adapter.plugins.candidates(reference(administration), key.fragment)
    return None if found is None else _matching(adapter, key, *found)


def _matching(
    adapter: Adapter, key: SearchKey, plugin: str, candidates: Sequence[Candidate]
) -> str | None:
    if len(candidates) > MOST:
        raise PluginFailed(plugin, HOOK, f"gave more than {MOST} candidates")
    pupils = set()
    for candidate in candidates:
        try:
            number = Pgn(candidate.pgn)
            pupil = plain_text(candidate.pupil, 200)
        except (InvalidIdentifier, TypeError, AttributeError):
            raise PluginFailed(plugin, HOOK, "gave a number or a reference that is none") from None
        if adapter.search_key.matches(number, key):
            pupils.add(pupil)
    return pupils.pop() if len(pupils) == 1 else None

"""Former numbers of a pupil whose dossier is there already: it is found by either from now on."""

from collections.abc import Collection

from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.ready import OPEN
from oso_adapter.exchange.snapshot import Outcome, record, sealed_number
from oso_adapter.exchange.versions import current, require_state
from oso_adapter.identifiers import Pgn
from oso_adapter.store.models import Administration, PreparedState


def add(
    adapter: Adapter,
    administration: Administration,
    account: str,
    pupil: str,
    numbers: Collection[Pgn],
) -> Outcome:
    """Let the newest version for a pupil be found by these numbers too.

    A next version has its own. Raises NotFound, and NotAllowed when nobody can fetch it any more.
    """
    prepared = current(adapter, administration, pupil)
    require_state(prepared, OPEN)
    rows = [sealed_number(adapter, prepared, number) for number in numbers]
    with adapter.store.writing() as session:
        for row in rows:
            session.merge(row)
        record(session, "dossier.numbers", prepared, adapter.clock(), account)
    return Outcome(prepared.id, prepared.version, PreparedState(prepared.state), ())

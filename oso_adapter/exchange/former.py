"""Former numbers of a pupil whose dossier is there already: it is found by either from now on."""

from collections.abc import Collection

from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.pupil_numbers import sealed_number
from oso_adapter.exchange.ready import OPEN
from oso_adapter.exchange.snapshot import Outcome, record
from oso_adapter.exchange.versions import current, require_state
from oso_adapter.identifiers import Pgn
from oso_adapter.store import dossiers
from oso_adapter.store.models import Administration, PreparedState


def add(
    adapter: Adapter,
    administration: Administration,
    account: str,
    pupil: str,
    numbers: Collection[Pgn],
) -> Outcome:
    """Let the newest version for a pupil, and those that follow, be found by these numbers too.

    Those that were known are no news. Raises NotFound, and NotAllowed when nobody can fetch the
    dossier any more.
    """
    prepared = current(adapter, administration, pupil)
    require_state(prepared, OPEN)
    rows = [sealed_number(adapter, prepared, number) for number in numbers]
    with adapter.store.writing() as session:
        known = {row.pgn_hmac for row in dossiers.numbers(session, prepared.id)}
        if new := {row.pgn_hmac: row for row in rows if row.pgn_hmac not in known}:
            session.add_all(new.values())
            record(session, "dossier.numbers", prepared, adapter.clock(), account)
    return Outcome(prepared.id, prepared.version, PreparedState(prepared.state), ())

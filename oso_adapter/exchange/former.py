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
    """Let every version for a pupil that counts, and those that follow, be found by these numbers.

    Those of another profile too: a number is of the pupil, and not of one overstap. Numbers that
    were known are no news. Raises NotFound, and NotAllowed when nobody can fetch the newest any
    more.
    """
    prepared = current(adapter, administration, pupil)
    require_state(prepared, OPEN)
    with adapter.store.reading() as session:
        counting = dossiers.versions(session, administration.id, prepared.pupil_hmac, OPEN)
    rows = {each.id: [sealed_number(adapter, each, n) for n in numbers] for each in counting}
    with adapter.store.writing() as session:
        for version in counting:
            known = {row.pgn_hmac for row in dossiers.numbers(session, version.id)}
            new = {row.pgn_hmac: row for row in rows[version.id] if row.pgn_hmac not in known}
            if new:
                session.add_all(new.values())
                record(session, "dossier.numbers", version, adapter.clock(), account)
    return Outcome(prepared.id, prepared.version, PreparedState(prepared.state), ())

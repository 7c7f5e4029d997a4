"""The numbers by which the dossier of a pupil is found: the present one, and former ones.

They are of the pupil and not of one version: what was said with the last version holds for the next
one too, and so does an onderwijsnummer that it had itself, since a BSN takes its place (service,
What it is). Another BSN than before may as well be the mending of a mistake. Then the old one is
somebody else's, so nothing but an order lets the dossier be found by it.
"""

from oso_adapter.exchange.adapter import Adapter
from oso_adapter.identifiers import Pgn
from oso_adapter.store import dossiers
from oso_adapter.store.models import Administration, Prepared, PreparedNumber, PreparedState
from oso_adapter.store.sealing import Purpose


def carried_over(
    adapter: Adapter, administration: Administration, pupil: str, number: str | None
) -> set[Pgn]:
    """The numbers of the pupil's last version by which the next one is found too.

    number: that of the next version. Withdrawing ends it: what was said by mistake goes with it.
    """
    digest = adapter.sealer.digest(Purpose.PUPIL, pupil)
    with adapter.store.reading() as session:
        last = dossiers.newest(session, administration.id, digest)
        if last is None or last.state == PreparedState.WITHDRAWN:
            return set()
        rows = dossiers.numbers(session, last.id)
    known = {Pgn(adapter.sealer.open_field(row.pgn_sealed, Purpose.PGN).decode()) for row in rows}
    if number in {pgn.reveal() for pgn in known}:
        return known
    return {pgn for pgn in known if pgn.kind == "onderwijsnummer"}


def sealed_number(adapter: Adapter, prepared: Prepared, pgn: Pgn) -> PreparedNumber:
    """The row by which a dossier is found by this number; the number itself is sealed in it."""
    sealer, digits = adapter.sealer, pgn.reveal()
    fragment = adapter.search_key.make(pgn).fragment
    return PreparedNumber(
        prepared_id=prepared.id,
        pgn_hmac=sealer.digest(Purpose.PGN, digits),
        administration_id=prepared.administration_id,
        fragment_hmac=sealer.digest(Purpose.FRAGMENT, fragment),
        pgn_sealed=sealer.seal_field(digits.encode(), Purpose.PGN),
    )

"""Which pupil a zoeksleutel means.

The fragment narrows the candidates, by administration; the algorithm, slow on purpose, decides.
Nothing is compared with a number in the clear that is not a candidate.
"""

from oso_adapter.exchange.adapter import Adapter
from oso_adapter.identifiers import Pgn
from oso_adapter.store import dossiers
from oso_adapter.store.models import Administration, Request
from oso_adapter.store.sealing import Purpose
from oso_adapter.wire.search_key import SearchKey


def matching(adapter: Adapter, administration: Administration, key: SearchKey) -> list[str]:
    """The ids of the prepared dossiers of the pupil whom the zoeksleutel means; often none."""
    fragment = adapter.sealer.digest(Purpose.FRAGMENT, key.fragment)
    with adapter.store.reading() as session:
        candidates = dossiers.candidates(session, administration.id, fragment)
    verdicts: dict[bytes, bool] = {}
    found = []
    for candidate in candidates:
        if candidate.pgn_hmac not in verdicts:
            digits = adapter.sealer.open_field(candidate.pgn_sealed, Purpose.PGN).decode()
            verdicts[candidate.pgn_hmac] = adapter.search_key.matches(Pgn(digits), key)
        if verdicts[candidate.pgn_hmac]:
            found.append(candidate.prepared_id)
    return found


def key_of(adapter: Adapter, request: Request) -> SearchKey:
    """The zoeksleutel of a request that was remembered."""
    opened = adapter.sealer.open_field(request.key_sealed, Purpose.SEARCH_KEY).decode()
    fragment, _, key = opened.partition(" ")
    return SearchKey(key, fragment)

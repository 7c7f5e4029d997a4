"""Heads of the audit, kept outside the database: what a changed database is compared with.

A head says how many lines the audit of an administration had at a moment, and the hash of the last.
They go to the log every day; the log is elsewhere, so whoever changes the database, or puts
yesterday's back, does not change it.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from oso_adapter.errors import NotAllowed
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.logs import event as log_event
from oso_adapter.store import administrations, event_chain
from oso_adapter.store.event_chain import Break, Head

NOBODY: Final = "-"
"""The name of the chain of what concerns no administration."""
UNKNOWN: Final = -1


def log_heads(adapter: Adapter) -> None:
    """Write the head of every chain to the log."""
    names = names_of(adapter)
    with adapter.store.reading() as session:
        heads = event_chain.heads(session)
    for head in heads:
        log_event("audit.head", administration=names[head.chain], count=head.count, hash=head.hash)


def read_heads(adapter: Adapter, lines: Iterable[str]) -> list[Head]:
    """The heads in a log; other lines, and what stands before the JSON of a line, are passed over.

    Raises :class:`NotAllowed` when there is none, for then nothing would be compared.
    """
    chains = {name: chain for chain, name in names_of(adapter).items()}
    found = [_head(chains, line) for line in lines]
    kept = [head for head in found if head is not None]
    if not kept:
        raise NotAllowed("in dit bestand staat geen regel audit.head; geef de log van de adapter")
    return kept


def verify(adapter: Adapter, kept: Sequence[Head] = ()) -> tuple[Sequence[Head], list[Break]]:
    """The heads of all chains as they are now, and everything that is wrong with them."""
    term_began = adapter.clock() - timedelta(days=adapter.settings.retention.audit)
    with adapter.store.reading() as session:
        return event_chain.heads(session), list(event_chain.breaks(session, kept, term_began))


def names_of(adapter: Adapter) -> dict[int, str]:
    """The name of each chain: the routeringskenmerk of its administration."""
    with adapter.store.reading() as session:
        rows = administrations.listed(session)
    return {0: NOBODY, **{row.id: row.routing_id for row in rows}}


def _head(chains: Mapping[str, int], line: str) -> Head | None:
    try:
        read: dict[str, Any] = json.loads(line[line.index("{") :])
        if read["event"] != "audit.head":
            return None
        chain = chains.get(read["administration"], UNKNOWN)
        moment = datetime.fromisoformat(read["moment"])
        if moment.tzinfo is None:
            return None
        return Head(chain, int(read["count"]), str(read["hash"]), moment)
    except (ValueError, KeyError, TypeError):
        return None

"""How long the host waits for a plugin, and which hooks run where."""

from collections.abc import Mapping
from typing import Final

BUDGETS: Final[Mapping[str, float]] = {
    "oso_collect_dossier": 60.0,
    "oso_import_dossier": 60.0,
    "oso_notification_received": 5.0,
    "oso_search_key": 10.0,
    "oso_key_provider": 10.0,
    "oso_event": 5.0,
    "oso_find_pupils": 10.0,
    "oso_candidates": 10.0,
    "oso_enrich_dossier": 60.0,
    "oso_known_pupil": 10.0,
    "oso_refuse_delivery": 0.5,
    "oso_extra_rules": 10.0,
    "oso_commands": 10.0,
}
"""Seconds that the host waits for a hook."""

IN_ENDPOINT: Final = frozenset({"oso_search_key", "oso_key_provider", "oso_refuse_delivery"})
"""The hooks that run in the processes of the endpoints; no other supplier code gets there.

An endpoint cannot do without an algorithm and keys, and a refusal has to come before the answer.
Python cannot stop a thread that hangs, so whatever else a supplier does is done in a process that
can be ended.
"""

"""Finding the pupils whose dossiers are to be collected, in the supplier's own system."""

from collections.abc import Sequence
from typing import Final

from oso_adapter.errors import InvalidIdentifier, NotFound, PluginFailed
from oso_adapter.exchange.adapter import Adapter, reference
from oso_adapter.hookspecs import FoundPupil, PupilQuery
from oso_adapter.identifiers import plain_text
from oso_adapter.store import events
from oso_adapter.store.models import Administration

HOOK: Final = "oso_find_pupils"
MOST: Final = 500
"""Pupils that one question can give."""


def find_pupils(
    adapter: Adapter, administration: Administration, account: str, query: PupilQuery
) -> Sequence[FoundPupil]:
    """Ask the plugin; who reads the names of how many pupils is recorded before they are given.

    Raises NotFound when no plugin can search, and PluginFailed.
    """
    answer = adapter.plugins.find_pupils(reference(administration), account, query)
    if answer is None:
        raise NotFound("geen plugin kan leerlingen van deze administratie zoeken")
    plugin, found = answer
    pupils = found[: min(query.limit, MOST)]
    try:
        for pupil in pupils:
            plain_text(pupil.pupil, 200)
            plain_text(pupil.name, 200)
    except (InvalidIdentifier, AttributeError, TypeError):
        raise PluginFailed(plugin, HOOK, "gave a reference or a name that is none") from None
    with adapter.store.writing() as session:
        events.record(
            session,
            "pupils.found",
            adapter.clock(),
            administration_id=administration.id,
            account=account,
            reason=str(len(pupils)),
        )
    return pupils

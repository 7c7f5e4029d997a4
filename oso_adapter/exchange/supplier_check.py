"""A supplier's own check before a dossier leaves: it can refuse, and never allow what we refuse.

It comes after all our own checks and fails closed: a plugin that raises, hangs or answers something
else refuses with TechnischeFout, since nobody knows what it would have said.
"""

from typing import Final

from oso_adapter.errors import PluginFailed, Refused
from oso_adapter.exchange.adapter import Adapter, reference
from oso_adapter.exchange.versions import pupil_of
from oso_adapter.hookspecs import DeliveryRequest, PreparedRef
from oso_adapter.logs import event as log_event
from oso_adapter.store.models import Administration, Prepared

HOOK: Final = "oso_refuse_delivery"
REFUSALS: Final = (
    "LeerlinginfoNietBeschikbaar",
    "LeerlinginfoNietOpvraagbaar",
    "LeerlinginfoNietVoorDoel",
)
"""The results with which a plugin may refuse: what the bron says of a dossier that it has."""

FAILED: Final = "TechnischeFout"
_LONGEST: Final = 40
"""What fits in the reason of an event."""


def require_no_objection(
    adapter: Adapter, administration: Administration, asked: DeliveryRequest, prepared: Prepared
) -> None:
    """Ask the plugins that have such a check; raises Refused with the name of the one that objects.

    Nothing is opened or called when no plugin has one.
    """
    if not adapter.plugins.listeners(HOOK):
        return
    about = PreparedRef(
        id=prepared.id,
        version=prepared.version,
        profile=prepared.profile,
        release=prepared.release,
        collected_at=prepared.collected_at,
        ready_until=prepared.ready_until,
        pupil=pupil_of(adapter, prepared),
    )
    try:
        refusal = adapter.plugins.refuse_delivery(reference(administration), asked, about)
        if refusal is not None and refusal[1] not in REFUSALS:
            raise PluginFailed(refusal[0], HOOK, "gave no result with which it may refuse")
    except PluginFailed as failure:
        log_event("plugin.failed", plugin=failure.plugin, hook=HOOK, reason=failure.reason)
        raise Refused(FAILED, _by(failure.plugin)) from None
    if refusal is not None:
        raise Refused(refusal[1], _by(refusal[0]))


def _by(plugin: str) -> str:
    return f"plugin {plugin}"[:_LONGEST]

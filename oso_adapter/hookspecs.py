"""Every hook a plugin can implement, and what it is given.

A plugin is an installed package with an entry point in the group ``oso_adapter``, or a file in the
folder ``[plugins] directory``; its name is listed in ``[plugins] enabled``. It says with which
versions of this description it works, ``OSO_API = (1, 1)``, and may have a marshmallow schema of
its settings, ``OSO_SETTINGS``; its hooks are marked with :data:`hookimpl`.

Each hook takes a frozen :class:`HookContext` first. *First result* hooks decide one thing, and the
first plugin that does not answer None is believed; a raise fails that one exchange with a defined
result. *All* hooks go to every plugin; a raise is counted, logged by its type alone, and the rest
go on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal

import pluggy

from oso_adapter.clock import Clock
from oso_adapter.store.keys import KeyProvider
from oso_adapter.wire.search_key import SearchKeyAlgorithm

GROUP = "oso_adapter"
HOOK_API = 1
"""The version of what is described here; a plugin says from which to which it works with, OSO_API.

It is raised when a plugin that follows this description would no longer work.
"""
hookspec = pluggy.HookspecMarker(GROUP)
hookimpl = pluggy.HookimplMarker(GROUP)


@dataclass(frozen=True)
class AdministrationRef:
    """The administration for which a hook is called."""

    brin: str
    routing_id: str
    kind: str
    name: str
    tenant: str


@dataclass(frozen=True)
class HookContext:
    """What every hook is told: for whom, by whose order, why and until when.

    administration: None where the hook serves the whole adapter (search_key, key_provider), and for
    an event that is of no administration.
    account: the school employee by whose order it is done, or None for background work.
    release: of the dossier standard; contract: of the wire; reason: why the hook is called.
    deadline: aware UTC moment after which the host no longer waits.
    """

    administration: AdministrationRef | None
    account: str | None
    release: str
    contract: str
    clock: Clock
    deadline: datetime
    reason: str
    sections: Mapping[str, Mapping[str, Any]] = field(
        default_factory=lambda: MappingProxyType({}), repr=False
    )

    @property
    def tenant(self) -> str | None:
        """The tenant of the administration."""
        return self.administration.tenant if self.administration else None

    def settings(self, plugin: str) -> Mapping[str, Any]:
        """Your section ``[plugins.<plugin>]`` of the configuration; empty when there is none.

        As your schema OSO_SETTINGS made it, or as it stands there when you have no schema.
        """
        return self.sections.get(plugin, MappingProxyType({}))


@dataclass(frozen=True, repr=False)
class CollectedDossier:
    """A pupil's data in the dict form, and former numbers under which it may be asked for.

    pupil: the reference of the pupil whose data these are, as the supplier's system has it; a
    dossier of another pupil than was asked is refused. So is one with another leerlingid.
    """

    dossier: Mapping[str, Any]
    former_numbers: tuple[str, ...] = ()
    pupil: str | None = None


@dataclass(frozen=True, repr=False)
class ReceivedDossier:
    """A fetched dossier: ``dossier`` in the dict form, attachments unpacked; ``xml`` as it came.

    ``id`` stays the same however often the dossier is offered. ``former_numbers``: other numbers of
    this pupil than the one in the dossier, such as the number under which it was ordered; look for
    the pupil under these too, or you make a second one.
    """

    id: str
    dossier: Mapping[str, Any]
    xml: bytes
    release: str
    profile: str | None
    bron_brin: str
    former_numbers: tuple[str, ...] = ()


@dataclass(frozen=True)
class ImportAnswer:
    """What the supplier's system did with a received dossier.

    categories: which categories of the standard were taken over (``cat_verzuim``), empty for all;
    reason: in Dutch, for the user; it must not hold personal data. Raises ValueError for a category
    that no release has: what is stored in the clear is a name of the standard and nothing else.
    """

    outcome: Literal["accepted", "postponed", "rejected"]
    categories: tuple[str, ...] = ()
    reason: str | None = None

    def __post_init__(self) -> None:
        """Judge the categories where they are given, so that a plugin's own tests see it."""
        if not self.categories:
            return
        # most of what a process of a plugin would import, and not every plugin needs it
        from oso_adapter.standard.pack import available, load_pack  # noqa: PLC0415

        known = {name for release in available() for name in load_pack(release).profiles.data}
        if not known.issuperset(self.categories):
            raise ValueError("a category is a name of the standard, such as cat_verzuim")


@dataclass(frozen=True)
class ReceivedNotification:
    """A school that was asked in vain, or whose dossier came, says that there is a (newer) one.

    ``id`` stays the same however often it is told. reference: the caller's own name of the order
    that was placed then, order_id: the id of that order. The dossier does not come with it: order
    it again, with ``oso-adapter notifications fetch ID``.
    """

    id: str
    reference: str
    order_id: str
    bron_brin: str
    bron_routing_id: str
    received_at: datetime


@dataclass(frozen=True)
class AuditEvent:
    """Something that happened, as it stands in the store; never a number, a name or content.

    For which administration it happened is in the context. fault_id: as in the log and in what the
    other side was told; reason: why there was no answer, in a word.
    """

    id: int
    moment: datetime
    name: str
    account: str | None
    subject: str | None
    session_id: str | None
    counterpart: str | None
    result: str | None
    fault_id: str | None = None
    reason: str | None = None


@hookspec(firstresult=True)
def oso_collect_dossier(context: HookContext, pupil: str, profile: str) -> CollectedDossier | None:
    """Collect (verzamelen): map the supplier's data of one pupil to the dict form.

    pupil: the supplier's own reference (leerlingid). profile: POPO, POVO, VOVO or BB. Give None
    when the pupil is not yours. Runs in the CLI or the runner; budget 60 s. A raise means that
    this pupil is not collected; the others go on.
    """


@hookspec(firstresult=True)
def oso_import_dossier(context: HookContext, received: ReceivedDossier) -> ImportAnswer | None:
    """Take over a fetched dossier; called at least once, so be idempotent on ``received.id``.

    Runs in the CLI or the runner; budget 60 s. None or a raise leaves the dossier waiting, and it
    is offered again, each time later, up to an hour. *Postponed* says: not now, for instance
    because the pupil is not enrolled yet; the order is done, and the dossier is offered again a
    day later, until it is accepted or rejected here or by a person (``oso-adapter received``).
    """


@hookspec
def oso_notification_received(context: HookContext, notification: ReceivedNotification) -> None:
    """Show the user that a dossier can be fetched now; at least once, so be idempotent on the id.

    Runs in the runner; budget 5 s. A raise leaves it waiting, and it is told again, each time
    later, up to an hour, as long as that dossier was not fetched.
    """


@hookspec(firstresult=True)
def oso_search_key(context: HookContext) -> SearchKeyAlgorithm | None:
    """The zoeksleutel algorithm; required in production, since it is not public (wire 4.2).

    Called once per process at start-up. A raise stops the start.
    """


@hookspec(firstresult=True)
def oso_key_provider(context: HookContext) -> KeyProvider | None:
    """Keys from a key management system instead of the key file.

    Called once per process at start-up. A raise stops the start.
    """


@hookspec
def oso_event(context: HookContext, event: AuditEvent) -> None:
    """An event was recorded: for audit and monitoring; at least once, budget 5 s."""

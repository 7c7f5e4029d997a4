"""Every hook a plugin can implement, and what it is given.

A plugin is an installed package with an entry point in the group ``oso_adapter``, or a file in the
folder ``[plugins] directory``; its name is listed in ``[plugins] enabled``. It says with which
versions of this description it works, ``OSO_API = (1, 1)``, and may have a marshmallow schema of
its settings, ``OSO_SETTINGS``; its hooks are marked with :data:`hookimpl`.

Each hook but ``oso_commands`` takes a frozen :class:`HookContext` first. *First result* hooks
decide one thing, and the first plugin that does not answer None is believed; a raise fails that one
exchange with a defined result. *All* hooks go to every plugin; a raise is counted, logged by its
type alone, and the rest go on, unless the hook itself says otherwise.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import pluggy

from oso_adapter.hookdata import (
    AdministrationRef,
    AuditEvent,
    Candidate,
    CollectedDossier,
    DeliveryRequest,
    ExtraRule,
    FoundPupil,
    HookContext,
    ImportAnswer,
    KnownPupil,
    PreparedRef,
    PupilMatch,
    PupilQuery,
    ReceivedDossier,
    ReceivedNotification,
)
from oso_adapter.store.keys import KeyProvider
from oso_adapter.wire.search_key import SearchKeyAlgorithm

if TYPE_CHECKING:  # the process of a plugin has no need of it
    import click

__all__ = [
    "GROUP",
    "HOOK_API",
    "AdministrationRef",
    "AuditEvent",
    "Candidate",
    "CollectedDossier",
    "DeliveryRequest",
    "ExtraRule",
    "FoundPupil",
    "HookContext",
    "ImportAnswer",
    "KnownPupil",
    "PreparedRef",
    "PupilMatch",
    "PupilQuery",
    "ReceivedDossier",
    "ReceivedNotification",
    "hookimpl",
    "hookspec",
]

GROUP: Final = "oso_adapter"
HOOK_API: Final = 1
"""The version of what is described here; a plugin says from which to which it works with, OSO_API.

It is raised when a plugin that follows this description would no longer work.
"""

hookspec = pluggy.HookspecMarker(GROUP)
hookimpl = pluggy.HookimplMarker(GROUP)


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
    None is the answer, too, when the administration that fetched it is not in your store.
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


@hookspec(firstresult=True)
def oso_find_pupils(context: HookContext, query: PupilQuery) -> Sequence[FoundPupil] | None:
    """Find pupils whose dossier a user wants to collect: by name, group, leaving date, destination.

    Give None when you have no pupils of this administration, an empty list when nobody fits. Runs
    in the CLI or the runner; budget 10 s. A raise is told to the user. What is given is shown and
    not stored, and reading it is recorded with the account.
    """


@hookspec(firstresult=True)
def oso_candidates(context: HookContext, pgnfrag: str) -> Sequence[Candidate] | None:
    """Who can be meant: the pupils whose number has this fragment (its last digits).

    Asked in the background, once, after a school asked for a pupil of whom nothing is prepared;
    the zoeksleutel then tells which of them it is. Give None when you have no pupils of this
    administration. Runs in the runner; budget 10 s. A raise or an answer that is no use is tried
    again, each time later, three times in all.
    """


@hookspec
def oso_enrich_dossier(
    context: HookContext, dossier: Mapping[str, Any], pupil: str, profile: str
) -> Mapping[str, Any] | None:
    """Add the part of a second system (LVS, test system) to what was collected.

    dossier: what ``oso_collect_dossier`` gave, in the dict form, as a copy. Give your part in the
    same form, ``{"huidigeschool": {"leerling": {...}}}``, or None when you know nothing of this
    pupil. Where two systems say different things nothing is prepared, and a finding names both.
    Runs in the CLI or the runner; budget 60 s. A raise means that this pupil is not collected: a
    dossier without a part that belongs in it would look whole.
    """


@hookspec(firstresult=True)
def oso_known_pupil(context: HookContext, match: PupilMatch) -> KnownPupil | None:
    """What is known here of the pupil of a received dossier, to be shown beside what came.

    Give None when nobody fits. Runs in the CLI; budget 10 s. A raise leaves the ordinary view, with
    a line that says so.
    """


@hookspec(firstresult=True)
def oso_refuse_delivery(
    context: HookContext, request: DeliveryRequest, prepared: PreparedRef
) -> str | None:
    """A check of your own before a dossier leaves, after all of ours.

    Give None when nothing is against it, else the code with which the school that asks is refused:
    ``LeerlinginfoNietBeschikbaar``, ``LeerlinginfoNietOpvraagbaar``, ``LeerlinginfoNietVoorDoel``.
    Runs in the endpoint that delivers, so that it must be quick: budget 0.5 s. A raise, silence or
    another answer refuses with ``TechnischeFout``.
    """


@hookspec
def oso_extra_rules(context: HookContext, pack: str, profile: str) -> Sequence[ExtraRule] | None:
    """Agreements beyond the standard that a dossier is judged by before it leaves.

    pack: the release, such as ``2019.1``. They give more findings and take none away, and are not
    applied to what is received. Runs in the CLI or the runner; budget 10 s. A raise, or a rule that
    is no XPath, is told as a warning at the dossier.
    """


@hookspec
def oso_commands(group: "click.Group") -> None:
    """Add your own commands to ``group``: ``oso-adapter plugins run <plugin> ...``.

    Called in the CLI when such a command is asked for; budget 10 s. A raise is told to who asked.
    In a command the object of the click context (``click.pass_obj``) is a :class:`HookContext`
    without administration and account, whose ``settings`` are those of every command.
    """

"""The plugin: each hook of the OSO adapter that ``hooks`` names becomes one call to the LAS.

Configuration: ``[plugins.oso-webhook]``, see :class:`oso_webhook.configuration.SettingsSchema`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from oso_adapter.hookspecs import (
    AuditEvent,
    Candidate,
    CollectedDossier,
    ExtraRule,
    FoundPupil,
    HookContext,
    ImportAnswer,
    KnownPupil,
    PupilMatch,
    PupilQuery,
    ReceivedDossier,
    ReceivedNotification,
    hookimpl,
)
from oso_adapter.standard.jsonform import JsonRefused, from_parsed, to_plain
from oso_adapter.standard.pack import Pack, load_pack
from oso_webhook.client import Client
from oso_webhook.configuration import NAME, SettingsSchema, configured
from oso_webhook.forms import CALLS, ContextForm
from oso_webhook.trouble import AnswerNotUnderstood

OSO_API: Final = (1, 1)
OSO_SETTINGS: Final = SettingsSchema

_MARGIN: Final = 0.9
"""The part of the time that is used: what went wrong has to be told before the host stops."""


@hookimpl
def oso_collect_dossier(context: HookContext, pupil: str, profile: str) -> CollectedDossier | None:
    """Ask the LAS for the data of a pupil."""
    answer = _ask(context, "collect_dossier", {"pupil": pupil, "profile": profile})
    if answer is None:
        return None
    dossier = judged(answer["dossier"], load_pack(context.release))
    return CollectedDossier(dossier, tuple(answer["former_numbers"]))


@hookimpl
def oso_import_dossier(context: HookContext, received: ReceivedDossier) -> ImportAnswer | None:
    """Hand a received dossier to the LAS; ``webhook-id`` is the same at every offer."""
    if not _answers(context, "import_dossier"):
        return None
    told = {
        "id": received.id,
        "dossier": to_plain(received.dossier, load_pack(received.release)),
        "release": received.release,
        "profile": received.profile,
        "bron_brin": received.bron_brin,
        "former_numbers": list(received.former_numbers),
    }
    answer = _ask(context, "import_dossier", {"received": told}, received.id)
    if answer is None:
        return None
    try:
        return ImportAnswer(answer["outcome"], tuple(answer["categories"]), answer["reason"])
    except ValueError:
        raise AnswerNotUnderstood(("categories", "one is no category of the standard")) from None


@hookimpl
def oso_notification_received(context: HookContext, notification: ReceivedNotification) -> None:
    """Tell the LAS of a notification; ``webhook-id`` is the same each time."""
    told = {**asdict(notification), "received_at": notification.received_at.isoformat()}
    _ask(context, "notification_received", {"notification": told}, notification.id)


@hookimpl
def oso_event(context: HookContext, event: AuditEvent) -> None:
    """Tell the LAS of an event; ``webhook-id`` is the same each time."""
    told = {**asdict(event), "moment": event.moment.isoformat()}
    # the moment too: after a backup is put back, a number can be given again
    _ask(context, "event", {"event": told}, f"{event.id}-{int(event.moment.timestamp())}")


@hookimpl
def oso_find_pupils(context: HookContext, query: PupilQuery) -> Sequence[FoundPupil] | None:
    """Ask the LAS which pupils fit."""
    day = query.leaving_before
    told = {**asdict(query), "leaving_before": day.isoformat() if day else None}
    answer = _ask(context, "find_pupils", told)
    return None if answer is None else [FoundPupil(**each) for each in answer["pupils"]]


@hookimpl
def oso_candidates(context: HookContext, pgnfrag: str) -> Sequence[Candidate] | None:
    """Ask the LAS whose number ends so."""
    answer = _ask(context, "candidates", {"pgnfrag": pgnfrag})
    return None if answer is None else [Candidate(**each) for each in answer["candidates"]]


@hookimpl
def oso_enrich_dossier(
    context: HookContext, dossier: Mapping[str, Any], pupil: str, profile: str
) -> Mapping[str, Any] | None:
    """Ask the second system for its part."""
    if not _answers(context, "enrich_dossier"):
        return None
    pack = load_pack(context.release)
    told = {"pupil": pupil, "profile": profile, "dossier": to_plain(dossier, pack)}
    answer = _ask(context, "enrich_dossier", told)
    return None if answer is None else judged(answer["dossier"], pack, part=True)


@hookimpl
def oso_known_pupil(context: HookContext, match: PupilMatch) -> KnownPupil | None:
    """Ask the LAS what it knows of a pupil."""
    day = match.date_of_birth
    told = {**asdict(match), "former_pgns": list(match.former_pgns)}
    told["date_of_birth"] = day.isoformat() if day else None
    answer = _ask(context, "known_pupil", {"match": told})
    if answer is None:
        return None
    known = judged(answer["dossier"], load_pack(context.release), part=True)
    return KnownPupil(answer["pupil"], known)


@hookimpl
def oso_extra_rules(context: HookContext, pack: str, profile: str) -> Sequence[ExtraRule] | None:
    """Ask the LAS for the agreements of its schools."""
    answer = _ask(context, "extra_rules", {"pack": pack, "profile": profile})
    return None if answer is None else [ExtraRule(**each) for each in answer["rules"]]


def judged(dossier: Any, pack: Pack, *, part: bool = False) -> dict[str, Any]:
    """The dict form of an answered dossier; raises AnswerNotUnderstood with paths, not values."""
    try:
        return from_parsed(dossier, pack, part=part)
    except JsonRefused as refused:
        raise AnswerNotUnderstood(*((f.path, f.message) for f in refused.findings)) from None


def told_of(context: HookContext) -> Any:
    """The context as the LAS is told it."""
    return ContextForm().dump(context)


def _answers(context: HookContext, hook: str) -> bool:
    return hook in configured(context.settings(NAME)).hooks


def _ask(
    context: HookContext, hook: str, told: Mapping[str, Any], lasting: str = ""
) -> dict[str, Any] | None:
    configuration = configured(context.settings(NAME))
    if hook not in configuration.hooks:
        return None
    left = (context.deadline - context.clock()).total_seconds() * _MARGIN
    client = Client(configuration, context.clock, left)
    return client.ask(CALLS[hook], {"context": told_of(context), **told}, lasting)

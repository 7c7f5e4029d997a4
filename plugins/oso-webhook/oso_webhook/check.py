"""Trying a LAS before a school depends on it: each step a sentence, with what to do when it fails.

A server that believes everything works well until somebody else calls it; so it is also tried with
what it has to refuse. Nothing is handed over: only questions are asked, about nobody.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from time import monotonic
from typing import Any, Final, Literal
from uuid import uuid4

from oso_adapter.hookspecs import CollectedDossier, HookContext, PupilMatch, PupilQuery
from oso_adapter.standard import codec, profiles, validate
from oso_adapter.standard.pack import load_pack
from oso_webhook import plugin, signature
from oso_webhook.client import Client
from oso_webhook.configuration import NAME, Configuration, configured
from oso_webhook.forms import CALLS
from oso_webhook.trouble import AnswerNotUnderstood, SignatureRefused, WebhookTrouble

NOBODY: Final = "oso-webhook-check"
"""A reference that no pupil has."""

SECONDS: Final = 10.0
"""How long each step may take."""

_PING: Final = CALLS["ping"]
_BODY: Final = b'{"hook":"ping"}'


@dataclass(frozen=True)
class Step:
    """What was tried and how it went; next_step: what to do, where it is not well."""

    outcome: Literal["ok", "note", "error"]
    text: str
    next_step: str = ""


def check(context: HookContext) -> Iterator[Step]:
    """Try the LAS of the configuration; ends at a step without which the rest has no meaning.

    context: as a hook is given it. Raises :class:`oso_webhook.trouble.NotConfigured`.
    """
    configuration = configured(context.settings(NAME))
    client = Client(configuration, context.clock, SECONDS)
    try:
        answer = client.ask(_PING, {})
    except WebhookTrouble as trouble:
        yield _failed("it cannot be asked anything", trouble)
        return
    if answer is None:
        yield Step("error", "it answers a ping with 404", "Answer POST .../ping with your hooks.")
        return
    yield Step("ok", "it answers, its certificate is trusted, and the signatures fit both ways")
    yield from _hooks(configuration, set(answer["hooks"]))
    yield from _refusals(client)
    for hook, ask in QUESTIONS.items():
        if hook in configuration.hooks:
            yield _about_nobody(hook, ask, context)


def _hooks(configuration: Configuration, answered: set[str]) -> Iterator[Step]:
    for hook in sorted(configuration.hooks - answered):
        yield Step(
            "error",
            f"it does not answer {hook}, which [plugins.{NAME}] hooks names",
            "Take it from hooks, or build it and name it in the answer to a ping.",
        )
    known = answered & CALLS.keys()
    if more := sorted(known - configuration.hooks):
        yield Step(
            "note", f"it also answers {', '.join(more)}", "Name them in hooks to have them used."
        )
    if answered - known:
        yield Step("note", "it names hooks that are not known here", "Compare the spelling.")


def _refusals(client: Client) -> Iterator[Step]:
    """What nobody who does not have the secret may get an answer to."""

    def unsigned(headers: dict[str, str]) -> dict[str, str]:
        return {name: value for name, value in headers.items() if name != signature.SIGNATURE}

    def of_other_body(headers: dict[str, str]) -> dict[str, str]:
        message_id = headers[signature.ID]
        return client.configuration.secrets.signed(message_id, client.clock(), b"{}")

    earlier = timedelta(seconds=2 * signature.TOLERANCE)
    old = replace(client, clock=lambda: client.clock() - earlier)
    for what, by, changed in (
        ("without a signature", client, unsigned),
        ("with the signature of another body", client, of_other_body),
        (f"of {earlier.seconds // 60} minutes ago", old, dict),
    ):
        yield _refused(what, by, changed)


def _refused(
    what: str, client: Client, changed: Callable[[dict[str, str]], dict[str, str]]
) -> Step:
    try:
        client.send(_PING, f"ping-{uuid4().hex}", _BODY, monotonic() + SECONDS, changed)
    except SignatureRefused:
        return Step("ok", f"it refuses a request {what}")
    except (WebhookTrouble, ConnectionError):
        pass
    return Step(
        "error",
        f"it does not answer a request {what} with 401",
        "Verify webhook-signature and webhook-timestamp before anything else.",
    )


QUESTIONS: Final[dict[str, Callable[[HookContext], object]]] = {
    "collect_dossier": lambda context: plugin.oso_collect_dossier(context, NOBODY, "POVO"),
    "find_pupils": lambda context: plugin.oso_find_pupils(context, PupilQuery(name=NOBODY)),
    "enrich_dossier": lambda context: plugin.oso_enrich_dossier(context, {}, NOBODY, "POVO"),
    "known_pupil": lambda context: plugin.oso_known_pupil(context, PupilMatch(leerlingid=NOBODY)),
    "candidates": lambda context: plugin.oso_candidates(context, "none"),
}
"""Per hook that asks about a pupil: asks about nobody; what it gives then has to be nothing."""


def _about_nobody(hook: str, ask: Callable[[HookContext], object], context: HookContext) -> Step:
    try:
        found = ask(context)
    except WebhookTrouble as trouble:
        return _failed(f"{hook} about nobody fails", trouble)
    if not found:
        return Step("ok", f"{hook}: it knows nobody of whom it should not")
    return Step("error", f"{hook} finds a pupil where there is none", "Answer 404 for nobody.")


def pupil(context: HookContext, reference: str, profile: str, on: date) -> Iterator[Step]:
    """Collect one pupil and judge the dossier, as ``dossier collect`` does; inzage comes later.

    reference: leerlingid. Steps name paths and rules, and no value.
    """
    try:
        collected = plugin.oso_collect_dossier(context, reference, profile)
    except AnswerNotUnderstood as wrong:
        for place, what in wrong.problems:
            yield Step("error", f"{place}: {what}")
        return
    except WebhookTrouble as trouble:
        yield _failed("this pupil cannot be collected", trouble)
        return
    if not isinstance(collected, CollectedDossier):
        yield Step(
            "error",
            "it does not know this pupil, or the school",
            "See that hooks has collect_dossier, and give --brin and --routing-id of the school.",
        )
        return
    pack = load_pack(context.release)
    chosen = profiles.profile(profile, pack)
    whole, _ = profiles.complete(
        collected.dossier, pack, chosen, package=NAME, package_version="0", on=on
    )
    found = validate(codec.to_xml(whole, pack), profile=profile, inzage=False).findings
    for finding in found:
        outcome: Any = {"info": "note", "warning": "note"}.get(finding.severity, "error")
        yield Step(
            outcome, f"{finding.path}: {finding.message} ({finding.rule})", finding.next_step
        )
    if not any(finding.severity == "error" for finding in found):
        yield Step("ok", f"the dossier can be collected for {profile}")


def _failed(what: str, trouble: WebhookTrouble) -> Step:
    return Step("error", f"{what}: {trouble} ({type(trouble).__name__})", trouble.remedy)

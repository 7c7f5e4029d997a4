"""One call of a hook, to see what a plugin does: how long, where, what kind of answer; no values.

Only hooks that read. One that takes over a dossier, or is told something, would do so once more.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from oso_adapter.clock import school_date
from oso_adapter.errors import NotAllowed, NotFound, OsoError, PluginFailed
from oso_adapter.exchange.adapter import Adapter, reference
from oso_adapter.exchange.snapshot import NotPrepared, judge
from oso_adapter.hookspecs import CollectedDossier, KnownPupil, PupilMatch, PupilQuery
from oso_adapter.identifiers import Pgn, without_number
from oso_adapter.plugins import PluginHost
from oso_adapter.standard import codec, fields
from oso_adapter.standard.findings import Finding
from oso_adapter.standard.merge import merge
from oso_adapter.standard.profiles import complete, profile, stays_out
from oso_adapter.store import events
from oso_adapter.store.models import Administration

COLLECT: Final = "oso_collect_dossier"
ENRICH: Final = "oso_enrich_dossier"
OF_A_PUPIL: Final = (COLLECT, ENRICH, "oso_find_pupils", "oso_known_pupil", "oso_candidates")
"""Hooks that read pupils: each such call is an event."""
OTHERS: Final = ("oso_extra_rules", "oso_search_key", "oso_key_provider")
HOOKS: Final = (*OF_A_PUPIL, *OTHERS)
"""The hooks that can be traced."""

_MOST: Final = 10
"""Pupils that a plugin is asked to find."""


@dataclass(frozen=True)
class Asked:
    """For whom, and by whose order. pupil: the supplier's reference; profile: POPO, POVO, ..."""

    administration: Administration
    account: str
    pupil: str
    profile: str


@dataclass(frozen=True)
class Traced:
    """What became of a call.

    apart: whether it ran in a process of the plugin's own. seconds: how long it took, with starting
    that process. answer: the type, None for no answer; size: how many values are in it. failure:
    why there is none, in English.
    """

    hook: str
    apart: bool
    seconds: float
    answer: str | None = None
    size: int = 0
    findings: Sequence[Finding] = ()
    failure: str | None = None


def trace(
    adapter: Adapter,
    host: PluginHost,
    plugin: str,
    hook: str,
    asked: Asked,
    passing: Callable[[], float],
) -> Traced:
    """Call a hook of a plugin once and look at the answer, of which nothing is kept.

    host: has the plugin. passing: seconds that go by, from whatever beginning. Raises NotAllowed
    for a hook that is not traced, and InvalidIdentifier for a reference that is a number.
    """
    if hook not in HOOKS:
        raise NotAllowed(f"{hook} is not traced: it does more than read; trace one of {_named()}")
    without_number(asked.pupil)
    if hook in OF_A_PUPIL:
        _record(adapter, plugin, hook, asked)
    apart = host.runs_apart(plugin, hook)
    try:
        arguments = _arguments(adapter, hook, asked)
    except OsoError as missing:
        return Traced(hook, apart, 0.0, failure=str(missing))
    begun = passing()
    try:
        administration = reference(asked.administration)
        answer = host.ask(plugin, hook, administration, asked.account, arguments)
    except PluginFailed as failed:
        return Traced(hook, apart, passing() - begun, failure=failed.reason)
    seconds = passing() - begun
    if answer is None:
        return Traced(hook, apart, seconds)
    content = answer.dossier if isinstance(answer, CollectedDossier | KnownPupil) else answer
    findings = _findings(adapter, plugin, hook, asked, arguments, answer)
    return Traced(hook, apart, seconds, _kind(answer), _size(content), findings)


def _named() -> str:
    return ", ".join(HOOKS)


def _arguments(adapter: Adapter, hook: str, asked: Asked) -> Mapping[str, Any]:
    """What a hook is given. What it is to add to, or to recognise, is collected first."""
    pupil, profile_name = asked.pupil, asked.profile
    if hook == COLLECT:
        return {"pupil": pupil, "profile": profile_name}
    if hook == ENRICH:
        return {
            "dossier": _collected(adapter, asked),
            "pupil": pupil,
            "profile": profile_name,
        }
    if hook == "oso_candidates":
        return {"pgnfrag": _fragment(adapter, _collected(adapter, asked))}
    given: dict[str, Mapping[str, Any]] = {
        "oso_find_pupils": {"query": PupilQuery(limit=_MOST)},
        "oso_known_pupil": {"match": PupilMatch(leerlingid=pupil)},
        "oso_extra_rules": {"pack": adapter.pack.release, "profile": profile_name},
    }
    return given.get(hook, {})


def _collected(adapter: Adapter, asked: Asked) -> Mapping[str, Any]:
    collected = adapter.plugins.collect_dossier(
        reference(asked.administration), asked.account, asked.pupil, asked.profile
    )
    if collected is None:
        raise NotFound("no plugin knows this pupil, so there is nothing to begin with")
    return collected.dossier


def _fragment(adapter: Adapter, dossier: Mapping[str, Any]) -> str:
    """What of the pupil's number a request shows."""
    pupil = dossier.get("huidigeschool", {}).get("leerling", {})
    number = pupil.get("bsn") or pupil.get("onderwijsnummer")
    if not number:
        raise NotFound("what was collected of this pupil has no number, so there is none to ask")
    return adapter.search_key.make(Pgn.checked(str(number))).fragment


def _record(adapter: Adapter, plugin: str, hook: str, asked: Asked) -> None:
    with adapter.store.writing() as session:
        events.record(
            session,
            "plugin.traced",
            adapter.clock(),
            administration_id=asked.administration.id,
            account=asked.account,
            counterpart=plugin[:64],
            reason=hook[:40],
        )


def _findings(
    adapter: Adapter,
    plugin: str,
    hook: str,
    asked: Asked,
    arguments: Mapping[str, Any],
    answer: Any,
) -> Sequence[Finding]:
    """What collecting would say of a dossier, or of a part together with what it is added to."""
    if hook == COLLECT:
        return _of_dossier(adapter, asked, answer.dossier, ())
    if hook == ENRICH:
        pack = adapter.pack
        if wrong := fields.check(answer, pack, part=True):
            return wrong
        out = stays_out(pack, profile(asked.profile, pack))
        merged = merge([("-", arguments["dossier"]), (plugin, answer)], pack, out)
        return _of_dossier(adapter, asked, merged.dossier, merged.conflicts)
    return ()


def _of_dossier(
    adapter: Adapter, asked: Asked, dossier: Mapping[str, Any], known: Sequence[Finding]
) -> list[Finding]:
    """About the dict form, or else, when that is right, about the whole dossier."""
    pack = adapter.pack
    found = [*known, *fields.check(dossier, pack)]
    if any(each.severity == "error" for each in found):
        return found
    package = adapter.settings.package
    data, removed = complete(
        *(dossier, pack, profile(asked.profile, pack)),
        package=package.name,
        package_version=package.version,
        on=school_date(adapter.clock()),
    )
    try:
        judged = judge(adapter, codec.serialised(codec.to_element(data, pack)), inzage=False)
    except NotPrepared as refused:
        judged = list(refused.findings)
    return [*found, *removed, *judged]


def _kind(answer: Any) -> str:
    """The type of an answer; of a list also of what is in it."""
    name = type(answer).__name__
    if isinstance(answer, list | tuple):
        return f"{name} of {type(answer[0]).__name__}" if answer else f"empty {name}"
    return name


def _size(value: Any) -> int:
    """How many values are in something: those at the ends of its branches."""
    if isinstance(value, Mapping):
        return sum(_size(each) for each in value.values())
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return sum(_size(each) for each in value)
    return 1

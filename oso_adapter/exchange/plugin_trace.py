"""One call of a hook, to see what a plugin does: how long, where, what kind of answer; no values.

Only hooks that read. One that takes over a dossier, or is told something, would do so once more.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from oso_adapter.clock import school_date
from oso_adapter.errors import NotAllowed, PluginFailed
from oso_adapter.exchange.adapter import Adapter, reference
from oso_adapter.exchange.snapshot import NotPrepared, judge
from oso_adapter.hookspecs import CollectedDossier
from oso_adapter.identifiers import without_number
from oso_adapter.plugins import PluginHost
from oso_adapter.standard import codec, fields
from oso_adapter.standard.findings import Finding
from oso_adapter.standard.profiles import complete, profile
from oso_adapter.store import events
from oso_adapter.store.models import Administration

COLLECT: Final = "oso_collect_dossier"
OF_A_PUPIL: Final = (COLLECT,)
"""Hooks that read a pupil: each such call is an event."""
AT_START: Final = ("oso_search_key", "oso_key_provider")
HOOKS: Final = (*OF_A_PUPIL, *AT_START)
"""The hooks that can be traced."""


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
    begun, apart = passing(), host.runs_apart(plugin, hook)
    try:
        answer = host.ask(
            *(plugin, hook, reference(asked.administration), asked.account),
            _arguments(hook, asked),
        )
    except PluginFailed as failed:
        return Traced(hook, apart, passing() - begun, failure=failed.reason)
    seconds = passing() - begun
    if answer is None:
        return Traced(hook, apart, seconds)
    content = answer.dossier if isinstance(answer, CollectedDossier) else answer
    return Traced(
        *(hook, apart, seconds, type(answer).__name__, _size(content)),
        _findings(adapter, asked, answer) if isinstance(answer, CollectedDossier) else (),
    )


def _named() -> str:
    return ", ".join(HOOKS)


def _arguments(hook: str, asked: Asked) -> Mapping[str, object]:
    return {"pupil": asked.pupil, "profile": asked.profile} if hook == COLLECT else {}


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


def _findings(adapter: Adapter, asked: Asked, collected: CollectedDossier) -> list[Finding]:
    """What collecting would say of it: about the dict form, or else about the whole dossier."""
    pack = adapter.pack
    found = fields.check(collected.dossier, pack)
    if any(each.severity == "error" for each in found):
        return found
    package, today = adapter.settings.package, school_date(adapter.clock())
    data, removed = complete(
        *(collected.dossier, pack, profile(asked.profile, pack)),
        package=package.name,
        package_version=package.version,
        on=today,
    )
    try:
        judged = judge(adapter, codec.serialised(codec.to_element(data, pack)), inzage=False)
    except NotPrepared as refused:
        judged = list(refused.findings)
    return [*found, *removed, *judged]


def _size(value: Any) -> int:
    """How many values are in something: those at the ends of its branches."""
    if isinstance(value, Mapping):
        return sum(_size(each) for each in value.values())
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return sum(_size(each) for each in value)
    return 1

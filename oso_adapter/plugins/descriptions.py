"""Which plugins there are and which hooks each has, found out without importing any here.

The supervisor of `serve` finds out once and tells its children, so that an endpoint imports no
plugin that has nothing to do there.
"""

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from importlib.metadata import EntryPoint, entry_points

from oso_adapter.hookspecs import GROUP, HookContext
from oso_adapter.plugins.budgets import BUDGETS
from oso_adapter.plugins.found import Found, find
from oso_adapter.plugins.near import CallFailed
from oso_adapter.plugins.problems import PluginProblem, problem
from oso_adapter.plugins.process import Bounds, PluginProcess
from oso_adapter.settings import Settings

Points = Callable[[], list[EntryPoint]]


@dataclass(frozen=True)
class Description:
    """A plugin as it was found.

    found: None when there is none of that name. hooks: those that it has, None when it cannot be
    used; problems: why, and what else is worth knowing.
    """

    name: str
    found: Found | None
    hooks: frozenset[str] | None
    problems: tuple[PluginProblem, ...] = ()


def installed() -> list[EntryPoint]:
    """The entry points of the installed packages."""
    return list(entry_points(group=GROUP))


def looked_up(settings: Settings, points: Points = installed) -> list[Found | PluginProblem]:
    """Each enabled plugin, or why there is none to load; nothing is imported."""
    if not settings.plugins.enabled:
        return []
    there = points()
    looked: list[Found | PluginProblem] = []
    for number, name in enumerate(settings.plugins.enabled):
        if name in settings.plugins.enabled[:number]:
            looked.append(problem(name, "ambiguous", "[plugins] enabled names it twice"))
        else:
            looked.append(find(name, there, settings.plugins.directory))
    return looked


def bounds(settings: Settings) -> Bounds:
    """What the process of a plugin may take."""
    seconds = settings.plugins.seconds
    return Bounds(
        memory=settings.plugins.memory,
        # an attachment is twice as long in this coding as it is in a message, at most
        answer=2 * settings.limits.message_size + 2**20,
        loading=settings.plugins.loading,
        waiting=2 * min(max(BUDGETS.values()), seconds),
    )


def inspected(settings: Settings, points: Points = installed) -> list[Description]:
    """Every enabled plugin, each looked at in a process that lives for that alone."""
    looked = looked_up(settings, points)
    if not looked:
        return []

    def look(found: Found | PluginProblem) -> Description:
        if isinstance(found, PluginProblem):
            return Description(found.plugin, None, None, (found,))
        section = settings.plugins.sections.get(found.name, {})
        try:
            process = PluginProcess(found, section, bounds(settings))
        except CallFailed as failed:
            return Description(found.name, found, None, (failed.problem,))
        process.end()
        return Description(found.name, found, process.hello.hooks, process.hello.problems)

    with ThreadPoolExecutor(len(looked)) as pool:
        return list(pool.map(look, looked))


def tried(found: Found, hook: str, settings: Settings, context: Callable[[], HookContext]) -> bool:
    """Call a hook that takes nothing but a context, in a process that lives for that alone.

    Gives whether it answered; the answer stays there. Raises :class:`CallFailed`, also for an
    answer of another type than the hook gives.
    """
    section = settings.plugins.sections.get(found.name, {})
    process = PluginProcess(found, section, bounds(settings))
    try:
        seconds = min(BUDGETS[hook], settings.plugins.seconds)
        given = replace(context(), sections={})
        return bool(process.call(hook, {"context": given}, seconds, stays=True))
    finally:
        process.end()


def written(descriptions: Sequence[Description]) -> str:
    """The descriptions as a text, for :func:`described`."""
    rows = [
        {
            "name": each.name,
            "found": None if each.found is None else asdict(each.found),
            "hooks": None if each.hooks is None else sorted(each.hooks),
            "problems": [asdict(one) for one in each.problems],
        }
        for each in descriptions
    ]
    return json.dumps(rows)


def described(text: str) -> list[Description]:
    """The descriptions that :func:`written` wrote down."""
    return [
        Description(
            row["name"],
            None if row["found"] is None else Found(**row["found"]),
            None if row["hooks"] is None else frozenset(row["hooks"]),
            tuple(PluginProblem(**one) for one in row["problems"]),
        )
        for row in json.loads(text)
    ]

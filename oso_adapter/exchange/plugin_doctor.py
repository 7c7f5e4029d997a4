"""What is wrong with the plugins of this adapter: when they are loaded, and in calls lately.

The adapter itself need not start for that: a plugin can be why it does not.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from importlib.metadata import EntryPoint
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from oso_adapter.clock import Clock, school_date
from oso_adapter.environment import ENVIRONMENTS
from oso_adapter.errors import ConfigurationError, StoreUnavailable
from oso_adapter.hookspecs import HookContext
from oso_adapter.plugins import BUDGETS, PROBLEMS, Description, PluginProblem, inspected
from oso_adapter.plugins.descriptions import installed, tried
from oso_adapter.plugins.near import CallFailed
from oso_adapter.plugins.problems import problem
from oso_adapter.releases import releases_in_use
from oso_adapter.settings import Settings
from oso_adapter.store import plugin_failures
from oso_adapter.store.engine import Store
from oso_adapter.store.models import PluginFailure

LATELY: Final = timedelta(days=7)
"""A call that went wrong before is no longer something to mend now."""

NOBODY: Final = "-"
"""In the place of the plugin when there is none."""

SEARCH_KEY: Final = "oso_search_key"
_ONE_IS_USED: Final = (SEARCH_KEY, "oso_key_provider")
_ANYHOW: Final = "…"
"""In the place of a detail that was not kept."""


@dataclass(frozen=True)
class Diagnosis:
    """Something that is wrong.

    hook, times, last_at: of calls that went wrong; None and 0 for what is wrong with the plugin
    itself.
    """

    problem: PluginProblem
    hook: str | None = None
    times: int = 0
    last_at: datetime | None = None


@dataclass(frozen=True)
class Examination:
    """What was found. failures_known: whether it could be read which calls went wrong."""

    found: tuple[Diagnosis, ...]
    failures_known: bool

    @property
    def is_healthy(self) -> bool:
        """Whether nothing is an error."""
        return all(each.problem.severity != "error" for each in self.found)


def examine(
    settings: Settings, clock: Clock, points: Callable[[], list[EntryPoint]] = installed
) -> Examination:
    """Look at every enabled plugin, each in a process of its own, and at what went wrong lately.

    points: gives the entry points, by default those of the installed packages.
    """
    plugins = replace(settings.plugins, strict=False)
    settings = replace(settings, plugins=plugins)
    known = inspected(settings, points)
    found = [Diagnosis(each) for one in known for each in one.problems]
    found += [Diagnosis(each) for each in _about_hooks(settings, known)]
    found += _at_start(settings, clock, known)
    failures = _failures(settings, clock)
    found += [
        _failed(row)
        for row in failures or ()
        if row.plugin in plugins.enabled and row.code in PROBLEMS
    ]
    return Examination(tuple(found), failures is not None)


def _about_hooks(settings: Settings, known: Sequence[Description]) -> Iterator[PluginProblem]:
    for description in known:
        if description.hooks == frozenset():
            yield problem(description.name, "no-hooks")
    for hook in _ONE_IS_USED:
        having = [each.name for each in known if hook in (each.hooks or ())]
        for name in having[1:]:
            yield problem(name, "not-used", f"{hook} of {having[0]} is used")
        needed = hook == SEARCH_KEY and not ENVIRONMENTS[settings.environment].simulated_key
        if needed and not having:
            yield problem(NOBODY, "no-search-key", settings.environment)
    for name in settings.plugins.sections:
        if name not in settings.plugins.enabled:
            yield problem(name, "not-enabled")


def _at_start(
    settings: Settings, clock: Clock, known: Sequence[Description]
) -> Iterator[Diagnosis]:
    """What the adapter asks of plugins before it can start, each asked in a process of its own."""
    for hook in _ONE_IS_USED:
        for each in known:
            if each.found is None or hook not in (each.hooks or ()):
                continue
            try:
                if tried(each.found, hook, settings, partial(_context, settings, hook, clock)):
                    break
            except CallFailed as failed:
                yield Diagnosis(failed.problem, hook, 1, clock())
                break


def _context(settings: Settings, hook: str, clock: Clock) -> HookContext:
    now = clock()
    return HookContext(
        administration=None,
        account=None,
        release=releases_in_use(settings).prepared_on(school_date(now)),
        contract=settings.chain.contract,
        clock=clock,
        deadline=now + timedelta(seconds=BUDGETS[hook]),
        reason="start",
    )


def _failures(settings: Settings, clock: Clock) -> Sequence[PluginFailure] | None:
    store = Store(settings.store.url, timeout=settings.store.timeout)
    try:
        store.check_ready()
        with store.reading() as session:
            rows = plugin_failures.listed(session, clock())
    except (ConfigurationError, StoreUnavailable, SQLAlchemyError):
        return None
    finally:
        store.close()
    return [row for row in rows if row.last_at > clock() - LATELY]


def _failed(row: PluginFailure) -> Diagnosis:
    return Diagnosis(_problem(row.plugin, row.code), row.hook, row.count, row.last_at)


def _problem(plugin: str, code: str) -> PluginProblem:
    return problem(plugin, code, _ANYHOW)

"""The plugin host: finds plugins, calls their hooks, and is not hurt by them.

A plugin is loaded only when ``[plugins] enabled`` names it. One that cannot be imported or has a
wrong signature is kept as a :class:`PluginProblem` with the reason, and the rest go on; in strict
mode it stops the start. A hook runs in a thread of its own with a time budget: a thread that hangs
cannot be stopped, but the exchange does not wait for it, and while it hangs that hook of the plugin
is not called again. Of an exception only the type is told, because its text may quote a value.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final

import pluggy

from oso_adapter import hookspecs
from oso_adapter.clock import Clock, school_date, utc_now
from oso_adapter.errors import ConfigurationError, PluginFailed
from oso_adapter.hookspecs import (
    AdministrationRef,
    AuditEvent,
    CollectedDossier,
    HookContext,
    ImportAnswer,
    ReceivedDossier,
    ReceivedNotification,
)
from oso_adapter.releases import releases_in_use
from oso_adapter.settings import Settings
from oso_adapter.store.keys import KeyProvider
from oso_adapter.wire.search_key import SearchKeyAlgorithm

BUDGETS: Final[Mapping[str, float]] = {
    "oso_collect_dossier": 60.0,
    "oso_import_dossier": 60.0,
    "oso_notification_received": 5.0,
    "oso_search_key": 10.0,
    "oso_key_provider": 10.0,
    "oso_event": 5.0,
}
"""Seconds that the host waits for a hook."""


@dataclass(frozen=True)
class PluginProblem:
    """A plugin that could not be loaded: its name, and the reason with the remedy."""

    plugin: str
    reason: str


class PluginHost:
    """The loaded plugins behind a typed face, one method per hook."""

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock = utc_now,
        budgets: Mapping[str, float] = BUDGETS,
        found: Callable[[], list[EntryPoint]] | None = None,
    ) -> None:
        """Load the enabled plugins.

        clock and budgets: injected by tests; found: gives the entry points, by default those of
        the installed packages. Raises :class:`ConfigurationError` in strict mode.
        """
        self._releases = releases_in_use(settings)
        self._settings = settings
        self._clock = clock
        self._budgets = budgets
        self._manager = pluggy.PluginManager(hookspecs.GROUP)
        self._manager.add_hookspecs(hookspecs)
        points = found() if found else list(entry_points(group=hookspecs.GROUP))
        by_name = {point.name: point for point in points}
        self.problems: list[PluginProblem] = []
        self._hanging: list[threading.Thread] = []
        for name in settings.plugins.enabled:
            self._load(name, by_name.get(name))
        if self.problems and settings.plugins.strict:
            problem = self.problems[0]
            raise ConfigurationError(f"plugin {problem.plugin}: {problem.reason}")

    @property
    def names(self) -> list[str]:
        """The names of the loaded plugins, in the order in which they are asked."""
        return [name for name, _ in self._manager.list_name_plugin()]

    def register(self, plugin: object, name: str) -> None:
        """Add a plugin that is not installed, as a test or a script does."""
        self._manager.register(plugin, name)
        self._manager.check_pending()

    def collect_dossier(
        self, administration: AdministrationRef, account: str, pupil: str, profile: str
    ) -> CollectedDossier | None:
        """See :func:`oso_adapter.hookspecs.oso_collect_dossier`; raises PluginFailed."""
        context = self._context("oso_collect_dossier", "verzamelen", administration, account)
        answer: CollectedDossier | None = self._first(
            CollectedDossier, "oso_collect_dossier", context, pupil=pupil, profile=profile
        )
        return answer

    def import_dossier(
        self, administration: AdministrationRef, account: str | None, received: ReceivedDossier
    ) -> ImportAnswer | None:
        """See :func:`oso_adapter.hookspecs.oso_import_dossier`; raises PluginFailed."""
        context = self._context("oso_import_dossier", "overnemen", administration, account)
        answer: ImportAnswer | None = self._first(
            ImportAnswer, "oso_import_dossier", context, received=received
        )
        return answer

    def longest(self, hook: str) -> float:
        """Seconds that asking all plugins can take."""
        return self._budgets[hook] * len(self.names)

    @property
    def takes_over(self) -> bool:
        """Whether a received dossier has a plugin to go to; one that could not be loaded counts."""
        return bool(self.problems or self._manager.hook.oso_import_dossier.get_hookimpls())

    def search_key(self) -> SearchKeyAlgorithm | None:
        """The algorithm of the first plugin that has one; raises :class:`ConfigurationError`."""
        answer: SearchKeyAlgorithm | None = self._at_start(SearchKeyAlgorithm, "oso_search_key")
        return answer

    def key_provider(self) -> KeyProvider | None:
        """The key provider of the first plugin that has one; raises :class:`ConfigurationError`."""
        answer: KeyProvider | None = self._at_start(KeyProvider, "oso_key_provider")
        return answer

    def event(
        self, plugin: str, administration: AdministrationRef | None, event: AuditEvent
    ) -> None:
        """Tell one plugin of an event; raises PluginFailed, and then it is told again later."""
        context = self._context("oso_event", "gebeurtenis", administration, event.account)
        self._call(plugin, "oso_event", {"context": context, "event": event})

    def notification_received(
        self, plugin: str, administration: AdministrationRef, notification: ReceivedNotification
    ) -> None:
        """Tell one plugin of a notification; raises PluginFailed, then it is told again later."""
        context = self._context("oso_notification_received", "melding", administration)
        arguments = {"context": context, "notification": notification}
        self._call(plugin, "oso_notification_received", arguments)

    def listeners(self, hook: str = "oso_event") -> list[str]:
        """The plugins that implement a hook that goes to all."""
        found = getattr(self._manager.hook, hook).get_hookimpls()
        return [implementation.plugin_name for implementation in found]

    def _load(self, name: str, point: EntryPoint | None) -> None:
        if point is None:
            self._problem(name, "is not installed; install its package in this environment")
            return
        try:
            plugin = point.load()
            hash(plugin)  # pluggy needs it at every call, so a plugin without is of no use
            self._manager.register(plugin, name)
            self._manager.check_pending()
        except pluggy.PluginValidationError:
            self._manager.unregister(name=name)
            self._problem(name, "has a hook that does not fit; compare its signature with the docs")
        except (Exception, SystemExit) as error:
            self._problem(name, f"cannot be imported ({type(error).__name__})")

    def _problem(self, name: str, reason: str) -> None:
        self.problems.append(PluginProblem(name, reason))

    def _context(
        self,
        hook: str,
        reason: str,
        administration: AdministrationRef | None = None,
        account: str | None = None,
    ) -> HookContext:
        return HookContext(
            administration=administration,
            account=account,
            release=self._releases.prepared_on(school_date(self._clock())),
            contract=self._settings.chain.contract,
            clock=self._clock,
            deadline=self._clock() + timedelta(seconds=self._budgets[hook]),
            reason=reason,
            sections=self._settings.plugins.sections,
        )

    def _at_start(self, kind: type, hook: str) -> Any:
        """What the adapter cannot start without is a matter of configuration when it fails."""
        try:
            return self._first(kind, hook, self._context(hook, "start"))
        except PluginFailed as failure:
            raise ConfigurationError(str(failure)) from None

    def _first(self, kind: type, hook: str, context: HookContext, **arguments: object) -> Any:
        """Ask plugin after plugin until one answers, and check what kind of thing it gave."""
        for plugin in self.names:
            answer = self._call(plugin, hook, {"context": context, **arguments})
            if answer is None:
                continue
            if not isinstance(answer, kind):
                raise PluginFailed(plugin, hook, f"gave no {kind.__name__}")
            return answer
        return None

    def _call(self, plugin: str, hook: str, arguments: dict[str, object]) -> Any:
        """Call one plugin's hook in a thread, within its budget."""
        others = [p for name, p in self._manager.list_name_plugin() if name != plugin]
        caller = self._manager.subset_hook_caller(hook, remove_plugins=others)
        outcome: list[Any] = []

        def run() -> None:
            try:
                outcome.append(("answer", caller(**arguments)))
            except BaseException as error:
                outcome.append(("raise", type(error).__name__))

        thread = threading.Thread(target=run, daemon=True, name=f"{plugin}:{hook}")
        if any(t.is_alive() for t in self._hanging if t.name == thread.name):
            raise PluginFailed(plugin, hook, "it still hangs in an earlier call")
        thread.start()
        thread.join(self._budgets[hook])
        if not outcome:
            self._hanging = [*(t for t in self._hanging if t.is_alive()), thread]
            raise PluginFailed(plugin, hook, f"no answer within {self._budgets[hook]:g} seconds")
        word, answer = outcome[0]
        if word == "raise":
            raise PluginFailed(plugin, hook, f"it raised {answer}") from None
        return answer if caller.spec and caller.spec.opts.get("firstresult") else None

"""The plugin host: the plugins behind a typed face, one method per hook.

Where a hook runs depends on whose host it is. A command calls every plugin in its own process. The
runner calls each in a process of that plugin's own, and the endpoints call no supplier code but
:data:`IN_ENDPOINT`. Whatever a plugin does, its caller gets an answer that fits or PluginFailed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import EntryPoint
from types import MappingProxyType
from typing import Any, Literal, Protocol, Self, get_type_hints

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
from oso_adapter.logs import event as log_event
from oso_adapter.plugins import descriptions
from oso_adapter.plugins.answers import fits, ill_fitting
from oso_adapter.plugins.budgets import BUDGETS, IN_ENDPOINT
from oso_adapter.plugins.descriptions import Description
from oso_adapter.plugins.found import Found
from oso_adapter.plugins.loading import Loaded, load, registered
from oso_adapter.plugins.near import Absent, CallFailed, Near, Tell
from oso_adapter.plugins.problems import PluginProblem, Trouble, problem
from oso_adapter.plugins.process import READY, Far
from oso_adapter.plugins.questions import Questions
from oso_adapter.releases import releases_in_use
from oso_adapter.settings import Settings
from oso_adapter.store.keys import KeyProvider
from oso_adapter.wire.search_key import SearchKeyAlgorithm

Role = Literal["command", "runner", "endpoint"]
"""Whose host it is; see the top of this module."""


class Caller(Protocol):
    """How one plugin is called: in this process, or in its own."""

    def call(
        self,
        hook: str,
        context: Callable[[], HookContext],
        arguments: Mapping[str, object],
        budget: float,
    ) -> Any:
        """The answer of a hook; raises CallFailed."""

    def close(self) -> None:
        """Let go of what it holds."""


class NotHere(RuntimeError):
    """The adapter itself calls a hook in a process in which no supplier code may run."""


@dataclass
class _Plugin:
    """near: calls in this process, far: in its own; None where that is not done.

    only: the hooks that are called near, where that are not all.
    """

    hooks: frozenset[str]
    near: Caller | None
    far: Caller | None = None
    only: frozenset[str] | None = None

    def caller(self, hook: str) -> Caller:
        caller = self.near if self.only is None or hook in self.only else self.far
        if caller is None:
            raise NotHere(hook)
        return caller


class PluginHost(Questions):
    """The loaded plugins behind a typed face, one method per hook.

    problems: of what was left out; warnings: of plugins that work. remember: called with each call
    that went wrong; set by whoever has a place to keep that.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock = utc_now,
        budgets: Mapping[str, float] = BUDGETS,
        found: Callable[[], list[EntryPoint]] | None = None,
        role: Role = "command",
        known: Sequence[Description] | None = None,
    ) -> None:
        """Load the enabled plugins, or learn of them.

        clock and budgets: injected by tests; found: gives the entry points, by default those of
        the installed packages. known: what was found out of the plugins before, for a runner or an
        endpoint. Raises :class:`ConfigurationError` in strict mode.
        """
        self._releases = releases_in_use(settings)
        self._settings = settings
        self._role = role
        self._clock = clock
        self._budgets = {
            hook: min(seconds, settings.plugins.seconds) for hook, seconds in budgets.items()
        }
        self._plugins: dict[str, _Plugin] = {}
        self.problems: list[PluginProblem] = []
        self.warnings: list[PluginProblem] = []
        self.remember: Callable[[Trouble], None] | None = None
        self._told: set[Trouble] = set()
        points = found or descriptions.installed
        if role == "command":
            for each in descriptions.looked_up(settings, points):
                self._learn(self._loaded(each))
        else:
            if known is None:
                known = descriptions.inspected(settings, points)
            for description in known:
                self._place(description)
        wrong = [*self.problems, *self.warnings]
        if wrong and settings.plugins.strict:
            self.close()
            raise ConfigurationError(str(wrong[0]))

    @property
    def names(self) -> list[str]:
        """The names of the loaded plugins, in the order in which they are asked."""
        return list(self._plugins)

    @property
    def may_ask(self) -> bool:
        """Whether plugins can be asked here for more than :data:`IN_ENDPOINT`."""
        return self._role != "endpoint"

    def register(self, plugin: object, name: str) -> None:
        """Add a plugin that is not installed, as a test or a script does."""
        loaded = registered(plugin, name)
        loaded.section = self._section(name)
        self._learn(loaded)

    def close(self) -> None:
        """End the processes of plugins."""
        for plugin in self._plugins.values():
            for caller in (plugin.near, plugin.far):
                if caller is not None:
                    caller.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def collect_dossier(
        self,
        administration: AdministrationRef,
        account: str,
        pupil: str,
        profile: str,
        is_asked: Callable[[CollectedDossier], bool] = lambda _: True,
    ) -> CollectedDossier | None:
        """What the first plugin that knows the pupil collected; see :meth:`collected`."""
        found = self.collected(administration, account, pupil, profile, is_asked)
        return None if found is None else found[1]

    def collected(
        self,
        administration: AdministrationRef,
        account: str,
        pupil: str,
        profile: str,
        is_asked: Callable[[CollectedDossier], bool] = lambda _: True,
    ) -> tuple[str, CollectedDossier] | None:
        """The plugin that knows the pupil, and what it collected; raises PluginFailed.

        See :func:`oso_adapter.hookspecs.oso_collect_dossier`. is_asked: whether what a plugin gave
        is of the pupil that was asked.
        """
        hook = "oso_collect_dossier"
        context = self._context(hook, "verzamelen", administration, account)
        found = self._answered(CollectedDossier, hook, context, pupil=pupil, profile=profile)
        if found is not None and not is_asked(found[1]):
            raise self._failed(hook, problem(found[0], "other-pupil"))
        return found

    def import_dossier(
        self, administration: AdministrationRef, account: str | None, received: ReceivedDossier
    ) -> ImportAnswer | None:
        """See :func:`oso_adapter.hookspecs.oso_import_dossier`; raises PluginFailed."""
        context = self._context("oso_import_dossier", "overnemen", administration, account)
        answer: ImportAnswer | None = self._first(
            ImportAnswer, "oso_import_dossier", context, received=received
        )
        return answer

    def ask(
        self,
        plugin: str,
        hook: str,
        administration: AdministrationRef | None,
        account: str | None,
        arguments: Mapping[str, object],
    ) -> Any:
        """Call one hook of one plugin, whatever it is for: to see what the plugin does.

        Gives what it gave, of a type that the hook allows; raises PluginFailed, also for a hook
        that the plugin does not have.
        """
        if hook not in self._plugins[plugin].hooks:
            raise PluginFailed(plugin, hook, "it does not have this hook", "no-hooks")
        kind = get_type_hints(getattr(hookspecs, hook))["return"]
        context = self._context(hook, "proef", administration, account)
        return self._call(plugin, hook, context, kind=kind, **arguments)

    def runs_apart(self, plugin: str, hook: str) -> bool:
        """Whether this hook of this plugin runs in a process of its own."""
        return self._plugins[plugin].far is not None and hook not in IN_ENDPOINT

    def longest(self, hook: str) -> float:
        """Seconds that asking all plugins can take, with waiting for one's turn and starting."""
        seconds = self._budgets[hook]
        if self._role == "runner":
            bounds = descriptions.bounds(self._settings)
            seconds += bounds.waiting + READY + bounds.loading
        return seconds * len(self.listeners(hook))

    @property
    def takes_over(self) -> bool:
        """Whether a received dossier has a plugin to go to; one that could not be loaded counts."""
        return bool(self.problems or self.listeners("oso_import_dossier"))

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
        self._call(plugin, "oso_event", context, event=event)

    def notification_received(
        self, plugin: str, administration: AdministrationRef, notification: ReceivedNotification
    ) -> None:
        """Tell one plugin of a notification; raises PluginFailed, then it is told again later."""
        context = self._context("oso_notification_received", "melding", administration)
        self._call(plugin, "oso_notification_received", context, notification=notification)

    def listeners(self, hook: str = "oso_event") -> list[str]:
        """The plugins that have a hook, in the order in which they are asked."""
        return [name for name, plugin in self._plugins.items() if hook in plugin.hooks]

    def _own_section(self, plugin: str) -> Mapping[str, Any]:
        near = self._plugins[plugin].near
        return near.section if isinstance(near, Near) else self._section(plugin)

    def _section(self, name: str) -> Mapping[str, Any]:
        return self._settings.plugins.sections.get(name, MappingProxyType({}))

    def _loaded(self, found: Found | PluginProblem) -> Loaded | list[PluginProblem]:
        if isinstance(found, PluginProblem):
            return [found]
        return load(found, self._section(found.name), self._settings.plugins.loading)

    def _learn(self, loaded: Loaded | list[PluginProblem]) -> None:
        """Take up a plugin that was loaded in this process."""
        if not isinstance(loaded, Loaded):
            self._tell(loaded)
            return
        self._plugins[loaded.name] = _Plugin(loaded.hooks, Near(loaded, self._teller(loaded.name)))
        self._tell(loaded.warnings)

    def _place(self, description: Description) -> None:
        """Take up a plugin that was looked at elsewhere, and load it where it has to be near."""
        self._tell(description.problems)
        name, found, hooks = description.name, description.found, description.hooks
        if hooks is None or found is None:
            return
        near: Caller | None = None
        if hooks & IN_ENDPOINT:
            loaded = self._loaded(found)
            if isinstance(loaded, Loaded):
                near = Near(loaded, self._teller(name))
            else:  # a check that it has must not be passed over, nor its keys be others
                self._tell(loaded)
                near = Absent(loaded[0])
        far = None
        if self._role == "runner":
            bounds = descriptions.bounds(self._settings)
            far = Far(found, self._section(name), bounds, self._teller(name))
        self._plugins[name] = _Plugin(hooks, near, far, IN_ENDPOINT)

    def _tell(self, found: Sequence[PluginProblem]) -> None:
        for each in found:
            (self.problems if each.severity == "error" else self.warnings).append(each)

    def _teller(self, plugin: str) -> Tell:
        def tell(hook: str, said: PluginProblem) -> None:
            if self._settings.plugins.strict:
                raise CallFailed(said)
            self._note(plugin, hook, said)

        return tell

    def _note(self, plugin: str, hook: str, found: PluginProblem) -> None:
        """Tell of a call that went wrong: to the log once, and to whoever remembers it."""
        trouble = Trouble(plugin, hook, found.code)
        if self._role != "command" and trouble not in self._told:
            self._told.add(trouble)
            log_event("plugin.problem", hook=hook, **found.logged)
        if self.remember is not None:
            self.remember(trouble)

    def _context(
        self,
        hook: str,
        reason: str,
        administration: AdministrationRef | None = None,
        account: str | None = None,
    ) -> Callable[[], HookContext]:
        """Makes the context of a call at the moment at which its time begins."""

        def make() -> HookContext:
            now = self._clock()
            return HookContext(
                administration=administration,
                account=account,
                release=self._releases.prepared_on(school_date(now)),
                contract=self._settings.chain.contract,
                clock=self._clock,
                deadline=now + timedelta(seconds=self._budgets[hook]),
                reason=reason,
            )

        return make

    def _at_start(self, kind: type, hook: str) -> Any:
        """What the adapter cannot start without is a matter of configuration when it fails."""
        try:
            return self._first(kind, hook, self._context(hook, "start"))
        except PluginFailed as failure:
            raise ConfigurationError(str(failure)) from None

    def _call(
        self,
        plugin: str,
        hook: str,
        context: Callable[[], HookContext],
        *,
        kind: Any = object,
        **arguments: object,
    ) -> Any:
        """Call one plugin's hook within its budget; kind: what it gives, beside None."""
        try:
            caller = self._plugins[plugin].caller(hook)
            answer = caller.call(hook, context, arguments, self._budgets[hook])
            if answer is not None:
                self._judge(plugin, answer, kind)
            return answer
        except CallFailed as failed:
            raise self._failed(hook, failed.problem) from None

    def _failed(self, hook: str, found: PluginProblem) -> PluginFailed:
        """Tell of it, and what to raise."""
        self._note(found.plugin, hook, found)
        return PluginFailed(found.plugin, hook, f"it {found.reason}", found.code)

    def _judge(self, plugin: str, answer: object, kind: Any) -> None:
        name = getattr(kind, "__name__", str(kind))
        try:
            if fits(answer, kind):
                return
            field = ill_fitting(answer, kind)
        except Exception:  # to look at it may run code of the plugin
            field = None
        detail = f"no {name}" if field is None else f"a {name} with a wrong {field}"
        raise CallFailed(problem(plugin, "no-use", detail))

"""What the adapter asks of plugins beside collecting and taking over, one method per hook."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click

from oso_adapter.errors import PluginFailed
from oso_adapter.hookspecs import (
    AdministrationRef,
    Candidate,
    CollectedDossier,
    DeliveryRequest,
    ExtraRule,
    FoundPupil,
    HookContext,
    KnownPupil,
    PreparedRef,
    PupilMatch,
    PupilQuery,
)
from oso_adapter.plugins.near import own_settings
from oso_adapter.plugins.problems import PluginProblem, problem

_Made = Callable[[], HookContext]
"""Makes the context of a call at the moment at which its time begins."""


class Questions(ABC):
    """The part of the host that asks; what it asks with is the host's."""

    @abstractmethod
    def listeners(self, hook: str) -> list[str]:
        """The plugins that have a hook, in the order in which they are asked."""

    @abstractmethod
    def _context(
        self,
        hook: str,
        reason: str,
        administration: AdministrationRef | None = None,
        account: str | None = None,
    ) -> _Made: ...

    @abstractmethod
    def _call(
        self, plugin: str, hook: str, context: _Made, *, kind: Any = object, **arguments: object
    ) -> Any: ...

    @abstractmethod
    def _failed(self, hook: str, found: PluginProblem) -> PluginFailed: ...

    @abstractmethod
    def _own_section(self, plugin: str) -> Mapping[str, Any]:
        """The settings of a plugin, as it is given them."""

    def enrich_dossier(
        self,
        administration: AdministrationRef,
        account: str,
        dossier: Mapping[str, Any],
        pupil: str,
        profile: str,
        is_asked: Callable[[CollectedDossier], bool] = lambda _: True,
    ) -> list[tuple[str, Mapping[str, Any]]]:
        """The part of each plugin that adds one, with its name; raises PluginFailed.

        See :func:`oso_adapter.hookspecs.oso_enrich_dossier`. A plugin gets a copy of the dossier.
        is_asked: whether a part is of the pupil that was asked.
        """
        hook = "oso_enrich_dossier"
        context = self._context(hook, "aanvullen", administration, account)
        parts = []
        for plugin in self.listeners(hook):
            given = {"dossier": _copied(dossier), "pupil": pupil, "profile": profile}
            part = self._call(plugin, hook, context, kind=Mapping, **given)
            if part is None:
                continue
            if not is_asked(CollectedDossier(part)):
                raise self._failed(hook, problem(plugin, "other-pupil"))
            parts.append((plugin, part))
        return parts

    def find_pupils(
        self, administration: AdministrationRef, account: str, query: PupilQuery
    ) -> tuple[str, Sequence[FoundPupil]] | None:
        """The plugin that knows the pupils of this administration, and whom it found.

        See :func:`oso_adapter.hookspecs.oso_find_pupils`; raises PluginFailed.
        """
        context = self._context("oso_find_pupils", "zoeken", administration, account)
        return self._answered(Sequence[FoundPupil], "oso_find_pupils", context, query=query)

    def candidates(
        self, administration: AdministrationRef, pgnfrag: str
    ) -> tuple[str, Sequence[Candidate]] | None:
        """The plugin that knows the pupils of this administration, and who it can be.

        See :func:`oso_adapter.hookspecs.oso_candidates`; raises PluginFailed.
        """
        context = self._context("oso_candidates", "aanvraag", administration)
        return self._answered(Sequence[Candidate], "oso_candidates", context, pgnfrag=pgnfrag)

    def known_pupil(
        self, administration: AdministrationRef, account: str, match: PupilMatch
    ) -> tuple[str, KnownPupil] | None:
        """The plugin that knows the pupil, and what stands there.

        See :func:`oso_adapter.hookspecs.oso_known_pupil`; raises PluginFailed.
        """
        context = self._context("oso_known_pupil", "vergelijken", administration, account)
        return self._answered(KnownPupil, "oso_known_pupil", context, match=match)

    def refuse_delivery(
        self, administration: AdministrationRef, request: DeliveryRequest, prepared: PreparedRef
    ) -> tuple[str, str] | None:
        """The plugin that refuses and its code, as it gave it; raises PluginFailed.

        See :func:`oso_adapter.hookspecs.oso_refuse_delivery`.
        """
        hook = "oso_refuse_delivery"
        context = self._context(hook, "uitleveren", administration)
        return self._answered(str, hook, context, request=request, prepared=prepared)

    def extra_rules(
        self, pack: str, profile: str
    ) -> list[tuple[str, Sequence[ExtraRule] | PluginFailed]]:
        """What each plugin with rules gives for a release and a profile, or why it gave nothing.

        See :func:`oso_adapter.hookspecs.oso_extra_rules`.
        """
        hook, kind = "oso_extra_rules", Sequence[ExtraRule]
        context = self._context(hook, "regels")
        found: list[tuple[str, Sequence[ExtraRule] | PluginFailed]] = []
        for plugin in self.listeners(hook):
            given = {"pack": pack, "profile": profile}
            try:
                rules = self._call(plugin, hook, context, kind=kind, **given)
                found.append((plugin, rules or ()))
            except PluginFailed as failure:
                found.append((plugin, failure))
        return found

    def commands(self, plugin: str, group: click.Group) -> HookContext:
        """Let one plugin add its commands to a group; raises PluginFailed.

        Gives the context that its commands find as the object of their click context.
        """
        context = self._context("oso_commands", "opdracht")
        self._call(plugin, "oso_commands", context, group=group)
        return own_settings(context(), plugin, self._own_section(plugin))

    def _first(self, kind: Any, hook: str, context: _Made, **arguments: object) -> Any:
        """The first answer; see :meth:`_answered`."""
        found = self._answered(kind, hook, context, **arguments)
        return None if found is None else found[1]

    def _answered(
        self, kind: Any, hook: str, context: _Made, **arguments: object
    ) -> tuple[str, Any] | None:
        """Ask plugin after plugin until one answers, which is told with what it gave."""
        for plugin in self.listeners(hook):
            answer = self._call(plugin, hook, context, kind=kind, **arguments)
            if answer is not None:
                return plugin, answer
        return None


def _copied(value: Any) -> Any:
    """Blocks and lists anew, of whatever kind they are; what is in them cannot be changed."""
    if isinstance(value, Mapping):
        return {name: _copied(inner) for name, inner in value.items()}
    return [_copied(inner) for inner in value] if isinstance(value, list) else value

"""Calling a plugin in this process: a thread for each call, and a budget.

A thread that hangs cannot be stopped, but nobody waits for it; and while it hangs that hook of the
plugin is not called again.
"""

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from oso_adapter.hookspecs import HookContext
from oso_adapter.plugins.loading import Loaded
from oso_adapter.plugins.output import kept_apart, silenced
from oso_adapter.plugins.problems import PluginProblem, of_error, problem

Tell = Callable[[str, PluginProblem], None]
"""Called with a hook and what is worth knowing of a call that went well otherwise.

Raises :class:`CallFailed` where that is not good enough.
"""


class CallFailed(Exception):
    """A call gave no answer; ``problem`` says why."""

    def __init__(self, found: PluginProblem) -> None:
        super().__init__(found.code)
        self.problem = found


def own_settings(context: HookContext, name: str, section: Mapping[str, Any]) -> HookContext:
    """The same context, with the settings of this plugin and of no other."""
    return replace(context, sections=MappingProxyType({name: section}))


class Near:
    """A plugin that runs in this process."""

    def __init__(self, loaded: Loaded, tell: Tell) -> None:
        self._loaded = loaded
        self._tell = tell
        self._hanging: dict[str, threading.Thread] = {}

    @property
    def section(self) -> Mapping[str, Any]:
        """The settings of the plugin, as it is given them."""
        return self._loaded.section

    def call(
        self,
        hook: str,
        context: Callable[[], HookContext],
        arguments: Mapping[str, object],
        budget: float,
    ) -> Any:
        """Call one hook; raises :class:`CallFailed`."""
        name, loaded = self._loaded.name, self._loaded
        earlier = self._hanging.get(hook)
        if earlier is not None and earlier.is_alive():
            raise CallFailed(problem(name, "hanging"))
        given = {"context": own_settings(context(), name, loaded.section), **arguments}
        outcome: list[tuple[Any, PluginProblem | None]] = []
        printed: list[int] = [0]

        def run() -> None:
            nonlocal printed
            with kept_apart(), silenced() as printed:
                try:
                    outcome.append((loaded.call(hook, given), None))
                except BaseException as error:
                    outcome.append((None, problem(name, "raised", of_error(error))))

        thread = threading.Thread(target=run, daemon=True, name=f"{name}:{hook}")
        thread.start()
        thread.join(budget)
        if thread.is_alive() and not outcome:
            self._hanging[hook] = thread
            raise CallFailed(problem(name, "time", f"{budget:g}"))
        answer, failed = outcome[0]
        if failed is not None:
            with suppress(CallFailed):  # what is worse is told
                self._printed(hook, printed[0])
            raise CallFailed(failed)
        self._printed(hook, printed[0])
        return answer

    def close(self) -> None:
        """Nothing is kept open."""

    def _printed(self, hook: str, characters: int) -> None:
        if characters:
            self._tell(hook, problem(self._loaded.name, "printed", characters))


class Absent:
    """A plugin that has hooks for this process and could not be loaded in it: each call fails."""

    def __init__(self, why: PluginProblem) -> None:
        self._why = why

    def call(
        self,
        hook: str,
        context: Callable[[], HookContext],
        arguments: Mapping[str, object],
        budget: float,
    ) -> Any:
        """Raises :class:`CallFailed`."""
        raise CallFailed(self._why)

    def close(self) -> None:
        """Nothing is kept open."""

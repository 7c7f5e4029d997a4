"""Loading one plugin: imported, judged and registered, within its time; or what is wrong with it.

This is where supplier code first runs. Who calls this decides in which process that is.
"""

import difflib
import inspect
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType, ModuleType
from typing import Any, Final

import pluggy

from oso_adapter import hookspecs
from oso_adapter.plugins.deprecated import DEPRECATED, Deprecation
from oso_adapter.plugins.found import Found
from oso_adapter.plugins.output import kept_apart, silenced
from oso_adapter.plugins.problems import PluginProblem, of_error, problem
from oso_adapter.plugins.section import judged

_PREFIX: Final = "oso_"
_MARK: Final = f"{hookspecs.GROUP}_impl"
_SPEC: Final = f"{hookspecs.GROUP}_spec"


@dataclass
class Loaded:
    """A plugin that can be called, with a pluggy manager of its own: no plugin sees another.

    hooks: those that it has. section: its settings as its own schema made them.
    """

    name: str
    manager: pluggy.PluginManager
    hooks: frozenset[str] = frozenset()
    section: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    warnings: Sequence[PluginProblem] = ()

    def call(self, hook: str, arguments: Mapping[str, object]) -> Any:
        """Call a hook here and now; raises whatever the plugin raises. Gives its one answer."""
        caller = getattr(self.manager.hook, hook)
        answer = caller(**arguments)
        if caller.spec.opts.get("firstresult"):
            return answer
        return answer[0] if answer else None


def load(
    found: Found,
    section: Mapping[str, Any],
    seconds: float,
    specs: ModuleType = hookspecs,
    ending: Mapping[str, Deprecation] = DEPRECATED,
) -> Loaded | list[PluginProblem]:
    """Load a plugin, or tell what is wrong with it: errors, with the warnings behind them.

    section: its own settings as they stand in the configuration. seconds: how long it may take.
    specs: the module with the hooks; ending: which of that will be gone.
    """
    outcome: list[Loaded | list[PluginProblem]] = []

    def run() -> None:
        with kept_apart(), silenced() as printed:
            loaded = loaded_here(found, section, specs, ending)
        if isinstance(loaded, Loaded) and printed[0]:
            loaded.warnings = (*loaded.warnings, problem(found.name, "printed", printed[0]))
        outcome.append(loaded)

    thread = threading.Thread(target=run, daemon=True, name=f"{found.name}:load")
    thread.start()
    thread.join(seconds)
    return outcome[0] if outcome else [problem(found.name, "start-time", f"{seconds:g}")]


def registered(plugin: object, name: str, specs: ModuleType = hookspecs) -> Loaded:
    """A plugin that is an object, unjudged; raises what pluggy raises."""
    manager = pluggy.PluginManager(hookspecs.GROUP)
    manager.add_hookspecs(specs)
    manager.register(plugin, name)
    manager.check_pending()
    hooks = {caller.name for caller in manager.get_hookcallers(plugin) or ()}
    return Loaded(name, manager, frozenset(hooks))


def loaded_here(
    found: Found,
    section: Mapping[str, Any],
    specs: ModuleType = hookspecs,
    ending: Mapping[str, Deprecation] = DEPRECATED,
) -> Loaded | list[PluginProblem]:
    """As :func:`load`, in this thread and as long as it takes."""
    name = found.name
    try:
        plugin = found.load()
    except BaseException as error:
        return [problem(name, "import", of_error(error))]
    try:
        hash(plugin)  # pluggy needs it, so a plugin without is of no use
        problems = [*_version(name, plugin, specs), *_hooks(name, plugin, specs, ending)]
        settings, wrong = judged(name, plugin, section)
        problems += wrong
        if any(each.severity == "error" for each in problems):
            return sorted(problems, key=lambda each: each.severity)
        loaded = registered(plugin, name, specs)
    except BaseException as error:
        return [problem(name, "registration", of_error(error))]
    loaded.section, loaded.warnings = settings, problems
    return loaded


def _version(name: str, plugin: object, specs: ModuleType) -> Iterator[PluginProblem]:
    declared = getattr(plugin, "OSO_API", None)
    if declared is None:
        yield problem(name, "api-missing")
        return
    numbers = isinstance(declared, tuple | list) and len(declared) == 2
    if not numbers or not all(type(number) is int for number in declared):
        yield problem(name, "api-range")
        return
    lowest, highest = declared
    if not lowest <= specs.HOOK_API <= highest:
        yield problem(name, "api-version", f"{lowest} to {highest}; here it is {specs.HOOK_API}")


def _hooks(
    name: str, plugin: object, specs: ModuleType, ending: Mapping[str, Deprecation]
) -> Iterator[PluginProblem]:
    """Judge everything that is, or looks like, a hook of this plugin."""
    known = {n: spec for n, spec in vars(specs).items() if hasattr(spec, _SPEC)}
    for attribute in dir(plugin):
        if inspect.isclass(plugin) or not attribute.isidentifier():
            continue
        function = getattr(plugin, attribute)
        mark = getattr(function, _MARK, None)
        if isinstance(mark, Mapping):
            hook = mark.get("specname") or attribute
            if hook in known:
                yield from _arguments(name, hook, function, known[hook], ending)
            elif not mark.get("optionalhook"):
                yield problem(name, "unknown-hook", _hint(hook, known))
        elif attribute.startswith(_PREFIX) and _is_unmarked(function):
            yield problem(name, "not-marked", attribute)


def _is_unmarked(value: object) -> bool:
    """Whether a plugin meant this as a hook: a function of its own, not our declaration of it."""
    return inspect.isroutine(value) and not hasattr(value, _SPEC)


def _arguments(
    name: str,
    hook: str,
    function: Callable[..., Any],
    spec: Callable[..., Any],
    ending: Mapping[str, Deprecation],
) -> Iterator[PluginProblem]:
    given = list(inspect.signature(spec).parameters)
    for argument in inspect.signature(function).parameters.values():
        if argument.kind in (argument.VAR_POSITIONAL, argument.VAR_KEYWORD):
            continue
        needed = argument.default is argument.empty
        if needed and (argument.name not in given or argument.kind == argument.KEYWORD_ONLY):
            hint = f"{hook} has no argument {argument.name}; it has {', '.join(given)}"
            if argument.kind == argument.KEYWORD_ONLY:
                hint = f"{hook} cannot get {argument.name} as an argument by name alone"
            yield problem(name, "signature", hint)
        yield from _deprecated(name, f"{hook}.{argument.name}", ending)
    yield from _deprecated(name, hook, ending)


def _deprecated(name: str, used: str, ending: Mapping[str, Deprecation]) -> Iterator[PluginProblem]:
    found = ending.get(used)
    if found is not None:
        what = " of ".join(reversed(used.split(".")))
        detail = f"{what}, which is there until {found.until.isoformat()}: use {found.instead}"
        yield problem(name, "deprecated", detail)


def _hint(hook: str, known: Mapping[str, object]) -> str:
    near = difflib.get_close_matches(hook, known, 1)
    return f"{hook}; do you mean {near[0]}?" if near else hook

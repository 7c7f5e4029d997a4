"""What the adapter would tell a plugin, and a host that calls one: without a chain or a store."""

from collections.abc import Mapping
from datetime import timedelta
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from oso_adapter.clock import Clock
from oso_adapter.hookspecs import GROUP, AdministrationRef, HookContext
from oso_adapter.plugins import BUDGETS, PluginHost
from oso_adapter.settings import Settings, settings_from
from oso_adapter.testing.clock import MovableClock

Section = Mapping[str, Any]
"""What stands in ``[plugins.<name>]`` of the configuration."""

SCHOOL: Final = AdministrationRef("99AA", "0000000700099AA00001", "LAS", "Proefschool", "proef")
OTHER: Final = AdministrationRef("99ZZ", "0000000700099ZZ00001", "LAS", "Andere school", "ander")
ACCOUNT: Final = "medewerker@school.example"

_BASE: Final[Mapping[str, Any]] = {
    "environment": "simulation",
    "chain": {
        "traffic_center_url": "https://localhost/tc",
        "osr_url": "https://localhost/api/v2",
    },
    "transport": {"certificate": "school.pem", "key": "school.key", "roots": ["roots.pem"]},
}


def context(
    name: str,
    section: Section,
    *,
    school: AdministrationRef | None = SCHOOL,
    clock: Clock | None = None,
    reason: str = "test",
) -> HookContext:
    """What a hook is told, to call one without a host.

    name: of the plugin, whose settings the section is. The deadline is a minute from now.
    """
    now = clock or MovableClock()
    return HookContext(
        administration=school,
        account=ACCOUNT,
        release="2019.1",
        contract="20200910",
        clock=now,
        deadline=now() + timedelta(minutes=1),
        reason=reason,
        sections={name: section},
    )


def settings(name: str | None = None, section: Section | None = None, **more: Any) -> Settings:
    """Settings of an adapter that is nowhere, with one plugin enabled: strictly, as in CI.

    more: other sections of the configuration. Raises ConfigurationError as the adapter does.
    """
    plugins = _enabled(name, section or {}) if name else {}
    return settings_from({**_BASE, "plugins": plugins, **more}, {}, Path.cwd())


def host(
    plugin: object,
    name: str,
    section: Section,
    *,
    clock: Clock | None = None,
    budget: float | None = None,
) -> PluginHost:
    """A host with this plugin alone, in this process.

    plugin: the module behind the entry point, or an object with hooks. budget: seconds that the
    host waits for each hook, in place of those of the documentation. Raises ConfigurationError
    when the adapter would not load the module, with the reason.
    """
    told = settings(plugins=configured(plugin, name, section))
    budgets = BUDGETS if budget is None else dict.fromkeys(BUDGETS, budget)
    return host_of(plugin, name, told, clock=clock or MovableClock(), budgets=budgets)


def configured(plugin: object, name: str, section: Section) -> dict[str, Any]:
    """The section ``[plugins]`` for a plugin; an object is registered instead of enabled."""
    return _enabled(name, section) if isinstance(plugin, ModuleType) else {name: dict(section)}


def host_of(
    plugin: object,
    name: str,
    told: Settings,
    *,
    clock: Clock,
    budgets: Mapping[str, float] = BUDGETS,
) -> PluginHost:
    """A host of an adapter with these settings and this plugin; None is no plugin."""
    points = []
    if isinstance(plugin, ModuleType):
        points = [EntryPoint(name, plugin.__name__, GROUP)]
    made = PluginHost(told, clock=clock, budgets=budgets, found=lambda: points)
    if plugin is not None and not points:
        made.register(plugin, name)
    return made


def _enabled(name: str, section: Section) -> dict[str, Any]:
    return {"enabled": [name], "strict": True, name: dict(section)}

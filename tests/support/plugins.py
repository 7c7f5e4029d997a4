"""Plugin hosts for the tests: real hosts, with plugins that need not be installed."""

import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from oso_adapter.hookspecs import AdministrationRef, CollectedDossier
from oso_adapter.plugins import BUDGETS, PluginHost
from oso_adapter.plugins.host import Role
from oso_adapter.settings import Chain, Package, Plugins, Settings, Transport

NUMBER = "123456782"
NOW = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)
SCHOOL = AdministrationRef("99AA", "0000000700099AA00001", "LAS", "Proefschool", "t")
GATE = threading.Event()
"""What a plugin that hangs waits for."""


def settings(
    *enabled: str,
    strict: bool = False,
    directory: Path | None = None,
    seconds: float = 60.0,
    loading: float = 30.0,
    **sections: Any,
) -> Settings:
    return Settings(
        environment="simulation",
        chain=Chain(traffic_center_url="https://localhost/tc", osr_url="https://localhost/osr"),
        transport=Transport(certificate=Path("c"), key=Path("k"), roots=(Path("r"),)),
        package=Package(),
        plugins=Plugins(
            enabled=enabled,
            strict=strict,
            directory=directory,
            seconds=seconds,
            loading=loading,
            sections=sections,
        ),
    )


def bare(
    *plugins: object, budget: float = 5.0, role: Role = "command", **sections: Any
) -> PluginHost:
    """A host with plugins that are objects."""
    host = PluginHost(
        settings(**sections),
        clock=lambda: NOW,
        budgets=dict.fromkeys(BUDGETS, budget),
        found=list,
        role=role,
        known=(),
    )
    for number, plugin in enumerate(plugins):
        host.register(plugin, f"p{number}")
    return host


def collect(host: PluginHost) -> CollectedDossier | None:
    """Ask the plugins for a dossier, as `dossier collect` does."""
    return host.collect_dossier(SCHOOL, "account", "P-1", "POVO")

"""Plugins of suppliers: found, loaded and called so that none of them hurts the adapter.

Only what is named here is meant for the rest of the adapter. It is imported when it is asked for:
the process of each plugin imports this package, and needs little of it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from oso_adapter.plugins.budgets import BUDGETS, IN_ENDPOINT
    from oso_adapter.plugins.deprecated import DEPRECATED
    from oso_adapter.plugins.descriptions import Description, described, inspected, written
    from oso_adapter.plugins.host import PluginHost
    from oso_adapter.plugins.problems import PROBLEMS, PluginProblem, Trouble

__all__ = [
    "BUDGETS",
    "DEPRECATED",
    "IN_ENDPOINT",
    "PROBLEMS",
    "Description",
    "PluginHost",
    "PluginProblem",
    "Trouble",
    "described",
    "inspected",
    "written",
]

_MODULES = ("budgets", "deprecated", "problems", "descriptions", "host")


def __getattr__(name: str) -> Any:
    if name in __all__:
        for module in _MODULES:
            found = import_module(f"{__name__}.{module}")
            if hasattr(found, name):
                return getattr(found, name)
    raise AttributeError(name)

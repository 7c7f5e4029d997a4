"""Plugins of suppliers: found, loaded and called so that none of them hurts the adapter.

Only what is named here is meant for the rest of the adapter.
"""

from oso_adapter.plugins.budgets import BUDGETS, IN_ENDPOINT
from oso_adapter.plugins.deprecated import DEPRECATED
from oso_adapter.plugins.descriptions import Description, described, inspected, written
from oso_adapter.plugins.host import PluginHost, Trouble
from oso_adapter.plugins.problems import PROBLEMS, PluginProblem

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

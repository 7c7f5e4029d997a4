"""What of the hooks will be gone, from when on, and what takes its place."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True)
class Deprecation:
    """until: the last day on which it is sure to be there; instead: what to use, in English."""

    until: date
    instead: str


DEPRECATED: Final[Mapping[str, Deprecation]] = MappingProxyType({})
"""By name of a hook (``oso_event``), or of its argument (``oso_event.event``).

A plugin that uses one is told so when it is loaded. At least a year lies between that and the day.
"""

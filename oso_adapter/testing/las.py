"""The administration system of the other school: what it has and what it got, in memory."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from oso_adapter.hookspecs import (
    CollectedDossier,
    HookContext,
    ImportAnswer,
    ReceivedDossier,
    hookimpl,
)


@dataclass(eq=False)
class MemoryLas:
    """A plugin that is an object.

    pupils: what it gives of each, by reference, in the dict form; received: what it took over.
    """

    pupils: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    received: list[ReceivedDossier] = field(default_factory=list)

    @hookimpl
    def oso_collect_dossier(
        self, context: HookContext, pupil: str, profile: str
    ) -> CollectedDossier | None:
        """What was put in for this pupil."""
        found = self.pupils.get(pupil)
        return None if found is None else CollectedDossier(found)

    @hookimpl
    def oso_import_dossier(self, context: HookContext, received: ReceivedDossier) -> ImportAnswer:
        """Accepted, and kept to be looked at."""
        self.received.append(received)
        return ImportAnswer("accepted")

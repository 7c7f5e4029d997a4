"""What the suite is told of a plugin, and one plugin with a new store: what each test works on."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import pytest

from oso_adapter.clock import school_date
from oso_adapter.hookspecs import AdministrationRef, CollectedDossier, ImportAnswer, ReceivedDossier
from oso_adapter.plugins import PluginHost
from oso_adapter.testing import sqlite
from oso_adapter.testing.clock import MovableClock
from oso_adapter.testing.dossiers import a_dossier, kept
from oso_adapter.testing.hosts import ACCOUNT, SCHOOL, Section, host

COLLECTS = "oso_collect_dossier"
IMPORTS = "oso_import_dossier"


class Told:
    """What an author tells of the plugin.

    plugin: the module behind the entry point, or an object with hooks; name: the entry point;
    pupil: reference of a pupil who is in a new store; profile: one for which that pupil's dossier
    is complete; school: the administration to which the store belongs; profiles: those in which
    dossiers come in; keeps: what of a received ``leerling`` the plugin keeps, as paths below it
    (``achternaam``, ``toetslijst``), None when it is all that its answer names; now: the moment at
    which everything happens, for what a plugin sends may depend on it (an aware moment in UTC).
    """

    plugin: ClassVar[Any]
    name: ClassVar[str]
    pupil: ClassVar[str]
    profile: ClassVar[str] = "POVO"
    school: ClassVar[AdministrationRef] = SCHOOL
    profiles: ClassVar[Sequence[str]] = ("POPO", "POVO", "VOVO", "BB")
    keeps: ClassVar[Sequence[str] | None] = None
    now: ClassVar[datetime] = datetime(2027, 5, 12, 9, 0, tzinfo=UTC)

    def make_store(self, folder: Path) -> Section:
        """Make a new store with the pupil in an empty folder; gives the plugin's settings."""
        raise NotImplementedError("say how a store is made: make_store(self, folder)")

    def references(self, section: Section) -> Collection[str]:
        """The references of all pupils who are in the store now, those who were imported too."""
        raise NotImplementedError("say which pupils are in a store: references(self, section)")

    def database(self, section: Section) -> Path | None:
        """The store when it is a SQLite file, so that the suite can make it slow and broken."""
        return None

    def slow(self, section: Section) -> AbstractContextManager[None]:
        """A time in which the store answers nothing that writes to it."""
        return sqlite.locked(self._file(section))

    def failures(self, section: Section) -> Mapping[str, AbstractContextManager[None]]:
        """Ways in which the store fails half way, each for a time, by a name."""
        file = self._file(section)
        return {table: sqlite.failing(file, table) for table in sqlite.tables(file)}

    def _file(self, section: Section) -> Path:
        file = self.database(section)
        if file is None:
            pytest.skip("the store is no SQLite file; override slow() and failures() to test this")
        return file

    @pytest.fixture
    def case(self, tmp_path: Path, oso_clock: MovableClock) -> "Case":
        """The plugin with a new store."""
        oso_clock.now = self.now
        folder = tmp_path / "store"
        folder.mkdir()
        return Case(self, self.make_store(folder), oso_clock)


@dataclass
class Case:
    """A plugin and its store, called as the adapter does."""

    told: Told
    section: Section
    clock: MovableClock

    @cached_property
    def host(self) -> PluginHost:
        """A host with this plugin alone; it raises when the adapter would not load it."""
        return self.with_budget(None)

    def with_budget(self, seconds: float | None) -> PluginHost:
        """The same with less patience."""
        told = self.told
        return host(told.plugin, told.name, self.section, clock=self.clock, budget=seconds)

    def needs(self, *hooks: str) -> None:
        """Skip the test when the plugin does not have these hooks."""
        for hook in hooks:
            if not self.host.listeners(hook):
                pytest.skip(f"the plugin has no {hook}")

    def collect(
        self, reference: str, profile: str | None = None, school: AdministrationRef | None = None
    ) -> CollectedDossier | None:
        """Collect as `oso-adapter dossier collect` does."""
        return self.host.collect_dossier(
            school or self.told.school, ACCOUNT, reference, profile or self.told.profile
        )

    def offer(
        self,
        received: ReceivedDossier,
        by: PluginHost | None = None,
        school: AdministrationRef | None = None,
    ) -> ImportAnswer | None:
        """Offer a dossier as the adapter does after it was fetched."""
        return (by or self.host).import_dossier(school or self.told.school, ACCOUNT, received)

    def dossier(self, profile: str = "POVO", **more: Any) -> dict[str, Any]:
        """A synthetic dossier of today; see :func:`oso_adapter.testing.dossiers.a_dossier`."""
        return a_dossier(profile, on=school_date(self.clock()), **more)

    def references(self) -> set[str]:
        """The pupils who are in the store."""
        return set(self.told.references(self.section))

    def take(self, received: ReceivedDossier) -> tuple[str, ImportAnswer]:
        """Offer the dossier of a new pupil, who is one more pupil then; gives the reference."""
        before = self.references()
        answer = self.offer(received)
        assert answer is not None, "the plugin gave None to a dossier for its own school"
        assert "accepted" == answer.outcome, (
            f"a dossier of a new pupil was {answer.outcome} ({answer.reason})"
        )
        found = self.references() - before
        assert 1 == len(found), (
            f"taking over one dossier has to give one more pupil; it gave {len(found)}"
        )
        return found.pop(), answer

    def kept(self, reference: str, profile: str, answer: ImportAnswer) -> dict[str, Any] | None:
        """What was taken over of a pupil, collected again; None when the plugin only imports."""
        if not self.host.listeners(COLLECTS):
            return None
        collected = self.collect(reference, profile)
        assert collected is not None, "a pupil who was taken over is not found when collecting"
        return kept(collected.dossier, self.told.keeps, answer.categories)

    def require_kept(self, reference: str, answer: ImportAnswer, received: ReceivedDossier) -> None:
        """That everything which the plugin says it keeps is what came."""
        profile = received.profile or self.told.profile
        found = self.kept(reference, profile, answer)
        if found is None:
            return
        expected = kept(received.dossier, self.told.keeps, answer.categories)
        wrong = sorted(
            path for path in expected.keys() | found.keys() if expected.get(path) != found.get(path)
        )
        assert [] == wrong, (
            "these elements came, and are not what is collected afterwards; keep them, or leave "
            "their category out of the answer or their path out of `keeps`"
        )

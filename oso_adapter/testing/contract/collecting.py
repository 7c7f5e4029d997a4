"""Collecting: the right pupil, in order, and nobody else's."""

from collections.abc import Mapping
from copy import deepcopy

from oso_adapter.errors import PluginFailed
from oso_adapter.standard import fields
from oso_adapter.standard.pack import load_pack
from oso_adapter.testing.attacks import REFERENCES
from oso_adapter.testing.contract.case import COLLECTS, Case, Told
from oso_adapter.testing.dossiers import differing, pupil_of
from oso_adapter.testing.hosts import OTHER


class Collecting(Told):
    """What ``oso_collect_dossier`` has to do."""

    def test_the_host_loads_the_plugin(self, case: Case) -> None:
        """The adapter has to find the plugin in order, or a school cannot use it at all.

        The error says what is wrong with it: a hook's name or arguments, its settings.
        """
        assert [] == case.host.problems

    def test_a_pupil_is_collected_in_the_dict_form(self, case: Case) -> None:
        """What is collected has to be in order, or the school gets findings instead of a dossier.

        Each finding says which element is not, and what it should be.
        """
        case.needs(COLLECTS)
        collected = case.collect(self.pupil)
        assert collected is not None, f"there is no pupil {self.pupil} in a new store"

        found = fields.check(collected.dossier, load_pack())
        assert [] == [f"{f.path}: {f.message}" for f in found if f.severity == "error"]

    def test_collecting_twice_gives_the_same(self, case: Case) -> None:
        """Collecting only reads: a second time has to give the same, or every dossier is *new*.

        Look for what depends on the moment, on chance, or on the sequence of a query without ORDER.
        """
        case.needs(COLLECTS)
        first = deepcopy(case.collect(self.pupil))
        again = case.collect(self.pupil)
        assert first is not None
        assert again is not None, "the second time the pupil is not there"

        wrong = differing(first.dossier, again.dossier)
        assert [] == wrong, f"the second time another value: {', '.join(wrong)}"
        assert first == again, "the second time other former numbers, or another reference"

    def test_a_pupil_who_is_not_there_is_none(self, case: Case) -> None:
        """An unknown reference has to give None, or the school reads of a fault instead.

        When it raises, the reference went into a query, a path or a number as it came.
        """
        case.needs(COLLECTS)
        wrong = {}
        for reference in REFERENCES:
            try:
                if case.collect(reference) is not None:
                    wrong[reference] = "a pupil was found"
            except PluginFailed as failure:
                wrong[reference] = failure.reason
        assert {} == wrong

    def test_a_reference_is_taken_as_it_is(self, case: Case) -> None:
        """A reference that only looks like a pupil's has to give None: it is somebody else's.

        Compare exactly: no wildcards, no trimming, no letters made small, no number without zeros.
        """
        case.needs(COLLECTS)
        there = case.references() if self._lists(case) else {self.pupil}
        near = {f" {self.pupil}", f"{self.pupil} ", f"0{self.pupil}", f"{self.pupil}%"}
        near |= {self.pupil.swapcase(), f"{self.pupil[:-1]}_"}

        assert {} == {one: "found" for one in near - there if case.collect(one) is not None}

    def test_a_pupil_of_another_school_is_none(self, case: Case) -> None:
        """For another school's administration the pupil has to be unknown: a data leak otherwise.

        Compare ``context.administration`` with the school whose data you are about to read.
        """
        case.needs(COLLECTS)

        found = case.collect(self.pupil, school=OTHER)
        assert found is None, f"{OTHER.brin} was given a pupil of {self.school.brin}"

    def test_the_dossier_is_of_the_pupil_who_was_asked(self, case: Case) -> None:
        """A dossier has to say whose it is, or nobody notices when it is somebody else's: give the
        reference as ``leerlingid``, or as ``pupil`` of CollectedDossier where you have another.
        """
        case.needs(COLLECTS)
        collected = case.collect(self.pupil)

        assert collected is not None
        assert self.pupil in (collected.pupil, pupil_of(collected.dossier).get("leerlingid"))

    def test_nothing_of_ours_is_given(self, case: Case) -> None:
        """A plugin gives ``huidigeschool`` and nothing else; the adapter makes the rest."""
        case.needs(COLLECTS)
        collected = case.collect(self.pupil)

        assert collected is not None
        assert isinstance(collected.dossier, Mapping)
        assert ["huidigeschool"] == list(collected.dossier)

    def _lists(self, case: Case) -> bool:
        return type(self).references is not Told.references

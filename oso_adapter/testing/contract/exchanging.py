"""The whole way: out of the plugin and over the line, and over the line into the plugin."""

from typing import Any

from oso_adapter.errors import OsoError
from oso_adapter.standard import validate
from oso_adapter.testing.contract.case import COLLECTS, IMPORTS, Case, Told
from oso_adapter.testing.las import MemoryLas

_OTHER = "99BB"
_SECTORS = {"POPO": ("PO", "PO"), "POVO": ("PO", "VO"), "VOVO": ("VO", "VO"), "BB": ("PO", "PO")}
"""Of the school that sends and the school that gets it."""


class Exchanging(Told):
    """A real exchange with another school, over mutual TLS, in the simulated chain."""

    def test_a_collected_dossier_reaches_another_school(self, case: Case, oso_school: Any) -> None:
        """The pupil's dossier is collected, seen by the parents, made ready, and fetched by another
        school, which has to find nothing wrong with it. What is wrong is in the findings.
        """
        case.needs(COLLECTS)
        sector, other_sector = _SECTORS[self.profile]
        las = MemoryLas()
        ours = oso_school(self.school.brin, sector, **self._plugin(case))
        other = oso_school(_OTHER, other_sector, plugin=las, name="las")
        collected = case.collect(self.pupil)
        assert collected is not None

        try:
            ours.hand_over(self.pupil, other, self.profile)
        except OsoError as refused:
            found = [f"{f.path}: {f.message}" for f in getattr(refused, "findings", ())]
            raise AssertionError("\n".join([str(refused), *found])) from None
        came = other.fetch(collected.dossier, ours)
        _require_taken_over(came)
        assert [] == [f"{f.path}: {f.message}" for f in validate(came.xml).findings]
        assert 1 == len(las.received)

    def test_a_dossier_of_another_school_arrives(self, case: Case, oso_school: Any) -> None:
        """A dossier is ordered, fetched and offered; the plugin has to accept it."""
        case.needs(IMPORTS)
        profile = self.profile if self.profile in self.profiles else self.profiles[0]
        other_sector, sector = _SECTORS[profile]
        ours = oso_school(self.school.brin, sector, **self._plugin(case))
        dossier = case.dossier(profile, leerlingid="leerling-1")
        given = {"huidigeschool": dossier["huidigeschool"]}
        las = MemoryLas({"leerling-1": given})
        other = oso_school(_OTHER, other_sector, plugin=las, name="las")
        before = case.references()

        other.hand_over("leerling-1", ours, profile)
        came = ours.fetch(dossier, other)
        _require_taken_over(came)
        assert 1 == len(case.references() - before)

    def _plugin(self, case: Case) -> dict[str, Any]:
        return {"plugin": self.plugin, "name": self.name, "section": case.section}


def _require_taken_over(came: Any) -> None:
    told = f"{came.result}, {came.state}: {came.reason or 'no reason was given'}"
    assert ("OverdrachtGeslaagd", "overgenomen") == (came.result, came.state), told

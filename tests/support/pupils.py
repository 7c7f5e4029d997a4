"""A supplier of whom a pupil is known, one is not right, and one makes its plugin raise."""

from oso_adapter.hookspecs import CollectedDossier, HookContext, hookimpl
from support.dossiers import NUMBERS, content


class Pupils:
    @hookimpl
    def oso_collect_dossier(
        self, context: HookContext, pupil: str, profile: str
    ) -> CollectedDossier | None:
        if pupil == "onbekend":
            return None
        found = content(NUMBERS[0], reference=pupil)
        if pupil == "onjuist":
            found["huidigeschool"]["leerling"]["geslacht"] = "Proefleerling"
        if pupil == "kapot":
            raise ValueError(NUMBERS[0])
        return CollectedDossier(found)

    @hookimpl
    def oso_event(self, context: HookContext, event: object) -> None:
        raise AssertionError("a trace tells a plugin of nothing")

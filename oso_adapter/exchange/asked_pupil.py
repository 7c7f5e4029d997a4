"""Whether a collected dossier is of the pupil that was asked; a plugin may give somebody else's.

Handing out the dossier of another pupil is the worst that a mistake in a supplier's query can do,
and nothing in the dossier alone tells it.
"""

from collections.abc import Mapping
from typing import Any, Final

from oso_adapter.errors import PluginFailed
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.hookspecs import CollectedDossier
from oso_adapter.standard.findings import Finding
from oso_adapter.store import dossiers
from oso_adapter.store.models import Administration
from oso_adapter.store.sealing import Purpose

OTHER: Final = "other-pupil"
_PATH: Final = "/dossier/huidigeschool/leerling"
_NUMBERS: Final = ("bsn", "onderwijsnummer")


def is_asked(
    adapter: Adapter, administration: Administration, pupil: str, collected: CollectedDossier
) -> bool:
    """Whether nothing says that this dossier is of another pupil of the school.

    Not so when it names another reference (leerlingid) than was asked, or has the number of a
    pupil with another reference of whom a dossier counts at this moment.
    """
    given = _pupil(collected.dossier)
    named = (collected.pupil, given.get("leerlingid"))
    if any(isinstance(name, str) and name.strip() not in ("", pupil.strip()) for name in named):
        return False
    numbers = [given[name] for name in _NUMBERS if isinstance(given.get(name), str)]
    digests = [adapter.sealer.digest(Purpose.PGN, number.strip()) for number in numbers]
    own = adapter.sealer.digest(Purpose.PUPIL, pupil)
    with adapter.store.reading() as session:
        return not dossiers.of_another(session, administration.id, own, digests)


def finding(failed: PluginFailed) -> Finding:
    """What the preparer is told of it."""
    return Finding(
        rule="DICT.leerling",
        severity="error",
        path=_PATH,
        line=None,
        message=f"De koppeling {failed.plugin} gaf het dossier van een andere leerling.",
        owner="leverancier",
        next_step=(
            "Er is niets klaargezet; meld dit uw leverancier. Heeft de leerling een andere "
            "verwijzing (leerlingid) gekregen, trek dan het dossier onder de oude eerst in "
            "(dossier withdraw)."
        ),
    )


def _pupil(dossier: Any) -> Mapping[str, Any]:
    """The block of the pupil, as far as there is one: the form is judged after this."""
    for name in ("huidigeschool", "leerling"):
        dossier = dossier.get(name) if isinstance(dossier, Mapping) else None
    return dossier if isinstance(dossier, Mapping) else {}

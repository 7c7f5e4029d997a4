"""What must have happened before a dossier of a profile may be delivered: one table.

Between po schools and from po to vo the parents have seen the dossier (inzage); between vo schools
there is consent (toestemming) too; inside one BRIN neither is needed (OSO wiki, Uitvoeren Inzage
2017; overstapserviceonderwijs.nl on consent). Public pages contradict each other on consent in vo,
so the strict reading is taken.

Which of them it is follows from the sectors of both schools (wire 2.2), not from the profile that
somebody chose: otherwise a dossier between two vo schools could do without consent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

TOLD_APART: Final = ("PO", "VO")


@dataclass(frozen=True)
class Policy:
    """inzage: the parents have seen it; toestemming: they, or the pupil from 16, agreed.

    sectors: of the bronschool and the doelschool between which the profile is used.
    """

    inzage: bool
    toestemming: bool
    sectors: tuple[str, str] | None = None


POLICIES: Final[Mapping[str, Policy]] = {
    "POPO": Policy(inzage=True, toestemming=False, sectors=("PO", "PO")),
    "POVO": Policy(inzage=True, toestemming=False, sectors=("PO", "VO")),
    "VOVO": Policy(inzage=True, toestemming=True, sectors=("VO", "VO")),
    "BB": Policy(inzage=False, toestemming=False),
}


def what_is_missing(profile: str, *, seen: bool, consent: bool) -> str | None:
    """The Dutch sentence that says what still has to happen, or None when nothing has."""
    policy = POLICIES[profile]
    if policy.inzage and not seen:
        return "leg eerst vast dat de ouders het dossier hebben ingezien (dossier inzage)"
    if policy.toestemming and not consent:
        return "leg eerst de toestemming vast (dossier inzage --toestemming Ja)"
    return None


def fits(profile: str, bron: str | None, doel: str | None) -> bool:
    """Whether a profile is used between schools of these sectors.

    PO and VO are told apart. Any other sector fits: an SO school is of both, and which more there
    are is not public (wire U14), so that an unknown one may not stop a transfer; None neither.
    """
    expected = POLICIES[profile].sectors or (None, None)
    pairs = zip(expected, (bron, doel), strict=True)
    return all(
        None in (wanted, given) or given not in TOLD_APART or given == wanted
        for wanted, given in pairs
    )

"""What must have happened before a dossier of a profile may be delivered: one table.

Between po schools and from po to vo the parents have seen the dossier (inzage); between vo schools
there is consent (toestemming) too; inside one BRIN neither is needed (OSO wiki, Uitvoeren Inzage
2017; overstapserviceonderwijs.nl on consent), nor for an application to the samenwerkingsverband
(SWV), which is of the same board. Public pages contradict each other on consent in vo, so the
strict reading is taken unless ``[policy] consent_between_vo`` is off.

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

    sectors: of the bronschool and the doelschool between which the profile is used, None for any.
    swv: it goes to a samenwerkingsverband and not to a school.
    """

    inzage: bool
    toestemming: bool
    sectors: tuple[str | None, str | None] = (None, None)
    swv: bool = False


POLICIES: Final[Mapping[str, Policy]] = {
    "POPO": Policy(inzage=True, toestemming=False, sectors=("PO", "PO")),
    "POVO": Policy(inzage=True, toestemming=False, sectors=("PO", "VO")),
    "VOVO": Policy(inzage=True, toestemming=True, sectors=("VO", "VO")),
    "BB": Policy(inzage=False, toestemming=False),
    "POSWV": Policy(inzage=False, toestemming=False, sectors=("PO", None), swv=True),
    "VOSWV": Policy(inzage=False, toestemming=False, sectors=("VO", None), swv=True),
}

BETWEEN_SCHOOLS: Final = tuple(name for name, policy in POLICIES.items() if not policy.swv)


def what_is_missing(
    profile: str, *, seen: bool, consent: bool, consent_asked: bool = True
) -> str | None:
    """The Dutch sentence that says what still has to happen, or None when nothing has.

    consent_asked: the setting ``[policy] consent_between_vo``.
    """
    policy = POLICIES[profile]
    if policy.inzage and not seen:
        return "leg eerst vast dat de ouders het dossier hebben ingezien (dossier inzage)"
    if policy.toestemming and consent_asked and not consent:
        return "leg eerst de toestemming vast (dossier inzage --toestemming Ja)"
    return None


def fits(profile: str, bron: str | None, doel: str | None) -> bool:
    """Whether a profile is used between schools of these sectors.

    PO and VO are told apart. Any other sector fits: an SO school is of both, and which more there
    are is not public (wire U14), so that an unknown one may not stop a transfer; None neither.
    """
    pairs = zip(POLICIES[profile].sectors, (bron, doel), strict=True)
    return all(
        None in (wanted, given) or given not in TOLD_APART or given == wanted
        for wanted, given in pairs
    )

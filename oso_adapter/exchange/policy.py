"""What must have happened before a dossier of a profile may be delivered: one table.

Between po schools and from po to vo the parents have seen the dossier (inzage); between vo schools
there is consent (toestemming) too; inside one BRIN neither is needed (OSO wiki, Uitvoeren Inzage
2017; overstapserviceonderwijs.nl on consent). Public pages contradict each other on consent in vo,
so the strict reading is taken.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Policy:
    """inzage: the parents have seen it; toestemming: they, or the pupil from 16, agreed."""

    inzage: bool
    toestemming: bool


POLICIES: Final[Mapping[str, Policy]] = {
    "POPO": Policy(inzage=True, toestemming=False),
    "POVO": Policy(inzage=True, toestemming=False),
    "VOVO": Policy(inzage=True, toestemming=True),
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

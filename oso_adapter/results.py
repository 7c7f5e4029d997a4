"""The results of OSO exchanges: what a code means, who has to act, how codes rank (wire 3)."""

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from types import MappingProxyType
from typing import Final, Literal, get_args

Owner = Literal["verzendende school", "ontvangende school", "leverancier", "Kennisnet"]
Viewer = Literal["asking", "sending", "helpdesk"]

VIEWERS: Final[tuple[Viewer, ...]] = get_args(Viewer)
"""Who reads a result: the school that asks, the school that sends, the supplier's help desk."""

UNKNOWN_RANK: Final = 6.5
"""Between what a bron says of a dossier and what the Traffic Center says of a session (wire U9)."""

SERVICE_DESK: Final = "de servicedesk van uw leverancier"
"""Whom a school turns to for use, unless the settings name it."""

KENNISNET: Final = "Kennisnet Support (support@kennisnet.nl, 0800 321 22 33)"
"""Whom a school turns to for mandates and connection."""


@dataclass(frozen=True)
class View:
    """A result as somebody reads it, in Dutch.

    text: one sentence that says what happened; owner: who can mend it; next_step: what to do now.
    """

    text: str
    owner: Owner
    next_step: str


@dataclass(frozen=True)
class Result:
    """One result code.

    code: as it is on the wire.
    cls: normal, alternative, exception or unknown.
    rank: for the sign-off, 1 is best; None for a code that is never signed off.
    evidence: how sure the code is: attested, assumed, own, or in words.
    sent_by, meaning: who sends it, and what it means, in English.
    views: how each viewer reads it, with the places for whom to turn to still open.
    """

    code: str
    cls: str
    rank: float | None
    evidence: str
    sent_by: str
    meaning: str
    views: Mapping[Viewer, View]

    def view(self, viewer: Viewer, desk: str = SERVICE_DESK) -> View:
        """How a viewer reads it.

        :param desk: the service desk as it stands in a sentence.
        """
        view = self.views[viewer]
        return replace(view, next_step=_filled(view.next_step, desk))

    @property
    def owner(self) -> Owner:
        """Who has to act, as the asking school reads it."""
        return self.view("asking").owner

    @property
    def text(self) -> str:
        """What the asking school reads."""
        return self.view("asking").text

    @property
    def next_step(self) -> str:
        """What the asking school can do."""
        return self.view("asking").next_step


def _filled(step: str, desk: str) -> str:
    return step.replace("{kennisnet}", KENNISNET).replace("{servicedesk}", desk)


def _catalogue() -> Mapping[str, Result]:
    data = (resources.files(__package__) / "results.toml").read_text("utf-8")
    return MappingProxyType(
        {
            code: Result(
                code=code,
                cls=entry["class"],
                rank=entry.get("rank"),
                evidence=entry["evidence"],
                sent_by=entry["sent_by"],
                meaning=entry["meaning"],
                views=MappingProxyType(
                    {v: View(**{"owner": entry["owner"], **entry[v]}) for v in VIEWERS}
                ),
            )
            for code, entry in tomllib.loads(data).items()
        }
    )


CATALOGUE: Final = _catalogue()
"""Every known code with its result."""

_UNKNOWN: Final[Mapping[Viewer, str]] = {
    "asking": "Vraag {servicedesk} wat dit resultaat betekent.",
    "sending": "Vraag {servicedesk} wat dit resultaat betekent.",
    "helpdesk": "Vraag de leverancier van de andere partij, of {kennisnet}, wat dit betekent.",
}


def result(code: str) -> Result:
    """The result of a code; one that is not in the catalogue is shown literally."""
    known = CATALOGUE.get(code)
    if known is not None:
        return known
    text = f"De andere partij gaf het resultaat {code}, dat hier niet bekend is."
    return Result(
        code=code,
        cls="unknown",
        rank=UNKNOWN_RANK,
        evidence="unknown",
        sent_by="unknown",
        meaning="a code that is not in the catalogue",
        views={viewer: View(text, "leverancier", step) for viewer, step in _UNKNOWN.items()},
    )


def best(codes: Sequence[str]) -> int:
    """The index of the best result of a session; of equal ones the last (wire 1.3, S4).

    :param codes: results in the order in which the endpoints were questioned, at least one.
    :raises ValueError: there are none.
    """
    ranks = [_rank(code) for code in codes]
    lowest = min(ranks)
    return max(index for index, rank in enumerate(ranks) if rank == lowest)


def _rank(code: str) -> float:
    rank = result(code).rank
    return math.inf if rank is None else rank

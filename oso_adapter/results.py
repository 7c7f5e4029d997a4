"""The results of OSO exchanges: what a code means, who has to act, how codes rank (wire 3)."""

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType
from typing import Final, Literal

Owner = Literal["verzendende school", "ontvangende school", "leverancier", "Kennisnet"]

UNKNOWN_RANK: Final = 6.5
"""Between what a bron says of a dossier and what the Traffic Center says of a session (wire U9)."""


@dataclass(frozen=True)
class Result:
    """One result code.

    code: as it is on the wire.
    cls: normal, alternative, exception or unknown.
    rank: for the sign-off, 1 is best; None for a code that is never signed off.
    owner: who has to act, in Dutch.
    text: one Dutch sentence for a school administrator.
    next_step: what to do now, in Dutch.
    evidence: how sure the code is: attested, assumed, own, or in words.
    sent_by, meaning: who sends it, and what it means, in English.
    """

    code: str
    cls: str
    rank: float | None
    owner: Owner
    text: str
    next_step: str
    evidence: str
    sent_by: str
    meaning: str


def _catalogue() -> Mapping[str, Result]:
    data = (resources.files(__package__) / "results.toml").read_text("utf-8")
    return MappingProxyType(
        {
            code: Result(
                code=code,
                cls=entry["class"],
                rank=entry.get("rank"),
                owner=entry["owner"],
                text=entry["text"],
                next_step=entry["next_step"],
                evidence=entry["evidence"],
                sent_by=entry["sent_by"],
                meaning=entry["meaning"],
            )
            for code, entry in tomllib.loads(data).items()
        }
    )


CATALOGUE: Final = _catalogue()
"""Every known code with its result."""


def result(code: str) -> Result:
    """The result of a code; one that is not in the catalogue is shown literally."""
    known = CATALOGUE.get(code)
    if known is not None:
        return known
    return Result(
        code=code,
        cls="unknown",
        rank=UNKNOWN_RANK,
        owner="leverancier",
        text=f"De andere partij gaf het resultaat {code}, dat hier niet bekend is.",
        next_step="Vraag de leverancier wat dit resultaat betekent.",
        evidence="unknown",
        sent_by="unknown",
        meaning="a code that is not in the catalogue",
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

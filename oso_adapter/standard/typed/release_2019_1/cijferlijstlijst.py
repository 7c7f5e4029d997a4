"""Types for the dict form of Gegevensset 2019.1, cijferlijstlijst; generated."""

from datetime import date
from typing import NotRequired, TypedDict


class Score(TypedDict):
    """The mark for this part."""

    waarde: NotRequired[str]
    kwalificatie: NotRequired[str]


class CijferlijstTypelijstOnderdeel(TypedDict):
    """A part of the subject that has a mark of its own."""

    naam: str
    score: Score
    afnamedatum: NotRequired[date]
    jaargroep: NotRequired[str]
    periode: NotRequired[str]


class CijferlijstTypelijst(TypedDict):
    """The marks themselves, as one or more groups of subject, parts and scores."""

    naam: str
    onderdeel: NotRequired[list[CijferlijstTypelijstOnderdeel]]
    score: list[Score]


class Cijferlijst(TypedDict):
    """One list of marks or report."""

    cijferlijstTypelijst: list[CijferlijstTypelijst]
    afnamedatum: NotRequired[date]
    jaargroep: str
    periode: NotRequired[str]


class Cijferlijstlijst(TypedDict):
    """Lists of marks and reports."""

    cijferlijst: list[Cijferlijst]

"""Types for the dict form of Gegevensset 2019.1, eindtoets_basisonderwijs; generated."""

from datetime import date
from typing import NotRequired, TypedDict

from oso_adapter.standard.typed.release_2019_1.shared import Document


class Domein(TypedDict):
    """One domain within the part."""

    domeincode: str
    domeinomschrijving: NotRequired[str]
    dom_referentieniveau: NotRequired[str]


class Domeinen(TypedDict):
    """Results per domain within the part."""

    domein: NotRequired[list[Domein]]


class Onderdeel(TypedDict):
    """One part of the final test, such as reading."""

    onderdeelcode: str
    onderdeelomschrijving: NotRequired[str]
    ond_referentieniveau: NotRequired[str]
    domeinen: NotRequired[Domeinen]


class Onderdelen(TypedDict):
    """Results per part of the final test."""

    onderdeel: NotRequired[list[Onderdeel]]


class Eindtoetsresultaat(TypedDict):
    """What the final test showed."""

    toetssoort: str
    toetsniveau: str
    toetsomschrijving: NotRequired[str]
    datum_afname: date
    wettelijke_ontheffing: NotRequired[str]
    standaardscore: NotRequired[int]
    toets_advies: NotRequired[str]
    onderdelen: Onderdelen


class EindtoetsBasisonderwijs(TypedDict):
    """The final test of primary education."""

    eindtoetsresultaat: NotRequired[Eindtoetsresultaat]
    deelgenomen: bool
    document: NotRequired[list[Document]]

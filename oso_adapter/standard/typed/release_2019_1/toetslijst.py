"""Types for the dict form of Gegevensset 2019.1, toetslijst; generated."""

from datetime import date
from decimal import Decimal
from typing import NotRequired, TypedDict

from oso_adapter.standard.typed.release_2019_1.shared import (
    Adreslijst,
    Communicatielijst,
    Document,
    Instelling,
)


class Toetsidentificatie(TypedDict):
    """Which test it was."""

    eldtoetscode: str
    leergebied: NotRequired[str]
    toetsnaam: NotRequired[str]
    toetsversie: NotRequired[str]


class School(TypedDict):
    """The employer, if it is a school."""

    naam: str
    adreslijst: NotRequired[Adreslijst]
    communicatielijst: NotRequired[Communicatielijst]
    brincode: str
    vestigingscode: str
    aanleverpunt: str
    soort: NotRequired[str]
    type: NotRequired[str]
    naamdirecteur: NotRequired[str]
    website: NotRequired[str]


class Werktbijinstelling(TypedDict):
    """Where that employee works."""

    instelling: NotRequired[Instelling]
    school: NotRequired[School]


class Afgenomendoor(TypedDict):
    """Who gave the test."""

    naammedewerker: str
    functie: NotRequired[str]
    werktbijinstelling: NotRequired[Werktbijinstelling]


class Afname(TypedDict):
    """When, in which group and by whom the test was given."""

    afnamedatum: date
    jaargroep: NotRequired[str]
    dl: NotRequired[int]
    afgenomendoor: NotRequired[Afgenomendoor]


class Betrouwbaarheidsinterval(TypedDict):
    """Range in which the true ability score most likely lies."""

    bivlaag: Decimal
    bivhoog: Decimal


class Toetsscore(TypedDict):
    """Raw figures of the test or the part."""

    aantalopgaven: NotRequired[int]
    aantalgoed: NotRequired[int]
    aantalfout: NotRequired[int]
    aantalgelezen: NotRequired[int]
    tijd: NotRequired[Decimal]
    vaardigheidsscore: NotRequired[Decimal]
    codevaardigheidsschaal: NotRequired[str]
    betrouwbaarheidsinterval: NotRequired[Betrouwbaarheidsinterval]


class Referentiescore(TypedDict):
    """The score compared with a norm group."""

    codereferentiescore: str
    codevergelijkingsgroep: str
    waarde: str
    kwalificatie: NotRequired[str]


class Resultaat(TypedDict):
    """Result of the test as a whole."""

    toetsscore: NotRequired[Toetsscore]
    referentiescore: NotRequired[list[Referentiescore]]
    document: NotRequired[Document]


class Toetsonderdeel(TypedDict):
    """A part of the test that has a result of its own."""

    eldonderdeelcode: str
    onderdeelnaam: NotRequired[str]
    resultaat: Resultaat


class Toets(TypedDict):
    """One test that the pupil took, with its results."""

    toetsidentificatie: Toetsidentificatie
    afname: Afname
    resultaat: Resultaat
    toetsonderdeel: NotRequired[list[Toetsonderdeel]]
    opmerking: NotRequired[str]


class Toetslijst(TypedDict):
    """Results of other tests, mostly from the pupil monitoring system."""

    toets: list[Toets]

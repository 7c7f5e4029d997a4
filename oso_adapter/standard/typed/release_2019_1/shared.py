"""Types for the dict form of Gegevensset 2019.1, shared; generated."""

from pathlib import Path
from typing import NotRequired, TypedDict


class Land(TypedDict):
    """Country as a code; its name can be added in the attribute."""

    waarde: str
    omschrijving: NotRequired[str]


class Adres(TypedDict):
    """One Dutch address of the school, institution or person."""

    soortadres: str
    straat: str
    nummer: str
    toevoeging: NotRequired[str]
    aanduiding: NotRequired[str]
    locatieomschrijving: NotRequired[str]
    postcode: str
    plaats: str
    gemeente: NotRequired[str]
    land: NotRequired[Land]


class Adreslijst(TypedDict):
    """Addresses of the school or institution."""

    adres: list[Adres]


class Communicatie(TypedDict):
    """One telephone number or e-mail address."""

    soort: str
    aanduiding: NotRequired[str]
    nummer: str
    geheim: NotRequired[bool]
    noodnummer: NotRequired[bool]


class Communicatielijst(TypedDict):
    """Telephone numbers and e-mail addresses of the school or institution."""

    communicatie: list[Communicatie]


class Document(TypedDict):
    """The file that explains the educational needs."""

    bestandsnaam: str
    omschrijving: NotRequired[str]
    bestandsinhoud: str | bytes | Path


class Instelling(TypedDict):
    """The employer, if it is not a school."""

    naam: str
    adreslijst: NotRequired[Adreslijst]
    communicatielijst: NotRequired[Communicatielijst]

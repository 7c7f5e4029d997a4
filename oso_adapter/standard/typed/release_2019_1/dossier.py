"""Types for the dict form of Gegevensset 2019.1, dossier; generated."""

from datetime import date
from decimal import Decimal
from typing import NotRequired, TypedDict

from oso_adapter.standard.typed.release_2019_1.cijferlijstlijst import Cijferlijstlijst
from oso_adapter.standard.typed.release_2019_1.eindtoets_basisonderwijs import (
    EindtoetsBasisonderwijs,
)
from oso_adapter.standard.typed.release_2019_1.onderwijsondersteuning import Onderwijsondersteuning
from oso_adapter.standard.typed.release_2019_1.shared import (
    Adreslijst,
    Communicatielijst,
    Document,
    Instelling,
)
from oso_adapter.standard.typed.release_2019_1.toetslijst import Toetslijst


class CategorieUitlevering(TypedDict):
    """Per category of data whether it is mandatory, optional, forbidden or switched off
    here.
    """

    cat_metadata: str
    cat_ouderinzage: str
    cat_school: str
    cat_leerling: str
    cat_oudersverzorgers: str
    cat_vve: str
    cat_schoolloopbaan: str
    cat_overstapadvies: str
    cat_onderwijsondersteuning: str
    cat_verzuim: str
    cat_eindtoetsbo: str
    cat_toetsresultaten: str
    cat_handelingsplannen: str
    cat_cijferlijsten: str
    cat_vombo: str
    cat_bijlagedocs: str


class Metadata(TypedDict):
    """How and by which software the dossier was made, and which categories it delivers."""

    deeldossier: str
    pakketnaam: str
    pakketversie: str
    datum: date
    standaardversie: str
    validatieversie: str
    categorie_uitlevering: NotRequired[CategorieUitlevering]
    overstap: NotRequired[str]


class Inzage(TypedDict):
    """What the parents or the pupil have seen of the dossier and what they said about it."""

    voorlopigdossier: bool
    inzage: NotRequired[bool]
    inzagedatum: NotRequired[date]
    akkoord: NotRequired[str]
    redennietakkoord: NotRequired[str]
    toestemming: NotRequired[str]


class Gba(TypedDict):
    """Name and date of birth as the municipal register of persons has them."""

    gbavoornaam: list[str]
    gbavoorvoegsel: NotRequired[str]
    gbaachternaam: str
    gbageboortedatum: str


class Nationaliteit(TypedDict):
    """Nationality as a code, its name in the attribute; the law forbids handing it over
    between schools.
    """

    waarde: str
    omschrijving: NotRequired[str]


Huisarts = TypedDict(
    "Huisarts",
    {
        "voornaam": NotRequired[list[str]],
        "voorletters-1": NotRequired[str],
        "voorvoegsel": NotRequired[str],
        "achternaam": str,
        "roepnaam": NotRequired[str],
        "geslacht": NotRequired[int],
        "adresgeheim": NotRequired[bool],
        "adreslijst": NotRequired[Adreslijst],
        "communicatielijst": NotRequired[Communicatielijst],
    },
)
"""The pupil's general practitioner."""


class Aansprakelijkeinstelling(TypedDict):
    """Institution that is liable for the pupil where the carers are not."""

    naam: str
    adreslijst: NotRequired[Adreslijst]
    communicatielijst: NotRequired[Communicatielijst]


class Overstapadvies(TypedDict):
    """The school's advice for the next school and who can explain it."""

    advies: NotRequired[str]
    wensouders: NotRequired[str]
    wensleerling: NotRequired[str]
    herzienadvies: NotRequired[str]
    motivatie_herzienadvies: NotRequired[str]
    profiel: NotRequired[str]
    argumentatie: NotRequired[str]
    contactnodig: NotRequired[bool]
    contactpersoon: NotRequired[str]
    contacttelefoon: NotRequired[str]
    contactemail: NotRequired[str]
    aandachtspunten: NotRequired[str]


class Voorschools(TypedDict):
    """Pre-school education that the pupil had before the age of four."""

    codevoorschoolsehistorie: NotRequired[int]
    codevoorschoolsprogramma: int
    voorschoolsemaanden: int
    codevoorschoolsetoeleider: NotRequired[int]
    codevoorschoolsedeelname: NotRequired[int]
    voorschoolseaanwezigheid: NotRequired[int]


class Vroegschools(TypedDict):
    """An early-school programme in the first two groups of primary school."""

    codevroegschoolsprogramma: int
    vroegschoolsdatumingang: date
    vroegschoolseinddatum: NotRequired[date]


class Schoolloopbaan(TypedDict):
    """One period in one school, group and year."""

    schooljaar: str
    groepscode: str
    groepsnaam: NotRequired[str]
    jaargroep: str
    begindatum: NotRequired[date]
    einddatum: NotRequired[date]
    brincode: str
    vestigingscode: str
    schoolsoort: NotRequired[str]
    schooltype: NotRequired[str]
    voelementcode: NotRequired[str]
    voelementomschrijving: NotRequired[str]
    schoolsoortomschrijving: NotRequired[str]


class Schoolloopbaanlijst(TypedDict):
    """The pupil's school career up to now."""

    schoolloopbaan: list[Schoolloopbaan]


class DocumentLijst(TypedDict):
    """Files about the absence."""

    document: list[Document]


class Verzuim(TypedDict):
    """Absence of the pupil in the present school year."""

    dagdelengeoorloofd: NotRequired[int]
    dagdelenongeoorloofd: NotRequired[int]
    urengeoorloofd: NotRequired[int]
    urenongeoorloofd: NotRequired[int]
    meerdan25percent: NotRequired[bool]
    frequentie: NotRequired[int]
    contactleerplicht: NotRequired[bool]
    rmcmelding: NotRequired[bool]
    documentLijst: NotRequired[DocumentLijst]


class Overigdocumentlijst(TypedDict):
    """Attachments that belong to no other part."""

    document: list[Document]


Verzorger = TypedDict(
    "Verzorger",
    {
        "voornaam": NotRequired[list[str]],
        "voorletters-1": NotRequired[str],
        "voorvoegsel": NotRequired[str],
        "achternaam": str,
        "roepnaam": NotRequired[str],
        "geslacht": NotRequired[int],
        "adresgeheim": NotRequired[bool],
        "adreslijst": NotRequired[Adreslijst],
        "communicatielijst": NotRequired[Communicatielijst],
        "relatietotkind": NotRequired[str],
        "overleden": NotRequired[bool],
        "overlijdensdatum": NotRequired[date],
        "wettigevertegenwoordiger": bool,
        "banknummer": NotRequired[str],
        "iban": NotRequired[str],
    },
)
"""A parent or other carer of the pupil."""


class Bevorderd(TypedDict):
    """Level and year to which the pupil was moved up."""

    elementcode: NotRequired[str]
    leerjaar: NotRequired[str]


class Examenresultaat(TypedDict):
    """Outcome of the final examination in vo."""

    soortdiploma: NotRequired[str]
    examenjaar: NotRequired[int]
    datumuitslag: NotRequired[date]
    examenuitslag: NotRequired[str]


class Werkstuk(TypedDict):
    """The final paper (profielwerkstuk or sectorwerkstuk)."""

    werkstuktitel: str
    werkstukbeoordeling: str


class Resultaatvakkenvo(TypedDict):
    """Result of one subject in vo."""

    vakcode: str
    vakleergebied: NotRequired[str]
    afgerond: bool
    datumafgerond: NotRequired[date]
    examenvak: bool
    beoordelingexamenvak: NotRequired[str]
    exameneindcijfer: NotRequired[int]
    cijferce: NotRequired[Decimal]
    eindcijferse: NotRequired[Decimal]
    cijferse: NotRequired[list[Decimal]]
    rapportcijfer: NotRequired[Decimal]
    werkstuk: NotRequired[Werkstuk]


class Competenties(TypedDict):
    """A competence that the pupil showed."""

    competentiereferentie: NotRequired[str]
    competentiecategorie: NotRequired[str]
    competentiebeschrijving: NotRequired[str]
    competentiestatus: NotRequired[str]


class Stage(TypedDict):
    """A work placement of the pupil."""

    begindatum: NotRequired[date]
    einddatum: NotRequired[date]
    soortstage: NotRequired[str]
    functierol: NotRequired[str]
    instelling: NotRequired[Instelling]
    beoordeling: NotRequired[str]


class Overigvombo(TypedDict):
    """Other facts for the move to mbo."""

    keuzevervolgopleiding: NotRequired[str]
    beroepskeuzetest: bool
    portfolio: bool
    pop: bool
    motivatiebrief: bool
    lobdossier: bool


Leerling = TypedDict(
    "Leerling",
    {
        "voornaam": NotRequired[list[str]],
        "voorletters-1": NotRequired[str],
        "voorvoegsel": NotRequired[str],
        "achternaam": str,
        "roepnaam": NotRequired[str],
        "geboortedatum": NotRequired[date],
        "geboortemaand": NotRequired[str],
        "geslacht": NotRequired[int],
        "adresgeheim": NotRequired[bool],
        "adreslijst": NotRequired[Adreslijst],
        "postcode4adres": NotRequired[str],
        "communicatielijst": NotRequired[Communicatielijst],
        "gba": NotRequired[Gba],
        "adresbuitenland": NotRequired[list[str]],
        "geboorteplaats": NotRequired[str],
        "nationaliteit": NotRequired[list[Nationaliteit]],
        "onderwijsnummer": NotRequired[str],
        "bsn": NotRequired[str],
        "leerlingid": NotRequired[str],
        "onderwijssinds": NotRequired[date],
        "startdatumhuidigonderwijs": NotRequired[date],
        "datuminschrijving": NotRequired[date],
        "datumuitschrijving": NotRequired[date],
        "teruggeplaatstnaarbrin": NotRequired[str],
        "leerlinggewicht": NotRequired[str],
        "nnca": NotRequired[str],
        "tehuis": NotRequired[bool],
        "huisarts": NotRequired[Huisarts],
        "verzorgersaansprakelijk": NotRequired[bool],
        "aansprakelijkeinstelling": NotRequired[Aansprakelijkeinstelling],
        "overstapadvies": NotRequired[Overstapadvies],
        "vanpeuterspeelzaal": NotRequired[bool],
        "naampeuterspeelzaal": NotRequired[str],
        "voorschools": NotRequired[Voorschools],
        "vroegschools": NotRequired[list[Vroegschools]],
        "schoolloopbaanlijst": NotRequired[Schoolloopbaanlijst],
        "onderwijsondersteuning": NotRequired[Onderwijsondersteuning],
        "verzuim": NotRequired[Verzuim],
        "eindtoets_basisonderwijs": NotRequired[EindtoetsBasisonderwijs],
        "toetslijst": NotRequired[Toetslijst],
        "cijferlijstlijst": NotRequired[Cijferlijstlijst],
        "overigdocumentlijst": NotRequired[Overigdocumentlijst],
        "verzorger": NotRequired[list[Verzorger]],
        "bevorderd": NotRequired[Bevorderd],
        "examenresultaat": NotRequired[Examenresultaat],
        "resultaatvakkenvo": NotRequired[list[Resultaatvakkenvo]],
        "certificaat": NotRequired[list[str]],
        "competenties": NotRequired[list[Competenties]],
        "stage": NotRequired[list[Stage]],
        "overigvombo": NotRequired[Overigvombo],
    },
)
"""The pupil whom the dossier is about."""


class Huidigeschool(TypedDict):
    """The school that hands the pupil over, with everything it tells about the pupil."""

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
    leerling: Leerling


class Dossier(TypedDict):
    """One pupil's dossier: what OSO carries from the sending school to the receiving school."""

    metadata: Metadata
    overdrachtsoort: str
    inzage: NotRequired[Inzage]
    huidigeschool: Huidigeschool


class GivenDossier(TypedDict):
    """What a plugin gives of a pupil; the rest of a dossier is ours."""

    huidigeschool: Huidigeschool

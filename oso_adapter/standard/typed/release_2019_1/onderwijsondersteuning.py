"""Types for the dict form of Gegevensset 2019.1, onderwijsondersteuning; generated."""

from datetime import date
from typing import NotRequired, TypedDict

from oso_adapter.standard.typed.release_2019_1.shared import Document


class ToelichtingOnderwijsbehoeften(TypedDict):
    """Explanation of what the pupil needs from education."""

    document: Document


class Diagnose(TypedDict):
    """A diagnosis that matters for education."""

    code: list[str]
    naam: NotRequired[str]
    datum: NotRequired[date]
    doorwie: NotRequired[str]
    instantie: NotRequired[str]
    document: NotRequired[list[Document]]


class Handelingsplan(TypedDict):
    """A plan of action for a limited goal."""

    startdatum: date
    einddatum: NotRequired[date]
    isgerichtop: str
    document: NotRequired[Document]


class Opp(TypedDict):
    """The development perspective plan (OPP) of the pupil."""

    opp_ingangdatum: date
    opp_einddatum: NotRequired[date]
    document: NotRequired[list[Document]]


class Tlv(TypedDict):
    """A declaration of admissibility (TLV) to special education."""

    tlvingangdatum: date
    tlvswvnummer: str
    tlvcategorie: str
    tlvbeschikkingsnummer: str
    tlveinddatum: NotRequired[date]
    document: NotRequired[Document]


class ArrangementCluster12(TypedDict):
    """Support from an institution for the visually or hearing impaired."""

    arrangement_datum: date
    arrangement_brin: NotRequired[str]
    arrangement_vestigingscode: NotRequired[str]


class ArrangementPao(TypedDict):
    """Support allotted by the partnership (SWV)."""

    arrangement_datum: date
    arrangement_kenmerk: NotRequired[str]
    arrangement_beschikkingsnr: NotRequired[str]
    arrangement_einddatum: NotRequired[date]


class Lwoo(TypedDict):
    """Assignment to learning support in vmbo (LWOO)."""

    lwoo_ingangdatum: date
    lwoo_swvnummer: str
    lwoo_beschikkingsnummer: str
    lwoo_einddatum: NotRequired[date]
    document: NotRequired[Document]


class Signaleringlwoopro(TypedDict):
    """Signs that LWOO or practical education may be needed."""

    deelgenomenaanonderzoek: bool
    leerachterstand: bool
    lagescoreeindtoets: bool


class Rvc(TypedDict):
    """Data for the regional assignment committee (RVC)."""

    centraleproblematiek: NotRequired[str]
    maatregelen: NotRequired[str]
    signaleringlwoopro: Signaleringlwoopro
    rvcdatum: NotRequired[date]
    rvcindicatie: NotRequired[str]
    document: NotRequired[list[Document]]


class Onderwijsondersteuning(TypedDict):
    """Extra support: diagnoses, plans, declarations and arrangements."""

    toelichting_onderwijsbehoeften: NotRequired[ToelichtingOnderwijsbehoeften]
    diagnose: NotRequired[list[Diagnose]]
    medicijngebruik: NotRequired[bool]
    handelingsplan: NotRequired[list[Handelingsplan]]
    opp: NotRequired[Opp]
    tlv: NotRequired[list[Tlv]]
    arrangement_cluster12: NotRequired[list[ArrangementCluster12]]
    arrangement_pao: NotRequired[list[ArrangementPao]]
    lwoo: NotRequired[Lwoo]
    rvc: NotRequired[Rvc]

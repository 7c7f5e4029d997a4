"""The pupil: who it is, the early years, the school career, the advice for the next school."""

from typing import Any, Final

from magister_like.fields import Field, filled, to_dict, to_row
from magister_like.mapping import persons
from magister_like.mapping.persons import NAME
from magister_like.record import Record

YEAR_GROUPS: Final = {
    **{f"G{number}": str(number) for number in range(9)},
    **{f"V{number}": str(10 + number) for number in range(1, 7)},
    "SBO": "S",
    "PRO": "P",
}
"""The LAS's own year groups: G1 to G8 in po, V1 to V6 in vo."""

_PUPIL: Final = (
    *NAME,
    Field("geboortedatum", "geboren"),
    Field("adresbuitenland", "adres_buitenland"),
    Field("onderwijsnummer", "onderwijsnr"),
    Field("bsn", "bsn"),
    Field("leerlingid", "leerlingcode"),
    Field("onderwijssinds", "eerste_schooldag"),
    Field("startdatumhuidigonderwijs", "start_onderwijssoort"),
    Field("datuminschrijving", "ingeschreven"),
    Field("datumuitschrijving", "uitgeschreven"),
    Field("teruggeplaatstnaarbrin", "teruggeplaatst_brin"),
    Field("leerlinggewicht", "gewicht", {0: "0.00", 30: "0.30", 120: "1.20"}),
    Field("nnca", "nnca"),
    Field("tehuis", "woont_in_tehuis"),
    Field("verzorgersaansprakelijk", "verzorgers_aansprakelijk"),
    Field("vanpeuterspeelzaal", "was_peuter"),
    Field("naampeuterspeelzaal", "peuterspeelzaal"),
)
"""Place of birth and nationality are in the LAS and not here: the law forbids sending them."""

_REGISTERED: Final = (
    Field("gbavoornaam", "gba_voornamen"),
    Field("gbavoorvoegsel", "gba_tussenvoegsel"),
    Field("gbaachternaam", "gba_achternaam"),
    Field("gbageboortedatum", "gba_geboren"),
)
_PRE_SCHOOL: Final = (
    Field("codevoorschoolsehistorie", "historie"),
    Field("codevoorschoolsprogramma", "programma"),
    Field("voorschoolsemaanden", "maanden"),
    Field("codevoorschoolsetoeleider", "toeleider"),
    Field("codevoorschoolsedeelname", "deelname"),
    Field("voorschoolseaanwezigheid", "aanwezigheid"),
)
_EARLY_SCHOOL: Final = (
    Field("codevroegschoolsprogramma", "programma"),
    Field("vroegschoolsdatumingang", "van"),
    Field("vroegschoolseinddatum", "tot"),
)
_CAREER: Final = (
    Field("schooljaar", "schooljaar"),
    Field("groepscode", "klas"),
    Field("groepsnaam", "klasnaam"),
    Field("jaargroep", "leerjaar", YEAR_GROUPS),
    Field("begindatum", "van"),
    Field("einddatum", "tot"),
    Field("brincode", "brin"),
    Field("vestigingscode", "locatie"),
    Field("schoolsoort", "schoolsoort"),
    Field("schooltype", "richting"),
    Field("voelementcode", "elementcode"),
    Field("voelementomschrijving", "elementnaam"),
    Field("schoolsoortomschrijving", "soortnaam"),
)
_ADVICE: Final = (
    Field("advies", "advies"),
    Field("wensouders", "wens_ouders"),
    Field("wensleerling", "wens_leerling"),
    Field("herzienadvies", "herzien"),
    Field("motivatie_herzienadvies", "herzien_waarom"),
    Field("profiel", "profiel"),
    Field("argumentatie", "onderbouwing"),
    Field("contactnodig", "contact_gewenst"),
    Field("contactpersoon", "contact_naam"),
    Field("contacttelefoon", "contact_tel"),
    Field("contactemail", "contact_mail"),
    Field("aandachtspunten", "aandachtspunten"),
)


def pupil(record: Record) -> dict[str, Any]:
    """The elements of ``leerling`` that this module is about."""
    main = record.main
    secret = bool(main["geheim_adres"])
    career = [to_dict(row, _CAREER) for row in record.of("inschrijving")]
    data = {
        **to_dict({**main, **({"adres_buitenland": None} if secret else {})}, _PUPIL),
        **persons.reach(record, "LEERLING", secret=secret),
        "gba": to_dict(main, _REGISTERED),
        "huisarts": persons.doctor(record),
        "aansprakelijkeinstelling": persons.organisation(record, "AANSPRAKELIJK"),
        "verzorger": persons.carers(record),
        "voorschools": to_dict(record.one("voorschool") or {}, _PRE_SCHOOL),
        "vroegschools": [to_dict(row, _EARLY_SCHOOL) for row in record.of("vroegschool")],
        "schoolloopbaanlijst": {"schoolloopbaan": career} if career else None,
        "overstapadvies": to_dict(record.one("advies") or {}, _ADVICE),
    }
    return filled(data)


def keep_pupil(record: Record, data: dict[str, Any]) -> None:
    """Put the received elements of ``leerling`` in the file."""
    record.main.update(to_row(data, _PUPIL))
    record.main.update(to_row(data.get("gba", {}), _REGISTERED))
    persons.keep_reach(record, data, "LEERLING")
    persons.keep_doctor(record, data.get("huisarts", {}))
    if "aansprakelijkeinstelling" in data:
        persons.keep_organisation(record, data["aansprakelijkeinstelling"], "AANSPRAKELIJK")
    persons.keep_carers(record, data.get("verzorger", []))
    if "voorschools" in data:
        record.add("voorschool", **to_row(data["voorschools"], _PRE_SCHOOL))
    for early in data.get("vroegschools", []):
        record.add("vroegschool", **to_row(early, _EARLY_SCHOOL))
    for year in data.get("schoolloopbaanlijst", {}).get("schoolloopbaan", []):
        record.add("inschrijving", **to_row(year, _CAREER))
    if "overstapadvies" in data:
        record.add("advies", **to_row(data["overstapadvies"], _ADVICE))

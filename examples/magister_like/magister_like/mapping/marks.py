"""Marks: report cards, and what vo adds (promotion, examination, subjects, traineeships)."""

from decimal import Decimal
from typing import Any, Final

from magister_like.fields import Field, filled, to_dict, to_row
from magister_like.mapping.persons import keep_organisation, organisation
from magister_like.mapping.pupil import YEAR_GROUPS
from magister_like.record import Record, Row

_REPORT: Final = (
    Field("afnamedatum", "datum"),
    Field("jaargroep", "leerjaar", YEAR_GROUPS),
    Field("periode", "periode"),
)
_MARK: Final = (Field("waarde", "cijfer"), Field("kwalificatie", "oordeel"))
_PROMOTION: Final = (Field("elementcode", "elementcode"), Field("leerjaar", "leerjaar"))
_EXAM: Final = (
    Field("soortdiploma", "diploma"),
    Field("examenjaar", "jaar"),
    Field("datumuitslag", "datum"),
    Field(
        "examenuitslag",
        "uitslag",
        {"GESLAAGD": "geslaagd", "GEZAKT": "afgewezen", "HEREXAMEN": "herexamen"},
    ),
)
_SUBJECT: Final = (
    Field("vakcode", "vak"),
    Field("vakleergebied", "leergebied"),
    Field("afgerond", "afgerond"),
    Field("datumafgerond", "datum"),
    Field("examenvak", "examenvak"),
)
_PASSED: Final = Field("beoordelingexamenvak", "cijfers", {"V": "voldoende", "O": "onvoldoende"})
_DECIMAL_MARKS: Final = {"CE": "cijferce", "SE-EIND": "eindcijferse", "RAPPORT": "rapportcijfer"}
_COMPETENCE: Final = (
    Field("competentiereferentie", "code"),
    Field("competentiecategorie", "categorie"),
    Field("competentiebeschrijving", "beschrijving"),
    Field("competentiestatus", "status"),
)
_TRAINEESHIP: Final = (
    Field("begindatum", "van"),
    Field("einddatum", "tot"),
    Field("soortstage", "soort"),
    Field("functierol", "rol"),
    Field("beoordeling", "beoordeling"),
)
_CHOICE: Final = (
    Field("keuzevervolgopleiding", "keuze"),
    Field("beroepskeuzetest", "test"),
    Field("portfolio", "portfolio"),
    Field("pop", "pop"),
    Field("motivatiebrief", "brief"),
    Field("lobdossier", "dossier"),
)


def reports(record: Record) -> list[dict[str, Any]]:
    """The report cards of ``cijferlijstlijst``."""
    return [
        {
            "cijferlijstTypelijst": [
                _report_subject(record, subject)
                for subject in record.of("rapport_vak", rapport_nr=row["volgnr"])
            ],
            **to_dict(row, _REPORT),
        }
        for row in record.of("rapport")
    ]


def _report_subject(record: Record, subject: Row) -> dict[str, Any]:
    number = subject["volgnr"]
    parts = [
        {"naam": row["naam"], "score": to_dict(row, _MARK), **to_dict(row, _REPORT)}
        for row in record.of("rapport_onderdeel", vak_nr=number)
    ]
    return {
        "naam": subject["naam"],
        **filled({"onderdeel": parts}),
        "score": [to_dict(row, _MARK) for row in record.of("rapport_cijfer", vak_nr=number)],
    }


def keep_reports(record: Record, data: list[dict[str, Any]]) -> None:
    """Put received report cards in the file."""
    for report in data:
        number = record.add("rapport", **to_row(report, _REPORT))
        for subject in report["cijferlijstTypelijst"]:
            own = record.add("rapport_vak", rapport_nr=number, naam=subject["naam"])
            for part in subject.get("onderdeel", []):
                values = {**to_row(part, _REPORT), **to_row(part["score"], _MARK)}
                record.add("rapport_onderdeel", vak_nr=own, naam=part["naam"], **values)
            for mark in subject["score"]:
                record.add("rapport_cijfer", vak_nr=own, **to_row(mark, _MARK))


def secondary(record: Record) -> dict[str, Any]:
    """The elements of the category ``cat_vombo``."""
    return filled(
        {
            "bevorderd": to_dict(record.one("bevordering") or {}, _PROMOTION),
            "examenresultaat": to_dict(record.one("examen") or {}, _EXAM),
            "resultaatvakkenvo": [_subject(row) for row in record.of("vakresultaat")],
            "certificaat": [row["naam"] for row in record.of("certificaat")],
            "competenties": [to_dict(row, _COMPETENCE) for row in record.of("competentie")],
            "stage": [_traineeship(record, row) for row in record.of("stage")],
            "overigvombo": to_dict(record.one("lob") or {}, _CHOICE),
        }
    )


def _subject(row: Row) -> dict[str, Any]:
    return {**to_dict(row, _SUBJECT), **_assessment(row["soort"], row["cijfers"], row["titel"])}


def _assessment(kind: str, marks: list[str], title: str | None) -> dict[str, Any]:
    """The one assessment of a subject: the LAS keeps its kind and its marks."""
    first = marks[0]
    if kind == "OORDEEL":
        return {_PASSED.element: _PASSED.sent(first)}
    if kind == "EXAMEN":
        return {"exameneindcijfer": int(first)}
    if kind == "SE":
        return {"cijferse": [Decimal(mark) for mark in marks]}
    if kind == "WERKSTUK":
        return {"werkstuk": {"werkstuktitel": title, "werkstukbeoordeling": first}}
    return {_DECIMAL_MARKS[kind]: Decimal(first)}


def _keep_assessment(data: dict[str, Any]) -> dict[str, Any]:
    if _PASSED.element in data:
        return {"soort": "OORDEEL", "cijfers": [_PASSED.taken(data[_PASSED.element])]}
    if "exameneindcijfer" in data:
        return {"soort": "EXAMEN", "cijfers": [str(data["exameneindcijfer"])]}
    if "cijferse" in data:
        return {"soort": "SE", "cijfers": [str(mark) for mark in data["cijferse"]]}
    if "werkstuk" in data:
        work = data["werkstuk"]
        marks = [work["werkstukbeoordeling"]]
        return {"soort": "WERKSTUK", "titel": work["werkstuktitel"], "cijfers": marks}
    kind, name = next((kind, name) for kind, name in _DECIMAL_MARKS.items() if name in data)
    return {"soort": kind, "cijfers": [str(data[name])]}


def _traineeship(record: Record, row: Row) -> dict[str, Any]:
    return filled(
        {**to_dict(row, _TRAINEESHIP), "instelling": organisation(record, "STAGE", row["volgnr"])}
    )


def keep_secondary(record: Record, data: dict[str, Any]) -> None:
    """Put received elements of ``cat_vombo`` in the file."""
    for part, element, fields in (
        ("bevordering", "bevorderd", _PROMOTION),
        ("examen", "examenresultaat", _EXAM),
        ("lob", "overigvombo", _CHOICE),
    ):
        if element in data:
            record.add(part, **to_row(data[element], fields))
    for each in data.get("resultaatvakkenvo", []):
        record.add("vakresultaat", **to_row(each, _SUBJECT), **_keep_assessment(each))
    for name in data.get("certificaat", []):
        record.add("certificaat", naam=name)
    for each in data.get("competenties", []):
        record.add("competentie", **to_row(each, _COMPETENCE))
    for each in data.get("stage", []):
        number = record.add("stage", **to_row(each, _TRAINEESHIP))
        if "instelling" in each:
            keep_organisation(record, each["instelling"], "STAGE", number)

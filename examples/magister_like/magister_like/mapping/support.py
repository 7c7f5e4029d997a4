"""Support and absence: diagnoses, plans, arrangements; absence counted from its registrations."""

from typing import Any, Final

from magister_like.fields import Field, filled, to_dict, to_row
from magister_like.mapping.documents import document, documents, keep_document, keep_documents
from magister_like.record import Record, Row

_DIAGNOSIS: Final = (
    Field("code", "codes"),
    Field("naam", "naam"),
    Field("datum", "datum"),
    Field("doorwie", "door"),
    Field("instantie", "instantie"),
)
_PLAN: Final = (
    Field("startdatum", "van"),
    Field("einddatum", "tot"),
    Field("isgerichtop", "doel"),
)
_PERSPECTIVE: Final = (Field("opp_ingangdatum", "van"), Field("opp_einddatum", "tot"))
_ADMISSION: Final = (
    Field("tlvingangdatum", "van"),
    Field("tlvswvnummer", "swv"),
    Field("tlvcategorie", "categorie", {"HOOG": "H", "MIDDEN": "M", "LAAG": "L", "GEEN": "Nvt"}),
    Field("tlvbeschikkingsnummer", "beschikking"),
    Field("tlveinddatum", "tot"),
)
_CLUSTER: Final = (
    Field("arrangement_datum", "datum"),
    Field("arrangement_brin", "brin"),
    Field("arrangement_vestigingscode", "locatie"),
)
_ARRANGEMENT: Final = (
    Field("arrangement_datum", "datum"),
    Field("arrangement_kenmerk", "kenmerk"),
    Field("arrangement_beschikkingsnr", "beschikking"),
    Field("arrangement_einddatum", "tot"),
)
_LWOO: Final = (
    Field("lwoo_ingangdatum", "van"),
    Field("lwoo_swvnummer", "swv"),
    Field("lwoo_beschikkingsnummer", "beschikking"),
    Field("lwoo_einddatum", "tot"),
)
_RVC: Final = (
    Field("centraleproblematiek", "problematiek"),
    Field("maatregelen", "maatregelen"),
    Field("rvcdatum", "datum"),
    Field("rvcindicatie", "indicatie"),
)
_SIGNALS: Final = (
    Field("deelgenomenaanonderzoek", "onderzocht"),
    Field("leerachterstand", "achterstand"),
    Field("lagescoreeindtoets", "lage_score"),
)
_ABSENCE: Final = (
    Field("meerdan25percent", "boven_kwart"),
    Field("contactleerplicht", "leerplicht"),
    Field("rmcmelding", "rmc"),
)
_COUNTED: Final = {
    "dagdelengeoorloofd": ("DAGDEEL", True),
    "dagdelenongeoorloofd": ("DAGDEEL", False),
    "urengeoorloofd": ("UUR", True),
    "urenongeoorloofd": ("UUR", False),
}


def support(record: Record) -> dict[str, Any]:
    """The block ``onderwijsondersteuning``; empty when there is nothing."""
    explanation = document(record, "TOELICHTING")
    return filled(
        {
            "toelichting_onderwijsbehoeften": {"document": explanation} if explanation else None,
            "diagnose": [
                filled(
                    {
                        **to_dict(row, _DIAGNOSIS),
                        "document": documents(record, "DIAGNOSE", row["volgnr"]),
                    }
                )
                for row in record.of("diagnose")
            ],
            "medicijngebruik": record.main.get("medicatie"),
            "handelingsplan": _with_document(record, "plan", _PLAN, "PLAN"),
            "opp": _perspective(record),
            "tlv": _with_document(record, "tlv", _ADMISSION, "TLV"),
            "arrangement_cluster12": [
                to_dict(row, _CLUSTER) for row in record.of("arrangement", soort="CLUSTER12")
            ],
            "arrangement_pao": [
                to_dict(row, _ARRANGEMENT) for row in record.of("arrangement", soort="PAO")
            ],
            "lwoo": next(iter(_with_document(record, "lwoo", _LWOO, "LWOO")), None),
            "rvc": _rvc(record),
        }
    )


def _with_document(
    record: Record, part: str, fields: tuple[Field, ...], place: str
) -> list[dict[str, Any]]:
    return [
        filled({**to_dict(row, fields), "document": document(record, place, row["volgnr"])})
        for row in record.of(part)
    ]


def _perspective(record: Record) -> dict[str, Any] | None:
    row = record.one("opp")
    if row is None:
        return None
    return filled({**to_dict(row, _PERSPECTIVE), "document": documents(record, "OPP")})


def _rvc(record: Record) -> dict[str, Any] | None:
    row = record.one("rvc")
    if row is None:
        return None
    return filled(
        {
            **to_dict(row, _RVC),
            "signaleringlwoopro": to_dict(row, _SIGNALS),
            "document": documents(record, "RVC"),
        }
    )


def keep_support(record: Record, data: dict[str, Any]) -> None:
    """Put a received ``onderwijsondersteuning`` in the file."""
    if "medicijngebruik" in data:
        record.main["medicatie"] = data["medicijngebruik"]
    keep_document(record, data.get("toelichting_onderwijsbehoeften", {}), "TOELICHTING")
    for each in data.get("diagnose", []):
        number = record.add("diagnose", **to_row(each, _DIAGNOSIS))
        keep_documents(record, each.get("document", []), "DIAGNOSE", number)
    for part, fields, element in (
        ("plan", _PLAN, "handelingsplan"),
        ("tlv", _ADMISSION, "tlv"),
        ("lwoo", _LWOO, "lwoo"),
    ):
        found = data.get(element, [])
        for each in [found] if isinstance(found, dict) else found:
            keep_document(record, each, part.upper(), record.add(part, **to_row(each, fields)))
    if "opp" in data:
        record.add("opp", **to_row(data["opp"], _PERSPECTIVE))
        keep_documents(record, data["opp"].get("document", []), "OPP")
    for each in data.get("arrangement_cluster12", []):
        record.add("arrangement", soort="CLUSTER12", **to_row(each, _CLUSTER))
    for each in data.get("arrangement_pao", []):
        record.add("arrangement", soort="PAO", **to_row(each, _ARRANGEMENT))
    if "rvc" in data:
        rvc = data["rvc"]
        record.add("rvc", **to_row(rvc, _RVC), **to_row(rvc["signaleringlwoopro"], _SIGNALS))
        keep_documents(record, rvc.get("document", []), "RVC")


def absence(record: Record) -> dict[str, Any]:
    """The block ``verzuim``: sums over the registrations, empty when there are none."""
    rows = record.of("verzuim")
    sums = {
        element: _sum(
            [row for row in rows if (row["eenheid"], row["geoorloofd"]) == kind], "aantal"
        )
        for element, kind in _COUNTED.items()
    }
    papers = documents(record, "VERZUIM")
    return filled(
        {
            **sums,
            "frequentie": _sum(rows, "keren"),
            **to_dict(record.one("verzuimbeeld") or {}, _ABSENCE),
            "documentLijst": {"document": papers} if papers else None,
        }
    )


def _sum(rows: list[Row], column: str) -> int | None:
    counted = [row[column] for row in rows if row[column] is not None]
    return sum(counted) if counted else None


def keep_absence(record: Record, data: dict[str, Any]) -> None:
    """Put a received ``verzuim`` in the file: each sum as one registration without a date."""
    for element, (unit, allowed) in _COUNTED.items():
        if element in data:
            values = {"eenheid": unit, "geoorloofd": allowed, "keren": None}
            record.add("verzuim", aantal=data[element], **values)
    if "frequentie" in data:
        values = {"eenheid": "TOTAAL", "geoorloofd": None, "aantal": None}
        record.add("verzuim", keren=data["frequentie"], **values)
    picture = to_row(data, _ABSENCE)
    if picture:
        record.add("verzuimbeeld", **picture)
    keep_documents(record, data.get("documentLijst", {}).get("document", []), "VERZUIM")

"""Test results: the final test of primary school, and tests with their scores in rows."""

from decimal import Decimal
from typing import Any, Final

from magister_like.fields import Field, filled, to_dict, to_row
from magister_like.mapping.documents import document, documents, keep_document, keep_documents
from magister_like.mapping.persons import employer, keep_organisation
from magister_like.mapping.pupil import YEAR_GROUPS
from magister_like.record import Record, Row

_FINAL: Final = (
    Field("toetssoort", "soort"),
    Field("toetsniveau", "niveau"),
    Field("toetsomschrijving", "omschrijving"),
    Field("datum_afname", "datum"),
    Field("wettelijke_ontheffing", "ontheffing", {True: "J", False: "N"}),
    Field("standaardscore", "score"),
    Field("toets_advies", "advies"),
)
_FINAL_PART: Final = (
    Field("onderdeelcode", "code"),
    Field("onderdeelomschrijving", "omschrijving"),
    Field("ond_referentieniveau", "niveau"),
)
_FINAL_DOMAIN: Final = (
    Field("domeincode", "code"),
    Field("domeinomschrijving", "omschrijving"),
    Field("dom_referentieniveau", "niveau"),
)
_TEST: Final = (
    Field("eldtoetscode", "code"),
    Field("leergebied", "vakgebied"),
    Field("toetsnaam", "naam"),
    Field("toetsversie", "versie"),
)
_TAKEN: Final = (
    Field("afnamedatum", "datum"),
    Field("jaargroep", "leerjaar", YEAR_GROUPS),
    Field("dl", "didactische_leeftijd"),
)
_TAKER: Final = (Field("naammedewerker", "afnemer"), Field("functie", "afnemer_functie"))
_REMARK: Final = (Field("opmerking", "opmerking"),)
_PART: Final = (Field("eldonderdeelcode", "code"), Field("onderdeelnaam", "naam"))
_NORM: Final = (
    Field("codereferentiescore", "soort"),
    Field("codevergelijkingsgroep", "groep"),
    Field("waarde", "waarde"),
    Field("kwalificatie", "oordeel"),
)
_COUNTS: Final = {
    "OPGAVEN": "aantalopgaven",
    "GOED": "aantalgoed",
    "FOUT": "aantalfout",
    "GELEZEN": "aantalgelezen",
}
_MEASURES: Final = {"TIJD": "tijd", "VAARDIGHEID": "vaardigheidsscore"}
_INTERVAL: Final = {"ONDERGRENS": "bivlaag", "BOVENGRENS": "bivhoog"}


def final_test(record: Record) -> dict[str, Any]:
    """The block ``eindtoets_basisonderwijs``; empty when there is none."""
    row = record.one("eindtoets")
    if row is None:
        return {}
    parts = [_final_part(record, part) for part in record.of("eindtoets_onderdeel")]
    result = {**to_dict(row, _FINAL), "onderdelen": filled({"onderdeel": parts})}
    return filled(
        {
            "eindtoetsresultaat": None if row["soort"] is None else result,
            "deelgenomen": row["deelgenomen"],
            "document": documents(record, "EINDTOETS"),
        }
    )


def _final_part(record: Record, part: Row) -> dict[str, Any]:
    rows = record.of("eindtoets_domein", onderdeel_nr=part["volgnr"])
    domains = [to_dict(row, _FINAL_DOMAIN) for row in rows]
    return {**to_dict(part, _FINAL_PART), **({"domeinen": {"domein": domains}} if domains else {})}


def keep_final_test(record: Record, data: dict[str, Any]) -> None:
    """Put a received ``eindtoets_basisonderwijs`` in the file."""
    if not data:
        return
    result = data.get("eindtoetsresultaat", {})
    record.add("eindtoets", deelgenomen=data["deelgenomen"], **to_row(result, _FINAL))
    for part in result.get("onderdelen", {}).get("onderdeel", []):
        number = record.add("eindtoets_onderdeel", **to_row(part, _FINAL_PART))
        for domain in part.get("domeinen", {}).get("domein", []):
            record.add("eindtoets_domein", onderdeel_nr=number, **to_row(domain, _FINAL_DOMAIN))
    keep_documents(record, data.get("document", []), "EINDTOETS")


def tests(record: Record) -> list[dict[str, Any]]:
    """The tests of ``toetslijst``."""
    return [_test(record, row) for row in record.of("toets")]


def _test(record: Record, row: Row) -> dict[str, Any]:
    number = row["volgnr"]
    taker = filled(
        {**to_dict(row, _TAKER), "werktbijinstelling": employer(record, "TOETS", number)}
    )
    parts = [
        {**to_dict(part, _PART), "resultaat": _result(record, "ONDERDEEL", part["volgnr"])}
        for part in record.of("toets_onderdeel", toets_nr=number)
    ]
    return {
        "toetsidentificatie": to_dict(row, _TEST),
        "afname": {**to_dict(row, _TAKEN), **filled({"afgenomendoor": taker})},
        "resultaat": _result(record, "TOETS", number),
        **filled({"toetsonderdeel": parts}),
        **to_dict(row, _REMARK),
    }


def _result(record: Record, of: str, number: int) -> dict[str, Any]:
    scores = {row["grootheid"]: row for row in record.of("toets_score", bij=of, bij_nr=number)}
    norms = record.of("toets_norm", bij=of, bij_nr=number)
    return filled(
        {
            "toetsscore": _score(scores),
            "referentiescore": [to_dict(row, _NORM) for row in norms],
            "document": document(record, of, number),
        }
    )


def _score(rows: dict[str, Row]) -> dict[str, Any]:
    def figures(kinds: dict[str, str]) -> dict[str, Any]:
        return {name: rows[kind]["waarde"] for kind, name in kinds.items() if kind in rows}

    scale = rows["SCHAAL"]["schaal"] if "SCHAAL" in rows else None
    return filled(
        {
            **{name: int(value) for name, value in figures(_COUNTS).items()},
            **figures(_MEASURES),
            "codevaardigheidsschaal": scale,
            "betrouwbaarheidsinterval": figures(_INTERVAL),
        }
    )


def keep_tests(record: Record, data: list[dict[str, Any]]) -> None:
    """Put received tests in the file."""
    for each in data:
        taken = each["afname"]
        taker = taken.get("afgenomendoor", {})
        number = record.add(
            "toets",
            **to_row(each["toetsidentificatie"], _TEST),
            **to_row(taken, _TAKEN),
            **to_row(taker, _TAKER),
            **to_row(each, _REMARK),
        )
        for organisation in taker.get("werktbijinstelling", {}).values():
            keep_organisation(record, organisation, "TOETS", number)
        _keep_result(record, each["resultaat"], "TOETS", number)
        for part in each.get("toetsonderdeel", []):
            own = record.add("toets_onderdeel", toets_nr=number, **to_row(part, _PART))
            _keep_result(record, part["resultaat"], "ONDERDEEL", own)


def _keep_result(record: Record, data: dict[str, Any], of: str, number: int) -> None:
    score = data.get("toetsscore", {})
    figures = {**score, **score.get("betrouwbaarheidsinterval", {})}
    for kind, name in {**_COUNTS, **_MEASURES, **_INTERVAL}.items():
        if name in figures:
            value = Decimal(figures[name])
            record.add("toets_score", bij=of, bij_nr=number, grootheid=kind, waarde=value)
    if "codevaardigheidsschaal" in score:
        scale = score["codevaardigheidsschaal"]
        record.add("toets_score", bij=of, bij_nr=number, grootheid="SCHAAL", schaal=scale)
    for norm in data.get("referentiescore", []):
        record.add("toets_norm", bij=of, bij_nr=number, **to_row(norm, _NORM))
    keep_document(record, data, of, number)

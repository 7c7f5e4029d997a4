"""Persons and organisations: names, addresses, ways to reach them."""

from typing import Any, Final

from magister_like.fields import Field, filled, to_dict, to_row
from magister_like.record import Record, Row

MASKED_PHONE: Final = "9999999999"
MASKED_MAIL: Final = "geheim@geheim.geheim"

SEX: Final = Field("geslacht", "geslacht", {"X": 0, "M": 1, "V": 2})
NAME: Final = (
    Field("voornaam", "voornamen"),
    Field("voorletters-1", "voorletters"),
    Field("voorvoegsel", "tussenvoegsel"),
    Field("achternaam", "achternaam"),
    Field("roepnaam", "roepnaam"),
    SEX,
    Field("adresgeheim", "geheim_adres"),
)
_ADDRESS: Final = (
    Field("soortadres", "soort", {"WOON": "gba", "POST": "post", "BEZOEK": "bezoek"}),
    Field("straat", "straat"),
    Field("nummer", "huisnr"),
    Field("toevoeging", "huisnr_toev"),
    Field("aanduiding", "ligging", {"TEGENOVER": "TO", "BIJ": "BY"}),
    Field("locatieomschrijving", "ligging_tekst"),
    Field("postcode", "postcode"),
    Field("plaats", "woonplaats"),
    Field("gemeente", "gemeente"),
)
_COUNTRY: Final = (Field("waarde", "landcode"), Field("omschrijving", "landnaam"))
_CONTACT: Final = (
    Field("soort", "soort", {"MAIL": "e-mail", "TEL": "telefoon"}),
    Field("aanduiding", "bereik", {"W": "werk", "P": "prive", "O": "overig"}),
    Field("nummer", "waarde"),
    Field("geheim", "geheim"),
    Field("noodnummer", "voor_nood"),
)
_SCHOOL: Final = (
    Field("brincode", "brin"),
    Field("vestigingscode", "locatie"),
    Field("aanleverpunt", "kenmerk"),
    Field("soort", "soort"),
    Field("type", "richting"),
    Field("naamdirecteur", "directeur"),
    Field("website", "website"),
)
_CARER: Final = (
    *NAME,
    Field("relatietotkind", "relatie"),
    Field("overleden", "overleden"),
    Field("overlijdensdatum", "overleden_op"),
    Field("wettigevertegenwoordiger", "wettelijk"),
    Field("banknummer", "bankrekening"),
    Field("iban", "iban"),
)


def _address(row: Row) -> dict[str, Any]:
    return {**to_dict(row, _ADDRESS), **filled({"land": to_dict(row, _COUNTRY)})}


def _contact(row: Row) -> dict[str, Any]:
    shown = dict(row)
    if row["geheim"]:
        shown["waarde"] = MASKED_MAIL if row["soort"] == "MAIL" else MASKED_PHONE
    return to_dict(shown, _CONTACT)


def reach(record: Record, owner: str, number: int = 0, *, secret: bool = False) -> dict[str, Any]:
    """Addresses and ways to reach an owner.

    A secret address stays home; a secret telephone number or e-mail address is masked as agreed
    (rules OVa.LL06, OVa.LL08, OVa.OV03).
    """
    match = {"eigenaar": owner, "eigenaar_nr": number}
    addresses = [] if secret else [_address(row) for row in record.of("adres", **match)]
    contacts = [_contact(row) for row in record.of("contact", **match)]
    return {
        **({"adreslijst": {"adres": addresses}} if addresses else {}),
        **({"communicatielijst": {"communicatie": contacts}} if contacts else {}),
    }


def keep_reach(record: Record, data: dict[str, Any], owner: str, number: int = 0) -> None:
    """Put received addresses and ways to reach an owner in the file."""
    match = {"eigenaar": owner, "eigenaar_nr": number}
    for address in data.get("adreslijst", {}).get("adres", []):
        country = to_row(address.get("land", {}), _COUNTRY)
        record.add("adres", **match, **to_row(address, _ADDRESS), **country)
    for contact in data.get("communicatielijst", {}).get("communicatie", []):
        record.add("contact", **match, **to_row(contact, _CONTACT))


def school(record: Record) -> dict[str, Any]:
    """The school block, from the school's own record."""
    return {
        "naam": record.main["naam"],
        **reach(record, "SCHOOL"),
        **to_dict(record.main, _SCHOOL),
    }


def organisation(record: Record, use: str, number: int = 0) -> dict[str, Any] | None:
    """The organisation that the file names for a use, or None."""
    row = record.one("organisatie", gebruik=use, gebruik_nr=number)
    if row is None:
        return None
    return {
        "naam": row["naam"],
        **reach(record, "ORG", row["volgnr"]),
        **(to_dict(row, _SCHOOL) if row["is_school"] else {}),
    }


def employer(record: Record, use: str, number: int) -> dict[str, Any] | None:
    """The organisation as the choice of the standard: ``instelling`` or ``school``."""
    row = record.one("organisatie", gebruik=use, gebruik_nr=number)
    if row is None:
        return None
    return {"school" if row["is_school"] else "instelling": organisation(record, use, number)}


def keep_organisation(record: Record, data: dict[str, Any], use: str, number: int = 0) -> None:
    """Put a received institution or school in the file."""
    is_school = "brincode" in data
    values = to_row(data, _SCHOOL) if is_school else {}
    own = record.add(
        "organisatie",
        gebruik=use,
        gebruik_nr=number,
        is_school=is_school,
        naam=data["naam"],
        **values,
    )
    keep_reach(record, data, "ORG", own)


def carers(record: Record) -> list[dict[str, Any]]:
    """The carers, in the school's order."""
    return [
        {
            **to_dict(row, _CARER),
            **reach(record, "VERZORGER", row["volgnr"], secret=bool(row.get("geheim_adres"))),
        }
        for row in record.of("verzorger")
    ]


def keep_carers(record: Record, data: list[dict[str, Any]]) -> None:
    """Put received carers in the file."""
    for each in data:
        keep_reach(record, each, "VERZORGER", record.add("verzorger", **to_row(each, _CARER)))


def doctor(record: Record) -> dict[str, Any]:
    """The GP: without call name and sex, and never with a secret address (rule OG.05)."""
    row = record.one("huisarts")
    if row is None:
        return {}
    shown = {**row, "roepnaam": None, "geslacht": None}
    return {**to_dict(shown, NAME), **reach(record, "HUISARTS")}


def keep_doctor(record: Record, data: dict[str, Any]) -> None:
    """Put a received GP in the file."""
    if data:
        record.add("huisarts", **to_row(data, NAME))
        keep_reach(record, data, "HUISARTS")

"""Synthetic dossiers for the tests: small, valid, and different where a test needs it."""

from datetime import date
from typing import Any

from oso_adapter.standard.codec import to_xml
from oso_adapter.standard.pack import load_pack
from oso_adapter.standard.profiles import complete, profile

BORN = date(2013, 5, 31)
SURNAME = "Proefleerling"
NUMBERS = ("123456782", "111222333", "999999990", "100000009")
"""Synthetic BSNs that pass the 11-test."""


def content(
    number: str,
    *,
    surname: str = SURNAME,
    born: date = BORN,
    reference: str = "P-1",
    brin: str = "99AA",
    attachments: dict[str, bytes] | None = None,
    **pupil: Any,
) -> dict[str, Any]:
    """What a plugin would give for a pupil, in the dict form; pupil: more fields of leerling."""
    documents = [
        {"bestandsnaam": name, "bestandsinhoud": data} for name, data in (attachments or {}).items()
    ]
    leerling: dict[str, Any] = {
        "voornaam": ["Test"],
        "achternaam": surname,
        "geboortedatum": born,
        "adresgeheim": True,
        "bsn": number,
        "leerlingid": reference,
        "datuminschrijving": date(2017, 8, 1),
        "verzorgersaansprakelijk": True,
        "overstapadvies": {"advies": "51", "contactnodig": False},
        "schoolloopbaanlijst": {
            "schoolloopbaan": [
                {
                    "schooljaar": "2024-2025",
                    "groepscode": "8A",
                    "jaargroep": "8",
                    "brincode": brin,
                    "vestigingscode": "00",
                }
            ]
        },
        "verzorger": [{"achternaam": surname, "wettigevertegenwoordiger": True}],
        **({"overigdocumentlijst": {"document": documents}} if documents else {}),
        **pupil,
    }
    school = {
        "naam": "Proefschool",
        "adreslijst": {
            "adres": [
                {
                    "soortadres": "bezoek",
                    "straat": "Proefstraat",
                    "nummer": "1",
                    "postcode": "1000AA",
                    "plaats": "Proefdam",
                }
            ]
        },
        "communicatielijst": {"communicatie": [{"soort": "telefoon", "nummer": "0201234567"}]},
        "brincode": brin,
        "vestigingscode": "00",
        "aanleverpunt": f"00000007000{brin}00001",
    }
    return {"huidigeschool": {**school, "leerling": leerling}}


SEEN = {
    "voorlopigdossier": False,
    "inzage": True,
    "inzagedatum": date(2025, 3, 2),
    "akkoord": "Ja",
    "toestemming": "Ja",
}


def dossier(number: str, name: str = "POVO", *, seen: bool = False, **more: Any) -> bytes:
    """A whole dossier as XML; seen: with inzage and toestemming. more: see :func:`content`."""
    pack = load_pack()
    data, _ = complete(
        content(number, **more),
        pack,
        profile(name),
        package="proef",
        package_version="1",
        on=date(2025, 3, 1),
    )
    return to_xml({**data, **({"inzage": SEEN} if seen else {})}, pack)


def sent(number: str, name: str = "POVO", **more: Any) -> bytes:
    """A whole dossier as it comes from another school: the parents have seen it."""
    return dossier(number, name, seen=True, **more)

"""The synthetic dossiers of the test school, valid to the standard unless they are meant not to be.

Every value is made up, and the same number gives the same bytes every time.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from oso_adapter import __version__
from oso_adapter.clock import AMSTERDAM, school_date
from oso_adapter.simulator.pupils import Pupil
from oso_adapter.simulator.seed import TEST_SCHOOL, TEST_SCHOOL_ROUTING_ID
from oso_adapter.standard.codec import to_xml
from oso_adapter.standard.pack import load_pack
from oso_adapter.standard.profiles import complete, profile

COLLECTED: Final = datetime(2020, 2, 3, 9, tzinfo=AMSTERDAM)
"""When the test school collected its dossiers (verzameldatum)."""

COLLECTED_AGAIN: Final = datetime(2020, 5, 11, 9, tzinfo=AMSTERDAM)
"""When it collected those with the final test."""

_ATTACHMENTS: Final = 24
_YEAR_GROUP: Final = {"POPO": "5", "POVO": "8", "VOVO": "12", "BB": "6"}


def dossier(pupil: Pupil, collected: datetime) -> bytes:
    """The dossier of a pupil as it was collected then, as XML.

    collected: one of :data:`COLLECTED` and :data:`COLLECTED_AGAIN`.
    """
    pack = load_pack()
    content = {"huidigeschool": _school(_pupil(pupil, collected))}
    completed, _ = complete(
        content,
        pack,
        profile(pupil.profile),
        package="OSO-simulatie",
        package_version=__version__,
        on=school_date(collected),
    )
    completed["inzage"] = {
        "voorlopigdossier": False,
        "inzage": True,
        "inzagedatum": school_date(collected),
        "akkoord": "Ja",
        "toestemming": "Ja",
    }
    if pupil.release is None:
        return to_xml(completed, pack)
    return _outdated(completed, pupil.release)


def _outdated(completed: dict[str, Any], release: str) -> bytes:
    """The dossier under the name of an older release, without the block that came in 2017.

    Only the namespace of 2017 is attested; that those before differ in the year is derived.
    """
    pack = load_pack()
    metadata = {**completed["metadata"], "standaardversie": f"{release}.1"}
    del metadata["categorie_uitlevering"]
    xml = to_xml({**completed, "metadata": metadata}, pack)
    old = pack.namespace.replace(pack.release.partition(".")[0], release)
    return xml.replace(pack.namespace.encode(), old.encode())


def _school(pupil: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "naam": "OSO Testschool",
        "adreslijst": {"adres": [_address("bezoek")]},
        "communicatielijst": {"communicatie": [_telephone(), _mail("testschool@example.org")]},
        "brincode": str(TEST_SCHOOL),
        "vestigingscode": "00",
        "aanleverpunt": str(TEST_SCHOOL_ROUTING_ID),
        "leerling": pupil,
    }


def _pupil(pupil: Pupil, collected: datetime) -> dict[str, Any]:
    kind = pupil.number.kind or "bsn"
    content: dict[str, Any] = {
        "voornaam": ["Testa"],
        "achternaam": f"Voorbeeld-{pupil.profile}",
        "geboortedatum": date(2008, 3, 14),
        "geslacht": 2,
        "adresgeheim": False,
        "adreslijst": {"adres": [_address("gba")]},
        "communicatielijst": {"communicatie": [_telephone()]},
        kind: pupil.number.reveal(),
        "leerlingid": f"T{pupil.year}",
        "datuminschrijving": date(2012, 8, 20),
        "verzorgersaansprakelijk": True,
        "overstapadvies": _advice(pupil.profile),
        "schoolloopbaanlijst": {"schoolloopbaan": [_career(pupil.profile)]},
        "verzuim": {"dagdelengeoorloofd": 4, "dagdelenongeoorloofd": 0},
        "verzorger": [_carer()],
    }
    if pupil.variant == "full":
        content |= _full()
    if collected == COLLECTED_AGAIN:
        content["eindtoets_basisonderwijs"] = _final_test()
        content["overstapadvies"] |= {
            "herzienadvies": "60",
            "motivatie_herzienadvies": "De eindtoets geeft een hoger advies.",
        }
    return content


def _advice(name: str) -> dict[str, Any]:
    advice = {"advies": "50"} if name == "POVO" else {}
    return {**advice, "contactnodig": False}


def _career(name: str) -> dict[str, Any]:
    return {
        "schooljaar": "2019-2020",
        "groepscode": "A",
        "jaargroep": _YEAR_GROUP[name],
        "begindatum": date(2019, 8, 19),
        "brincode": str(TEST_SCHOOL),
        "vestigingscode": "00",
    }


def _carer() -> dict[str, Any]:
    return {
        "achternaam": "Voorbeeld",
        "voorletters-1": "V",
        "adresgeheim": False,
        "adreslijst": {"adres": [_address("gba")]},
        "communicatielijst": {"communicatie": [_mail("verzorger@example.org")]},
        "relatietotkind": "1",
        "wettigevertegenwoordiger": True,
    }


def _full() -> dict[str, Any]:
    """Tests, support, marks, and attachments in every place that has room for one."""
    return {
        "roepnaam": "Tes",
        "startdatumhuidigonderwijs": date(2012, 8, 20),
        "huisarts": {"achternaam": "Arts", "communicatielijst": {"communicatie": [_telephone()]}},
        "onderwijsondersteuning": {
            "toelichting_onderwijsbehoeften": {"document": _document("onderwijsbehoeften")},
            "diagnose": [{"code": ["F81.0"], "document": [_document("diagnose")]}],
            "medicijngebruik": False,
            "handelingsplan": [
                {
                    "startdatum": date(2019, 9, 2),
                    "isgerichtop": "technisch lezen",
                    "document": _document("handelingsplan"),
                }
            ],
        },
        "toetslijst": {
            "toets": [
                {
                    "toetsidentificatie": {"eldtoetscode": f"TEST{number}", "toetsnaam": "Rekenen"},
                    "afname": {"afnamedatum": date(2020, 1, 13 + number), "jaargroep": "8"},
                    "resultaat": {
                        "toetsscore": {"aantalopgaven": 40, "aantalgoed": 30 + number},
                        "document": _document(f"toets-{number}"),
                    },
                }
                for number in range(1, 6)
            ]
        },
        "cijferlijstlijst": {
            "cijferlijst": [
                {
                    "cijferlijstTypelijst": [
                        {"naam": "Rekenen", "score": [{"waarde": "7,5"}]},
                        {"naam": "Taal", "score": [{"kwalificatie": "goed"}]},
                    ],
                    "jaargroep": "8",
                }
            ]
        },
        "overigdocumentlijst": {
            "document": [_document(f"bijlage-{n:02d}") for n in range(1, _ATTACHMENTS + 1)]
        },
    }


def _final_test() -> dict[str, Any]:
    return {
        "eindtoetsresultaat": {
            "toetssoort": "0011",
            "toetsniveau": "G",
            "datum_afname": date(2020, 4, 15),
            "standaardscore": 541,
            "toets_advies": "havo/vwo",
            "onderdelen": {"onderdeel": [{"onderdeelcode": "8000", "ond_referentieniveau": "03"}]},
        },
        "deelgenomen": True,
    }


def _document(name: str) -> dict[str, Any]:
    text = f"Synthetisch document {name} van de OSO-simulatie.\n"
    return {
        "bestandsnaam": f"{name}.txt",
        "omschrijving": f"Document {name}",
        "bestandsinhoud": text.encode() * 200,
    }


def _address(kind: str) -> dict[str, Any]:
    return {
        "soortadres": kind,
        "straat": "Voorbeeldlaan",
        "nummer": "1",
        "postcode": "1000 AA",
        "plaats": "Voorbeeldstad",
    }


def _telephone() -> dict[str, Any]:
    return {"soort": "telefoon", "aanduiding": "overig", "nummer": "0200000000"}


def _mail(address: str) -> dict[str, Any]:
    return {"soort": "e-mail", "aanduiding": "overig", "nummer": address}

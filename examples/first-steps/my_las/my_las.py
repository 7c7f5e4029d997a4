"""Our administration system in OSO. Its "database" is a folder with one CSV file."""

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

from oso_adapter.hookspecs import (
    CollectedDossier,
    HookContext,
    ImportAnswer,
    ReceivedDossier,
    hookimpl,
)

OSO_API = (1, 1)


@hookimpl
def oso_collect_dossier(context: HookContext, pupil: str, profile: str) -> CollectedDossier | None:
    """Sending: one pupil of ours in the words of the standard, or None when it is not ours."""
    with (_folder(context) / "leerlingen.csv").open(encoding="utf-8", newline="") as file:
        pupils = {row["leerlingid"]: row for row in csv.DictReader(file)}
    if pupil not in pupils:
        return None
    return CollectedDossier({"huidigeschool": {**_school(), "leerling": _pupil(pupils[pupil])}})


@hookimpl
def oso_import_dossier(context: HookContext, received: ReceivedDossier) -> ImportAnswer | None:
    """Receiving: take over what we use. The same id gives the same file: twice is once."""
    pupil = received.dossier["huidigeschool"]["leerling"]
    taken = {"achternaam": pupil["achternaam"], "geboren": pupil["geboortedatum"].isoformat()}
    file = _folder(context) / f"ontvangen-{received.id}.json"
    file.write_text(json.dumps(taken), encoding="utf-8")
    return ImportAnswer("accepted", categories=("cat_leerling",))


def _folder(context: HookContext) -> Path:
    return Path(context.settings("my_las")["folder"])


def _school() -> dict[str, Any]:
    address = _address("bezoek", "Proefstraat", "1", "1000AA", "Proefdam")
    return {
        "naam": "De Regenboog",
        "adreslijst": {"adres": [address]},
        "communicatielijst": {"communicatie": [{"soort": "telefoon", "nummer": "0201234567"}]},
        "brincode": "99AA",
        "vestigingscode": "00",
        "aanleverpunt": "0000000700099AA00001",
    }


def _pupil(row: dict[str, str]) -> dict[str, Any]:
    home = _address("gba", row["straat"], row["huisnummer"], row["postcode"], row["plaats"])
    career = {
        "schooljaar": "2024-2025",
        "groepscode": row["groep"],
        "jaargroep": row["groep"][0],
        "brincode": "99AA",
        "vestigingscode": "00",
    }
    return {
        "voornaam": [row["voornaam"]],
        "achternaam": row["achternaam"],
        "geboortedatum": date.fromisoformat(row["geboortedatum"]),
        "adresgeheim": False,
        "adreslijst": {"adres": [home]},
        "bsn": row["bsn"],
        "leerlingid": row["leerlingid"],
        "datuminschrijving": date.fromisoformat(row["ingeschreven"]),
        "verzorgersaansprakelijk": True,
        "overstapadvies": {"advies": row["advies"], "contactnodig": False},
        "schoolloopbaanlijst": {"schoolloopbaan": [career]},
        "verzorger": [{"achternaam": row["achternaam"], "wettigevertegenwoordiger": True}],
    }


def _address(kind: str, street: str, number: str, postcode: str, place: str) -> dict[str, Any]:
    return {
        "soortadres": kind,
        "straat": street,
        "nummer": number,
        "postcode": postcode,
        "plaats": place,
    }

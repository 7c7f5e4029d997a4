"""A dossier made complete for its kind of transfer, against the facts."""

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from oso_adapter.errors import ConfigurationError, NotFound
from oso_adapter.standard import validate
from oso_adapter.standard.categories import load_categories
from oso_adapter.standard.codec import to_xml
from oso_adapter.standard.findings import Finding
from oso_adapter.standard.pack import Pack
from oso_adapter.standard.profiles import complete, profile, profile_of
from oso_adapter.standard.samples import sample

FACTS = Path(__file__).parents[2] / "data" / "gegevensset-2019.1" / "profiles.tsv"
NAMES = ("POPO", "POVO", "VOVO", "BB", "POSWV", "VOSWV")
ON = date(2019, 5, 1)


def made(
    data: dict[str, Any], pack: Pack, name: str, *switched_off: str
) -> tuple[dict[str, Any], list[Finding]]:
    return complete(
        data,
        pack,
        profile(name),
        package="Voorbeeld",
        package_version="1.0",
        on=ON,
        switched_off=frozenset(switched_off),
    )


def test_the_statuses_are_those_of_the_facts() -> None:
    with FACTS.open(encoding="utf-8", newline="") as file:
        facts = {row.pop("category"): row for row in csv.DictReader(file, delimiter="\t")}
    assert facts == {
        category: {name: profile(name).statuses[category] for name in NAMES} for category in facts
    }
    assert list(facts) == list(profile("POVO").statuses)


def test_every_element_belongs_to_one_category(pack: Pack) -> None:
    pupil = "/dossier/huidigeschool/leerling"
    split = ("/dossier", "/dossier/huidigeschool", pupil, f"{pupil}/onderwijsondersteuning")
    elements = [
        f"{path}/{child.name}"
        for path, element in pack.structure.walk()
        if path in split
        for child in element.content
        if f"{path}/{child.name}" not in split
    ]
    categories = [path for paths in pack.profiles.data.values() for path in paths]
    assert sorted(elements) == sorted(categories)


@pytest.mark.parametrize(
    ("overdrachtsoort", "overstap", "name"),
    [
        ("overstapdossier", "POVO", "POVO"),
        ("overdrachtbinnenbrin", None, "BB"),
        ("overdrachtbinnenbrin", "POVO", "BB"),
        ("swv-dossier", "VOSWV", "VOSWV"),
        ("overstapdossier", "POSWV", None),
        ("overstapdossier", None, None),
        (None, "POVO", None),
    ],
)
def test_a_profile_is_kind_of_hand_over_and_transfer(
    overdrachtsoort: str | None, overstap: str | None, name: str | None
) -> None:
    found = profile_of(overdrachtsoort, overstap)
    assert name == (found.name if found else None)


@pytest.mark.parametrize("name", NAMES)
def test_a_completed_dossier_is_valid_and_of_the_profile(pack: Pack, name: str) -> None:
    given = {"huidigeschool": sample(name, size="full")["huidigeschool"]}
    whole, _ = made(given, pack, name)
    report = validate(to_xml(whole, pack), inzage=False)
    assert ((), name) == (report.findings, report.profile)
    assert "inzage" not in whole


def test_metadata_tell_software_day_and_versions(pack: Pack, collected: dict[str, Any]) -> None:
    metadata = made(collected, pack, "POVO")[0]["metadata"]
    del metadata["categorie_uitlevering"]
    assert {
        "deeldossier": "LAS",
        "pakketnaam": "Voorbeeld",
        "pakketversie": "1.0",
        "datum": ON,
        "standaardversie": "2019.1",
        "validatieversie": "2019.1.1",
        "overstap": "POVO",
    } == metadata
    assert "overstap" not in made(collected, pack, "BB")[0]["metadata"]


def test_forbidden_data_is_left_out_and_told(pack: Pack, collected: dict[str, Any]) -> None:
    before = etree.tostring(etree.fromstring(to_xml(collected, pack)))
    whole, findings = made(collected, pack, "POVO")
    assert "vanpeuterspeelzaal" not in whole["huidigeschool"]["leerling"]
    assert [("STD.category", "info", "/dossier/huidigeschool/leerling/vanpeuterspeelzaal")] == [
        (finding.rule, finding.severity, finding.path) for finding in findings
    ]
    assert before == etree.tostring(etree.fromstring(to_xml(collected, pack)))
    assert [] == made(collected, pack, "POPO")[1]


def test_a_switched_off_category_is_declared_and_left_out(
    pack: Pack, collected: dict[str, Any]
) -> None:
    whole, findings = made(collected, pack, "POPO", "cat_handelingsplannen")
    declared = whole["metadata"]["categorie_uitlevering"]
    assert "OPT-UIT" == declared["cat_handelingsplannen"]
    assert {"medicijngebruik": False} == whole["huidigeschool"]["leerling"][
        "onderwijsondersteuning"
    ]
    assert 1 == len(findings)


def test_a_block_that_held_nothing_else_goes_with_its_data(
    pack: Pack, collected: dict[str, Any]
) -> None:
    off = ("cat_handelingsplannen", "cat_onderwijsondersteuning")
    whole, _ = made(collected, pack, "POPO", *off)
    assert "onderwijsondersteuning" not in whole["huidigeschool"]["leerling"]


def test_a_mandatory_category_cannot_be_switched_off(pack: Pack, collected: dict[str, Any]) -> None:
    whole, findings = made(collected, pack, "POVO", "cat_leerling")
    assert "VERPLICHT" == whole["metadata"]["categorie_uitlevering"]["cat_leerling"]
    assert whole["huidigeschool"]["leerling"]["achternaam"]
    assert "error" in [finding.severity for finding in findings]


def test_a_forbidden_category_stays_forbidden_when_switched_off(
    pack: Pack, collected: dict[str, Any]
) -> None:
    whole, _ = made(collected, pack, "POVO", "cat_vve")
    assert "VERBODEN" == whole["metadata"]["categorie_uitlevering"]["cat_vve"]


def test_unknown_names_are_refused(pack: Pack, collected: dict[str, Any]) -> None:
    with pytest.raises(NotFound):
        profile("PO")
    with pytest.raises(NotFound):
        made(collected, pack, "POVO", "cat_onzin")


@pytest.mark.parametrize("status", ['{ A = "MISSCHIEN" }', '{ B = "VERPLICHT" }'])
def test_a_table_with_holes_or_unknown_statuses_is_refused(tmp_path: Path, status: str) -> None:
    table = tmp_path / "profiles.toml"
    table.write_text(
        f'[profiles]\nA = {{ overdrachtsoort = "x" }}\n[categories.c]\nstatus = {status}\ndata = []'
    )
    with pytest.raises(ConfigurationError):
        load_categories(table)

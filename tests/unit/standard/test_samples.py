"""Synthetic dossiers: valid for their profile, the same for the same seed, and complete."""

import io
import json
import random
import re
import shutil
import struct
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from lxml import etree
from pypdf import PdfReader
from support.second_release import PACKS, RELEASE

from oso_adapter.errors import NotFound
from oso_adapter.identifiers import Brin, Pgn
from oso_adapter.standard import validate
from oso_adapter.standard.attachments import unpack, unpacked
from oso_adapter.standard.build import derive, dump
from oso_adapter.standard.codec import to_dict, to_xml
from oso_adapter.standard.jsonform import schema, to_json
from oso_adapter.standard.pack import Pack, forget_folders, load_pack, use_folder
from oso_adapter.standard.samples import SIZES, Size, may_carry, sample, sample_xml

PROFILES = ("POPO", "POVO", "VOVO", "BB", "POSWV", "VOSWV")
LEERLING = "/dossier/huidigeschool/leerling"
FORBIDDEN_TO_ALL = {
    f"{LEERLING}/{name}"
    for name in (
        "geboortemaand",
        "postcode4adres",
        "geboorteplaats",
        "nationaliteit",
        "huisarts/roepnaam",
        "huisarts/geslacht",
    )
}
NUMBERS = {f"{LEERLING}/bsn", f"{LEERLING}/onderwijsnummer"}
NINE_DIGITS = re.compile(r"(?<![0-9])[0-9]{9}(?![0-9])")


def parsed(xml: bytes) -> etree._Element:
    return etree.fromstring(xml, etree.XMLParser(huge_tree=True))


def paths(element: etree._Element, above: str = "") -> Iterator[tuple[str, etree._Element]]:
    path = f"{above}/{etree.QName(element).localname}"
    yield path, element
    for child in element:
        yield from paths(child, path)


def wrong_codes(root: etree._Element, pack: Pack) -> list[str]:
    found = []
    for path, element in paths(root):
        codes = pack.codelists.by_path.find(tuple(path.split("/")[1:]))
        if codes and element.text not in codes.codes:
            found.append(path)
    return found


def texts(root: etree._Element) -> Iterator[str]:
    for path, element in paths(root):
        if not path.endswith("/bestandsinhoud"):
            yield element.text or ""


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("size", ["small", "full"])
@pytest.mark.parametrize("profile", PROFILES)
def test_a_sample_is_valid_for_its_profile_also_strictly(
    pack: Pack, profile: str, size: Size, seed: int
) -> None:
    xml = sample_xml(profile, size=size, seed=seed)
    report = validate(xml, profile=profile, strict=True)
    assert () == report.findings
    assert (True, "2019.1", profile) == (report.valid, report.version, report.profile)
    assert [] == wrong_codes(parsed(xml), pack)


@settings(max_examples=20, deadline=None)
@given(
    profile=st.sampled_from(PROFILES),
    size=st.sampled_from(["small", "full"]),
    seed=st.integers(0, 2**32),
    on=st.dates(date(2015, 1, 1), date(2035, 12, 31)),
)
def test_whatever_seed_and_day_it_is_valid(
    pack: Pack, profile: str, size: Size, seed: int, on: date
) -> None:
    data = sample(profile, size=size, seed=seed, on=on)
    xml = to_xml(data, pack)
    assert () == validate(xml, profile=profile, strict=True).findings
    root = parsed(xml)
    assert [] == wrong_codes(root, pack)
    assert data == unpacked(to_dict(root, pack), pack)
    assert on == data["metadata"]["datum"]
    assert data["inzage"]["inzagedatum"] < on
    first = date(on.year - (3 if (on.month, on.day) < (8, 1) else 2), 8, 1)
    for tests in data["huidigeschool"]["leerling"]["toetslijst"]["toets"]:
        assert first <= tests["afname"]["afnamedatum"] < on


def test_a_huge_sample_is_valid_and_about_12_mb() -> None:
    xml = sample_xml("POVO", size="huge")
    assert 11_500_000 < len(xml) < 12_500_000
    assert () == validate(xml, profile="POVO", strict=True).findings


def test_a_full_sample_is_about_as_large_as_a_full_dossier() -> None:
    xml = sample_xml("POVO", size="full")
    assert 165_000 < len(xml) < 180_000
    assert 780 < sum(1 for _ in paths(parsed(xml))) < 900


def test_a_small_sample_is_small() -> None:
    assert all(len(sample_xml(profile)) < 5_000 for profile in PROFILES)


def test_the_same_seed_gives_the_same_dossier_and_another_another() -> None:
    random.seed(7)
    before = random.getstate()
    made = [sample_xml("VOVO", size="full", seed=seed) for seed in (1, 1, 2)]
    assert made[0] == made[1] != made[2]
    assert before == random.getstate()


@pytest.mark.parametrize("profile", PROFILES)
def test_a_full_sample_has_every_element_that_the_profile_may_carry(profile: str) -> None:
    carried = may_carry(profile)
    made = [
        {path for path, _ in paths(parsed(sample_xml(profile, size="full", seed=seed)))}
        for seed in (1, 2)
    ]
    assert carried == made[0] | made[1]
    # Of what one dossier lacks there is nothing but the other kind of number.
    assert all(carried - each <= NUMBERS for each in made)


def test_what_no_profile_may_carry_is_what_the_rules_forbid_to_all(pack: Pack) -> None:
    everything = {path for path, _ in pack.structure.walk()}
    assert FORBIDDEN_TO_ALL == everything - set().union(*map(may_carry, PROFILES))


@pytest.mark.parametrize(
    ("profile", "absent"),
    [
        ("POPO", ["examenresultaat", "stage/instelling/naam"]),
        ("POVO", ["voorschools", "vroegschools/vroegschoolsdatumingang", "vanpeuterspeelzaal"]),
        ("VOVO", ["voorschools"]),
        ("POSWV", ["bsn", "onderwijsnummer", "verzorger/banknummer", "eindtoets_basisonderwijs"]),
        ("VOSWV", ["bsn", "naampeuterspeelzaal"]),
    ],
)
def test_what_a_profile_may_not_carry_is_not_there(profile: str, absent: list[str]) -> None:
    assert not may_carry(profile) & {f"{LEERLING}/{name}" for name in absent}


@pytest.mark.parametrize("profile", PROFILES)
def test_numbers_are_synthetic_and_stand_in_their_own_place_only(profile: str) -> None:
    for seed in range(1, 4):
        root = parsed(sample_xml(profile, size="full", seed=seed))
        found = {n for text in texts(root) for n in NINE_DIGITS.findall(text)}
        own = {element.text: path for path, element in paths(root) if path in NUMBERS}
        assert own.keys() == found
        assert (0 if profile.endswith("SWV") else 1) == len(own)
        assert [path.rpartition("/")[2] for path in own.values()] == [Pgn(n).kind for n in own]
        assert all(n.startswith("9999") for n, path in own.items() if path.endswith("bsn"))
        brins = {e.text for path, e in paths(root) if re.search(r"brin(code)?$", path)}
        assert all(Brin(str(brin)).is_test for brin in brins)


def test_secrets_are_masked_and_secret_addresses_absent() -> None:
    pupil = sample("POVO", size="full")["huidigeschool"]["leerling"]
    secret = [each for each in pupil["communicatielijst"]["communicatie"] if each["geheim"]]
    assert {"9999999999", "geheim@geheim.geheim"} >= {each["nummer"] for each in secret}
    assert 1 == len(secret)
    hidden = [carer for carer in pupil["verzorger"] if carer["adresgeheim"]]
    assert [False] == ["adreslijst" in carer for carer in hidden]
    assert [True] == [c["overleden"] for c in pupil["verzorger"] if "overlijdensdatum" in c]


def files(data: Any) -> Iterator[tuple[str, bytes]]:
    for value in data.values() if isinstance(data, dict) else data:
        if isinstance(value, dict) and "bestandsinhoud" in value:
            yield value["bestandsnaam"], value["bestandsinhoud"]
        elif isinstance(value, dict | list):
            yield from files(value)


def open_png(content: bytes) -> None:
    at, kinds, pixels = 8, [], b""
    while at < len(content):
        (length,) = struct.unpack_from(">I", content, at)
        body = content[at + 4 : at + 8 + length]
        assert zlib.crc32(body) == struct.unpack_from(">I", content, at + 8 + length)[0]
        kinds.append(body[:4])
        if body[:4] == b"IDAT":
            pixels = zlib.decompress(body[4:])
        at += length + 12
    assert [b"IHDR", b"tEXt", b"IDAT", b"IEND"] == kinds
    width, height = struct.unpack_from(">II", content, 16)
    assert (width + 1) * height == len(pixels)


@pytest.mark.parametrize("size", ["small", "full"])
def test_attachments_are_what_their_names_say(size: Size) -> None:
    kinds = set()
    for seed in range(1, 13 if size == "small" else 3):
        for name, content in files(sample("POVO", size=size, seed=seed)):
            kind = name.rpartition(".")[2]
            kinds.add(kind)
            match kind:
                case "pdf":
                    pages = PdfReader(io.BytesIO(content), strict=True).pages
                    assert [f"Verzonnen bijlage: {name}"] == [p.extract_text() for p in pages]
                case "docx":
                    with zipfile.ZipFile(io.BytesIO(content)) as archive:
                        assert None is archive.testzip()
                        assert name in etree.tostring(
                            etree.fromstring(archive.read("word/document.xml")), encoding="unicode"
                        )
                case "png":
                    open_png(content)
                case _:
                    assert f"Verzonnen bijlage: {name}\n" == content.decode()
    assert {"pdf", "docx", "png", "txt"} == kinds


def test_in_the_xml_an_attachment_is_a_zip_with_the_file_of_that_name() -> None:
    root = parsed(sample_xml("VOVO", size="full"))
    documents = list(root.iter("{*}document"))
    assert 20 < len(documents)
    assert len(documents) == len({d.findtext("{*}bestandsnaam") for d in documents})
    for document in documents:
        name, _ = unpack(str(document.findtext("{*}bestandsinhoud")))
        assert name == document.findtext("{*}bestandsnaam")


def test_unknown_names_are_refused() -> None:
    with pytest.raises(NotFound):
        sample("POMBO")
    with pytest.raises(NotFound):
        sample("POVO", size="tiny")  # type: ignore[arg-type]
    assert ["small", "full", "huge"] == list(SIZES)


NEW_ELEMENTS = """
      <xs:element name="kenmerk"><xs:simpleType><xs:restriction base="xs:string">
        <xs:pattern value="[A-F]{3}-\\p{Nd}{2,4}(x|y)?"/></xs:restriction></xs:simpleType>
      </xs:element>
      <xs:element name="aantal"><xs:simpleType><xs:restriction base="xs:integer">
        <xs:minInclusive value="40"/><xs:maxInclusive value="42"/></xs:restriction></xs:simpleType>
      </xs:element>
      <xs:element name="deel"><xs:simpleType><xs:restriction base="xs:decimal">
        <xs:minInclusive value="0.25"/><xs:maxInclusive value="0.75"/></xs:restriction>
      </xs:simpleType></xs:element>
      <xs:element name="kort"><xs:simpleType><xs:restriction base="xs:string">
        <xs:minLength value="3"/><xs:maxLength value="4"/></xs:restriction></xs:simpleType>
      </xs:element>
      <xs:element name="lang"><xs:simpleType><xs:restriction base="xs:string">
        <xs:minLength value="90"/></xs:restriction></xs:simpleType></xs:element>
      <xs:element name="eerste"><xs:simpleType><xs:restriction base="xs:date">
        <xs:pattern value="[0-9]{4}-02-01"/></xs:restriction></xs:simpleType></xs:element>
      <xs:element name="plek" type="xs:anyURI"/>
      <xs:element name="tijdstip" type="xs:dateTime"/>
      <xs:element name="stuks" type="xs:positiveInteger"/>
      <xs:element name="jaar" type="xs:gYear"/>
      <xs:element name="vrij" type="xs:string" minOccurs="0" maxOccurs="3"/>
"""


def restricted(name: str, base: str, **facets: str) -> str:
    inside = "".join(
        f'<xs:{facet} value="{value}"/>'
        for facet, values in facets.items()
        for value in values.split()
    )
    start = f'<xs:element name="{name}"><xs:simpleType><xs:restriction base="xs:{base}">'
    return f"{start}{inside}</xs:restriction></xs:simpleType></xs:element>"


NEW_ELEMENTS += (
    restricted("keuze", "string", enumeration="aan uit")
    + restricted("graad", "integer", enumeration="30 50")
    + restricted("dag", "date", enumeration="2031-01-02")
    + restricted("maat", "decimal", enumeration="0.50 7.25")
    + restricted("boven", "integer", minExclusive="50", maxExclusive="52")
    + restricted("tussen", "decimal", minExclusive="0.5", maxExclusive="0.75", fractionDigits="2")
    + restricted("nauw", "decimal", minExclusive="0.5", maxExclusive="0.6")
    + restricted("onder", "decimal", maxExclusive="-3")
    + restricted("later", "date", minExclusive="2030-01-01")
    + restricted("vroeger", "date", maxExclusive="1980-01-01")
    + restricted("precies", "string", length="5")
    + restricted("groot", "long", minExclusive="41")
)


@pytest.fixture
def next_year(pack: Pack, tmp_path: Path) -> Pack:
    """A release that adds, renames and retypes elements, without a table of samples of its own."""
    folder = tmp_path / "2020.1"
    shutil.copytree(pack.folder, folder)
    (folder / "samples.toml").unlink()
    xsd = (folder / "dossier.xsd").read_text("utf-8")
    start = '<xs:complexType name="Verzuim">\n    <xs:sequence>'
    assert start in xsd
    changed = (
        xsd.replace(start, start + NEW_ELEMENTS)
        .replace('name="straat"', 'name="straatnaam"')
        .replace('name="urengeoorloofd" type="xs:integer"', 'name="urengeoorloofd" type="xs:date"')
        .replace('name="frequentie" type="xs:integer"', 'name="frequentie" type="xs:string"')
    )
    (folder / "dossier.xsd").write_text(changed, "utf-8")
    (folder / "structure.json").write_text(dump(derive(folder / "dossier.xsd")), "utf-8")
    return Pack("2020.1", "2020.1.1", pack.namespace, pack.carried, folder)


def told_by(validator: Draft202012Validator, form: Any) -> list[str]:
    return [error.json_path for error in validator.iter_errors(form)]


def test_the_json_schema_refuses_what_the_schema_does_not_list(next_year: Pack) -> None:
    validator = Draft202012Validator(schema(next_year))
    form = json.loads(to_json(sample("POVO", size="full", pack=next_year), next_year))
    wrong = {"keuze": "half", "graad": 40, "dag": "2031-01-03", "boven": 52, "precies": "abc"}
    form["huidigeschool"]["leerling"]["verzuim"] |= wrong
    assert {f"$.huidigeschool.leerling.verzuim.{name}" for name in wrong} == {
        *told_by(validator, form)
    }


def test_another_release_gives_samples_that_its_schema_takes(next_year: Pack) -> None:
    validator = Draft202012Validator(schema(next_year))
    for profile in PROFILES:
        for seed in range(1, 4):
            for size in ("small", "full"):
                data = sample(profile, size=size, seed=seed, pack=next_year)  # type: ignore[arg-type]
                root = parsed(to_xml(data, next_year))
                assert [] == [entry.type_name for entry in next_year.violations(root)]
                assert [] == wrong_codes(root, next_year)
                assert [] == told_by(validator, json.loads(to_json(data, next_year)))
    assert date(2020, 6, 14) == data["metadata"]["datum"]
    absence = data["huidigeschool"]["leerling"]["verzuim"]
    assert re.fullmatch("[A-F]{3}-[0-9]{2,4}[xy]?", absence["kenmerk"])
    assert "straatnaam" in data["huidigeschool"]["adreslijst"]["adres"][0]


@pytest.fixture
def invented() -> Iterator[Pack]:
    use_folder(PACKS)
    yield load_pack(RELEASE)
    forget_folders()


def test_a_release_with_its_own_table_gives_samples_that_its_rules_take(invented: Pack) -> None:
    for profile in PROFILES:
        for size in ("small", "full"):
            xml = sample_xml(profile, size=size, pack=invented)  # type: ignore[arg-type]
            report = validate(xml, profile=profile, strict=True)
            assert ((), RELEASE) == (report.findings, report.version)


def test_codes_of_another_release_come_from_its_own_lists(next_year: Pack) -> None:
    lists = next_year.folder / "codelists.toml"
    text = lists.read_text("utf-8").replace('"bezoek" = ', '"terrein" = ')
    lists.write_text(text, "utf-8")
    kinds = {
        address["soortadres"]
        for seed in range(1, 6)
        for address in sample("POVO", seed=seed, pack=next_year)["huidigeschool"]["adreslijst"][
            "adres"
        ]
    }
    assert "terrein" in kinds
    assert "bezoek" not in kinds

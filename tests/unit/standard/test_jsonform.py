"""The JSON form: there and back without loss, and its schema."""

import base64
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from lxml import etree
from support.json_forms import (
    MARKER,
    PROFILES,
    PUPIL,
    SCHOOL,
    Change,
    canonical,
    plain,
    pupil,
    refused,
)

from oso_adapter.standard.attachments import pack_file
from oso_adapter.standard.codec import CannotWrite, to_dict, to_element, to_xml
from oso_adapter.standard.jsonform import JsonRefused, from_json, from_parsed, schema, to_json
from oso_adapter.standard.pack import Pack
from oso_adapter.standard.samples import sample


@pytest.fixture(scope="module")
def validator(pack: Pack) -> Draft202012Validator:
    return Draft202012Validator(schema(pack))


@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_dict_json_and_xml_convert_into_each_other_without_loss(
    pack: Pack, any_dossier: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    content = data.draw(any_dossier)
    read = from_json(to_json(content, pack), pack)
    assert content == read
    assert to_xml(content, pack) == to_xml(read, pack)
    assert content == to_dict(etree.fromstring(to_xml(read, pack)), pack)


@pytest.mark.parametrize("size", ["small", "full"])
@pytest.mark.parametrize("profile", PROFILES)
def test_a_sample_survives_with_its_files_and_fits_the_schema(
    pack: Pack, validator: Draft202012Validator, profile: str, size: Any
) -> None:
    given_out = sample(profile, size=size)
    text = to_json(given_out, pack)
    assert given_out == from_json(text.encode(), pack)
    validator.validate(json.loads(text))
    passed_through = to_dict(to_element(given_out, pack), pack)
    text = to_json(passed_through, pack, indent=1)
    assert passed_through == from_json(text, pack)
    validator.validate(json.loads(text))


def test_a_document_from_xml_is_the_same_document_again(pack: Pack) -> None:
    element = to_element(sample("POVO", size="full"), pack)
    again = to_element(from_json(to_json(to_dict(element, pack), pack), pack), pack)
    assert canonical(element) == canonical(again)


def test_what_a_supplier_gives_is_the_school_alone(
    pack: Pack, validator: Draft202012Validator, collected: dict[str, Any]
) -> None:
    text = to_json(collected, pack)
    assert collected == from_json(text, pack)
    validator.validate(json.loads(text))


@pytest.mark.parametrize(
    ("part", "path"),
    [
        ({"huidigeschool": {"leerling": {"roepnaam": "Test"}}}, None),
        ({"huidigeschool": {"leerling": {"verzorger": [{"achternaam": "Test"}]}}}, None),
        ({"huidigeschool": {"leerling": {"roepnaam": 7}}}, f"{PUPIL}/roepnaam"),
        ({"huidigeschool": {"leerling": {"geboortedatum": "7 mei"}}}, f"{PUPIL}/geboortedatum"),
        ({"huidigeschool": {"leerling": {"bsn": "1", "onderwijsnummer": "2"}}}, PUPIL),
        ({"huidigeschool": {"onbekend": 1}}, SCHOOL),
        ([], "/dossier"),
    ],
)
def test_of_a_part_only_what_is_there_is_judged(pack: Pack, part: Any, path: str | None) -> None:
    if path is None:
        assert part == from_parsed(part, pack, part=True)
        return
    with pytest.raises(JsonRefused) as caught:
        from_parsed(part, pack, part=True)
    assert [True] == [finding.path.startswith(path) for finding in caught.value.findings]


def test_the_form_of_values(pack: Pack) -> None:
    data = plain(pack)
    assert "2019-06-14" == data["metadata"]["datum"]
    score = pupil(data)["toetslijst"]["toets"][0]["resultaat"]["toetsscore"]
    assert isinstance(score["aantalgoed"], int)
    assert re.fullmatch(r"[0-9]+\.[0-9]{2}", score["vaardigheidsscore"])
    assert True is data["inzage"]["inzage"]
    land = data["huidigeschool"]["adreslijst"]["adres"][0]["land"]
    assert {"waarde": "6030", "omschrijving": "Nederland"} == land
    document = pupil(data)["overigdocumentlijst"]["document"][0]
    assert ["bestandsnaam", "omschrijving", "bestand"] == list(document)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ('"6.50"', Decimal("6.50")),
        ("6.50", Decimal("6.50")),
        ("7", Decimal(7)),
        ("1e2", Decimal(100)),
        ('"-0.10"', Decimal("-0.10")),
        ("0.1000000000000000055511151231257827", Decimal("0.1000000000000000055511151231257827")),
    ],
)
def test_a_decimal_is_text_or_number_and_exact(pack: Pack, written: str, expected: Any) -> None:
    data = plain(pack)
    score = pupil(data)["toetslijst"]["toets"][0]["resultaat"]["toetsscore"]
    score["tijd"] = MARKER
    read = pupil(from_json(json.dumps(data).replace(f'"{MARKER}"', written), pack))
    found = read["toetslijst"]["toets"][0]["resultaat"]["toetsscore"]["tijd"]
    assert (expected, expected.as_tuple()) == (found, found.as_tuple())


def test_a_whole_number_may_be_written_with_a_point(pack: Pack) -> None:
    data = plain(pack)
    pupil(data)["geslacht"] = 2.0
    assert 2 == pupil(from_json(json.dumps(data), pack))["geslacht"]


def test_a_date_that_python_cannot_hold_survives_in_a_whole_dossier(pack: Pack) -> None:
    data = sample("POVO")
    pupil(data)["onderwijssinds"] = "2011-05-01+01:00"
    assert data == from_json(to_json(data, pack), pack)
    given_out = {"huidigeschool": data["huidigeschool"]}
    text = to_json(given_out, pack)
    assert [("JSON.type", f"{PUPIL}/onderwijssinds")] == refused(text, pack)


def test_a_document_that_says_its_name_alone_gets_its_file_from_elsewhere(pack: Pack) -> None:
    given_out = sample("POVO", size="full")
    written = json.loads(to_json(given_out, pack))
    documents = written["huidigeschool"]["leerling"]["overigdocumentlijst"]["document"]
    content = base64.b64decode(documents[0].pop("bestand"))
    files = {documents[0]["bestandsnaam"]: content}
    assert given_out == from_json(json.dumps(written), pack, file=files.__getitem__)
    assert {"JSON.structure"} == {rule for rule, _ in refused(json.dumps(written), pack)}


def test_a_file_is_given_as_itself_or_as_a_zip(pack: Pack) -> None:
    data = plain(pack)
    documents = [
        {"bestandsnaam": "a.txt", "bestand": base64.b64encode(b"een plan").decode()},
        {"bestandsnaam": "a.txt", "bestandsinhoud": pack_file("a.txt", b"een plan")},
    ]
    pupil(data)["overigdocumentlijst"]["document"] = documents
    read = from_json(json.dumps(data), pack)
    first, second = pupil(read)["overigdocumentlijst"]["document"]
    assert b"een plan" == first["bestandsinhoud"]
    assert documents[1] == second
    assert documents == pupil(json.loads(to_json(read, pack)))["overigdocumentlijst"]["document"]
    xml = to_element(read, pack)
    written = [e.text for e in xml.iterfind(".//{*}overigdocumentlijst//{*}bestandsinhoud")]
    assert [second["bestandsinhoud"]] * 2 == written


def test_a_path_is_written_as_the_file(
    pack: Pack, collected: dict[str, Any], tmp_path: Path
) -> None:
    document = pupil(collected)["overigdocumentlijst"]["document"][0]
    (tmp_path / "plan.txt").write_bytes(b"van schijf")
    document["bestandsinhoud"] = tmp_path / "plan.txt"
    read = pupil(from_json(to_json(collected, pack), pack))
    assert b"van schijf" == read["overigdocumentlijst"]["document"][0]["bestandsinhoud"]
    document["bestandsinhoud"] = tmp_path / "weg.txt"
    with pytest.raises(CannotWrite):
        to_json(collected, pack)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda d: d.update(huidigeschool=MARKER), SCHOOL),
        (lambda d: pupil(d).update({MARKER: 1}), PUPIL),
        (lambda d: pupil(d).update(geboortedatum=True), f"{PUPIL}/geboortedatum"),
        (lambda d: pupil(d).update(achternaam=f"\0{MARKER}"), f"{PUPIL}/achternaam"),
        (lambda d: pupil(d).update(achternaam=None), f"{PUPIL}/achternaam"),
        (lambda d: pupil(d).update(voornaam=MARKER), f"{PUPIL}/voornaam"),
        (lambda d: pupil(d).update(voornaam=["A", 1]), f"{PUPIL}/voornaam[2]"),
        (
            lambda d: pupil(d)["cijferlijstlijst"]["cijferlijst"][0].update(cijferlijstTypelijst=1),
            f"{PUPIL}/cijferlijstlijst/cijferlijst[1]/cijferlijstTypelijst",
        ),
        (
            lambda d: d["huidigeschool"]["adreslijst"]["adres"][0].update(land={"waarde": 1}),
            f"{SCHOOL}/adreslijst/adres[1]/land",
        ),
    ],
)
def test_what_cannot_be_written_is_named_by_its_path(pack: Pack, change: Change, path: str) -> None:
    data = sample("POVO", size="full")
    change(data)
    with pytest.raises(CannotWrite) as caught:
        to_json(data, pack)
    assert path == caught.value.path
    assert MARKER not in str(caught.value)

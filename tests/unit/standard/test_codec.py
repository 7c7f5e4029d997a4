"""XML to dict to XML: the same document, for every element of the standard."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from oso_adapter.standard.attachments import pack_file
from oso_adapter.standard.codec import CannotWrite, to_dict, to_element, to_xml
from oso_adapter.standard.findings import Finding
from oso_adapter.standard.pack import Pack

MARKER = "Geheimpje"


def canonical(element: etree._Element) -> bytes:
    return etree.tostring(element, method="c14n", exclusive=True, with_comments=True)


def assert_survives(xml: bytes, pack: Pack, root: str = "dossier") -> None:
    read = etree.fromstring(xml, etree.XMLParser(huge_tree=True))
    assert () == pack.violations(read)
    findings: list[Finding] = []
    again = to_xml(to_dict(read, pack, findings), pack, root)
    assert [] == findings
    assert xml == again
    assert canonical(read) == canonical(etree.fromstring(again))


def paths(element: etree._Element, above: str = "") -> set[str]:
    path = f"{above}/{etree.QName(element).localname}"
    return {path}.union(*(paths(child, path) for child in element))


def test_every_element_of_the_standard_survives_the_round_trip(
    pack: Pack, full_contents: list[tuple[str, Any]]
) -> None:
    covered: set[str] = set()
    for root, content in full_contents:
        xml = to_xml(content, pack, root)
        assert_survives(xml, pack, root)
        assert content == to_dict(etree.fromstring(xml), pack)
        covered |= paths(etree.fromstring(xml))
    standard = {path for root in pack.structure.roots for path, _ in pack.structure.walk(root)}
    assert 541 + 74 + 616 == len(standard)
    assert standard == covered


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_any_valid_dossier_survives_the_round_trip(
    pack: Pack, any_dossier: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    content = data.draw(any_dossier)
    xml = to_xml(content, pack)
    assert_survives(xml, pack)
    assert content == to_dict(etree.fromstring(xml), pack)


def test_the_writer_gives_utf8_in_the_default_namespace_without_indentation(
    pack: Pack, collected: dict[str, Any]
) -> None:
    xml = to_xml(collected, pack)
    assert xml.startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n<dossier xmlns=")
    assert b">\n<" not in xml.partition(b"?>\n")[2]
    assert b":dossier" not in xml


def test_elements_come_in_the_order_of_the_standard_whatever_the_order_of_the_dict(
    pack: Pack, collected: dict[str, Any]
) -> None:
    school = collected["huidigeschool"]
    shuffled = {"huidigeschool": dict(reversed(school.items()))}
    assert to_xml(collected, pack) == to_xml(shuffled, pack)


def test_a_repeating_sequence_is_a_list_of_groups(pack: Pack, collected: dict[str, Any]) -> None:
    read = to_dict(to_element(collected, pack), pack)
    marks = read["huidigeschool"]["leerling"]["cijferlijstlijst"]["cijferlijst"][0]
    assert [("Rekenen", 1), ("Taal", 2)] == [
        (group["naam"], len(group["score"])) for group in marks["cijferlijstTypelijst"]
    ]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("geslacht", "+7", 7),
        ("geslacht", " 007 ", 7),
        ("tehuis", "1", True),
        ("tehuis", " false\n", False),
        ("achternaam", " De<!-- x -->\n Boer<?y z?> ", " De\n Boer "),
        ("achternaam", "<![CDATA[<Jansen>]]>", "<Jansen>"),
        ("geboortedatum", "0001-01-01", date(1, 1, 1)),
    ],
)
def test_other_lexical_forms_give_equal_values(
    pack: Pack, name: str, text: str, expected: Any
) -> None:
    findings: list[Finding] = []
    assert expected == read_pupil(pack, name, text, findings)[name]
    assert [] == findings


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("geboortedatum", "2019-05-01Z"),
        ("geboortedatum", "2019-05-01+01:00"),
        ("geboortedatum", "12019-05-01"),
        ("geboortedatum", "-0044-03-15"),
        ("geslacht", "9" * 5000),
    ],
)
def test_what_python_cannot_hold_stays_text_with_a_finding(
    pack: Pack, name: str, text: str
) -> None:
    findings: list[Finding] = []
    assert text == read_pupil(pack, name, text, findings)[name]
    assert [("STD.value", "warning", f"/dossier/huidigeschool/leerling/{name}", 3)] == [
        (finding.rule, finding.severity, finding.path, finding.line) for finding in findings
    ]
    assert text not in repr(findings)


def test_a_date_that_python_cannot_hold_is_written_as_it_was_read(pack: Pack) -> None:
    pupil = read_pupil(pack, "geboortedatum", "2019-05-01Z", [])
    xml = to_xml({"huidigeschool": {"leerling": pupil}}, pack)
    assert b"<geboortedatum>2019-05-01Z</geboortedatum>" in xml


def test_an_unknown_element_is_left_out_with_a_finding(pack: Pack) -> None:
    findings: list[Finding] = []
    assert {} == read_pupil(pack, MARKER, MARKER, findings)
    assert ["/dossier/huidigeschool/leerling/*[1]"] == [finding.path for finding in findings]
    assert MARKER not in repr(findings)


def read_pupil(pack: Pack, name: str, text: str, findings: list[Finding]) -> dict[str, Any]:
    root = etree.fromstring(
        f"<dossier xmlns='{pack.namespace}'>\n<huidigeschool><leerling>\n"
        f"<{name}>{text}</{name}></leerling></huidigeschool></dossier>",
        etree.XMLParser(huge_tree=True),
    )
    pupil: dict[str, Any] = to_dict(root, pack, findings)["huidigeschool"]["leerling"]
    return pupil


@pytest.mark.parametrize(
    ("name", "value", "path"),
    [
        ("achternaam", f"{MARKER}\x0b", "achternaam"),
        ("achternaam", f"{MARKER}\ud800", "achternaam"),
        ("achternaam", None, "achternaam"),
        ("achternaam", 3, "achternaam"),
        ("geslacht", True, "geslacht"),
        ("geslacht", MARKER, "geslacht"),
        pytest.param("geslacht", 10**9999, "geslacht", id="huge"),
        ("tehuis", "true", "tehuis"),
        ("geboortedatum", datetime(2019, 1, 1), "geboortedatum"),
        ("geboortedatum", MARKER, "geboortedatum"),
        ("resultaatvakkenvo", [{"cijferce": Decimal("NaN")}], "resultaatvakkenvo[1]/cijferce"),
        (
            "resultaatvakkenvo",
            [{"cijferce": Decimal("1e9999999")}],
            "resultaatvakkenvo[1]/cijferce",
        ),
        ("resultaatvakkenvo", [{"cijferce": 5.5}], "resultaatvakkenvo[1]/cijferce"),
        ("voornaam", MARKER, "voornaam"),
        ("nationaliteit", ["0001", MARKER], "nationaliteit[1]"),
        ("nationaliteit", [{"waarde": "1", MARKER: MARKER}], "nationaliteit[1]"),
        ("verzuim", MARKER, "verzuim"),
        ("verzuim", {MARKER: MARKER}, "verzuim"),
        (
            "cijferlijstlijst",
            {"cijferlijst": [{"cijferlijstTypelijst": {"naam": MARKER}}]},
            "cijferlijstlijst/cijferlijst[1]/cijferlijstTypelijst",
        ),
        (
            "overigdocumentlijst",
            {"document": [{"bestandsinhoud": Path("/geen/Geheimpje")}]},
            "overigdocumentlijst/document[1]/bestandsinhoud",
        ),
    ],
)
def test_what_cannot_be_written_is_named_by_path_and_never_by_value(
    pack: Pack, name: str, value: Any, path: str
) -> None:
    with pytest.raises(CannotWrite) as caught:
        to_xml({"huidigeschool": {"leerling": {name: value}}}, pack)
    assert f"/dossier/huidigeschool/leerling/{path}" == caught.value.path
    assert MARKER not in f"{caught.value} {caught.value!r}"
    assert caught.value.__cause__ is None


def test_a_file_is_packed_and_packed_content_is_kept(pack: Pack, tmp_path: Path) -> None:
    file = tmp_path / "anders.txt"
    file.write_bytes(b"een plan")
    packed = pack_file("plan.txt", b"een plan")
    for content in (b"een plan", file, packed):
        document = {"bestandsnaam": "plan.txt", "bestandsinhoud": content}
        data = {"huidigeschool": {"leerling": {"overigdocumentlijst": {"document": [document]}}}}
        found = to_element(data, pack).findtext(f".//{{{pack.namespace}}}bestandsinhoud")
        assert packed == found

"""A personal number hides in many places; none of them goes to a partnership."""

import base64
import io
import re
import zipfile
from collections.abc import Callable
from copy import deepcopy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from support.protecting import (
    FORMER,
    FORMS,
    GONE,
    LEFT,
    NUMBER,
    PACK,
    PUPIL,
    SWV,
    WITH_ZERO,
    at,
    dossier,
    hidden,
    protected,
    told,
    valid,
    written,
)

from oso_adapter.bounded_xml import parse
from oso_adapter.standard import validate
from oso_adapter.standard.attachments import pack_file
from oso_adapter.standard.pack import Pack
from oso_adapter.standard.paths import spec_of
from oso_adapter.standard.samples import sample_xml
from oso_adapter.standard.texts import text_of


@pytest.mark.parametrize("number", [NUMBER, WITH_ZERO])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("where", ["leerlingid", "nnca", "gba/gbavoorvoegsel", "huisarts/roepnaam"])
def test_a_number_in_a_text_that_may_be_absent_is_taken_out(
    where: str, form: str, number: str
) -> None:
    root = dossier("POSWV")
    *blocks, name = where.split("/")
    block = at(root, "/".join(["huidigeschool/leerling", *blocks]))
    place = block.find(f"{{*}}{name}")
    if place is None:
        place = etree.SubElement(block, f"{{{PACK.namespace}}}{name}")
    place.text = f"nr. {FORMS[form](number)}, oud"
    assert [(GONE, "info", f"{PUPIL}/{where}")] == told(protected(root, "POSWV", number))
    assert not hidden(root, number)


@pytest.mark.parametrize("prefix", ["", "L", "99AA", "2019-", "1", "00"])
def test_nine_digits_are_found_whatever_stands_before_them(prefix: str) -> None:
    root = dossier("VOSWV")
    at(root, "huidigeschool/leerling/leerlingid").text = f"{prefix}{NUMBER}7"
    assert [(GONE, "info", f"{PUPIL}/leerlingid")] == told(protected(root, "VOSWV", NUMBER))


@pytest.mark.parametrize("text", ["12345672", "0123.456.72", "0 1234 5672", " 12345672\n"])
def test_the_number_of_the_dossier_itself_is_known_however_it_is_written(text: str) -> None:
    root = dossier("POSWV")
    identity = at(root, "huidigeschool/leerling/leerlingid")
    number = etree.Element(f"{{{PACK.namespace}}}onderwijsnummer")
    number.text = text
    identity.addprevious(number)
    identity.text = "12.34.56.72"
    expected = {f"{PUPIL}/onderwijsnummer", f"{PUPIL}/leerlingid"}
    assert expected == {f.path for f in protected(root, "POSWV")}


def test_former_numbers_are_looked_for_too() -> None:
    root = dossier("POSWV")
    at(root, "huidigeschool/leerling/leerlingid").text = FORMER
    at(root, "huidigeschool/leerling/achternaam").text = f"Voorbeeld {NUMBER}"
    assert [
        (LEFT, "error", f"{PUPIL}/achternaam"),
        (GONE, "info", f"{PUPIL}/leerlingid"),
    ] == told(protected(root, "POSWV", NUMBER, FORMER))


@pytest.mark.parametrize("number", ["000000000", "999999999"])
def test_what_is_the_number_of_nobody_is_not_looked_for(number: str) -> None:
    root = dossier("POSWV")
    identity = at(root, "huidigeschool/leerling/leerlingid")
    own = etree.Element(f"{{{PACK.namespace}}}bsn")
    own.text = number
    identity.addprevious(own)
    assert [(GONE, "info", f"{PUPIL}/bsn")] == told(protected(root, "POSWV", number))


def test_another_kind_of_transfer_keeps_its_numbers() -> None:
    root = dossier("POVO")
    at(root, "huidigeschool/leerling/leerlingid").text = NUMBER
    assert [] == protected(root, "POVO", NUMBER)


def test_a_number_in_an_attribute_costs_the_attribute() -> None:
    root = dossier("POSWV")
    at(root, "huidigeschool").set("opmerking", f"bsn {NUMBER}")
    at(root, "huidigeschool/naam").set(f"{{urn:x}}n{NUMBER}", "ja")
    findings = told(protected(root, "POSWV", NUMBER))
    assert {
        (GONE, "info", p) for p in ("/dossier/huidigeschool", "/dossier/huidigeschool/naam")
    } == set(findings)
    assert not hidden(root, NUMBER)


def test_a_comment_goes_and_the_text_around_it_stays() -> None:
    xml = sample_xml("POSWV").replace(b"?>", b"?><!-- 9999.90.019 --><?n x?>", 1)
    xml += f"<?nr n{NUMBER}?>".encode()
    root = parse(xml)
    name = at(root, "huidigeschool/naam")
    name.text = "De "
    for remark in (etree.Comment(NUMBER), etree.ProcessingInstruction(f"n{NUMBER}", "x")):
        remark.tail = "Linde "
        name.append(remark)
    findings = protected(root, "POSWV", NUMBER)
    assert [(GONE, "info", "/dossier")] == told(findings)
    assert "De Linde Linde " == text_of(name)
    assert not hidden(root, NUMBER)
    assert "<?" not in written(root)


@pytest.mark.parametrize(
    ("before", "after"), [("9999", "90019"), ("5", "9999.90.019"), (f"9{NUMBER[1:4]}", NUMBER[4:])]
)
def test_a_number_that_a_comment_cuts_is_found(before: str, after: str) -> None:
    root = dossier("POSWV")
    place = at(root, "huidigeschool/leerling/leerlingid")
    comment = etree.Comment(NUMBER)
    place.text, comment.tail = before, after
    place.append(comment)
    assert ["/dossier", f"{PUPIL}/leerlingid"] == [
        finding.path for finding in protected(root, "POSWV", NUMBER)
    ]
    assert not hidden(root, NUMBER)


def test_a_number_in_a_namespace_is_found() -> None:
    declared = f'<dossier xmlns:a="urn:{NUMBER}" xmlns:n{NUMBER}="urn:b" '.encode()
    root = parse(sample_xml("POSWV").replace(b"<dossier ", declared))
    assert [(GONE, "info", "/dossier")] == told(protected(root, "POSWV", NUMBER))
    assert not hidden(root, NUMBER)
    etree.SubElement(at(root, "huidigeschool"), f"{{urn:{NUMBER}}}x")
    assert (LEFT, "error", "/dossier/huidigeschool/*[8]") in [
        (rule, severity, re.sub(r"\[\d+\]$", "[8]", path))
        for rule, severity, path in told(protected(root, "POSWV", NUMBER))
    ]


def packed(*names: str, comment: bytes = b"", content: bytes = b"een plan") -> str:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name in names:
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
        archive.comment = comment
    return base64.b64encode(written.getvalue()).decode()


@pytest.mark.parametrize(
    "content",
    [
        packed(f"{NUMBER}.txt"),
        packed("9999.90.019.txt"),
        packed(f"{NUMBER}/plan.txt"),
        packed(f"{NUMBER}/", "plan.txt"),
        packed("plan.txt", comment=NUMBER.encode()),
        packed("plan.txt", content=b"bsn 9999 90 019"),
        packed("plan.txt", content=f"bsn {NUMBER}".encode("utf-16")),
        packed(f"{NUMBER}.txt", "tweede.txt"),
        NUMBER,
        "9999 9001 9",
        base64.b64encode(NUMBER.encode()).decode(),
        base64.b64encode(NUMBER.encode()).decode() + packed("plan.txt"),
        packed(f"{NUMBER}.txt")[:-40],
    ],
)
def test_a_number_in_a_file_or_its_names_cannot_be_taken_out(content: str) -> None:
    root = dossier("POSWV")
    at(root, "huidigeschool/leerling/overigdocumentlijst/document/bestandsinhoud").text = content
    path = f"{PUPIL}/overigdocumentlijst/document[1]/bestandsinhoud"
    findings = protected(root, "POSWV", NUMBER)
    assert [(LEFT, "error", path)] == told(findings)
    assert NUMBER not in repr(findings)


def test_a_number_in_a_file_name_cannot_be_taken_out() -> None:
    root = dossier("POSWV")
    document = at(root, "huidigeschool/leerling/overigdocumentlijst/document")
    at(document, "bestandsnaam").text = f"plan {NUMBER}.txt"
    path = f"{PUPIL}/overigdocumentlijst/document[1]/bestandsnaam"
    assert [(LEFT, "error", path)] == told(protected(root, "POSWV", NUMBER))


FULL_WIDTH = "".join(chr(0xFF10 + int(digit)) for digit in NUMBER)
ARABIC = "".join(chr(0x660 + int(digit)) for digit in NUMBER)
REFERENCES = [NUMBER, f"L-{FULL_WIDTH}", ARABIC, "9999.90.019", "1000 00 009"]


@pytest.mark.parametrize("text", REFERENCES)
def test_any_number_in_leerlingid_is_taken_out_without_being_told_which(text: str) -> None:
    root = dossier("POSWV")
    at(root, "huidigeschool/leerling/leerlingid").text = text
    report = validate(written(root).encode())
    assert report.valid
    assert [("SWV.nummer", "warning", f"{PUPIL}/leerlingid")] == told(list(report.findings))
    assert [(GONE, "info", f"{PUPIL}/leerlingid")] == told(protected(root, "POSWV"))
    assert valid(root)


@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize("text", REFERENCES)
def test_any_number_in_a_file_name_is_refused(text: str, inside: bool) -> None:
    root = dossier("POSWV")
    document = at(root, "huidigeschool/leerling/overigdocumentlijst/document")
    name = "bestandsinhoud" if inside else "bestandsnaam"
    at(document, name).text = packed(f"{text}.txt") if inside else f"{text}.txt"
    path = f"{PUPIL}/overigdocumentlijst/document[1]/{name}"
    warned = told(list(validate(written(root).encode()).findings))
    assert ("SWV.nummer", "warning", path) in warned
    assert [(LEFT, "error", path)] == told(protected(root, "POSWV"))


def test_a_reference_that_is_a_number_is_no_finding_where_numbers_may_be() -> None:
    root = dossier("POVO")
    at(root, "huidigeschool/leerling/leerlingid").text = NUMBER
    assert () == validate(written(root).encode()).findings


@pytest.mark.parametrize("text", [FULL_WIDTH, ARABIC, f"9999\u2116{NUMBER[4:]}"])
def test_a_number_in_other_digits_is_found(text: str) -> None:
    root = dossier("POSWV")
    at(root, "huidigeschool/leerling/achternaam").text = text
    assert [(LEFT, "error", f"{PUPIL}/achternaam")] == told(protected(root, "POSWV", NUMBER))


@pytest.mark.parametrize(
    "content", ["geen base64!", packed("plan.txt")[:-40], packed("plan.txt", "tweede.txt"), "AAAA"]
)
def test_an_attachment_that_cannot_be_searched_does_not_go_to_a_partnership(content: str) -> None:
    for profile, expected in (("POSWV", [("SWV.bijlage", "error")]), ("POVO", [])):
        root = dossier(profile)
        document = at(root, "huidigeschool/leerling/overigdocumentlijst/document")
        at(document, "bestandsinhoud").text = content
        assert expected == [(f.rule, f.severity) for f in protected(root, profile)]


Plant = Callable[[etree._Element, str], None]


def in_text(node: etree._Element, text: str) -> None:
    if node.tag == f"{{{PACK.namespace}}}bestandsinhoud":
        node.text = pack_file(f"{text}.txt", text.encode())
    else:
        node.text = f"{node.text or ''}{text}"


def in_comment(node: etree._Element, text: str) -> None:
    node.append(etree.Comment(re.sub("-(?=-|$)", "- ", text)))


def behind_comment(node: etree._Element, text: str) -> None:
    comment = etree.Comment("x")
    node.text, comment.tail = text[:4], text[4:]
    node.append(comment)


def in_attribute(node: etree._Element, text: str) -> None:
    node.set("omschrijving", text)


@pytest.fixture(scope="module")
def swv(pack: Pack) -> dict[str, etree._Element]:
    """Dossiers whose attachments are short, since each is searched again and again."""
    made = {profile: dossier(profile) for profile in SWV}
    for content in (each for root in made.values() for each in root.iter("{*}bestandsinhoud")):
        content.text = pack_file("plan.txt", b"een plan")
    return made


@settings(max_examples=40)
@given(data=st.data())
def test_wherever_a_number_is_planted_it_is_taken_out_or_refused(
    swv: dict[str, etree._Element], data: st.DataObject
) -> None:
    profile = data.draw(st.sampled_from(SWV))
    number = data.draw(st.sampled_from([NUMBER, WITH_ZERO, FORMER]))
    root = deepcopy(swv[profile])
    for _ in range(data.draw(st.integers(1, 3))):
        nodes = [node for node in root.iter("*") if spec_of(node, PACK) is not None]
        node = nodes[data.draw(st.integers(0, len(nodes) - 1))]
        plant: Plant = data.draw(
            st.sampled_from([in_text, in_comment, behind_comment, in_attribute])
        )
        form = data.draw(st.sampled_from(sorted(FORMS)))
        around = st.text(st.characters(exclude_categories=("N", "C")), max_size=5)
        plant(node, data.draw(around) + FORMS[form](number) + data.draw(around))
    findings = protected(root, profile, number)
    assert findings
    assert number not in repr(findings)
    if not any(finding.severity == "error" for finding in findings):
        assert not hidden(root, number)
        assert valid(root) or plant is in_attribute
        assert [] == protected(root, profile, number)

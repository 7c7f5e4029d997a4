"""Findings on documents: path, line and what was expected; never the value."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from oso_adapter.errors import NotFound
from oso_adapter.standard import Report, validate, validation
from oso_adapter.standard.attachments import pack_file
from oso_adapter.standard.conformity import MAX_SIBLINGS, MAX_VALUE
from oso_adapter.standard.findings import LIMIT, Finding
from oso_adapter.standard.pack import load_pack
from oso_adapter.standard.wording import of_school

MARKER = "Geheimpje"
SCHOOL = "/dossier/huidigeschool"
PUPIL = f"{SCHOOL}/leerling"
STATUSES = load_pack("2019.1").profiles.named("POVO").statuses
CATEGORIES = "".join(f"<{name}>{status}</{name}>" for name, status in STATUSES.items())
RESULT = "<resultaat><toetsscore><aantalgoed>1</aantalgoed></toetsscore></resultaat>"
SAMPLE = f"""<?xml version="1.0" encoding="UTF-8"?>
<dossier xmlns="http://www.edustandaard.nl/oso_gegevensset/2019/dossier"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<metadata><deeldossier>LAS</deeldossier><pakketnaam>p</pakketnaam><pakketversie>1</pakketversie>
<datum>2019-05-01</datum><standaardversie>2019.1</standaardversie>
<validatieversie>2019.1.1</validatieversie><categorie_uitlevering>{CATEGORIES}\
</categorie_uitlevering><overstap>POVO</overstap></metadata>
<overdrachtsoort>overstapdossier</overdrachtsoort><inzage><voorlopigdossier>false\
</voorlopigdossier><inzage>true</inzage><inzagedatum>2019-05-02</inzagedatum><akkoord>Ja</akkoord>\
</inzage>
<huidigeschool><naam>De Linde</naam><adreslijst><adres><soortadres>bezoek</soortadres>\
<straat>Laan</straat><nummer>1</nummer><postcode>1000AA</postcode><plaats>Dam</plaats></adres>\
</adreslijst><communicatielijst><communicatie><soort>telefoon</soort><nummer>0201234567</nummer>\
</communicatie></communicatielijst>
<brincode>00YY</brincode>
<vestigingscode>00</vestigingscode><aanleverpunt>a</aanleverpunt>
<leerling><voornaam>Sanne</voornaam><achternaam>Voorbeeld</achternaam>\
<geboortedatum>2007-02-03</geboortedatum><adresgeheim>true</adresgeheim><bsn>999990019</bsn>\
<leerlingid>7</leerlingid><datuminschrijving>2011-08-01</datuminschrijving>\
<verzorgersaansprakelijk>true</verzorgersaansprakelijk><overstapadvies><advies>51</advies>\
<contactnodig>false</contactnodig></overstapadvies><schoolloopbaanlijst><schoolloopbaan>\
<schooljaar>2018-2019</schooljaar><groepscode>8</groepscode><jaargroep>8</jaargroep>\
<brincode>99AA</brincode><vestigingscode>00</vestigingscode></schoolloopbaan></schoolloopbaanlijst>
<toetslijst>
<toets><toetsidentificatie><eldtoetscode>1</eldtoetscode></toetsidentificatie>
<afname><afnamedatum>2018-01-01</afnamedatum></afname>{RESULT}</toets>
<toets><toetsidentificatie><eldtoetscode>2</eldtoetscode></toetsidentificatie>
<afname><afnamedatum>2018-02-02</afnamedatum></afname>{RESULT}</toets>
</toetslijst><verzorger><achternaam>Voorbeeld</achternaam>\
<wettigevertegenwoordiger>true</wettigevertegenwoordiger></verzorger>
</leerling></huidigeschool>
</dossier>"""


def changed(old: str, new: str) -> Report:
    assert old in SAMPLE
    return validate(SAMPLE.replace(old, new, 1).encode())


def places(report: Report) -> list[tuple[str, str, int | None]]:
    return [(finding.rule, finding.path, finding.line) for finding in report.findings]


def test_a_valid_dossier_has_no_findings_and_tells_release_and_profile() -> None:
    report = validate(SAMPLE.encode())
    assert Report((), "2019.1", "POVO") == report
    assert report.valid


@pytest.mark.parametrize(
    ("old", "new", "rule", "path", "line", "expected"),
    [
        (
            "2018-02-02",
            MARKER,
            "XSD.value",
            f"{PUPIL}/toetslijst/toets[2]/afname/afnamedatum",
            16,
            "een datum",
        ),
        ("00YY", MARKER, "XSD.value", f"{SCHOOL}/brincode", 9, "[0-9][0-9][A-Z][A-Z]"),
        (">p<", "><", "XSD.value", "/dossier/metadata/pakketnaam", 4, "ten minste 1 teken"),
        ("<brincode>00YY</brincode>", "", "XSD.structure", f"{SCHOOL}/brincode", 10, "brincode"),
        (
            "<bsn>",
            f"<{MARKER}>x</{MARKER}><bsn>",
            "XSD.structure",
            f"{PUPIL}/*[5]",
            11,
            "kent dit element niet",
        ),
        (
            "<bsn>",
            "<huisarts><achternaam>x</achternaam></huisarts><bsn>",
            "XSD.structure",
            f"{PUPIL}/bsn",
            11,
            "volgorde",
        ),
        (
            "<bsn>",
            "<pop>true</pop><bsn>",
            "XSD.structure",
            f"{PUPIL}/pop",
            11,
            "pop hoort niet in leerling",
        ),
        (
            "<bsn>",
            "<bsn>1</bsn><bsn>",
            "XSD.structure",
            f"{PUPIL}/bsn[2]",
            11,
            "ten hoogste 1 keer",
        ),
        (
            "<bsn>",
            "<onderwijsnummer>1</onderwijsnummer><bsn>",
            "XSD.structure",
            f"{PUPIL}/bsn",
            11,
            "maar één",
        ),
        ("<bsn>", f'<bsn x="{MARKER}">', "XSD.attribute", f"{PUPIL}/bsn", 11, "attribuut"),
        ("<bsn>", f'<bsn {MARKER}="x">', "XSD.attribute", f"{PUPIL}/bsn", 11, "attribuut"),
        ("<leerling>", '<leerling xsi:type="Persoon">', "XSD.attribute", PUPIL, 11, "attribuut"),
        ("<leerling>", f"<leerling>{MARKER}", "XSD.text", PUPIL, 11, "alleen elementen"),
        (
            "<bsn>999990019",
            f"<bsn><naam>{MARKER}</naam>",
            "XSD.structure",
            f"{PUPIL}/bsn",
            11,
            "tekst",
        ),
        (
            "<bsn>",
            f"<x xmlns='urn:x'>{MARKER}</x><bsn>",
            "XSD.structure",
            f"{PUPIL}/*[5]",
            11,
            "kent dit element niet",
        ),
        (
            RESULT,
            "",
            "XSD.structure",
            f"{PUPIL}/toetslijst/toets[1]/resultaat",
            13,
            "resultaat",
        ),
        (
            "</toetslijst>",
            "</toetslijst><resultaatvakkenvo><vakcode>1</vakcode><afgerond>1</afgerond>"
            "<examenvak>1</examenvak></resultaatvakkenvo>",
            "XSD.structure",
            f"{PUPIL}/resultaatvakkenvo[1]",
            17,
            "cijferce",
        ),
    ],
)
def test_a_finding_names_path_line_and_expectation_and_never_the_value(
    old: str, new: str, rule: str, path: str, line: int, expected: str
) -> None:
    report = changed(old, new)
    assert not report.valid
    assert (rule, path, line) == places(report)[0]
    assert expected in report.findings[0].message
    assert report.findings[0].next_step
    assert MARKER not in repr(report)


def test_a_misspelt_element_is_told_with_what_is_missing() -> None:
    report = changed("<brincode>00YY</brincode>", f"<brin>{MARKER}</brin>")
    assert [
        ("XSD.structure", f"{SCHOOL}/*[4]", 9),
        ("XSD.structure", f"{SCHOOL}/brincode", 9),
    ] == places(report)


def test_prefixes_make_no_difference_to_paths() -> None:
    prefixed = SAMPLE.replace("<", "<o:").replace("<o:/", "</o:").replace("<o:?", "<?")
    prefixed = prefixed.replace("xmlns=", "xmlns:o=").replace("2018-02-02", MARKER)
    path = f"{PUPIL}/toetslijst/toets[2]/afname/afnamedatum"
    assert [("XSD.value", path, 16)] == places(validate(prefixed.encode()))


@pytest.mark.parametrize(
    ("xml", "rule", "line"),
    [
        (b"", "XML.wellformed", 1),
        (b"\x00\xff", "XML.encoding", 1),
        (SAMPLE.replace("Sanne", "\xe9").encode("latin-1"), "XML.encoding", None),
        (SAMPLE.encode("utf-16"), "XML.encoding", 1),
        (SAMPLE.replace("</naam>", "</name>").encode(), "XML.wellformed", 8),
        (b"<!DOCTYPE dossier><dossier/>", "XML.doctype", 1),
        (b"<a>" * 100 + b"</a>" * 100, "XML.bounds", 1),
        (b"<dossier/>", "STD.release", 1),
        (SAMPLE.replace("/2019/", "/2018/").encode(), "STD.release", 3),
        (
            SAMPLE.replace("dossier xmlns", "leerling xmlns")
            .replace("</dossier", "</leerling")
            .encode(),
            "STD.release",
            3,
        ),
    ],
)
def test_what_is_no_dossier_is_a_finding_and_not_an_exception(
    xml: bytes, rule: str, line: int | None
) -> None:
    report = validate(xml)
    assert [(rule, "/", line)] == places(report)
    assert (False, None) == (report.valid, report.version)


def test_a_date_with_a_zone_is_a_warning_and_in_strict_mode_an_error() -> None:
    xml = SAMPLE.replace("2018-02-02", "2018-02-02Z").encode()
    path = f"{PUPIL}/toetslijst/toets[2]/afname/afnamedatum"
    report = validate(xml)
    assert (True, [("STD.value", path, 16)]) == (report.valid, places(report))
    assert not validate(xml, strict=True).valid


def test_another_kind_of_transfer_than_asked_is_an_error() -> None:
    assert validate(SAMPLE.encode(), profile="POVO").valid
    report = validate(SAMPLE.encode(), profile="POPO")
    assert ("STD.profile", "/dossier/overdrachtsoort", 3) == places(report)[0]
    assert "POPO" == report.profile
    with pytest.raises(NotFound):
        validate(SAMPLE.encode(), profile="PO")


def test_many_errors_are_cut_off_with_a_closing_finding() -> None:
    report = changed("<toetslijst>", "<toetslijst>" + "<toets/>" * 4000)
    assert LIMIT + 1 == len(report.findings)
    assert ("STD.limit", "info") == (report.findings[-1].rule, report.findings[-1].severity)


TEST = (
    "<toets><toetsidentificatie><eldtoetscode>1</eldtoetscode></toetsidentificatie>"
    f"<afname><afnamedatum>2018-01-01Z</afnamedatum></afname>{RESULT}</toets>"
)
ENROLLED = "<datuminschrijving>2011-08-01</datuminschrijving>"


def test_an_error_is_told_however_many_warnings_there_are() -> None:
    many = SAMPLE.replace("<toetslijst>", "<toetslijst>" + TEST * (LIMIT + 1))
    assert validate(many.encode()).valid

    report = validate(many.replace(ENROLLED, "").encode())

    assert not report.valid
    assert {"error": 1, "warning": LIMIT - 1, "info": 1} == Counter(
        finding.severity for finding in report.findings
    )
    assert "OVa.LL14" in {f.rule for f in report.findings if f.severity == "error"}


def test_what_official_rules_refuse_is_told_however_many_warnings_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refused = of_school("OFFICIAL.rule", "/dossier", 1, "nee")
    monkeypatch.setattr(validation, "official_findings", lambda *_, **__: [refused])
    report = changed("<toetslijst>", "<toetslijst>" + TEST * (LIMIT + 1))
    assert not report.valid
    assert refused == report.findings[-2]


def test_a_crowd_of_wrong_elements_costs_little_time() -> None:
    begin = time.perf_counter()
    report = changed("<toetslijst>", "<toetslijst>" + "<toets/>" * (20 * MAX_SIBLINGS))
    assert time.perf_counter() - begin < 5
    assert [("XML.bounds", f"{PUPIL}/toetslijst")] == [place[:2] for place in places(report)]


def test_threads_do_not_see_each_others_findings() -> None:
    wrong = SAMPLE.replace("00YY", MARKER).encode()
    with ThreadPoolExecutor(8) as pool:
        reports = list(pool.map(validate, [SAMPLE.encode(), wrong] * 200))
    assert [0, 1] * 200 == [len(report.findings) for report in reports]


def test_a_report_prints_as_json_shaped_data() -> None:
    read = changed("00YY", MARKER).as_dict()
    assert {"valid", "version", "profile", "findings"} == set(read)
    assert set(Finding.__dataclass_fields__) == set(read["findings"][0])


@pytest.mark.parametrize("remark", ["<!-- -->", "<?x y?>"])
@pytest.mark.parametrize(
    ("whole", "pieces", "rules"),
    [
        (">overstapdossier<", ("overstap", "dossier"), []),
        (">overstapdossier<", ("overstapdossier", "x"), ["CL.29"]),
        (">999990019<", ("99999", "0019"), []),
        (">999990019<", ("999990019", "7"), ["PGN.elfproef"]),
        (">2007-02-03<", ("2007-02", "-03"), []),
        (">2007-02-03<", ("2007-02-03", "Z"), ["STD.value"]),
        (">POVO<", ("PO", "VO"), []),
        (f"cat_verzuim>{STATUSES['cat_verzuim']}<", ("OPTIONEEL", "X"), ["CL.48", "KIT.cat"]),
    ],
)
def test_a_text_that_a_comment_cuts_is_judged_as_a_whole(
    remark: str, whole: str, pieces: tuple[str, str], rules: list[str]
) -> None:
    report = changed(whole, f"{whole[: whole.index('>')]}>{remark.join(pieces)}<")
    assert set(rules) <= {finding.rule for finding in report.findings}
    assert bool(rules) == bool(report.findings)


def test_a_comment_hides_no_attachment() -> None:
    packed = pack_file("plan.exe", b"MZ")
    name = "<bestandsnaam>plan<!-- -->.exe</bestandsnaam>"
    content = f"<bestandsinhoud>{packed[:9]}<!-- -->{packed[9:]}</bestandsinhoud>"
    documents = f"<overigdocumentlijst><document>{name}{content}</document></overigdocumentlijst>"
    report = changed("<verzorger>", f"{documents}<verzorger>")
    assert ["ATT.executable"] == [finding.rule for finding in report.findings]


@pytest.mark.parametrize("name", ["datum", "overstap", "pakketnaam"])
def test_what_metadata_say_has_an_end(name: str) -> None:
    report = changed(f"<{name}>", f"<{name}>{' ' * MAX_VALUE}")
    assert ["XML.bounds"] == [finding.rule for finding in report.findings]
    assert report.findings[0].path.endswith(f"/{name}")

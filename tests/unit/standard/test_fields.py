"""What a plugin is told about its dict: where, and what is expected; never the value."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from oso_adapter.standard.attachments import MAX_UNPACKED
from oso_adapter.standard.codec import to_xml
from oso_adapter.standard.fields import check
from oso_adapter.standard.pack import Pack

MARKER = "Geheimpje"
PUPIL = "/dossier/huidigeschool/leerling"
MARKS = "cijferlijstlijst/cijferlijst[1]/cijferlijstTypelijst"
BAD_MARKS = {
    "cijferlijst": [
        {
            "jaargroep": "8",
            "cijferlijstTypelijst": [
                {"naam": "Taal", "score": [{}, {}]},
                {"naam": 3, "score": [{"waarde": 8}]},
            ],
        }
    ]
}


def found(data: Any, pack: Pack) -> list[tuple[str, str]]:
    findings = check(data, pack)
    assert MARKER not in repr(findings)
    assert all(finding.line is None and finding.severity == "error" for finding in findings)
    return [(finding.rule, finding.path.removeprefix(f"{PUPIL}/")) for finding in findings]


def test_a_right_dict_has_no_findings(pack: Pack, collected: dict[str, Any]) -> None:
    assert [] == found(collected, pack)


def test_what_any_full_dossier_holds_is_right(
    pack: Pack, full_contents: list[tuple[str, Any]]
) -> None:
    for root, content in full_contents:
        if root == "dossier":
            assert [] == found({"huidigeschool": content["huidigeschool"]}, pack)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("geslacht", True, [("DICT.type", "geslacht")]),
        ("geslacht", "2", [("DICT.type", "geslacht")]),
        ("geslacht", 2.0, [("DICT.type", "geslacht")]),
        ("tehuis", 1, [("DICT.type", "tehuis")]),
        ("tehuis", "yes", [("DICT.type", "tehuis")]),
        ("geboortedatum", datetime(2007, 3, 1), [("DICT.type", "geboortedatum")]),
        ("geboortedatum", "2007-03-01", [("DICT.type", "geboortedatum")]),
        ("achternaam", 3, [("DICT.type", "achternaam")]),
        ("achternaam", None, [("DICT.type", "achternaam")]),
        ("achternaam", f"{MARKER}\x01", [("DICT.text", "achternaam")]),
        ("achternaam", "", [("XSD.value", "achternaam")]),
        ("voornaam", MARKER, [("DICT.type", "voornaam")]),
        ("voornaam", ["a", None], [("DICT.type", "voornaam[2]")]),
        ("voorletters", MARKER, [("DICT.structure", "*")]),
        (MARKER, MARKER, [("DICT.structure", "*")]),
        (7, MARKER, [("DICT.structure", "*")]),
        ("verzuim", MARKER, [("DICT.type", "verzuim")]),
        ("verzuim", {"frequentie": MARKER}, [("DICT.type", "verzuim/frequentie")]),
        ("geboortemaand", "2007-03", [("DICT.structure", "geboortemaand")]),
        ("geboortemaand", 3, [("DICT.type", "geboortemaand"), ("DICT.structure", "geboortemaand")]),
        ("nationaliteit", ["0001"], [("DICT.type", "nationaliteit[1]")]),
        ("nationaliteit", [{"omschrijving": "x"}], [("DICT.type", "nationaliteit[1]")]),
        ("nationaliteit", [{"waarde": "1", MARKER: 1}], [("DICT.type", "nationaliteit[1]")]),
        ("nationaliteit", [{"waarde": "\x01"}], [("DICT.text", "nationaliteit[1]")]),
        ("adreslijst", {"adres": []}, [("DICT.structure", "adreslijst/adres")]),
        ("adreslijst", {}, [("DICT.structure", "adreslijst/adres")]),
        ("bevorderd", {"elementcode": MARKER}, [("XSD.value", "bevorderd/elementcode")]),
        (
            "gba",
            {},
            [
                ("DICT.structure", f"gba/gba{n}")
                for n in ("voornaam", "achternaam", "geboortedatum")
            ],
        ),
        (
            "resultaatvakkenvo",
            [{"vakcode": "1", "afgerond": True, "examenvak": True}],
            [("DICT.structure", "resultaatvakkenvo[1]")],
        ),
        (
            "cijferlijstlijst",
            BAD_MARKS,
            [("DICT.type", f"{MARKS}/naam[2]"), ("DICT.type", f"{MARKS}/score[3]/waarde")],
        ),
        (
            "cijferlijstlijst",
            {"cijferlijst": [{"jaargroep": "8", "cijferlijstTypelijst": [None]}]},
            [("DICT.type", MARKS)],
        ),
        (
            "overigdocumentlijst",
            {"document": [{"bestandsnaam": "a", "bestandsinhoud": 3}]},
            [("DICT.type", "overigdocumentlijst/document[1]/bestandsinhoud")],
        ),
        (
            "overigdocumentlijst",
            {"document": [{"bestandsnaam": "a", "bestandsinhoud": Path("/geen/bestand")}]},
            [("DICT.type", "overigdocumentlijst/document[1]/bestandsinhoud")],
        ),
    ],
)
def test_a_wrong_dict_is_told_place_by_place(
    pack: Pack, collected: dict[str, Any], name: Any, value: Any, expected: list[tuple[str, str]]
) -> None:
    collected["huidigeschool"]["leerling"][name] = value
    assert sorted(expected) == sorted(found(collected, pack))


@pytest.mark.parametrize("name", ["metadata", "overdrachtsoort", "inzage"])
def test_what_the_adapter_fills_is_not_for_a_plugin(
    pack: Pack, collected: dict[str, Any], name: str
) -> None:
    collected[name] = {}
    assert [("DICT.reserved", f"/dossier/{name}")] == found(collected, pack)


@pytest.mark.parametrize("data", [None, [], MARKER, 3])
def test_what_is_no_dict_is_told_so(pack: Pack, data: Any) -> None:
    assert [("DICT.type", "/dossier")] == found(data, pack)


def test_a_misspelt_key_gets_a_suggestion(pack: Pack, collected: dict[str, Any]) -> None:
    collected["huidigeschool"]["leerling"]["voorleters"] = MARKER
    assert "voorletters-1?" in check(collected, pack)[0].message


def test_a_path_to_a_file_and_bytes_are_both_content(
    pack: Pack, collected: dict[str, Any], tmp_path: Path
) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b"a")
    for content in (file, b"a", "UEsDBA=="):
        document = {"bestandsnaam": "a.txt", "bestandsinhoud": content}
        collected["huidigeschool"]["leerling"]["overigdocumentlijst"]["document"] = [document]
        assert [] == found(collected, pack)


def test_a_file_that_is_larger_than_an_attachment_can_be_is_told_and_not_read(
    pack: Pack, collected: dict[str, Any], tmp_path: Path
) -> None:
    file = tmp_path / "a.txt"
    with file.open("wb") as opened:
        opened.truncate(MAX_UNPACKED + 1)
    document = {"bestandsnaam": "a.txt", "bestandsinhoud": file}
    collected["huidigeschool"]["leerling"]["overigdocumentlijst"]["document"] = [document]

    [finding] = check(collected, pack)
    assert ("DICT.type", True) == (finding.rule, "50 MB" in finding.message)


@pytest.mark.parametrize("spoil", [lambda pupil: pupil.pop("achternaam"), lambda pupil: None])
def test_the_dict_that_was_checked_is_not_changed(
    pack: Pack, collected: dict[str, Any], spoil: Callable[[dict[str, Any]], Any]
) -> None:
    spoil(collected["huidigeschool"]["leerling"])
    before = to_xml(collected, pack)
    check(collected, pack)
    assert before == to_xml(collected, pack)

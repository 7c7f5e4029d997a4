"""What another system made goes through put: what is taken out of it, and what is refused."""

import json
from pathlib import Path
from typing import Any

from support.chain import ACCOUNT, School
from support.dossiers import NUMBERS, dossier

from oso_adapter.standard import validate

BY = ("--administration", "99AA", "--account", ACCOUNT)
SEEN = ("--on", "2025-03-02", "--akkoord", "Ja")


def run(school: School, command: str, *arguments: str, **more: Any) -> Any:
    return school.cli("dossier", command, *arguments, *BY, **more)


def put_xml(school: School, folder: Path, xml: bytes, *more: str) -> Any:
    file = folder / "a.xml"
    file.write_bytes(xml)
    return run(school, "put", str(file), *more)


def test_a_dossier_with_comments_under_its_root_goes_the_whole_way(
    school: School, tmp_path: Path
) -> None:
    xml = dossier(NUMBERS[0])
    for place in (b"<metadata>", b"<huidigeschool>", b"</dossier>"):
        xml = xml.replace(place, b"<!-- pakket 1 --><?pakket 1?>" + place, 1)

    done = put_xml(school, tmp_path, xml, "--format", "json")
    assert 0 == done.exit_code, done.output
    (row,) = json.loads(done.stdout)
    assert ("STD.protected", "/dossier") in [(f["rule"], f["path"]) for f in row["bevindingen"]]
    assert "pakket 1" not in run(school, "show", "P-1").stdout
    assert 0 == run(school, "inzage", "P-1", *SEEN).exit_code
    assert 0 == run(school, "ready", "P-1", "--for", "99BB").exit_code
    assert 0 == run(school, "show", "P-1", "--format", "html").exit_code


def test_data_that_the_profile_forbids_or_that_are_switched_off_do_not_go(
    school: School, tmp_path: Path
) -> None:
    document = {"bestandsnaam": "rekenen.txt", "bestandsinhoud": b"rekent graag"}
    support = {"toelichting_onderwijsbehoeften": {"document": document}}
    xml = dossier(NUMBERS[0], onderwijsondersteuning=support)
    name = b"<naampeuterspeelzaal>De Vlinder</naampeuterspeelzaal>"
    for old, new in (
        (b"<cat_vve>VERBODEN", b"<cat_vve>OPTIONEEL"),
        (b"ondersteuning>OPTIONEEL", b"ondersteuning>OPT-UIT"),
        (b"<schoolloopbaanlijst>", name + b"<schoolloopbaanlijst>"),
    ):
        assert old in xml
        xml = xml.replace(old, new, 1)
    assert validate(xml, inzage=False).valid

    done = put_xml(school, tmp_path, xml, "--format", "json")

    (row,) = json.loads(done.stdout)
    pupil = "/dossier/huidigeschool/leerling"
    assert {
        f"{pupil}/naampeuterspeelzaal",
        f"{pupil}/onderwijsondersteuning/toelichting_onderwijsbehoeften",
    } == {found["path"] for found in row["bevindingen"] if found["rule"] == "STD.category"}
    sent = run(school, "show", "P-1").stdout
    assert "<cat_vve>VERBODEN</cat_vve>" in sent
    assert "De Vlinder" not in sent
    assert "rekenen.txt" not in sent
    assert "<onderwijsondersteuning" not in sent

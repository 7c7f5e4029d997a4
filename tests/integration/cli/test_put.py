"""What another system made goes through put: what is taken out of it, and what is refused."""

from pathlib import Path
from typing import Any

from support.chain import ACCOUNT, School
from support.dossiers import NUMBERS, dossier

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
        xml = xml.replace(place, b"<!-- pakket --><?pakket 1?>" + place, 1)

    done = put_xml(school, tmp_path, xml)
    assert 0 == done.exit_code, done.output
    assert 0 == run(school, "inzage", "P-1", *SEEN).exit_code
    assert 0 == run(school, "ready", "P-1", "--for", "99BB").exit_code
    assert 0 == run(school, "show", "P-1", "--format", "html").exit_code

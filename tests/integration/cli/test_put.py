"""What another system made goes through put: what is taken out of it, and what is refused."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from support.chain import ACCOUNT, School
from support.dossiers import NUMBERS, dossier

from oso_adapter.bounded_xml import parse
from oso_adapter.errors import NotAllowed
from oso_adapter.exchange.contents import content_digest
from oso_adapter.exchange.matching import matching
from oso_adapter.exchange.prepare import Inzage, current, record_inzage
from oso_adapter.identifiers import Pgn
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


def test_inzage_is_tied_to_what_the_parents_saw(school: School, put: Any, tmp_path: Path) -> None:
    put()
    seen = content_digest(parse(run(school, "show", "P-1").stdout_bytes))
    assert 0 == put_xml(school, tmp_path, dossier(NUMBERS[0], surname="Anders")).exit_code
    now = content_digest(parse(run(school, "show", "P-1").stdout_bytes))

    refused = run(school, "inzage", "P-1", *SEEN, "--controlegetal", seen)
    several = run(school, "inzage", "P-1", "P-2", *SEEN, "--controlegetal", now)
    done = run(school, "inzage", "P-1", *SEEN, "--controlegetal", f" {now[:9]} {now[9:].upper()}")

    assert (1, 2, 0) == (refused.exit_code, several.exit_code, done.exit_code)
    assert "de ouders hebben een ander dossier gezien" in refused.stderr


@pytest.mark.parametrize("day", ["2999-01-01", "2999-01-01Z", "12999-01-01"])
def test_inzage_in_the_future_is_not_put(day: str, school: School, tmp_path: Path) -> None:
    xml = dossier(NUMBERS[0], seen=True)
    assert b">2025-03-02<" in xml

    done = put_xml(school, tmp_path, xml.replace(b">2025-03-02<", f">{day}<".encode(), 1))

    assert 1 == done.exit_code
    assert "de inzage kan niet in de toekomst liggen" in done.stderr


@pytest.mark.parametrize(
    ("inzage", "sentence"),
    [
        (Inzage(date(2999, 1, 1), "Ja"), "de inzage kan niet in de toekomst liggen"),
        (Inzage(date(2025, 3, 2), "Nee", "bel\x07"), "de reden heeft een teken"),
    ],
)
def test_inzage_that_cannot_be_is_refused_whoever_asks(
    inzage: Inzage, sentence: str, school: School, put: Any
) -> None:
    put()
    adapter = school.adapter()

    with pytest.raises(NotAllowed, match=sentence):
        record_inzage(adapter, school.administration(adapter), ACCOUNT, "P-1", inzage)


def test_inzage_is_not_recorded_in_a_dossier_that_leaves_it_out(
    school: School, tmp_path: Path
) -> None:
    xml = dossier(NUMBERS[0], "BB").replace(b"ouderinzage>OPTIONEEL", b"ouderinzage>OPT-UIT", 1)
    assert b"OPT-UIT" in xml
    assert 0 == put_xml(school, tmp_path, xml).exit_code

    done = run(school, "inzage", "P-1", *SEEN)

    assert 1 == done.exit_code
    assert "dit dossier levert de inzage niet uit (cat_ouderinzage staat uit)" in done.stderr
    assert 0 == run(school, "ready", "P-1", "--for", "99AA").exit_code


def test_a_reference_that_a_comment_cuts_is_still_a_personal_number(
    school: School, tmp_path: Path
) -> None:
    cut = f"{NUMBERS[0][:4]}<!-- -->{NUMBERS[0][4:]}".encode()
    xml = dossier(NUMBERS[0]).replace(b">P-1<", b">" + cut + b"<", 1)

    done = put_xml(school, tmp_path, xml)

    assert 1 == done.exit_code
    assert "geef zelf een andere op (--pupil)" in done.stderr


def test_a_dossier_that_is_put_is_found_by_a_former_number_too(
    school: School, tmp_path: Path
) -> None:
    file = tmp_path / "a.xml"
    file.write_bytes(dossier(NUMBERS[0]))

    done = run(school, "put", str(file), "--former-numbers", "-", text=f"\n{NUMBERS[1]}\n")

    assert 0 == done.exit_code, done.output
    assert NUMBERS[1] not in done.output
    adapter = school.adapter()
    found = {
        number: matching(adapter, school.administration(adapter), key)
        for number in NUMBERS[:3]
        for key in [adapter.search_key.make(Pgn(number))]
    }
    assert [1, 1, 0] == [len(found[number]) for number in NUMBERS[:3]]


def test_the_next_version_is_found_by_the_numbers_of_the_last(
    school: School, tmp_path: Path
) -> None:
    """An onderwijsnummer becomes a BSN; a BSN that becomes another one was a mistake."""
    onderwijsnummer, first, mended, told = "101211151", *NUMBERS[:3]
    early = dossier(first).replace(
        f"<bsn>{first}</bsn>".encode(), b"<onderwijsnummer>101211151</onderwijsnummer>"
    )

    def found_by(xml: bytes, *more: str, text: str = "") -> list[str]:
        file = tmp_path / "a.xml"
        file.write_bytes(xml)
        done = run(school, "put", str(file), *more, text=text)
        assert 0 == done.exit_code, done.output
        adapter = school.adapter()
        owner = school.administration(adapter)
        newest = current(adapter, owner, "P-1").id
        return [
            number
            for number in (onderwijsnummer, first, mended, told)
            if newest in matching(adapter, owner, adapter.search_key.make(Pgn(number)))
        ]

    assert [onderwijsnummer] == found_by(early)
    assert [onderwijsnummer, first] == found_by(dossier(first))
    also = ("--former-numbers", "-")
    assert [onderwijsnummer, first, told] == found_by(dossier(first), *also, text=told)
    adapter = school.adapter()
    assert 2 == current(adapter, school.administration(adapter), "P-1").version
    assert [onderwijsnummer, first, told] == found_by(dossier(first, surname="Anders"))
    assert [onderwijsnummer, mended] == found_by(dossier(mended))
    assert 0 == run(school, "withdraw", "P-1").exit_code
    assert [mended] == found_by(dossier(mended))


def test_a_former_number_that_is_none_is_told_by_its_line(school: School, tmp_path: Path) -> None:
    file = tmp_path / "a.xml"
    file.write_bytes(dossier(NUMBERS[0]))

    done = run(school, "put", str(file), "--former-numbers", "-", text=f"{NUMBERS[1]}\n123456789\n")

    assert (2, True) == (done.exit_code, "line 2: " in done.stderr)
    assert "123456789" not in done.output
    both = run(school, "put", str(file), str(file), "--former-numbers", "-", text=NUMBERS[1])
    assert (2, True) == (both.exit_code, "go with one file" in both.stderr)


def test_the_same_dossier_again_is_no_other_version(school: School, tmp_path: Path) -> None:
    def version(xml: bytes) -> Any:
        return json.loads(put_xml(school, tmp_path, xml, "--format", "json").stdout)[0]["versie"]

    assert [1, 1] == [version(dossier(NUMBERS[0])) for _ in range(2)]
    assert 2 == version(dossier(NUMBERS[0], surname="Anders"))
    assert 0 == run(school, "withdraw", "P-1").exit_code
    assert 3 == version(dossier(NUMBERS[0], surname="Anders"))

"""Preparing dossiers: what a school employee does, and what is refused with which words."""

import json
import stat
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from magister_like import database
from magister_like.generator import generate
from support.chain import ACCOUNT, School
from support.dossiers import NUMBERS, dossier

from oso_adapter.bounded_xml import parse
from oso_adapter.exchange.contents import content_digest
from oso_adapter.standard import validate

BY = ("--administration", "99AA", "--account", ACCOUNT)
SEEN = ("--on", "2025-03-02", "--akkoord", "Ja")


def run(school: School, command: str, *arguments: str, **more: Any) -> Any:
    return school.cli("dossier", command, *arguments, *BY, **more)


def states(school: School, *more: str) -> dict[str, str]:
    arguments = ("--administration", "99AA", "--format", "json", *more)
    rows = json.loads(school.cli("dossier", "list", *arguments).stdout)
    return {row["leerling"]: row["stand"] for row in rows}


def test_a_dossier_goes_from_put_to_withdrawn(school: School, put: Any) -> None:
    put()
    assert {"P-1": "verzameld"} == states(school)

    seen = run(school, "inzage", "P-1", *SEEN)
    assert (0, "P-1: ingezien (versie 1)\n") == (seen.exit_code, seen.stdout)

    ready = run(school, "ready", "P-1", "--for", "99BB", "--for", "99BC", "--format", "json")
    (row,) = json.loads(ready.stdout)
    assert (0, "klaargezet", 1) == (ready.exit_code, row["stand"], row["versie"])
    assert {"P-1": "klaargezet"} == states(school, "--state", "klaargezet")
    assert {} == states(school, "--state", "verzameld")

    withdrawn = run(school, "withdraw", "P-1")
    assert (0, {"P-1": "ingetrokken"}) == (withdrawn.exit_code, states(school))


def test_the_list_says_for_which_schools_and_by_whom(school: School, put: Any) -> None:
    put()
    run(school, "inzage", "P-1", *SEEN)
    run(school, "ready", "P-1", "--for", "99BC", "--for", "99BB")

    shown = school.cli("dossier", "list", "--administration", "99AA").stdout

    assert all(text in shown for text in ("P-1", "POVO", "klaargezet", "99BB 99BC", ACCOUNT))


def test_an_empty_list_says_so(school: School) -> None:
    shown = school.cli("dossier", "list", "--administration", "99AA")

    assert (0, "Er is nog niets verzameld.\n") == (shown.exit_code, shown.stdout)


def test_what_is_shown_is_the_dossier_with_its_inzage(school: School, put: Any) -> None:
    put()
    run(school, "inzage", "P-1", *SEEN)

    shown = run(school, "show", "P-1")

    assert 0 == shown.exit_code
    assert validate(shown.stdout_bytes).valid
    assert "<inzagedatum>2025-03-02</inzagedatum>" in shown.stdout


def test_dossiers_are_written_to_files_that_only_their_owner_reads(
    school: School, put: Any, tmp_path: Path
) -> None:
    put(NUMBERS[0], "P-1")
    put(NUMBERS[1], "../P 2")
    folder = tmp_path / "shown"

    done = run(school, "show", "--from", "-", "--to", str(folder), text="# twee\nP-1\n\n../P 2\n")

    assert 0 == done.exit_code, done.output
    assert {"P-1.xml", "_P_2-3b5df95e.xml"} == {file.name for file in folder.iterdir()}
    assert {0o600} == {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}


def test_one_pupil_never_takes_the_file_of_another(
    school: School, put: Any, tmp_path: Path
) -> None:
    for number, reference in zip(NUMBERS, ("a/b", "a_b"), strict=False):
        file = tmp_path / "one.xml"
        file.write_bytes(dossier(number))
        assert 0 == run(school, "put", str(file), "--pupil", reference).exit_code

    done = run(school, "show", "a/b", "a_b", "--to", str(tmp_path / "shown"))

    assert 0 == done.exit_code
    assert 2 == len({file.read_bytes() for file in (tmp_path / "shown").iterdir()})
    assert (tmp_path / "shown" / "a_b.xml").exists()


def test_several_dossiers_are_not_written_to_one_screen(school: School) -> None:
    done = run(school, "show", "P-1", "P-2")

    assert 2 == done.exit_code
    assert "name a folder with --to" in done.stderr


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (("show",), "voor deze leerling is nog niets verzameld"),
        (("inzage", *SEEN), "voor deze leerling is nog niets verzameld"),
        (("ready", "--for", "99BB"), "voor deze leerling is nog niets verzameld"),
        (("withdraw",), "voor deze leerling is nog niets verzameld"),
        (("collect", "--profile", "POVO"), "geen plugin kent deze leerling"),
    ],
)
def test_an_unknown_pupil_is_refused_in_dutch(
    command: tuple[str, ...], sentence: str, school: School
) -> None:
    done = run(school, command[0], "P-9", *command[1:])

    assert 1 == done.exit_code
    assert sentence in done.stderr


def test_without_inzage_a_dossier_is_not_made_ready(school: School, put: Any) -> None:
    put()

    done = run(school, "ready", "P-1", "--for", "99BB")

    assert 1 == done.exit_code
    assert "leg eerst vast dat de ouders het dossier hebben ingezien" in done.stderr
    assert "0 gelukt, 1 niet gelukt" in done.stderr


def test_a_withdrawn_dossier_has_to_be_collected_again(school: School, put: Any) -> None:
    put()
    run(school, "withdraw", "P-1")

    done = run(school, "inzage", "P-1", *SEEN)

    assert 1 == done.exit_code
    assert "dat kan niet met een dossier dat ingetrokken is; verzamel opnieuw" in done.stderr


def test_one_pupil_that_fails_does_not_stop_the_rest(school: School, put: Any) -> None:
    put(NUMBERS[0], "P-1")
    put(NUMBERS[1], "P-2")

    done = run(school, "inzage", "P-1", "P-9", "P-2", *SEEN, "--format", "json")

    assert 1 == done.exit_code
    rows = {row["leerling"]: row for row in json.loads(done.stdout)}
    assert ("ingezien", "ingezien") == (rows["P-1"]["stand"], rows["P-2"]["stand"])
    assert "voor deze leerling is nog niets verzameld" == rows["P-9"]["error"]
    assert "2 gelukt, 1 niet gelukt" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("inzage", "P-1", "--on", "2999-01-01", "--akkoord", "Ja"), "niet in de toekomst"),
        (("inzage", "P-1", "--on", "12-3-2025", "--akkoord", "Ja"), "a date is written as"),
        (("inzage", "P-1", "--on", "2025-03-12"), "Missing option '--akkoord'"),
        (
            ("ready", "P-1", "--for", "99BB", "--until", "2020-01-01"),
            "de laatste dag is al voorbij",
        ),
        (("ready", "P-1", "--for", "school"), "a BRIN is two digits and two capitals"),
        (("inzage", "P-1", "--on", "0001-01-01", "--akkoord", "Ja"), "is not before 2000-01-01"),
        (("inzage", "P-1", *SEEN, "--reason", "bel\x07"), "has a control character"),
        (("inzage", "P-1", *SEEN, "--reason", "\udcff"), "or is not UTF-8"),
        (("inzage", "P-1", *SEEN, "--reason", "x" * 501), "has more than 500 characters"),
        (("withdraw", "P-1", "P\udcff"), "or is not UTF-8"),
        (("put", str(Path(__file__)), "--pupil", "   "), "'--pupil': it is empty"),
        (("ready", "P-1"), "Missing option '--for'"),
        (("collect", "P-1", "--profile", "XX"), "is not one of 'POPO', 'POVO'"),
        (("ready", "P-1", NUMBERS[0], "--for", "99BB"), "this is or holds a BSN"),
        (("collect", "--profile", "POVO"), "name at least one pupil"),
        (("put", "a.xml"), "does not exist"),
        (("put", "."), "is a directory"),
    ],
)
def test_wrong_use_ends_with_code_two(
    arguments: tuple[str, ...], sentence: str, school: School
) -> None:
    done = run(school, arguments[0], *arguments[1:])

    assert 2 == done.exit_code
    assert sentence in done.stderr


@pytest.mark.parametrize("reference", [NUMBERS[0], "1234.56.782", f"leerling {NUMBERS[1]}"])
def test_a_dossier_whose_leerlingid_is_a_personal_number_needs_another_reference(
    school: School, tmp_path: Path, reference: str
) -> None:
    file = tmp_path / "a.xml"
    file.write_bytes(dossier(NUMBERS[0], reference=reference))

    refused = run(school, "put", str(file))
    assert 1 == refused.exit_code
    assert "geef zelf een andere op (--pupil)" in refused.stderr
    assert reference not in refused.output
    assert {} == states(school)

    assert 2 == run(school, "put", str(file), "--pupil", reference).exit_code
    assert 0 == run(school, "put", str(file), "--pupil", "P-7").exit_code
    assert {"P-7": "verzameld"} == states(school)


def test_a_file_that_is_named_after_a_personal_number_is_not_put(
    school: School, tmp_path: Path
) -> None:
    file = tmp_path / f"{NUMBERS[0]}.xml"
    file.write_bytes(dossier(NUMBERS[0]))

    done = run(school, "put", str(file))

    assert (2, {}) == (done.exit_code, states(school))
    assert "file 1: this is or holds a BSN" in done.stderr
    assert NUMBERS[0] not in done.output


def test_a_list_of_pupils_that_is_not_utf8_is_wrong_use(school: School) -> None:
    done = run(school, "withdraw", "--from", "-", text="Zoë".encode("latin-1"))

    assert 2 == done.exit_code
    assert "is not UTF-8" in done.stderr


def test_a_list_of_pupils_may_begin_with_a_byte_order_mark(
    school: School, put: Any, tmp_path: Path
) -> None:
    put()
    (tmp_path / "list.txt").write_text("P-1\n", encoding="utf-8-sig")

    assert 0 == run(school, "withdraw", "--from", str(tmp_path / "list.txt")).exit_code


def test_an_invalid_dossier_is_refused_with_findings_and_never_a_value(
    school: School, tmp_path: Path
) -> None:
    file = tmp_path / "wrong.xml"
    file.write_bytes(dossier(NUMBERS[0]).replace(b"datum>2013-05-31", b"datum>Marker"))

    shown = run(school, "put", str(file))
    as_json = run(school, "put", str(file), "--format", "json")

    assert (1, 1) == (shown.exit_code, as_json.exit_code)
    assert "het dossier kan niet worden klaargemaakt; zie de bevindingen" in shown.stderr
    assert "/dossier/huidigeschool/leerling/geboortedatum" in shown.stderr
    (row,) = json.loads(as_json.stdout)
    (finding,) = row["bevindingen"]
    assert ("error", "verzendende school") == (finding["severity"], finding["owner"])
    assert {"rule", "severity", "path", "line", "message", "owner", "next_step"} == set(finding)
    assert "Marker" not in shown.output + as_json.output
    assert {} == states(school)


@pytest.mark.parametrize("content", [b"<a>Marker", b"<!DOCTYPE a><a/>", b"Marker", b""])
def test_what_is_no_dossier_is_refused(content: bytes, school: School, tmp_path: Path) -> None:
    file = tmp_path / "file.xml"
    file.write_bytes(content)

    done = run(school, "put", str(file))

    assert 1 == done.exit_code
    assert "unexpected" not in done.stderr
    assert "Marker" not in done.output


@pytest.mark.parametrize(("kind", "code"), [("LAS", 1), ("RIS", 0)])
def test_a_school_puts_its_own_dossiers_and_a_ris_those_of_others(
    kind: str, code: int, school: School, tmp_path: Path
) -> None:
    name = "0000000700099AC00001"
    given = ("--brin", "99AC", "--routing-id", name, "--kind", kind, "--name", "n", "--tenant", "t")
    school.cli("administration", "add", *given)
    file = tmp_path / "of-99aa.xml"
    file.write_bytes(dossier(NUMBERS[0]))

    where = ("--administration", name, "--account", ACCOUNT)
    done = school.cli("dossier", "put", str(file), *where)

    assert code == done.exit_code
    assert (code == 1) == ("is niet de school van deze administratie" in done.stderr)


def test_put_takes_another_reference_for_one_file_only(school: School, tmp_path: Path) -> None:
    files = [str(tmp_path / name) for name in ("a.xml", "b.xml")]
    for file, number in zip(files, NUMBERS, strict=False):
        Path(file).write_bytes(dossier(number))

    assert 2 == run(school, "put", *files, "--pupil", "X-1").exit_code
    assert 0 == run(school, "put", files[0], "--pupil", "X-1").exit_code
    assert {"X-1": "verzameld"} == states(school)


@pytest.fixture(scope="module")
def las(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of the example, which no test changes."""
    return Path(generate(tmp_path_factory.mktemp("las"), today=date(2025, 3, 12)).po)


@pytest.fixture
def leavers(school: School, las: Path) -> list[str]:
    """Pupils in the database of the example, which the school now has as its plugin."""
    school.configure(
        f'[plugins]\nenabled = ["magister_like"]\n[plugins.magister_like]\ndatabase = "{las}"\n'
    )
    return list(database.leavers(las)[:5])


def test_dossiers_are_collected_through_the_plugin(school: School, leavers: list[str]) -> None:
    pupils = "\n".join([*leavers, "X-9"])

    done = run(school, "collect", "--from", "-", "--profile", "POVO", text=pupils)

    assert 1 == done.exit_code
    assert [f"{pupil}: verzameld (versie 1)" for pupil in leavers] == done.stdout.splitlines()
    assert "X-9: geen plugin kent deze leerling" in done.stderr
    shown = run(school, "show", leavers[0])
    assert validate(shown.stdout_bytes, profile="POVO", inzage=False).valid


def test_a_category_can_be_left_out(school: School, leavers: list[str]) -> None:
    def collected(*more: str) -> list[str]:
        run(school, "collect", *leavers, "--profile", "POVO", *more)
        return [run(school, "show", pupil).stdout for pupil in leavers]

    assert any("<verzuim" in xml for xml in collected())
    assert not any("<verzuim" in xml for xml in collected("--without", "cat_verzuim"))


def test_a_category_that_is_mandatory_cannot_be_left_out(
    school: School, leavers: list[str]
) -> None:
    without = ("--profile", "POVO", "--without", "cat_leerling", "--format", "json")

    done = run(school, "collect", leavers[0], *without)

    assert 1 == done.exit_code
    (row,) = json.loads(done.stdout)
    path = "/dossier/metadata/categorie_uitlevering/cat_leerling"
    assert [path] == [f["path"] for f in row["bevindingen"] if f["severity"] == "error"]
    assert {} == states(school)


def test_what_parents_read_has_the_number_that_proves_what_was_sent(
    school: School, put: Any, tmp_path: Path
) -> None:
    put()
    page = run(school, "show", "P-1", "--format", "html").stdout
    assert 0 == run(school, "inzage", "P-1", *SEEN).exit_code
    sent = run(school, "show", "P-1").stdout_bytes

    assert content_digest(parse(sent)) in page
    assert "nog niet ingezien" in page
    folder = tmp_path / "inzage"
    done = run(school, "show", "P-1", "--format", "pdf", "--to", str(folder))
    assert 0 == done.exit_code, done.output
    assert (folder / "P-1.pdf").read_bytes().startswith(b"%PDF-")

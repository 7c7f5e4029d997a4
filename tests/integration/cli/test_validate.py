"""Judging dossiers without server, store, plugins or configuration."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from lxml import html
from support.dossiers import NUMBERS, dossier
from support.terminal import on_a_terminal

from oso_adapter.cli.main import main
from oso_adapter.cli.validate import FEW
from oso_adapter.standard.pack import forget_folders, load_pack

FINDING = {"rule", "severity", "path", "line", "message", "owner", "next_step"}


@pytest.fixture
def good(tmp_path: Path) -> str:
    file = tmp_path / "good.xml"
    file.write_bytes(dossier(NUMBERS[0], seen=True))
    return str(file)


@pytest.fixture
def wrong(tmp_path: Path) -> str:
    file = tmp_path / "wrong.xml"
    file.write_bytes(dossier(NUMBERS[0], seen=True).replace(b"datum>2013-05-31", b"datum>Marker"))
    return str(file)


def validate(*arguments: str, text: bytes = b"") -> Result:
    return CliRunner().invoke(main, ["--config", "absent.toml", "validate", *arguments], input=text)


def test_a_valid_dossier_ends_with_code_zero(good: str) -> None:
    done = validate(good)

    assert (0, f"{good}: geldig (versie 2019.1)\n") == (done.exit_code, done.stdout)


def test_an_invalid_dossier_ends_with_code_one_and_says_where_and_what_to_do(wrong: str) -> None:
    done = validate(wrong)

    assert 1 == done.exit_code
    assert f"{wrong}: niet geldig" in done.stdout
    assert "/dossier/huidigeschool/leerling/geboortedatum, regel " in done.stdout
    assert "Marker" not in done.output


def test_several_files_give_one_json_list_in_the_agreed_form(good: str, wrong: str) -> None:
    done = validate(good, wrong, "--format", "json")

    first, second = json.loads(done.stdout)
    assert 1 == done.exit_code
    assert {"file", "valid", "version", "profile", "findings"} == set(first) == set(second)
    assert (good, True, "2019.1", "POVO", []) == tuple(first.values())
    assert (wrong, False) == (second["file"], second["valid"])
    assert FINDING == set(second["findings"][0])


def test_a_dash_is_standard_input(good: str) -> None:
    done = validate("-", "--format", "json", text=Path(good).read_bytes())

    assert (0, "-") == (done.exit_code, json.loads(done.stdout)[0]["file"])


@pytest.mark.parametrize("content", [b"", b"Marker", b"<a>", b"<!DOCTYPE a><a/>", b"\xff\xfe<"])
def test_anything_that_is_no_dossier_is_a_finding(content: bytes) -> None:
    done = validate("-", "--format", "json", text=content)

    assert 1 == done.exit_code
    assert "Marker" not in done.output
    assert ["error"] == [f["severity"] for f in json.loads(done.stdout)[0]["findings"]]


def test_a_dossier_of_another_profile_than_asked_is_not_valid(good: str) -> None:
    assert 0 == validate(good, "--profile", "POVO").exit_code
    assert 1 == validate(good, "--profile", "VOVO").exit_code


def test_an_unknown_profile_is_refused_with_those_that_are_known(good: str) -> None:
    done = validate(good, "--profile", "XX")

    assert 2 == done.exit_code
    assert "POVO" in done.stderr


def test_strict_does_not_make_a_good_dossier_invalid(good: str) -> None:
    assert 0 == validate(good, "--strict").exit_code


def test_a_file_that_is_not_there_is_named_and_the_others_are_judged(
    tmp_path: Path, good: str
) -> None:
    done = validate(str(tmp_path / "none.xml"), good)

    assert 2 == done.exit_code
    assert "none.xml cannot be read: No such file or directory" in done.stderr
    assert f"{good}: geldig (versie 2019.1)\n" == done.stdout


def test_of_a_folder_every_dossier_is_judged_by_all_processes_in_order(tmp_path: Path) -> None:
    names = [str(tmp_path / f"map{n % 2}" / f"{n:02}.xml") for n in range(2 * FEW)]
    for n, name in enumerate(names):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_bytes(dossier(NUMBERS[0], seen=n != 3))
    forget_folders()

    done = validate(str(tmp_path), "--format", "json", "--jobs", "2")

    reports = json.loads(done.stdout)
    assert sorted(names) == [report["file"] for report in reports]
    assert [names[3]] == [report["file"] for report in reports if not report["valid"]]
    assert 1 == done.exit_code
    # Read once, before the others became copies of this process.
    assert {"schema", "structure", "codelists", "rules"} <= vars(load_pack()).keys()


def test_the_next_step_for_an_attachment_fits_the_school_that_sends_it_too(tmp_path: Path) -> None:
    file = tmp_path / "a.xml"
    file.write_bytes(dossier(NUMBERS[0], seen=True, attachments={"a.pdf": b"geen pdf"}))

    (finding,) = json.loads(validate(str(file), "--format", "json").stdout)[0]["findings"]

    step = "De verzendende school vervangt de bijlage en maakt het dossier opnieuw."
    assert ("ATT.content", step) == (finding["rule"], finding["next_step"])


def test_a_folder_without_dossiers_is_wrong_use(tmp_path: Path) -> None:
    done = validate(str(tmp_path))

    assert 2 == done.exit_code
    assert "there is no .xml file in" in done.stderr


def test_the_page_is_whole_and_has_each_finding_and_no_markup_from_outside(
    tmp_path: Path, good: str
) -> None:
    strange = tmp_path / "<b>vet.xml"
    strange.write_bytes(dossier(NUMBERS[0]))
    done = validate(good, str(strange), "--format", "html")

    page = html.document_fromstring(done.stdout)
    assert "1 geldig, 1 niet geldig" in page.text_content()
    assert ["OS.cat02", "OVa.IZ01"] == [code.text for code in page.findall(".//td/code")]
    assert [] == page.findall(".//b") + page.findall(".//script") + page.findall(".//img")
    assert "Content-Security-Policy" in done.stdout


def test_values_are_shown_on_a_terminal_only_and_only_when_they_tell_of_nobody(
    tmp_path: Path,
) -> None:
    file = tmp_path / "two.xml"
    text = dossier(NUMBERS[0], seen=True)
    file.write_bytes(
        text.replace(b"<soort>telefoon", b"<soort>duiven").replace(
            NUMBERS[0].encode(), b"111111111"
        )
    )
    assert 2 == validate(str(file), "--values").exit_code

    shown = on_a_terminal("validate", str(file), "--values")

    assert "waarde: duiven" in shown
    assert "PGN.elfproef" in shown
    assert "111111111" not in shown


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("dui\u009b2Jven", "waarde: dui[U+009B]2Jven"),
        ("\u202enevi\n  ud", "waarde: [U+202E]nevi ud"),
        ("x" * 500, f"waarde: {'x' * 80}…"),
        (NUMBERS[0], None),
        (f"tel{' '.join(NUMBERS[0])}", None),
        ("".join(chr(0xFF10 + int(digit)) for digit in NUMBERS[0]), None),
    ],
)
def test_a_value_that_is_shown_does_nothing_to_a_terminal_and_is_no_number(
    tmp_path: Path, sent: str, shown: str | None
) -> None:
    file = tmp_path / "a.xml"
    text = dossier(NUMBERS[0], seen=True).decode()
    file.write_text(text.replace("<soort>telefoon", f"<soort>{sent}", 1), encoding="utf-8")

    told = on_a_terminal("validate", str(file), "--values").splitlines()

    assert ([shown] if shown else []) == [line.strip() for line in told if "waarde:" in line]
    assert any("CL." in line for line in told)


def test_without_a_file_it_is_wrong_use() -> None:
    assert 2 == validate().exit_code

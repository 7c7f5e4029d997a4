"""Code lists as CSV beside a release: which file is which list, and what becomes of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.official_release import EXAMPLE, NAMESPACE, schemas, write_folder

from oso_adapter.standard import validate
from oso_adapter.standard.official_codes import TESTS, of_source, read_codes
from oso_adapter.standard.official_files import OfficialFilesRefused
from oso_adapter.standard.official_import import import_release
from oso_adapter.standard.pack import VARIABLE, forget_folders, load_pack, read_pack, use_folder


@pytest.fixture(autouse=True)
def only_built_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv(VARIABLE, raising=False)
    forget_folders()
    yield
    forget_folders()


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("codelijst 6 Toetsvorm", "6"),
        ("06_Toetsvorm_2021-22", "6"),
        ("2021-06-01 codelijst 6 v2", "6"),
        ("toetsen 2021", TESTS),
        ("Toetsen 2021-22", TESTS),
        ("toetsen v2.6", TESTS),
        ("codelijst 999 toetsaanbieders", None),
        ("eindtoetsen", None),
        ("codelijst 6 en 14", None),
        ("iets", None),
    ],
)
def test_a_file_is_known_by_its_number_and_else_as_the_tests(name: str, key: str | None) -> None:
    file = f"map/{name}.CSV"
    expected = {key: file} if key else {}
    assert expected == of_source({file: b"1;een"}, load_pack("2019.1").codelists)


def test_a_list_that_names_tests_is_not_taken_for_the_yearly_list() -> None:
    files = {"codelijst 6 Toetsvorm.csv": b"a", "toetsen 2021.csv": b"b"}
    expected = {"6": "codelijst 6 Toetsvorm.csv", TESTS: "toetsen 2021.csv"}
    assert expected == of_source(files, load_pack("2019.1").codelists)


def test_two_files_for_one_list_are_refused_unless_they_are_one_or_the_user_chose() -> None:
    known = load_pack("2019.1").codelists
    files = {"toetsen 2020.csv": b"a", "toetsen 2021.csv": b"b"}
    with pytest.raises(OfficialFilesRefused, match=r"toetsen 2020.csv, toetsen 2021.csv.*--codes"):
        of_source(files, known)
    assert {} == of_source(files, known, {TESTS})
    assert ["OV/6.csv"] == list(of_source({"OV/6.csv": b"a", "PaO/6.csv": b"a"}, known).values())


def test_files_that_became_no_list_are_told(tmp_path: Path) -> None:
    files = {**schemas(), "overig.csv": "x", "codelijst_14.csv": "1;a", "toetsen.csv": "1;b"}
    report = import_release(write_folder(tmp_path / "a", files, {}), tmp_path / "packs")
    assert (TESTS,) == report.code_lists
    assert ["codelijst_14.csv", "overig.csv"] == [text.split(":")[0] for text in report.unused]


def test_code_lists_that_come_along_replace_their_own_and_no_other(tmp_path: Path) -> None:
    change = (NAMESPACE, NAMESPACE.replace("2021", "2019"))
    files = {name: text.replace(*change) for name, text in schemas().items()}
    files["codelijst 29.csv"] = "code;omschrijving\novergang;Overgang\n"
    source = write_folder(tmp_path / "a", files, {})
    report = import_release(source, tmp_path / "packs", replace=True)
    ours, theirs = load_pack("2019.1").codelists.lists, read_pack(report.folder).codelists.lists
    assert ("29",) == report.code_lists
    assert {"overgang": "Overgang"} == theirs["29"].codes
    assert ours.keys() == theirs.keys()
    assert {key for key in ours if ours[key] != theirs[key]} == {"29"}
    assert any("code lists of 2019.1" in text for text in report.assumed)


def test_code_lists_of_the_source_and_of_the_user_become_tables(tmp_path: Path) -> None:
    files = {
        **schemas(),
        "codelijsten/toetsen 2021-2022.csv": "Toetscode;Toetsnaam\n1;Rekentoets\n2;Taaltoets\n",
        "codelijsten/codelijst_29.csv": "code,omschrijving\noverstapdossier,Overstap\n",
        "codelijsten/codelijst_14.csv": "code,omschrijving\n1,Man\n",
        "codelijsten/overig.csv": "x\ny\n",
    }
    own = tmp_path / "talen.csv"
    own.write_bytes("nl;Nederlands\nfy;Fri\xebs\n".encode("cp1252"))
    source = write_folder(tmp_path / "a", files, {})
    report = import_release(source, tmp_path / "packs", codes={"leerling/thuistaal": own})
    assert {TESTS, "29", "leerling/thuistaal"} == set(report.code_lists)
    lists = read_pack(report.folder).codelists
    tests = lists.number(TESTS)
    assert ("warning", {"1": "Rekentoets", "2": "Taaltoets"}) == (tests.severity, tests.codes)
    assert ("toetsidentificatie/eldtoetscode",) == tests.elements
    assert ("overdrachtsoort",) == lists.number("29").elements
    assert {"nl": "Nederlands", "fy": "Friës"} == lists.number("leerling/thuistaal").codes
    assert "error" == lists.number("29").severity


def test_a_test_that_is_not_on_the_yearly_list_is_a_warning(tmp_path: Path) -> None:
    files = {**schemas(), "toetsen.csv": "code;naam\n1;Rekentoets\n"}
    report = import_release(write_folder(tmp_path / "a", files, {}), tmp_path / "packs")
    use_folder(report.folder.parent)
    told = [f for f in validate(EXAMPLE.encode()).findings if "toetsidentificatie" in f.path]
    test = "/dossier/huidigeschool/leerling/toetslijst/toets[2]/toetsidentificatie/eldtoetscode"
    assert [(test, "warning")] == [(finding.path, finding.severity) for finding in told]


def test_a_code_list_of_no_element_is_refused(tmp_path: Path) -> None:
    own = tmp_path / "a.csv"
    own.write_text("1;een\n", encoding="utf-8")
    source = write_folder(tmp_path / "a", schemas(), {})
    for key in ("leerling/haarkleur", "23"):
        with pytest.raises(OfficialFilesRefused, match=f"{key} is of no element"):
            import_release(source, tmp_path / "packs", codes={key: own})
    with pytest.raises(OfficialFilesRefused, match="cannot be read"):
        import_release(source, tmp_path / "packs", codes={"14": tmp_path / "niets.csv"})


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\xef\xbb\xbfCode;Omschrijving\n01;Een, twee\n", {"01": "Een, twee"}),
        (b"omschrijving,code\nEen,01\n", {"01": "Een"}),
        (b"01\n02\n\n", {"01": "", "02": ""}),
        (b'01\t"a\nb"\n', {"01": "a\nb"}),
    ],
)
def test_a_csv_is_read_whatever_divides_it(content: bytes, expected: dict[str, str]) -> None:
    assert expected == read_codes(content, "a.csv")


def test_a_csv_with_a_field_without_end_is_refused() -> None:
    with pytest.raises(OfficialFilesRefused, match=r"a.csv is no CSV"):
        read_codes(b'1;"' + b"x" * 200_000, "a.csv")

"""What a plugin author asks of the standard, answered on the command line."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from support.official_release import EXAMPLE, FILES, LINKS, write_folder, write_zip

from oso_adapter.cli.main import main
from oso_adapter.standard import validate
from oso_adapter.standard.pack import VARIABLE, forget_folders, load_pack

PACKS = str(Path(__file__).parents[2] / "data" / "packs")


@pytest.fixture(autouse=True)
def only_built_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv(VARIABLE, "")
    forget_folders()
    yield
    forget_folders()


def standard(*arguments: str, text: str | bytes = "") -> Result:
    return CliRunner().invoke(main, ["--config", "absent.toml", "standard", *arguments], input=text)


def told(*arguments: str, text: str | bytes = "") -> str:
    done = standard(*arguments, text=text)
    assert 0 == done.exit_code, done.output
    return done.stdout


def test_the_releases_are_listed_with_those_of_a_folder() -> None:
    assert ["2019.1"] == [row["release"] for row in json.loads(told("list", "--format", "json"))]
    rows = json.loads(told("--packs", PACKS, "list", "--format", "json"))
    assert ["2019.1", "2020.1-proef"] == [row["release"] for row in rows]
    assert (114, 33) == (rows[0]["rules"], rows[0]["code lists"])


@pytest.mark.parametrize("environ", [{VARIABLE: ""}, {VARIABLE: "eigen"}])
def test_the_configuration_names_the_releases_and_paths_start_beside_it(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    shutil.copytree(PACKS, tmp_path / "eigen")
    config = tmp_path / "oso.toml"
    key = "anders" if environ[VARIABLE] else "eigen"
    config.write_text(f'[standard]\npacks = "{key}"\n[nothing]\nknown = 1\n', encoding="utf-8")
    file = tmp_path / "een.xml"

    def run(*arguments: str) -> Result:
        forget_folders()
        return CliRunner(env=environ).invoke(main, ["--config", str(config), *arguments])

    rows = json.loads(run("standard", "list", "--format", "json").stdout)
    assert ["2019.1", "2020.1-proef"] == [row["release"] for row in rows]
    file.write_text(run("standard", "sample", "--release", "2020.1-proef").stdout, "utf-8")
    assert f"{file}: geldig (versie 2020.1-proef)\n" == run("validate", str(file)).stdout


@pytest.mark.parametrize("text", ["[standard", "[standard]\npacks = 7", '[standard]\npacks = "a"'])
def test_a_configuration_without_such_a_folder_leaves_the_built_in_releases(
    tmp_path: Path, text: str
) -> None:
    config = tmp_path / "oso.toml"
    config.write_text(text, encoding="utf-8")
    done = CliRunner().invoke(main, ["--config", str(config), "standard", "list"])
    assert 0 == done.exit_code
    assert "2019.1" in done.stdout
    assert ('"a"' in text) == ("[standard] packs does not exist" in done.stderr)


def test_every_element_is_shown() -> None:
    rows = json.loads(told("show", "--format", "json"))
    assert [path for path, _ in load_pack().structure.walk()] == [row["path"] for row in rows]
    (advice,) = [row for row in rows if row["path"].endswith("overstapadvies/advies")]
    assert ("2", 0, 1) == (advice["codes"], advice["min"], advice["max"])


@pytest.mark.parametrize(
    "path", ["overstapadvies/advies", "/dossier/huidigeschool/leerling/overstapadvies/advies[1]"]
)
def test_a_field_is_described_with_codes_profiles_privacy_and_rules(path: str) -> None:
    (advice,) = json.loads(told("describe", path, "--format", "json"))
    assert "/dossier/huidigeschool/leerling/overstapadvies/advies" == advice["path"]
    assert "2 Advies vervolgonderwijs" == advice["codelist"]
    assert "51" in advice["codes"]
    assert ("VERPLICHT", "OPTIONEEL") == (advice["statuses"]["POVO"], advice["statuses"]["BB"])
    assert ["OVa.OA02"] == list(advice["rules"])
    assert "personal" == advice["privacy"]


def test_what_is_the_same_in_several_places_is_told_once() -> None:
    text = told("describe", "adres/plaats")
    assert 2 == text.count("privacy")  # of a school, and of persons
    assert "the same as /dossier/huidigeschool/" in text


@pytest.mark.parametrize(
    ("path", "rules"),
    [
        ("metadata/datum", {"OVa.TR04"}),
        ("lwoo_einddatum", {"OG.03"}),
        ("huisarts/roepnaam", {"OG.05"}),
        ("verzorger/roepnaam", set()),
        ("cat_vve", {"OS.cat06"}),
        ("leerling/bsn", {"OVa.LL12", "PaO.LL12"}),
        ("verzorger/adreslijst", {"OVa.OV03", "OVb.OV01", "PaO.OV03"}),
        ("huidigeschool/adreslijst", {"OVa.SL01-school", "PaO.SL01-school"}),
        ("toets/resultaat", {"OVa.TR05", "PaO.TR01"}),
        ("leerling/huisarts", {"OG.05"}),
        ("eindtoets_basisonderwijs/eindtoetsresultaat", {"OVa.EB02", "OVa.EB03", "OVa.EB04"}),
        ("inzage/inzage", {"OVa.IZ02", "OVa.IZ03", "OVa.IZ04"}),
        ("dossier/metadata", {"OS.cat01"}),
        (
            "dossier/inzage",
            {"OS.cat02", "OVa.IZ01", "OVa.IZ02", "OVa.IZ03", "OVa.IZ04", "OVa.IZ05"},
        ),
        ("huidigeschool/leerling", set()),
    ],
)
def test_the_rules_of_a_field_are_those_that_look_at_it(path: str, rules: set[str]) -> None:
    found = json.loads(told("describe", path, "--format", "json"))
    assert rules == {rule for description in found for rule in description["rules"]}


def test_the_address_of_a_pupil_has_the_rules_about_addresses() -> None:
    (found,) = json.loads(told("describe", "leerling/adreslijst", "--format", "json"))
    ids = {"OVa.LL05", "OVa.LL06", "OVb.LL02", "PaO.LL05", "PaO.LL06"}
    assert ids == set(found["rules"])


def test_an_unknown_path_or_list_is_an_answer_of_no_with_a_next_step() -> None:
    for arguments in (("describe", "bestaatniet"), ("codelist", "999"), ("diff", "2019.1", "1999")):
        done = standard(*arguments)
        assert 1 == done.exit_code
        assert done.stderr.startswith("Error: ")


def test_a_code_list_is_shown_by_its_number_and_all_without_one() -> None:
    rows = json.loads(told("codelist", "14", "--format", "json"))
    assert {"0": "Onbekend", "1": "Man", "2": "Vrouw"} == {r["code"]: r["meaning"] for r in rows}
    assert 33 == len(json.loads(told("codelist", "--format", "json")))


def test_what_a_new_release_changes_is_told_with_what_breaks_first() -> None:
    done = standard("--packs", PACKS, "diff", "2019.1", "2020.1-proef", "--format", "json")
    changes = json.loads(done.stdout)
    assert 1 == done.exit_code
    assert sorted((c["breaks"] for c in changes), reverse=True) == [c["breaks"] for c in changes]
    assert "element renamed" in {c["kind"] for c in changes}
    assert "0 changes" in told("diff", "2019.1", "2019.1")


def test_schemas_samples_and_conversions_fit_each_other() -> None:
    xml = told("sample", "--profile", "VOVO", "--size", "full", "--seed", "7")
    assert () == validate(xml.encode(), strict=True).findings
    form = told("sample", "--profile", "VOVO", "--size", "full", "--seed", "7", "--json")
    assert xml == told("convert", "-", text=form)
    assert xml == told("convert", "-", text=told("convert", "-", text=xml))
    assert (
        "https://json-schema.org/draft/2020-12/schema"
        == json.loads(told("schema", "--json"))["$schema"]
    )
    assert told("schema").startswith("<?xml")


def test_types_are_a_module_of_the_release(tmp_path: Path) -> None:
    assert told("types").startswith('"""Types for the dict form of Gegevensset 2019.1')
    file = tmp_path / "types.py"
    made = ("--packs", PACKS, "types", "--release", "2020.1-proef", "--output", str(file))
    assert "" == told(*made)

    assert '"thuistaal": str,' in file.read_text(encoding="utf-8")


def test_json_that_is_no_dossier_is_told_with_paths() -> None:
    done = standard("convert", "-", text='{"huidigeschool": {"naam": 7, "geheimpje": "Marker"}}')
    assert 1 == done.exit_code
    assert "/dossier/huidigeschool/naam" in done.stderr
    assert "Marker" not in done.output


@pytest.mark.parametrize("release", ["2019.1", "2020.1-proef"])
def test_json_becomes_xml_of_the_release_that_it_names(release: str) -> None:
    made = ("--packs", PACKS, "sample", "--release", release)
    xml = told(*made)
    form = told(*made, "--json")
    assert xml == told("--packs", PACKS, "convert", "-", text=form)
    assert f'"{release}"' in told("--packs", PACKS, "convert", "-", text=xml)
    part = json.dumps({"huidigeschool": json.loads(form)["huidigeschool"]})
    whole = told("--packs", PACKS, "convert", "-", "--release", release, text=part)
    assert load_pack(release).namespace in whole


def test_json_of_an_unknown_release_or_another_than_asked_is_a_finding() -> None:
    form = told("sample", "--json")
    other = form.replace('"standaardversie": "2019.1"', '"standaardversie": "Marker"')
    for text, asked in ((other, ()), (form, ("--release", "2020.1-proef"))):
        done = standard("--packs", PACKS, "convert", "-", *asked, text=text)
        assert (1, "") == (done.exit_code, done.stdout)
        assert "error STD.release /dossier/metadata/standaardversie" in done.stderr
        assert "Marker" not in done.output


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("<geslacht>", "<eigenveld>Marker</eigenveld><geslacht>", "STD.value"),
        ("<standaardversie>", "<datum>2019-01-01+02:00</datum><standaardversie>", "STD.value"),
        ("<achternaam>", "<achternaam>Marker</achternaam><achternaam>", "XSD.structure"),
    ],
)
def test_what_xml_loses_as_json_is_told(old: str, new: str, rule: str) -> None:
    xml = told("sample")
    assert old in xml
    done = standard("convert", "-", text=xml.replace(old, new, 1))
    assert (1, "dossier") == (done.exit_code, "dossier" if json.loads(done.stdout) else "")
    assert rule in done.stderr
    assert "Marker" not in done.stderr


def test_only_a_dossier_has_a_json_form() -> None:
    namespace = load_pack("2019.1").namespace
    for root in ("dossiers", "terugkoppeling", "Marker"):
        done = standard("convert", "-", text=f'<{root} xmlns="{namespace}"/>')
        assert (1, "") == (done.exit_code, done.stdout)
        assert "Error: only a document with dossier as its root has a JSON form\n" == done.stderr


def test_a_sample_can_be_broken_in_each_way_that_is_listed() -> None:
    ways = told("sample", "--broken", "list")
    assert "OVa.LL13" in ways
    broken = told("sample", "--broken", "OVa.LL13")
    assert ["OVa.LL13"] == [finding.rule for finding in validate(broken.encode()).findings]
    assert 1 == standard("sample", "--broken", "nothing like it").exit_code


@pytest.mark.parametrize("zipped", [True, False])
def test_official_files_become_a_release_that_validate_knows(tmp_path: Path, zipped: bool) -> None:
    files = {**FILES, "voorbeelden/een.xml": EXAMPLE}
    write = write_zip if zipped else write_folder
    source = write(tmp_path / "bron", files, LINKS)
    packs = tmp_path / "packs"

    text = told("import", str(source), "--to", str(packs))

    assert "release 2021.2 is in" in text
    assert "example      voorbeelden/een.xml: valid" in text.replace("gegevensset-2021/", "")
    file = tmp_path / "een.xml"
    file.write_text(EXAMPLE, encoding="utf-8")
    arguments = ["validate", "--packs", str(packs), str(file)]
    done = CliRunner().invoke(main, ["--config", "absent.toml", *arguments])
    assert f"{file}: geldig (versie 2021.2)\n" == done.stdout


def test_a_second_import_needs_to_be_told_to_replace(tmp_path: Path) -> None:
    source = write_folder(tmp_path / "bron", FILES, LINKS)
    arguments = ("import", str(source), "--to", str(tmp_path / "packs"))
    arguments += ("--release", "2021.2", "--validation-version", "2021.2.4")
    assert 0 == standard(*arguments).exit_code
    again = standard(*arguments)
    assert 2 == again.exit_code
    assert "replace" in again.stderr
    assert 0 == standard(*arguments, "--replace").exit_code


def test_a_pair_that_is_no_pair_is_wrong_use(tmp_path: Path) -> None:
    done = standard("import", str(tmp_path), "--to", str(tmp_path), "--codes", "toetsen")
    assert 2 == done.exit_code
    assert "is written as KEY=FILE" in done.stderr

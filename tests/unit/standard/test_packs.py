"""Packs of other folders: a release is only data, and everything works with it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from oso_adapter.errors import ConfigurationError, NotFound
from oso_adapter.standard import validate
from oso_adapter.standard.active import ActiveRelease, Releases, cut_over, in_order, one
from oso_adapter.standard.codec import to_dict, to_element, to_xml
from oso_adapter.standard.fields import check
from oso_adapter.standard.pack import (
    VARIABLE,
    Pack,
    available,
    forget_folders,
    load_pack,
    pack_of,
    use_folder,
)
from oso_adapter.standard.profiles import complete, profile

PACKS = Path(__file__).parents[2] / "data" / "packs"
PROOF = "2020.1-proef"


@pytest.fixture(autouse=True)
def only_built_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv(VARIABLE, raising=False)
    forget_folders()
    yield
    forget_folders()


@pytest.fixture
def proof() -> Pack:
    use_folder(PACKS)
    return load_pack(PROOF)


def of_next_year(collected: dict[str, Any]) -> dict[str, Any]:
    """The same pupil in the invented release."""
    pupil = dict(collected["huidigeschool"]["leerling"])
    pupil["vankindercentrum"] = pupil.pop("vanpeuterspeelzaal")
    pupil["thuistaal"] = "nl"
    return {"huidigeschool": {**collected["huidigeschool"], "leerling": pupil}}


def test_a_registered_folder_adds_its_releases_oldest_first(proof: Pack) -> None:
    assert ("2019.1", PROOF) == available()
    assert proof is pack_of("http://www.edustandaard.nl/oso_gegevensset/2020/dossier")
    assert proof is load_pack(PROOF)
    assert "2019.1" == load_pack().release
    assert not proof.built_in


def test_before_it_is_registered_a_release_is_unknown() -> None:
    with pytest.raises(NotFound):
        load_pack(PROOF)
    assert pack_of("http://www.edustandaard.nl/oso_gegevensset/2020/dossier") is None
    use_folder(PACKS)
    assert PROOF == load_pack(PROOF).release


def test_what_was_loaded_stays_the_same_pack() -> None:
    before = load_pack("2019.1")
    use_folder(PACKS)
    use_folder(PACKS)
    assert before is load_pack("2019.1")
    assert ("2019.1", PROOF) == available()


def test_the_dict_form_is_that_of_the_release(proof: Pack, collected: dict[str, Any]) -> None:
    assert [] == check(of_next_year(collected), proof)
    paths = {finding.path for finding in check(collected, proof)}
    pupil = "/dossier/huidigeschool/leerling"
    assert {f"{pupil}/*", f"{pupil}/thuistaal"} == paths
    old = check(of_next_year(collected), load_pack("2019.1"))
    assert {f"{pupil}/*"} == {finding.path for finding in old}


def test_a_dossier_is_made_judged_and_read_in_the_release(
    proof: Pack, collected: dict[str, Any]
) -> None:
    kind = profile("POVO", proof)
    frame = {"package": "p", "package_version": "1", "on": date(2020, 3, 1)}
    whole, _ = complete(
        of_next_year(collected), proof, kind, **frame, switched_off=frozenset({"cat_thuistaal"})
    )
    assert "OPT-UIT" == whole["metadata"]["categorie_uitlevering"]["cat_thuistaal"]
    whole, findings = complete(of_next_year(collected), proof, kind, **frame)
    assert {"/dossier/huidigeschool/leerling/vankindercentrum"} == {f.path for f in findings}
    assert PROOF == whole["metadata"]["standaardversie"]
    assert "OPTIONEEL" == whole["metadata"]["categorie_uitlevering"]["cat_thuistaal"]
    xml = to_xml(whole, proof)
    report = validate(xml)
    assert (PROOF, "POVO") == (report.version, report.profile)
    assert [] == [found for found in report.findings if found.rule.startswith(("XSD", "STD"))]
    root = to_element(whole, proof)
    assert to_element(to_dict(root, proof), proof).tag == root.tag
    assert xml == to_xml(to_dict(root, proof), proof)


def test_what_a_profile_forbids_is_left_out_in_the_release(
    proof: Pack, collected: dict[str, Any]
) -> None:
    kind = profile("POSWV", proof)
    data = of_next_year(collected)
    whole, findings = complete(
        data, proof, kind, package="p", package_version="1", on=date(2020, 3, 1)
    )
    assert "thuistaal" not in whole["huidigeschool"]["leerling"]
    assert "/dossier/huidigeschool/leerling/thuistaal" in {found.path for found in findings}


def test_the_codes_are_those_of_the_release(proof: Pack) -> None:
    assert "3" in proof.codelists.number("10").codes
    assert "overig" not in proof.codelists.number("5").codes
    path = ("dossier", "huidigeschool", "leerling", "thuistaal")
    found = proof.codelists.by_path.find(path)
    assert found is not None
    assert "90" == found.number


def test_a_dossier_of_an_unknown_release_is_a_finding_until_its_folder_is_registered() -> None:
    xml = b'<dossier xmlns="http://www.edustandaard.nl/oso_gegevensset/2020/dossier"/>'
    assert ["STD.release"] == [found.rule for found in validate(xml).findings]
    use_folder(PACKS)
    assert PROOF == validate(xml).version


def test_a_release_that_is_there_twice_is_refused_and_nothing_changes(tmp_path: Path) -> None:
    shutil.copytree(PACKS / PROOF, tmp_path / "een" / PROOF)
    use_folder(PACKS)
    with pytest.raises(ConfigurationError, match=f"release {PROOF} is there twice"):
        use_folder(tmp_path / "een")
    assert ("2019.1", PROOF) == available()


def test_a_built_in_release_is_replaced_only_by_a_pack_that_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "2019.1"
    shutil.copytree(load_pack("2019.1").folder, folder)
    with pytest.raises(ConfigurationError, match="twice"):
        use_folder(tmp_path)
    text = (folder / "pack.toml").read_text(encoding="utf-8")
    (folder / "pack.toml").write_text(f"replaces_built_in = true\n{text}", encoding="utf-8")
    use_folder(tmp_path)
    assert (tmp_path / "2019.1").resolve() == load_pack("2019.1").folder


def test_two_releases_with_one_namespace_are_refused(tmp_path: Path) -> None:
    shutil.copytree(PACKS / PROOF, tmp_path / "ander")
    text = (tmp_path / "ander" / "pack.toml").read_text(encoding="utf-8")
    (tmp_path / "ander" / "pack.toml").write_text(text.replace(PROOF, "2020.2"), encoding="utf-8")
    use_folder(PACKS)
    with pytest.raises(ConfigurationError, match="same namespace"):
        use_folder(tmp_path)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("release = ", "cannot be read"),
        ('release = "1"', "not complete"),
        ('release = "1"\nstylesheets = "x"', "not complete"),
        (None, "structure.json is missing"),
        ('stylesheets = { swv-dossier = "../../geheim.xsl" }\n', "a stylesheet is missing"),
        ('tables_from = { "labels.toml" = "1999.1" }\n', "names no built-in release"),
    ],
)
def test_a_broken_pack_is_a_configuration_error_that_names_it(
    text: str | None, told: str, tmp_path: Path
) -> None:
    folder = tmp_path / "stuk"
    shutil.copytree(PACKS / PROOF, folder)
    whole = (folder / "pack.toml").read_text(encoding="utf-8")
    if text is None:
        (folder / "structure.json").unlink()
    else:
        added = text + whole if text.endswith("\n") else text
        (folder / "pack.toml").write_text(added, encoding="utf-8")
    (tmp_path / "geheim.xsl").touch()
    with pytest.raises(ConfigurationError, match=told):
        use_folder(tmp_path)
    assert ("2019.1",) == available()


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="does not exist"):
        use_folder(tmp_path / "niets")


def test_the_environment_names_a_folder_where_nothing_was_registered(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(VARIABLE, str(PACKS))
    assert ("2019.1", PROOF) == available()
    forget_folders()
    use_folder(tmp_path)
    assert ("2019.1",) == available()
    forget_folders()
    monkeypatch.setenv(VARIABLE, str(tmp_path / "niets"))
    with pytest.raises(ConfigurationError, match="does not exist"):
        available()


def test_as_a_library_the_environment_is_enough() -> None:
    code = "from oso_adapter.standard.pack import available; print(*available())"
    environment = {**os.environ, VARIABLE: str(PACKS)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, check=True, text=True
    )
    assert f"2019.1 {PROOF}" == done.stdout.strip()


def test_a_pack_without_tables_works_and_has_the_profiles_of_ours(
    tmp_path: Path, collected: dict[str, Any]
) -> None:
    shutil.copytree(PACKS / PROOF, tmp_path / "kaal")
    for table in ("labels", "codelists", "profiles", "rules"):
        (tmp_path / "kaal" / f"{table}.toml").unlink(missing_ok=True)
    use_folder(tmp_path)
    bare = load_pack(PROOF)
    assert {} == bare.codelists.lists
    assert "thuistaal" == bare.labels.of(("dossier", "thuistaal")).text
    assert load_pack("2019.1").profiles.profiles == bare.profiles.profiles
    assert [] == [f for f in check(of_next_year(collected), bare) if "cat_" not in f.path]


def test_threads_that_ask_while_a_folder_is_registered_get_one_pack_each_release() -> None:
    for _ in range(5):
        forget_folders()
        with ThreadPoolExecutor(8) as threads:
            asked = [threads.submit(load_pack, "2019.1") for _ in range(20)]
            threads.submit(use_folder, PACKS).result()
            asked += [threads.submit(load_pack, "2019.1") for _ in range(20)]
            assert 1 == len({id(each.result()) for each in asked})
        assert PROOF in available()


def test_an_import_being_written_is_no_release(tmp_path: Path) -> None:
    shutil.copytree(PACKS / PROOF, tmp_path / ".half")
    use_folder(tmp_path)
    assert ("2019.1",) == available()


SUMMER = date(2020, 8, 1)
AUTUMN = date(2020, 10, 1)


def test_from_the_cut_over_the_next_release_is_prepared_and_both_are_accepted(proof: Pack) -> None:
    releases = cut_over("2019.1", PROOF, SUMMER, AUTUMN)
    releases.check()
    assert "2019.1" == releases.prepared_on(date(2020, 7, 31))
    assert PROOF == releases.prepared_on(SUMMER)
    assert proof is releases.pack_on(SUMMER)
    assert ("2019.1", PROOF) == releases.accepted_on(date(2020, 3, 1))
    assert ("2019.1", PROOF) == releases.accepted_on(AUTUMN)
    assert (PROOF,) == releases.accepted_on(date(2020, 10, 2))


def test_one_release_alone_holds_always() -> None:
    assert "2019.1" == one("2019.1").prepared_on(date.min)
    assert ("2019.1",) == one("2019.1").accepted_on(date.max)
    with pytest.raises(ConfigurationError, match="no pack"):
        one("2099.1").check()


def test_rows_in_any_order_become_releases_in_theirs() -> None:
    releases = in_order([ActiveRelease(PROOF, SUMMER), ActiveRelease("2019.1")])
    assert cut_over("2019.1", PROOF, SUMMER) == releases


@pytest.mark.parametrize(
    ("active", "told"),
    [
        ((), "from the beginning"),
        ((ActiveRelease("a", SUMMER),), "from the beginning"),
        ((ActiveRelease("a"), ActiveRelease("a", SUMMER)), "twice"),
        ((ActiveRelease("a"), ActiveRelease("b")), "no cut-over date"),
        (
            (ActiveRelease("a"), ActiveRelease("b", AUTUMN), ActiveRelease("c", SUMMER)),
            "no cut-over date, or a past one",
        ),
        ((ActiveRelease("a", None, SUMMER), ActiveRelease("b", AUTUMN)), "before it is followed"),
        ((ActiveRelease("a", None, SUMMER),), "no release follows"),
    ],
)
def test_releases_that_leave_a_gap_are_refused(
    active: tuple[ActiveRelease, ...], told: str
) -> None:
    with pytest.raises(ConfigurationError, match=told):
        Releases(active)

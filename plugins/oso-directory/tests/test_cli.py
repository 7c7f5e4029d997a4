"""The command: what it prints, what it leaves alone, and its exit codes."""

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from oso_directory.cli import main

Put = Callable[..., Path]
NAMES = ["--brin", "99AA", "--routing-id", "0000000700099AA00001"]
FOLDER = "99AA-0000000700099AA00001"


CHECK = ("check", "--on", "2019-06-14")
"""On the day for which the samples are made."""


def run(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def test_make_makes_the_folders_for_their_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        made = [run("make", tmp_path / "oso", *NAMES) for _ in range(2)]
    finally:
        os.umask(before)
    expected = [tmp_path / "oso" / way / FOLDER for way in ("out", "in")]
    assert [(0, expected)] * 2 == [
        (done.exit_code, [Path(line) for line in done.stdout.splitlines()]) for done in made
    ]
    folders = [tmp_path / "oso", *(tmp_path / "oso").rglob("*")]
    assert [0o700] * 5 == [stat.S_IMODE(folder.stat().st_mode) for folder in folders]
    assert 0 == run(*CHECK, tmp_path / "oso").exit_code


def test_make_refuses_what_others_may_reach(root: Path) -> None:
    root.chmod(0o755)
    done = run("make", root, *NAMES)
    assert (1, f"chmod 700 {root}\n") == (
        done.exit_code,
        done.stderr[-len(f"chmod 700 {root}\n") :],
    )
    assert 0o755 == stat.S_IMODE(root.stat().st_mode)


@pytest.mark.parametrize("brin", ["99aa", "../x"])
def test_make_for_what_is_no_school_is_wrong_use(tmp_path: Path, brin: str) -> None:
    assert 2 == run("make", tmp_path / "oso", "--brin", brin, *NAMES[2:]).exit_code
    assert 2 == run("make", tmp_path / "none" / "oso", *NAMES).exit_code
    assert [] == os.listdir(tmp_path)


def test_check_finds_nothing_in_a_folder_that_is_right(
    root: Path, put: Put, as_json: str, as_xml: bytes
) -> None:
    put("P-1.json", as_json)
    put("P-2.xml", as_xml)
    (root / "in").mkdir(mode=0o700)
    done = run(*CHECK, root, "--profile", "POVO")
    assert (0, "", "0 problems; 2 dossiers looked at\n") == (
        done.exit_code,
        done.stdout,
        done.stderr,
    )


def test_check_tells_what_does_not_fit_a_profile(put: Put, root: Path, as_json: str) -> None:
    put("P-1.json", as_json.replace('"cat_', '"kat_'))
    given = json.loads(as_json)
    del given["huidigeschool"]["leerling"]["overstapadvies"]
    put("P-2.json", json.dumps(given))
    done = run(*CHECK, root, "--profile", "POVO", "--format", "json")
    found = [each for each in json.loads(done.stdout) if each["severity"] == "error"]
    assert {f"out/{FOLDER}/P-2.json"} == {each["file"] for each in found}
    assert {"POVO"} == {each["profile"] for each in found}
    assert all(each["path"].startswith("/dossier") for each in found)
    assert (1, True) == (done.exit_code, bool(found))


def test_check_tells_each_thing_that_is_wrong_and_goes_on(
    root: Path, put: Put, as_json: str, tmp_path: Path
) -> None:
    put("P-1.json", as_json).chmod(0o640)
    put("P-2.json", as_json[:-1])
    put("P-3.json", '{"huidigeschool": {"naam": "Geheimnaam", "Geheimnaam": 5}}')
    put("P-4.json", as_json)
    put("P-4.xml", "<dossier/>")
    put("123456782.json", as_json)
    put("P-5.former-numbers.txt", "1")
    put("P-6.pdf", "%PDF")
    put("P-7/plan.pdf", "%PDF").chmod(0o644)
    put(".P-8.json", as_json)
    (root / "out" / FOLDER / "P-9.json").symlink_to(tmp_path)
    (root / "out" / "99AA").mkdir(mode=0o700)
    done_folder = root / "in" / FOLDER / "done" / "id-1"
    for folder in (*reversed(done_folder.parents[:3]), done_folder):
        folder.mkdir(mode=0o700, exist_ok=True)
    (done_folder / "answer.json").write_text("[]")
    (done_folder / "answer.json").chmod(0o600)
    done = run(*CHECK, root, "--profile", "POVO")
    lines = {(line.split()[0], line.split()[2].rstrip(":")) for line in done.stdout.splitlines()}
    out = f"out/{FOLDER}"
    expected = {
        ("error", f"{out}/P-1.json"),
        ("error", f"{out}/P-2.json"),
        ("error", f"{out}/P-3.json"),
        ("error", f"{out}/P-4.json"),
        ("error", f"{out}/P-4.xml"),
        ("error", f"{out}/***"),
        ("error", f"{out}/P-5.former-numbers.txt"),
        ("error", f"{out}/P-6.pdf"),
        ("error", f"{out}/P-7/plan.pdf"),
        ("warning", f"{out}/P-7"),
        ("warning", f"{out}/.P-8.json"),
        ("error", f"{out}/P-9.json"),
        ("warning", "out/99AA"),
        ("error", f"in/{FOLDER}/done/id-1/answer.json"),
    }
    assert expected == lines
    assert 1 == done.exit_code
    assert not {word for word in ("Geheimnaam", "123456782") if word in done.output}


def test_check_of_what_is_not_there_says_how_to_make_it(tmp_path: Path) -> None:
    done = run(*CHECK, tmp_path / "none")
    assert (1, True) == (done.exit_code, "oso-directory make" in done.stdout)


def test_an_unknown_profile_or_release_is_wrong_use(root: Path) -> None:
    assert 2 == run(*CHECK, root, "--profile", "POSWV").exit_code
    assert 2 == run(*CHECK, root, "--release", "1999.1").exit_code

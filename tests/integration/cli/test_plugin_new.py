"""`plugins new`: names and folders that are refused, and what is told."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from oso_adapter.cli.main import main
from oso_adapter.scaffold.made import KINDS


def new(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["plugins", "new", *arguments])


@pytest.mark.parametrize("kind", KINDS)
def test_a_package_is_complete_and_has_no_word_of_the_templates(tmp_path: Path, kind: str) -> None:
    made = new("my-las", "--kind", kind, "--directory", str(tmp_path / "made"))

    files = [file for file in (tmp_path / "made").rglob("*") if file.is_file()]
    assert (0, f"{len(files)} files in") == (made.exit_code, made.stdout[: made.stdout.index(" /")])
    names = {file.name for file in files}
    assert {"pyproject.toml", "README.md", "oso-adapter.toml", "test_contract.py"} <= names
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert "{{" not in text + str(file)
        assert "module" not in file.relative_to(tmp_path).parts
    assert 3 == sum(line.strip()[:2] in ("1.", "2.", "3.") for line in made.stdout.splitlines())


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("My-las", "a name begins with a small letter"),
        ("las/../weg", "a name begins with a small letter"),
        ("1las", "a name begins with a small letter"),
        ("class", "a name begins with a small letter"),
        ("json", "there is a Python package json already"),
        ("strict", "[plugins] strict is a setting of the adapter"),
        ("oso-adapter", "there is a Python package oso_adapter already"),
    ],
)
def test_a_name_that_cannot_be_one_is_refused(tmp_path: Path, name: str, reason: str) -> None:
    made = new(name, "--directory", str(tmp_path / "made"))

    assert 2 == made.exit_code
    assert reason in made.stderr
    assert not (tmp_path / "made").exists()


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("ours", encoding="utf-8")
    made = new("my-las", "--directory", str(tmp_path))

    assert 2 == made.exit_code
    assert "holds something already" in made.stderr
    assert ["README.md"] == [file.name for file in tmp_path.iterdir()]


def test_what_to_type_next_can_be_typed_when_the_folder_has_a_blank(tmp_path: Path) -> None:
    made = new("my-las", "--directory", str(tmp_path / "my folder"))

    assert f"cd '{tmp_path}/my folder' && pip install" in made.stdout


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    made = new("my-las", "--directory", str(tmp_path / "file" / "made"))

    assert 2 == made.exit_code
    assert "cannot be written" in made.stderr


def test_without_a_directory_it_is_a_new_folder_with_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made = new("my-las")

    assert 0 == made.exit_code
    assert (tmp_path / "my-las" / "src" / "my_las" / "plugin.py").exists()

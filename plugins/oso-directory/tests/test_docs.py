"""The page about the folder says what the code says."""

import inspect
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from oso_directory import errors, names, plugin
from oso_directory.cli import main
from oso_directory.guarded import Folder
from oso_directory.taking import answer_of

PAGE = (Path(__file__).parents[3] / "docs" / "oso-directory.md").read_text(encoding="utf-8")


def first_column(title: str) -> set[str]:
    section = PAGE.split(f"## {title}\n")[1].split("\n## ")[0]
    return set(re.findall(r"^\| `(\w+)` \|", section, re.M))


def test_every_setting_is_explained_and_no_other() -> None:
    assert set(plugin.OSO_SETTINGS().fields) == first_column("Set up")


def test_every_problem_is_explained_and_no_other() -> None:
    known = {
        name
        for name, found in inspect.getmembers(errors, inspect.isclass)
        if issubclass(found, errors.FolderProblem) and found is not errors.FolderProblem
    }
    assert known | {"NotConfigured"} == first_column("When it fails")


def test_the_command_of_the_page_makes_the_folders_of_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    command = re.findall(r"^oso-directory (.*)$", PAGE, re.M)[0]
    done = CliRunner().invoke(main, command.split())
    assert 0 == done.exit_code
    for path in done.stdout.split():
        assert f"{path}/" in PAGE


def test_the_answer_of_the_page_is_one(tmp_path: Path) -> None:
    (written,) = re.findall(r"^```json\n(.*?)^```$", PAGE, re.M | re.S)
    (tmp_path / names.ANSWER).write_text(written)
    (tmp_path / names.ANSWER).chmod(0o600)
    with Folder.opened(tmp_path) as folder:
        answer = answer_of(folder)
    assert answer is not None
    assert json.loads(written)["reason"] == answer.reason

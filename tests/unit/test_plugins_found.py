"""Plugins in a folder: only those that are named, and only where nobody else can write."""

from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from support.plugins import settings

from oso_adapter.hookspecs import GROUP
from oso_adapter.plugins import PluginHost, PluginProblem

SOURCE = """
from oso_adapter.hookspecs import hookimpl

OSO_API = (1, 1)

@hookimpl
def oso_event(event): ...
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "plugins"
    (folder / "whole").mkdir(parents=True, mode=0o755)
    put(folder / "one.py", SOURCE)
    put(folder / "whole" / "__init__.py", "from .part import *\nfrom .part import OSO_API")
    put(folder / "whole" / "part.py", SOURCE)
    return folder


def put(file: Path, source: str) -> None:
    file.write_text(source, encoding="utf-8")
    file.chmod(0o644)


def host(folder: Path, *names: str, points: tuple[EntryPoint, ...] = ()) -> PluginHost:
    return PluginHost(settings(*names, directory=folder), found=lambda: list(points))


def problem(folder: Path, name: str = "one", *points: EntryPoint) -> PluginProblem:
    made = host(folder, name, points=points)
    assert [] == made.names
    [found] = made.problems
    return found


def test_a_file_and_a_package_of_the_folder_are_plugins_when_they_are_named(folder: Path) -> None:
    made = host(folder, "whole", "one")

    assert (["whole", "one"], []) == (made.names, made.problems)
    assert ["whole", "one"] == made.listeners("oso_event")


def test_what_is_not_named_is_not_loaded(folder: Path) -> None:
    put(folder / "left_behind.py", "raise SystemExit")

    assert (["one"], []) == (host(folder, "one").names, host(folder, "one").problems)


@pytest.mark.parametrize("place", ["one.py", ".", "../plugins", "whole/part.py", "whole"])
@pytest.mark.parametrize("mode", [0o020, 0o002])
def test_what_others_can_change_is_not_loaded(folder: Path, place: str, mode: int) -> None:
    name = "whole" if place.startswith("whole") else "one"
    changed = folder / place
    changed.chmod(changed.stat().st_mode | mode)

    found = problem(folder, name)

    assert "writable" == found.code
    assert changed.resolve().name in found.reason
    assert "chmod go-w" in found.remedy


def test_a_folder_above_that_others_can_change_counts_too(folder: Path) -> None:
    folder.parent.chmod(0o777)

    assert "writable" == problem(folder).code

    folder.parent.chmod(0o1777)
    assert ["one"] == host(folder, "one").names


def test_what_python_wrote_beside_it_counts_too(folder: Path) -> None:
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__").chmod(0o777)

    assert "writable" == problem(folder).code


def test_a_name_that_is_installed_and_in_the_folder_is_loaded_from_neither(folder: Path) -> None:
    found = problem(folder, "one", EntryPoint("one", "somewhere", GROUP))

    assert ("ambiguous", True) == (found.code, "in the directory" in found.reason)


def test_two_packages_with_the_same_name_are_loaded_neither(folder: Path) -> None:
    points = [EntryPoint("two", place, GROUP) for place in ("here", "there")]

    assert "ambiguous" == problem(folder, "two", *points).code


@pytest.mark.parametrize("name", ["absent", "../plugins/one", "whole/part", ""])
def test_a_name_that_is_nowhere_is_told_and_no_path_leads_outside(folder: Path, name: str) -> None:
    found = problem(folder, name)

    assert "not-found" == found.code
    assert "is not installed, nor is it in the directory" == found.reason

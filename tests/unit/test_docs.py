"""The reference pages say what the code says."""

import ast
import re
import runpy
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import oso_adapter
from oso_adapter.logs import EVENTS
from oso_adapter.store import events

ROOT = Path(__file__).parents[2]
PAGES: dict[str, Callable[[], str]] = runpy.run_path(str(ROOT / "docs" / "generate.py"))["PAGES"]
CATALOGUES = ("logs.py", "store/events.py")


@pytest.mark.parametrize("page", PAGES)
def test_a_reference_page_is_what_the_code_says(page: str) -> None:
    written = (ROOT / "docs" / page).read_text(encoding="utf-8")

    assert PAGES[page]() == written, "run: make docs"


@pytest.mark.parametrize("catalogue", [EVENTS, events.NAMES])
def test_every_event_of_a_catalogue_is_used(catalogue: dict[str, str]) -> None:
    unused = set(catalogue) - {text.value for tree in code() for text in texts(tree)}

    of_logs_itself = {"library.message", "error.uncaught"}
    assert of_logs_itself & set(catalogue) == unused


@pytest.mark.parametrize(
    ("functions", "catalogue"),
    [(("event", "log_event"), EVENTS), (("record", "_record"), events.NAMES)],
)
def test_every_event_that_is_written_is_in_its_catalogue(
    functions: tuple[str, ...], catalogue: dict[str, str]
) -> None:
    calls = [node for tree in code() for node in ast.walk(tree) if isinstance(node, ast.Call)]
    given = [a for call in calls if called(call) in functions for a in call.args]
    names = {text.value for argument in given for text in texts(argument) if "." in text.value}

    assert names
    assert set() == names - set(catalogue)


def code() -> list[ast.Module]:
    """The modules of the package, but for those that hold the catalogues."""
    package = Path(oso_adapter.__file__).parent
    files = [f for f in package.rglob("*.py") if str(f.relative_to(package)) not in CATALOGUES]
    return [ast.parse(file.read_text(encoding="utf-8")) for file in files]


def texts(tree: ast.AST) -> Iterator[ast.Constant]:
    return (
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def test_every_module_that_the_map_names_exists() -> None:
    text = (ROOT / "docs" / "map.md").read_text(encoding="utf-8")

    named = set(re.findall(r"`((?:\w+/)*\w+\.py)`", text))
    package = Path(oso_adapter.__file__).parent
    missing = {n for n in named if not (package / n).exists() and not (ROOT / n).exists()}
    assert "exchange/deliver.py" in named
    assert set() == missing


def test_every_line_of_the_layers_is_that_of_the_import_rules() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    rules = project["tool"]["importlinter"]["contracts"][0]["layers"]
    layers = [sorted(re.findall(r"oso_adapter\.(\w+)", rule)) for rule in rules]

    text = (ROOT / "docs" / "map.md").read_text(encoding="utf-8")
    block = re.findall(r"^```text\n(.*?)^```", text, re.MULTILINE | re.DOTALL)[0]
    written = [line.partition("  ")[0].split(", ") for line in block.splitlines()]
    assert layers == [sorted(line) for line in written]

"""The reference pages say what the code says."""

import ast
import re
import runpy
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
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
    unused = set(catalogue) - {text.value for node in code() for text in texts(node)}

    of_logs_itself = {"library.message", "error.uncaught"}
    assert of_logs_itself & set(catalogue) == unused


@pytest.mark.parametrize(
    ("functions", "catalogue"),
    [(("event", "log_event"), EVENTS), (("record", "_record"), events.NAMES)],
)
def test_every_event_that_is_written_is_in_its_catalogue(
    functions: tuple[str, ...], catalogue: dict[str, str]
) -> None:
    calls = [node for node in code() if isinstance(node, ast.Call) and called(node) in functions]
    parts = [part for call in calls for given in call.args for part in ast.walk(given)]
    names = {text.value for part in parts for text in texts(part) if "." in text.value}
    names |= {text.value for call in calls for given in call.args[:1] for text in texts(given)}

    assert names
    assert set() == names - set(catalogue)


@cache
def code() -> list[ast.Call | ast.Constant]:
    """The calls and texts in the modules of the package, but for those that hold the catalogues."""
    package = Path(oso_adapter.__file__).parent
    files = [f for f in package.rglob("*.py") if str(f.relative_to(package)) not in CATALOGUES]
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in files]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    return [node for node in nodes if isinstance(node, ast.Call | ast.Constant)]


def texts(node: ast.AST) -> Iterator[ast.Constant]:
    """The node itself, when it is a text."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node


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

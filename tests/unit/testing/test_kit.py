"""The kit is what its page says, and costs nothing where it is not used."""

import inspect
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support.dossiers import content
from support.faulty_las import PUPIL, FaultyLas

from oso_adapter.errors import ConfigurationError
from oso_adapter.testing import plugin
from oso_adapter.testing.clock import MovableClock
from oso_adapter.testing.contract import PluginContract
from oso_adapter.testing.contract.case import Told

PAGE = (Path(__file__).parents[3] / "docs" / "authors.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def test_every_fixture_is_on_the_page_and_no_other() -> None:
    fixtures = {name for name in vars(plugin) if name.startswith("oso_")}

    assert fixtures == set(re.findall(r"^\| `(oso_\w+)` \|", PAGE, re.MULTILINE))


def test_everything_that_an_author_can_tell_is_on_the_page() -> None:
    methods = {name for name, _ in inspect.getmembers(Told, inspect.isfunction)}
    told = {name for name in methods | set(Told.__annotations__) if name[0] != "_"} - {"case"}

    rows = re.findall(r"^\| (`.*?) \| ", PAGE.partition("## Fixtures")[0], re.MULTILINE)
    assert told == {name for row in rows for name in re.findall(r"`(\w+)", row)}


def test_the_class_of_the_page_is_all_that_the_suite_needs(tmp_path: Path) -> None:
    las = FaultyLas()
    names: dict[str, Any] = {"my_las": las, "make_database": str, "pupils_in": lambda _: las.pupils}
    exec(EXAMPLES[0], names)

    suite = names["TestContract"]()
    assert isinstance(suite, PluginContract)
    assert las.pupils == suite.references(suite.make_store(tmp_path))


def test_the_exchange_of_the_page_reaches_another_school(oso_school: Any) -> None:
    names: dict[str, Any] = {"my_las": FaultyLas()}
    exec(EXAMPLES[1].replace("P-1", PUPIL), names)

    names["test_a_dossier_reaches_another_school"](oso_school, {}, content("123456782"))


def test_what_the_adapter_would_refuse_raises_with_the_reason(oso_settings: Any) -> None:
    with pytest.raises(ConfigurationError) as refused:
        oso_settings("my_las", {}, limits={"no_such_key": 1})

    assert "no_such_key" in str(refused.value)


def test_a_hook_is_told_the_moment_of_the_test(oso_context: Any, oso_clock: MovableClock) -> None:
    told = oso_context("my_las", {"database": "las.sqlite"})
    before = told.clock()
    oso_clock.forward(days=2)

    assert 2 == (told.clock() - before).days
    assert "las.sqlite" == told.settings("my_las")["database"]


def test_loading_the_plugin_imports_nothing_of_the_adapter() -> None:
    code = "import json, sys, oso_adapter.testing.plugin; print(json.dumps(list(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)

    modules = {name for name in json.loads(done.stdout) if name.startswith("oso_adapter")}
    assert {"oso_adapter", "oso_adapter.testing", "oso_adapter.testing.plugin"} == modules

"""Finding, loading and calling plugins; none of them hurts the host."""

import sys
import threading
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

import pytest
from support.plugins import NOW, NUMBER, bare, collect, settings

from oso_adapter import hookspecs
from oso_adapter.errors import ConfigurationError, PluginFailed
from oso_adapter.hookspecs import hookimpl
from oso_adapter.plugins import BUDGETS, PluginHost

HEAD = "from oso_adapter.hookspecs import *\nfrom oso_adapter.hookspecs import hookimpl\n"

COLLECT = """
@hookimpl
def oso_collect_dossier(context, pupil, profile):
    {body}
"""

Make = Callable[..., PluginHost]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Makes a host with plugins that are installed as modules with a real entry point."""
    monkeypatch.syspath_prepend(tmp_path)
    modules: list[str] = []

    def host(budget: float = 5.0, *, strict: bool = False, **sources: str) -> PluginHost:
        points = []
        for name, source in sources.items():
            module = f"plugin_under_test_{name}"
            (tmp_path / f"{module}.py").write_text(HEAD + source, encoding="utf-8")
            modules.append(module)
            points.append(EntryPoint(name, module, hookspecs.GROUP))
        return PluginHost(
            settings(*sources, strict=strict),
            clock=lambda: NOW,
            budgets=dict.fromkeys(BUDGETS, budget),
            found=lambda: points,
        )

    yield host
    for module in modules:
        sys.modules.pop(module, None)


def collecting(body: str) -> str:
    return COLLECT.format(body=body)


def failure(host: PluginHost) -> PluginFailed:
    with pytest.raises(PluginFailed) as failed:
        collect(host)
    assert failed.value.__cause__ is None
    assert NUMBER not in str(failed.value)
    return failed.value


# finding and loading


def test_a_plugin_is_found_by_its_entry_point(make: Make) -> None:
    host = make(good=collecting("return CollectedDossier({'pupil': pupil, 'profile': profile})"))

    found = collect(host)

    assert ["good"] == host.names
    assert [] == host.problems
    assert found is not None
    assert {"pupil": "P-1", "profile": "POVO"} == found.dossier


def test_the_installed_example_is_found_among_the_real_entry_points() -> None:
    assert "magister_like" in {point.name for point in entry_points(group=hookspecs.GROUP)}
    assert ["magister_like"] == PluginHost(settings("magister_like")).names


def test_what_is_installed_and_not_enabled_is_not_loaded() -> None:
    point = EntryPoint("other", "a_module_that_is_not_there", hookspecs.GROUP)
    host = PluginHost(settings(), found=lambda: [point])

    assert ([], []) == (host.names, host.problems)


def test_a_plugin_that_is_not_installed_is_named_with_the_remedy() -> None:
    (problem,) = PluginHost(settings("absent"), found=list).problems

    assert "absent" == problem.plugin
    assert "is not installed; install its package in this environment" == problem.reason


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (f"raise ValueError('{NUMBER}')", "cannot be imported (ValueError)"),
        ("import a_module_that_is_not_there", "cannot be imported (ModuleNotFoundError)"),
        ("def (", "cannot be imported (SyntaxError)"),
        ("raise SystemExit(1)", "cannot be imported (SystemExit)"),
        (
            "@hookimpl\ndef oso_collect_dossier(context, pupil, profile, more): ...",
            "has a hook that does not fit; compare its signature with the docs",
        ),
        (
            "@hookimpl\ndef oso_colect_dossier(context): ...",
            "has a hook that does not fit; compare its signature with the docs",
        ),
    ],
)
def test_a_plugin_that_cannot_be_used_is_left_out_and_the_rest_go_on(
    source: str, reason: str, make: Make
) -> None:
    host = make(bad=source, good=collecting("return CollectedDossier({})"))

    assert [("bad", reason)] == [(p.plugin, p.reason) for p in host.problems]
    assert ["good"] == host.names
    assert collect(host) is not None


def test_a_plugin_object_that_cannot_be_registered_is_left_out(make: Make) -> None:
    source = "class Plugin:\n    __hash__ = None\n\nplugin = Plugin()"
    make(unhashable=source)
    point = EntryPoint("bad", "plugin_under_test_unhashable:plugin", hookspecs.GROUP)

    host = PluginHost(settings("bad"), found=lambda: [point])

    assert ["cannot be imported (TypeError)"] == [problem.reason for problem in host.problems]


def test_in_strict_mode_a_plugin_that_cannot_be_used_stops_the_start(make: Make) -> None:
    with pytest.raises(ConfigurationError) as refused:
        make(bad=f"raise ValueError('{NUMBER}')", strict=True)

    assert "plugin bad: cannot be imported (ValueError)" == str(refused.value)


def test_a_plugin_that_is_enabled_twice_is_loaded_once(make: Make) -> None:
    host = PluginHost(settings("magister_like", "magister_like"))

    assert ["magister_like"] == host.names
    assert ["magister_like"] == [problem.plugin for problem in host.problems]


# calling


def test_plugins_are_asked_in_the_order_of_the_configuration_until_one_answers(make: Make) -> None:
    first = collecting("return None")
    second = collecting("return CollectedDossier({'by': 'second'})")
    third = collecting("raise ValueError")

    found = collect(make(z_first=first, m_second=second, a_third=third))

    assert found is not None
    assert {"by": "second"} == found.dossier


def test_none_when_no_plugin_answers(make: Make) -> None:
    assert collect(make(one=collecting("return None"), two="")) is None


def test_a_raise_fails_the_call_with_its_type_alone(make: Make) -> None:
    failed = failure(make(bad=collecting(f"raise ValueError('{NUMBER}')")))

    assert ("bad", "oso_collect_dossier", "it raised ValueError") == (
        failed.plugin,
        failed.hook,
        failed.reason,
    )


@pytest.mark.parametrize("error", ["SystemExit", "KeyboardInterrupt", "GeneratorExit"])
def test_a_plugin_cannot_end_the_process(error: str, make: Make) -> None:
    assert f"it raised {error}" == failure(make(bad=collecting(f"raise {error}"))).reason


def test_a_plugin_that_hangs_is_not_waited_for() -> None:
    go_on = threading.Event()

    class Hanging:
        @hookimpl
        def oso_collect_dossier(self, context: Any, pupil: str, profile: str) -> None:
            go_on.wait()

    failed = failure(bare(Hanging(), budget=0.05))
    go_on.set()

    assert "no answer within 0.05 seconds" == failed.reason


def test_a_plugin_that_hangs_has_one_thread_and_is_called_again_when_that_has_ended() -> None:
    go_on = threading.Event()

    class Hanging:
        @hookimpl
        def oso_collect_dossier(self, context: Any, pupil: str, profile: str) -> None:
            go_on.wait()

    host = bare(Hanging(), budget=0.05)
    reasons = [failure(host).reason for _ in range(3)]
    hanging = [t for t in threading.enumerate() if t.name == "p0:oso_collect_dossier"]
    go_on.set()
    for thread in hanging:
        thread.join()

    still = "it still hangs in an earlier call"
    assert ["no answer within 0.05 seconds", still, still] == reasons
    assert 1 == len(hanging)
    assert collect(host) is None


@pytest.mark.parametrize(
    "answer", ["{'huidigeschool': {}}", f"'{NUMBER}'", "0", "CollectedDossier"]
)
def test_an_answer_of_the_wrong_kind_is_a_failure(answer: str, make: Make) -> None:
    assert "gave no CollectedDossier" == failure(make(bad=collecting(f"return {answer}"))).reason


def test_a_hook_may_leave_out_arguments_it_does_not_use(make: Make) -> None:
    source = "@hookimpl\ndef oso_collect_dossier(pupil): return CollectedDossier({'p': pupil})"

    assert collect(make(good=source)) is not None


def test_a_plugin_cannot_answer_for_another_one_by_wrapping_it(make: Make) -> None:
    wrapper = """
@hookimpl(wrapper=True)
def oso_collect_dossier(context, pupil, profile):
    yield
    return CollectedDossier({'by': 'wrapper'})
"""
    found = collect(make(good=collecting("return CollectedDossier({'by': 'good'})"), bad=wrapper))

    assert found is not None
    assert {"by": "good"} == found.dossier

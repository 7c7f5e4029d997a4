"""Finding, loading and calling plugins; none of them hurts the host."""

import sys
import threading
from collections.abc import Callable, Iterator
from datetime import date
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

import pytest
from support.plugins import GATE, NOW, NUMBER, bare, collect, settings

from oso_adapter import hookspecs
from oso_adapter.errors import ConfigurationError, PluginFailed
from oso_adapter.hookspecs import hookimpl
from oso_adapter.plugins import BUDGETS, PluginHost, Trouble
from oso_adapter.plugins.deprecated import Deprecation
from oso_adapter.plugins.found import Found
from oso_adapter.plugins.loading import Loaded, load

HEAD = "from oso_adapter.hookspecs import *\nfrom oso_adapter.hookspecs import hookimpl\n"

API = "OSO_API = (1, 1)\n"

COLLECT = """
@hookimpl
def oso_collect_dossier({arguments}):
    {body}
"""

Make = Callable[..., PluginHost]
WHERE = {"database": "not looked at before there is a call"}


def collecting(body: str, arguments: str = "context, pupil, profile") -> str:
    return API + COLLECT.format(body=body, arguments=arguments)


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Makes a host with plugins that are installed as modules with a real entry point."""
    monkeypatch.syspath_prepend(tmp_path)
    modules: list[str] = []

    def host(
        budget: float = 5.0, *, strict: bool = False, loading: float = 30.0, **sources: str
    ) -> PluginHost:
        points = []
        for name, source in sources.items():
            module = f"plugin_under_test_{name}"
            (tmp_path / f"{module}.py").write_text(HEAD + source, encoding="utf-8")
            modules.append(module)
            points.append(EntryPoint(name, module, hookspecs.GROUP))
        return PluginHost(
            settings(*sources, strict=strict, loading=loading),
            clock=lambda: NOW,
            budgets=dict.fromkeys(BUDGETS, budget),
            found=lambda: points,
        )

    yield host
    for module in modules:
        sys.modules.pop(module, None)


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
    assert ["magister_like"] == PluginHost(settings("magister_like", magister_like=WHERE)).names


def test_what_is_installed_and_not_enabled_is_not_loaded() -> None:
    point = EntryPoint("other", "a_module_that_is_not_there", hookspecs.GROUP)
    host = PluginHost(settings(), found=lambda: [point])

    assert ([], []) == (host.names, host.problems)


def test_a_plugin_that_is_not_installed_is_named_with_the_remedy() -> None:
    (problem,) = PluginHost(settings("absent"), found=list).problems

    assert "absent" == problem.plugin
    assert ("not-found", "is not installed") == (problem.code, problem.reason)
    assert "install its package in this environment" in problem.remedy


@pytest.mark.parametrize(
    ("source", "code", "reason"),
    [
        (f"raise ValueError('{NUMBER}')", "import", "(ValueError at plugin_under_test_bad.py:3)"),
        ("import a_module_that_is_not_there", "import", "(ModuleNotFoundError at "),
        ("def (", "import", "(SyntaxError at plugin_under_test_bad.py:3)"),
        ("raise SystemExit(1)", "import", "(SystemExit at plugin_under_test_bad.py:3)"),
        (
            collecting("pass", "more"),
            "signature",
            "oso_collect_dossier has no argument more; it has",
        ),
        (collecting("pass", "*, pupil"), "signature", "cannot get pupil as an argument by name"),
        (
            "@hookimpl\ndef oso_colect_dossier(context): ...",
            "unknown-hook",
            "oso_colect_dossier; do you mean oso_collect_dossier?",
        ),
        ("OSO_API = (2, 3)", "api-version", "hook API 2 to 3; here it is 1"),
        ("OSO_API = 1", "api-range", "no pair of whole numbers"),
        ("OSO_SETTINGS = 1", "settings-schema", "(TypeError at section.py:"),
    ],
)
def test_a_plugin_that_cannot_be_used_is_left_out_and_the_rest_go_on(
    source: str, code: str, reason: str, make: Make
) -> None:
    host = make(bad=source, good=collecting("return CollectedDossier({})"))

    (problem,) = host.problems
    assert ("bad", code, "error") == (problem.plugin, problem.code, problem.severity)
    assert reason in problem.reason
    assert NUMBER not in str(problem)
    assert ["good"] == host.names
    assert collect(host) is not None


def test_a_plugin_object_that_cannot_be_registered_is_left_out(make: Make) -> None:
    source = "class Plugin:\n    __hash__ = None\n\nplugin = Plugin()"
    make(unhashable=source)
    point = EntryPoint("bad", "plugin_under_test_unhashable:plugin", hookspecs.GROUP)

    host = PluginHost(settings("bad"), found=lambda: [point])

    assert ["registration"] == [problem.code for problem in host.problems]
    assert "cannot be registered (TypeError" in host.problems[0].reason


def test_a_plugin_that_is_not_loaded_in_its_time_is_left_out_and_not_waited_for(
    make: Make,
) -> None:
    source = "from support.plugins import GATE\nGATE.wait()"
    host = make(hanging=source, good=collecting("return CollectedDossier({})"), loading=0.3)
    GATE.set()

    assert ["was not loaded within 0.3 seconds"] == [problem.reason for problem in host.problems]
    assert ["good"] == host.names


def test_what_may_be_wrong_and_does_no_harm_is_told_as_a_warning(make: Make) -> None:
    host = make(one=API + "def oso_event(event): ...\nprint('a name')", two="")

    assert ["not-marked", "printed", "api-missing"] == [w.code for w in host.warnings]
    assert ["one", "one", "two"] == [warning.plugin for warning in host.warnings]
    assert (["one", "two"], []) == (host.names, host.problems)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (f"{API}raise ValueError('{NUMBER}')", "plugin bad cannot be imported (ValueError at "),
        ("", "plugin bad does not say with which hook API it works; write OSO_API = "),
    ],
)
def test_in_strict_mode_what_is_wrong_or_warned_of_stops_the_start(
    source: str, told: str, make: Make
) -> None:
    with pytest.raises(ConfigurationError) as refused:
        make(bad=source, strict=True)

    assert str(refused.value).startswith(told)
    assert NUMBER not in str(refused.value)


def test_in_strict_mode_who_prints_gives_no_answer(make: Make) -> None:
    source = collecting(f"print('{NUMBER}'); return CollectedDossier({{}})")

    assert collect(make(prints=source)) is not None
    assert "printed" == failure(make(prints=source, strict=True)).code


def test_a_plugin_that_is_enabled_twice_is_loaded_once(make: Make) -> None:
    host = PluginHost(settings("magister_like", "magister_like", magister_like=WHERE))

    assert ["magister_like"] == host.names
    assert [("magister_like", "ambiguous")] == [(p.plugin, p.code) for p in host.problems]


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

    told = "it raised ValueError at plugin_under_test_bad.py:7"
    assert ("bad", "oso_collect_dossier", told) == (failed.plugin, failed.hook, failed.reason)


@pytest.mark.parametrize("error", ["SystemExit", "KeyboardInterrupt", "GeneratorExit"])
def test_a_plugin_cannot_end_the_process(error: str, make: Make) -> None:
    failed = failure(make(bad=collecting(f"raise {error}")))

    assert f"it raised {error} at plugin_under_test_bad.py:7" == failed.reason


def test_a_plugin_that_hangs_is_not_waited_for() -> None:
    go_on = threading.Event()

    class Hanging:
        @hookimpl
        def oso_collect_dossier(self, context: Any, pupil: str, profile: str) -> None:
            go_on.wait()

    failed = failure(bare(Hanging(), budget=0.05))
    go_on.set()

    assert "it gave no answer within 0.05 seconds" == failed.reason


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
    assert ["it gave no answer within 0.05 seconds", still, still] == reasons
    assert 1 == len(hanging)
    assert collect(host) is None


@pytest.mark.parametrize(
    "answer", ["{'huidigeschool': {}}", f"'{NUMBER}'", "0", "CollectedDossier"]
)
def test_an_answer_of_the_wrong_kind_is_a_failure(answer: str, make: Make) -> None:
    failed = failure(make(bad=collecting(f"return {answer}")))

    assert ("no-use", "it gave no CollectedDossier") == (failed.code, failed.reason)


@pytest.mark.parametrize("answer", ["{}, 5", "{}, (1,)", "{1: 2}", "[]", "{}, (), 3"])
def test_an_answer_with_something_of_the_wrong_kind_in_it_is_a_failure(
    answer: str, make: Make
) -> None:
    failed = failure(make(bad=collecting(f"return CollectedDossier({answer})")))

    assert failed.reason.startswith("it gave a CollectedDossier with a wrong ")


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


# printing, and what will be gone


def test_what_a_plugin_prints_is_dropped_and_what_the_adapter_prints_meanwhile_is_not(
    make: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    body = (
        f"import sys; print('{NUMBER}'); print('{NUMBER}', file=sys.stderr); "
        f"sys.stdout.buffer.write(b'{NUMBER}'); sys.stdout.writelines(['{NUMBER}'])"
    )
    told: list[Trouble] = []
    host = make(prints=collecting(body), good=collecting("return CollectedDossier({})"))
    host.remember = told.append

    print("before")
    assert collect(host) is not None
    print("after")

    assert ("before\nafter\n", "") == capsys.readouterr()
    assert [Trouble("prints", "oso_collect_dossier", "printed")] == told


def test_what_will_be_gone_is_told_with_the_day_and_what_takes_its_place(tmp_path: Path) -> None:
    file = tmp_path / "old.py"
    file.write_text(HEAD + collecting("pass"), encoding="utf-8")
    ending = {
        "oso_collect_dossier": Deprecation(date(2027, 8, 1), "oso_gather"),
        "oso_collect_dossier.profile": Deprecation(date(2027, 9, 1), "context.profile"),
        "oso_event": Deprecation(date(2027, 8, 1), "oso_audit"),
    }

    loaded = load(Found("old", str(file), is_file=True), {}, 30, ending=ending)

    assert isinstance(loaded, Loaded)
    assert [
        "uses profile of oso_collect_dossier, which is there until 2027-09-01: use context.profile",
        "uses oso_collect_dossier, which is there until 2027-08-01: use oso_gather",
    ] == [warning.reason for warning in loaded.warnings]

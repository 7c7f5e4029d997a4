import inspect
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy.orm import Session

from oso_adapter import hookspecs
from oso_adapter.errors import ConfigurationError, PluginFailed
from oso_adapter.hookspecs import (
    AdministrationRef,
    AuditEvent,
    CollectedDossier,
    ImportAnswer,
    ReceivedDossier,
    hookimpl,
)
from oso_adapter.plugins import BUDGETS, PluginHost
from oso_adapter.settings import Chain, Package, Plugins, Settings, Transport
from oso_adapter.store import events
from oso_adapter.store.engine import Store
from oso_adapter.store.keys import new_keys, read_keys
from oso_adapter.wire.search_key import SimulationSearchKey
from oso_adapter.work.inline import Runner

NUMBER = "123456782"
NOW = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)
SCHOOL = AdministrationRef("99AA", "0000000700099AA00001", "LAS", "Proefschool", "t")
RECEIVED = ReceivedDossier("r-1", {}, b"<x/>", "2019.1", "POVO", "99BB")
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


def settings(*enabled: str, strict: bool = False, **sections: Any) -> Settings:
    return Settings(
        environment="simulation",
        chain=Chain(traffic_center_url="https://localhost/tc", osr_url="https://localhost/osr"),
        transport=Transport(certificate=Path("c"), key=Path("k"), roots=(Path("r"),)),
        package=Package(),
        plugins=Plugins(enabled=enabled, strict=strict, sections=sections),
    )


def bare(*plugins: object, budget: float = 5.0, **sections: Any) -> PluginHost:
    """A host with plugins that are objects."""
    host = PluginHost(
        settings(**sections),
        clock=lambda: NOW,
        budgets=dict.fromkeys(BUDGETS, budget),
        found=list,
    )
    for number, plugin in enumerate(plugins):
        host.register(plugin, f"p{number}")
    return host


def collecting(body: str) -> str:
    return COLLECT.format(body=body)


def collect(host: PluginHost) -> CollectedDossier | None:
    return host.collect_dossier(SCHOOL, "account", "P-1", "POVO")


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


# every hook


class Everything:
    """A plugin that implements every hook and remembers with which context each was called."""

    def __init__(self) -> None:
        self.called: dict[str, Any] = {}
        self.keys = read_keys(new_keys())
        self.told: list[AuditEvent] = []

    @hookimpl
    def oso_collect_dossier(self, context: Any, pupil: str, profile: str) -> CollectedDossier:
        self.called["oso_collect_dossier"] = context
        return CollectedDossier({"pupil": pupil}, (NUMBER,))

    @hookimpl
    def oso_import_dossier(self, context: Any, received: ReceivedDossier) -> ImportAnswer:
        self.called["oso_import_dossier"] = context
        return ImportAnswer("postponed", reason=received.id)

    @hookimpl
    def oso_search_key(self, context: Any) -> SimulationSearchKey:
        self.called["oso_search_key"] = context
        return SimulationSearchKey()

    @hookimpl
    def oso_key_provider(self, context: Any) -> object:
        self.called["oso_key_provider"] = context
        return self.keys

    @hookimpl
    def oso_event(self, context: Any, event: AuditEvent) -> None:
        self.called["oso_event"] = context
        self.told.append(event)


AN_EVENT = AuditEvent(1, NOW, "dossier.ready", "account", "s", None, "99BB", None)


def call_every_hook(host: PluginHost) -> list[Any]:
    return [
        collect(host),
        host.import_dossier(SCHOOL, None, RECEIVED),
        host.search_key(),
        host.key_provider(),
        host.event(host.listeners()[0], AN_EVENT),  # type: ignore[func-returns-value]
    ]


def test_every_hook_is_called_with_a_context_and_its_answer_passed_on() -> None:
    plugin = Everything()
    collected, answer, key, provider, _ = call_every_hook(bare(plugin, everything={"a": 1}))

    specified = {name for name, _ in inspect.getmembers(hookspecs) if name.startswith("oso_")}
    assert specified == set(plugin.called) == set(BUDGETS)
    assert ({"pupil": "P-1"}, (NUMBER,)) == (collected.dossier, collected.former_numbers)
    assert ImportAnswer("postponed", reason="r-1") == answer
    assert ("simulation", plugin.keys, [AN_EVENT]) == (key.name, provider, plugin.told)


def test_the_context_says_for_whom_why_and_until_when() -> None:
    plugin = Everything()
    call_every_hook(bare(plugin, everything={"a": 1}))

    context = plugin.called["oso_collect_dossier"]
    assert (SCHOOL, "t", "account", "verzamelen") == (
        context.administration,
        context.tenant,
        context.account,
        context.reason,
    )
    assert ("2019.1", "20200910", NOW) == (context.release, context.contract, context.clock())
    assert 5 == (context.deadline - NOW).total_seconds()
    assert ({"a": 1}, {}) == (dict(context.settings("everything")), dict(context.settings("b")))
    assert (None, None) == (
        plugin.called["oso_search_key"].administration,
        plugin.called["oso_search_key"].tenant,
    )


def test_a_context_does_not_show_the_settings_of_plugins() -> None:
    plugin = Everything()
    call_every_hook(bare(plugin, everything={"password": NUMBER}))

    assert NUMBER not in repr(plugin.called["oso_event"])


@pytest.mark.parametrize("hook", sorted(set(BUDGETS) - {"oso_event"}))
def test_every_deciding_hook_checks_what_kind_of_thing_it_got(hook: str) -> None:
    host = bare()

    def wrong(context: Any) -> str:
        return NUMBER

    wrong.__name__ = hook
    host.register(type("Bad", (), {hook: staticmethod(hookimpl(wrong))}), "bad")
    calls: dict[str, Callable[[], object]] = {
        "oso_collect_dossier": lambda: collect(host),
        "oso_import_dossier": lambda: host.import_dossier(SCHOOL, None, RECEIVED),
        "oso_search_key": host.search_key,
        "oso_key_provider": host.key_provider,
    }

    with pytest.raises(PluginFailed) as failed:
        calls[hook]()
    assert failed.value.reason.startswith("gave no ")


def test_without_plugins_nothing_answers_and_nobody_listens() -> None:
    host = bare()

    assert [None, None, None, None] == [
        collect(host),
        host.import_dossier(SCHOOL, None, RECEIVED),
        host.search_key(),
        host.key_provider(),
    ]
    assert [] == host.listeners()


# telling of events


class Listener:
    """Listens to events, and fails on those with a name in ``fails_on``."""

    def __init__(self) -> None:
        self.told: list[tuple[int, str]] = []
        self.fails_on: set[str] = set()

    @hookimpl
    def oso_event(self, context: Any, event: AuditEvent) -> None:
        if event.name in self.fails_on:
            raise ValueError(NUMBER)
        self.told.append((event.id, event.name))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path}/events.sqlite")
    store.upgrade()
    with store.writing() as session:
        record(session, "dossier.collected", "dossier.ready", "request.delivered")
    yield store
    store.close()


def record(session: Session, *names: str) -> None:
    for name in names:
        events.record(session, name, NOW, account="account", subject="s-1", counterpart="99BB")


def teller(store: Store, host: PluginHost) -> Runner:
    """A runner on a real store; it needs no more of the adapter than these parts to tell events."""
    adapter: Any = SimpleNamespace(store=store, plugins=host, settings=settings())
    return Runner(adapter)


ALL = [(1, "dossier.collected"), (2, "dossier.ready"), (3, "request.delivered")]


def test_a_listener_is_told_of_every_event_once_in_order(store: Store) -> None:
    listener = Listener()
    runner = teller(store, bare(listener))

    runner.tell_events()
    runner.tell_events()

    assert ALL == listener.told


def test_after_a_raise_an_event_is_told_again_and_none_is_passed_over(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    listener = Listener()
    listener.fails_on = {"dossier.ready"}
    runner = teller(store, bare(listener))
    runner.tell_events()
    assert ALL[:1] == listener.told

    listener.fails_on = set()
    runner.tell_events()

    assert ALL == listener.told
    assert NUMBER not in "".join(capsys.readouterr())


def test_each_listener_has_its_own_place_in_the_events(store: Store) -> None:
    failing, good = Listener(), Listener()
    failing.fails_on = {"dossier.collected"}
    host = bare(failing, good)

    teller(store, host).tell_events()
    assert ([], ALL) == (failing.told, good.told)
    failing.fails_on = set()
    teller(store, host).tell_events()

    assert (ALL, ALL) == (failing.told, good.told)


def test_a_listener_goes_on_after_a_restart_where_it_was(store: Store) -> None:
    teller(store, bare(Listener())).tell_events()
    with store.writing() as session:
        record(session, "dossier.withdrawn")
    after = Listener()

    teller(store, bare(after)).tell_events()

    assert [(4, "dossier.withdrawn")] == after.told


def test_a_listener_that_hangs_holds_up_only_itself(store: Store) -> None:
    go_on = threading.Event()

    class Hanging:
        @hookimpl
        def oso_event(self, context: Any, event: AuditEvent) -> None:
            go_on.wait()

    good = Listener()
    teller(store, bare(Hanging(), good, budget=0.05)).tell_events()
    go_on.set()

    assert ALL == good.told


def test_what_a_listener_is_told_is_what_the_store_holds(store: Store) -> None:
    plugin = Everything()

    teller(store, bare(plugin)).tell_events()

    expected = AuditEvent(1, NOW, "dossier.collected", "account", "s-1", None, "99BB", None)
    assert expected == replace(plugin.told[0])
    assert "account" == plugin.called["oso_event"].account

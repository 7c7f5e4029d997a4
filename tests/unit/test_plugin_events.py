"""Plugins are told of events at least once, each with its own place in them."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy.orm import Session
from support.plugins import NOW, NUMBER, SCHOOL, bare, settings
from support.stores import upgraded

from oso_adapter import logs
from oso_adapter.errors import StoreUnavailable
from oso_adapter.hookspecs import AuditEvent, HookContext, hookimpl
from oso_adapter.identifiers import Brin, RoutingId
from oso_adapter.plugins import PluginHost
from oso_adapter.settings import Fetching, Settings
from oso_adapter.store import administrations, events
from oso_adapter.store.engine import Store
from oso_adapter.store.models import AdministrationKind
from oso_adapter.work.inline import Runner


class Listener:
    """Listens to events, and fails on those with a name in ``fails_on``."""

    def __init__(self) -> None:
        self.told: list[tuple[int, str]] = []
        self.events: list[AuditEvent] = []
        self.contexts: list[HookContext] = []
        self.fails_on: set[str] = set()

    @hookimpl
    def oso_event(self, context: Any, event: AuditEvent) -> None:
        if event.name in self.fails_on:
            raise ValueError(NUMBER)
        self.told.append((event.id, event.name))
        self.events.append(event)
        self.contexts.append(context)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = upgraded(tmp_path / "events.sqlite")
    with store.writing() as session:
        record(session, "dossier.collected", "dossier.ready", "request.delivered")
    yield store
    store.close()


def record(session: Session, *names: str) -> None:
    for name in names:
        events.record(session, name, NOW, account="account", subject="s-1", counterpart="99BB")


def quick() -> Settings:
    """Settings with which a runner looks for work all the time."""
    return replace(settings(), fetching=Fetching(tick=0))


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


def test_what_a_listener_is_told_is_what_the_store_holds_and_for_whom(store: Store) -> None:
    listener = Listener()
    with store.writing() as session:
        school = administrations.add(
            session,
            brin=Brin(SCHOOL.brin),
            routing_id=RoutingId(SCHOOL.routing_id),
            kind=AdministrationKind(SCHOOL.kind),
            name=SCHOOL.name,
            tenant=SCHOOL.tenant,
            valid_from=NOW.date(),
        )
        events.record(
            session,
            "fetch.answered",
            NOW,
            administration_id=school.id,
            session_id="session",
            result="TechnischeFout",
            fault_id="fault",
            reason="too-large",
        )

    teller(store, bare(listener)).tell_events()

    expected = [
        AuditEvent(3, NOW, "request.delivered", "account", "s-1", None, "99BB", None),
        AuditEvent(
            *(4, NOW, "fetch.answered", None, None, "session", None),
            *("TechnischeFout", "fault", "too-large"),
        ),
    ]
    assert expected == listener.events[2:]
    assert [None, SCHOOL] == [context.administration for context in listener.contexts[2:]]
    assert SCHOOL.tenant == listener.contexts[-1].tenant


def test_the_runner_goes_on_after_whatever_happens(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = StringIO()
    monkeypatch.setattr(logs, "_logger", logs._Logger(log))
    stop, failures = threading.Event(), [RuntimeError(NUMBER), StoreUnavailable("full", "full")]

    class Troubled(Runner):
        def run_due(self, *args: Any) -> int:
            if failures:
                raise failures.pop(0)
            stop.set()
            return 0

    listener = Listener()
    adapter: Any = SimpleNamespace(
        store=store, plugins=bare(listener), settings=quick(), clock=lambda: NOW
    )
    Troubled(adapter).run_forever(stop)

    assert ALL == listener.told
    assert '"reason": "RuntimeError"' in log.getvalue()
    assert NUMBER not in log.getvalue()

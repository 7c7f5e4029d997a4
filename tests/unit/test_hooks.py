"""Every hook reaches a plugin, and what comes back is judged."""

import inspect
from collections.abc import Callable
from typing import Any

import pytest
from support.plugins import NOW, NUMBER, SCHOOL, bare, collect

from oso_adapter import hookspecs
from oso_adapter.errors import ConfigurationError, PluginFailed
from oso_adapter.hookspecs import (
    AuditEvent,
    CollectedDossier,
    ImportAnswer,
    ReceivedDossier,
    ReceivedNotification,
    hookimpl,
)
from oso_adapter.plugins import BUDGETS, PluginHost
from oso_adapter.store.keys import new_keys, read_keys
from oso_adapter.wire.search_key import SimulationSearchKey

RECEIVED = ReceivedDossier("r-1", {}, b"<x/>", "2019.1", "POVO", "99BB")


class Everything:
    """A plugin that implements every hook and remembers with which context each was called."""

    def __init__(self) -> None:
        self.called: dict[str, Any] = {}
        self.keys = read_keys(new_keys())
        self.told: list[AuditEvent] = []
        self.notified: list[ReceivedNotification] = []

    @hookimpl
    def oso_collect_dossier(self, context: Any, pupil: str, profile: str) -> CollectedDossier:
        self.called["oso_collect_dossier"] = context
        return CollectedDossier({"pupil": pupil}, (NUMBER,))

    @hookimpl
    def oso_import_dossier(self, context: Any, received: ReceivedDossier) -> ImportAnswer:
        self.called["oso_import_dossier"] = context
        return ImportAnswer("postponed", reason=received.id)

    @hookimpl
    def oso_notification_received(self, context: Any, notification: ReceivedNotification) -> None:
        self.called["oso_notification_received"] = context
        self.notified.append(notification)

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


TO_ALL = {"oso_event", "oso_notification_received"}
A_NOTIFICATION = ReceivedNotification("n-1", "P-1", "o-1", "99AA", "0000000700099AA00001", NOW)
AN_EVENT = AuditEvent(1, NOW, "dossier.ready", "account", "s", None, "99BB", None)


def call_every_hook(host: PluginHost) -> list[Any]:
    return [
        collect(host),
        host.import_dossier(SCHOOL, None, RECEIVED),
        host.search_key(),
        host.key_provider(),
        host.event(host.listeners()[0], SCHOOL, AN_EVENT),  # type: ignore[func-returns-value]
        host.notification_received(  # type: ignore[func-returns-value]
            host.listeners("oso_notification_received")[0], SCHOOL, A_NOTIFICATION
        ),
    ]


def test_every_hook_is_called_with_a_context_and_its_answer_passed_on() -> None:
    plugin = Everything()
    collected, answer, key, provider, *_ = call_every_hook(bare(plugin, everything={"a": 1}))

    specified = {name for name, _ in inspect.getmembers(hookspecs) if name.startswith("oso_")}
    assert specified == set(plugin.called) == set(BUDGETS)
    assert ({"pupil": "P-1"}, (NUMBER,)) == (collected.dossier, collected.former_numbers)
    assert ImportAnswer("postponed", reason="r-1") == answer
    assert ("simulation", plugin.keys, [AN_EVENT]) == (key.name, provider, plugin.told)
    assert [A_NOTIFICATION] == plugin.notified


@pytest.mark.parametrize(
    "categories", [("verzuim",), ("cat_verzuim", "cat_Jansen"), (NUMBER,), ("",), "cat_verzuim"]
)
def test_an_answer_names_categories_of_the_standard_and_nothing_else(categories: Any) -> None:
    with pytest.raises(ValueError, match=r"a category is a name of the standard") as wrong:
        ImportAnswer("accepted", categories)

    assert all(part not in str(wrong.value) for part in ("Jansen", NUMBER))


def test_the_context_says_for_whom_why_and_until_when_with_the_plugins_own_settings() -> None:
    plugin = Everything()
    call_every_hook(bare(plugin, p0={"a": 1}, other={"b": 2}))

    context = plugin.called["oso_collect_dossier"]
    assert (SCHOOL, "t", "account", "verzamelen") == (
        context.administration,
        context.tenant,
        context.account,
        context.reason,
    )
    assert ("2019.1", "20200910", NOW) == (context.release, context.contract, context.clock())
    assert 5 == (context.deadline - NOW).total_seconds()
    assert ({"a": 1}, {}) == (dict(context.settings("p0")), dict(context.settings("other")))
    assert SCHOOL == plugin.called["oso_event"].administration
    assert (None, None) == (
        plugin.called["oso_search_key"].administration,
        plugin.called["oso_search_key"].tenant,
    )


def test_a_context_does_not_show_the_settings_of_plugins() -> None:
    plugin = Everything()
    call_every_hook(bare(plugin, p0={"password": NUMBER}))

    assert NUMBER not in repr(plugin.called["oso_event"])


@pytest.mark.parametrize("hook", sorted(set(BUDGETS) - TO_ALL))
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

    with pytest.raises((PluginFailed, ConfigurationError), match="gave no ") as failed:
        calls[hook]()
    at_start = hook in ("oso_search_key", "oso_key_provider")
    assert at_start == isinstance(failed.value, ConfigurationError)


def test_without_plugins_nothing_answers_and_nobody_listens() -> None:
    host = bare()

    assert [None, None, None, None] == [
        collect(host),
        host.import_dossier(SCHOOL, None, RECEIVED),
        host.search_key(),
        host.key_provider(),
    ]
    assert [[], []] == [host.listeners(hook) for hook in TO_ALL]

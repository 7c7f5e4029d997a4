"""Every hook reaches a plugin, and what comes back is judged."""

import inspect
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import click
import pytest
from support.plugins import NOW, NUMBER, SCHOOL, bare, collect

from oso_adapter import hookspecs
from oso_adapter.errors import ConfigurationError, PluginFailed
from oso_adapter.hookspecs import (
    AuditEvent,
    Candidate,
    CollectedDossier,
    DeliveryRequest,
    ExtraRule,
    FoundPupil,
    ImportAnswer,
    KnownPupil,
    PreparedRef,
    PupilMatch,
    PupilQuery,
    ReceivedDossier,
    ReceivedNotification,
    hookimpl,
)
from oso_adapter.plugins import BUDGETS, PluginHost
from oso_adapter.plugins.coding import decoded, encoded
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

    @hookimpl
    def oso_find_pupils(self, context: Any, query: PupilQuery) -> list[FoundPupil]:
        self.called["oso_find_pupils"] = context
        return [FoundPupil("P-1", "Anna", group=query.group)]

    @hookimpl
    def oso_candidates(self, context: Any, pgnfrag: str) -> tuple[Candidate, ...]:
        self.called["oso_candidates"] = context
        return (Candidate("P-1", f"12345{pgnfrag}"),)

    @hookimpl
    def oso_enrich_dossier(
        self, context: Any, dossier: dict[str, Any], pupil: str, profile: str
    ) -> dict[str, Any]:
        self.called["oso_enrich_dossier"] = context
        dossier["huidigeschool"]["changed"] = True
        return {"pupil": pupil, "profile": profile}

    @hookimpl
    def oso_known_pupil(self, context: Any, match: PupilMatch) -> KnownPupil:
        self.called["oso_known_pupil"] = context
        return KnownPupil(match.leerlingid or "", {})

    @hookimpl
    def oso_refuse_delivery(
        self, context: Any, request: DeliveryRequest, prepared: PreparedRef
    ) -> str:
        self.called["oso_refuse_delivery"] = context
        return f"{request.doel_brin} {prepared.pupil}"

    @hookimpl
    def oso_extra_rules(self, context: Any, pack: str, profile: str) -> list[ExtraRule]:
        self.called["oso_extra_rules"] = context
        return [ExtraRule(f"R-{profile}", "/od:dossier", "true()", pack)]

    @hookimpl
    def oso_commands(self, group: click.Group) -> None:
        self.called["oso_commands"] = None
        group.add_command(click.Command("mine"))


TO_ALL = {"oso_event", "oso_notification_received", "oso_enrich_dossier", "oso_extra_rules"}
TO_ALL |= {"oso_commands"}
A_QUERY = PupilQuery(group="8a")
A_REQUEST = DeliveryRequest("s-1", "99BB", "0000000700099BB00001", "1", "VO", "overstapdossier")
A_PREPARED = PreparedRef("d-1", 2, "POVO", "2019.1", NOW, None, "P-1")
A_NOTIFICATION = ReceivedNotification("n-1", "P-1", "o-1", "99AA", "0000000700099AA00001", NOW)
AN_EVENT = AuditEvent(1, NOW, "dossier.ready", "account", "s", None, "99BB", None)


def enrich(host: PluginHost, dossier: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    return host.enrich_dossier(SCHOOL, "account", dossier, "P-1", "POVO")


def call_every_hook(host: PluginHost) -> list[Any]:
    group = click.Group()
    host.commands(host.names[0], group)
    return [
        collect(host),
        host.import_dossier(SCHOOL, None, RECEIVED),
        host.search_key(),
        host.key_provider(),
        host.event(host.listeners()[0], SCHOOL, AN_EVENT),  # type: ignore[func-returns-value]
        host.notification_received(  # type: ignore[func-returns-value]
            host.listeners("oso_notification_received")[0], SCHOOL, A_NOTIFICATION
        ),
        host.find_pupils(SCHOOL, "account", A_QUERY),
        host.candidates(SCHOOL, "6782"),
        enrich(host, {"huidigeschool": {}}),
        host.known_pupil(SCHOOL, "account", PupilMatch(leerlingid="L-1")),
        host.refuse_delivery(SCHOOL, A_REQUEST, A_PREPARED),
        host.extra_rules("2019.1", "POVO"),
        list(group.commands),
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


def test_what_the_hooks_on_pupils_give_is_passed_on() -> None:
    (_, found), (_, candidates), parts, (_, known), refusal, rules, commands = call_every_hook(
        bare(Everything())
    )[6:]

    assert [("P-1", "8a")] == [(pupil.pupil, pupil.group) for pupil in found]
    assert [("P-1", NUMBER)] == [(c.pupil, c.pgn) for c in candidates]
    assert [("p0", {"pupil": "P-1", "profile": "POVO"})] == parts
    assert ("L-1", {}) == (known.pupil, known.dossier)
    assert ("p0", "99BB P-1") == refusal
    assert [("p0", [ExtraRule("R-POVO", "/od:dossier", "true()", "2019.1")])] == rules
    assert ["mine"] == commands


def test_a_plugin_that_enriches_gets_a_copy() -> None:
    dossier: dict[str, Any] = {"huidigeschool": {}}
    enrich(bare(Everything()), dossier)

    assert {"huidigeschool": {}} == dossier


@pytest.mark.parametrize(
    "given",
    [
        PupilQuery(name=NUMBER),
        FoundPupil("P-1", NUMBER),
        Candidate("P-1", NUMBER),
        PupilMatch(pgn=NUMBER),
        KnownPupil("P-1", {"a": NUMBER}),
        PreparedRef("d-1", 2, "POVO", "2019.1", NOW, None, NUMBER),
    ],
    ids=lambda given: type(given).__name__,
)
def test_what_is_about_a_person_does_not_show_it(given: object) -> None:
    assert NUMBER not in repr(given)


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

    def wrong(context: Any) -> object:
        return object()

    wrong.__name__ = hook
    host.register(type("Bad", (), {hook: staticmethod(hookimpl(wrong))}), "bad")
    calls: dict[str, Callable[[], object]] = {
        "oso_collect_dossier": lambda: collect(host),
        "oso_import_dossier": lambda: host.import_dossier(SCHOOL, None, RECEIVED),
        "oso_search_key": host.search_key,
        "oso_key_provider": host.key_provider,
        "oso_find_pupils": lambda: host.find_pupils(SCHOOL, "account", A_QUERY),
        "oso_candidates": lambda: host.candidates(SCHOOL, "6782"),
        "oso_known_pupil": lambda: host.known_pupil(SCHOOL, "account", PupilMatch()),
        "oso_refuse_delivery": lambda: host.refuse_delivery(SCHOOL, A_REQUEST, A_PREPARED),
    }

    with pytest.raises((PluginFailed, ConfigurationError), match="gave no ") as failed:
        calls[hook]()
    at_start = hook in ("oso_search_key", "oso_key_provider")
    assert at_start == isinstance(failed.value, ConfigurationError)


def test_without_plugins_nothing_answers_and_nobody_listens() -> None:
    host = bare()

    assert [None] * 8 == [
        collect(host),
        host.import_dossier(SCHOOL, None, RECEIVED),
        host.search_key(),
        host.key_provider(),
        host.find_pupils(SCHOOL, "account", A_QUERY),
        host.candidates(SCHOOL, "6782"),
        host.known_pupil(SCHOOL, "account", PupilMatch()),
        host.refuse_delivery(SCHOOL, A_REQUEST, A_PREPARED),
    ]
    assert ([], []) == (enrich(host, {}), host.extra_rules("2019.1", "POVO"))
    assert [[]] * len(TO_ALL) == [host.listeners(hook) for hook in sorted(TO_ALL)]


class Wrong:
    """A plugin whose answers to hooks that go to all, or give a list, are of the wrong kind."""

    @hookimpl
    def oso_find_pupils(self) -> list[object]:
        return [NUMBER]

    @hookimpl
    def oso_enrich_dossier(self) -> object:
        return NUMBER

    @hookimpl
    def oso_extra_rules(self) -> list[object]:
        return [NUMBER]

    @hookimpl
    def oso_commands(self) -> None:
        raise ValueError(NUMBER)


@pytest.mark.parametrize(
    "given",
    [
        PupilQuery(name="Anna", leaving_before=date(2026, 8, 1)),
        FoundPupil("P-1", "Anna", date_of_birth=date(2014, 5, 31)),
        Candidate("P-1", NUMBER),
        PupilMatch(pgn=NUMBER, former_pgns=("1",), date_of_birth=date(2014, 5, 31)),
        KnownPupil("P-1", {"huidigeschool": {"leerling": {"geboortedatum": date(2014, 5, 31)}}}),
        A_REQUEST,
        A_PREPARED,
        ExtraRule("R-1", "/od:dossier", "true()", "Vul aan.", "error"),
    ],
    ids=lambda given: type(given).__name__,
)
def test_what_hooks_get_and_give_goes_to_the_process_of_a_plugin_and_back(given: object) -> None:
    assert given == decoded(encoded(given))


def test_a_list_with_something_else_in_it_is_refused() -> None:
    with pytest.raises(PluginFailed, match="it gave no Sequence") as failed:
        bare(Wrong()).find_pupils(SCHOOL, "account", A_QUERY)
    assert NUMBER not in str(failed.value)


def test_a_part_that_is_no_dossier_fails_the_collecting() -> None:
    with pytest.raises(
        PluginFailed, match="plugin p0 failed in oso_enrich_dossier: it gave no Mapping"
    ):
        enrich(bare(Wrong()), {})


def test_rules_of_one_plugin_that_are_no_use_do_not_keep_those_of_another() -> None:
    (bad, failure), (good, rules) = bare(Wrong(), Everything()).extra_rules("2019.1", "POVO")

    assert ("p0", "p1", "R-POVO") == (bad, good, rules[0].id)  # type: ignore[index]
    assert "it gave no Sequence" == failure.reason  # type: ignore[union-attr]


def test_commands_that_cannot_be_added_are_named_by_their_plugin() -> None:
    with pytest.raises(
        PluginFailed, match="plugin p0 failed in oso_commands: it raised ValueError"
    ):
        bare(Wrong()).commands("p0", click.Group())

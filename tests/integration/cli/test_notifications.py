"""``notifications``: who asked in vain, and the conscious order to tell them."""

import json
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from support.chain import ACCOUNT
from support.fetching import nowhere
from support.notifying import Stage, asked_bron
from support.requester import numbers
from support.scripted import refuses

from oso_adapter.results import result

NUMBERS = numbers()
SERIALS = count()
OF = ("--administration", "99AA")
BY = (*OF, "--account", ACCOUNT)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with asked_bron(tmp_path_factory.mktemp("notifications")) as stage:
        yield stage


@pytest.fixture
def number() -> str:
    return next(NUMBERS)


@pytest.fixture
def pupil() -> str:
    return f"P-{next(SERIALS)}"


def seen(stage: Stage, number: str, pupil: str) -> str:
    stage.preparer.put(number, pupil)
    stage.preparer.seen(pupil)
    return pupil


def rows(stage: Stage, *arguments: str, code: int = 0) -> list[dict[str, Any]]:
    done = stage.bron.cli(*arguments, "--format", "json")
    assert code == done.exit_code, done.output
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_making_ready_names_who_asked_in_vain_and_how_to_tell_them(
    stage: Stage, number: str, pupil: str
) -> None:
    system = stage.system()
    stage.ask(system, number)
    ready = ("dossier", "ready", seen(stage, number, pupil), "--for", "99BB", *BY)
    done = stage.bron.cli(*ready)
    assert 0 == done.exit_code, done.output
    asked = "Eerder gevraagd, zonder deze versie te krijgen, door 1 systeem:"
    assert f"{pupil}: klaargezet (versie 1)\n  {asked}" in done.stdout
    assert f": 99BB {system.routing_id}, 20" in done.stdout
    assert "oudere versie" not in done.stdout
    [described] = rows(stage, *ready)
    [offered] = described["tevergeefs gevraagd"]
    assert ("99BB", system.routing_id) == (offered["brin"], offered["kenmerk"])
    assert f"notifications send {offered['id']}\n" in done.stdout
    assert [] == stage.told(system)


def test_who_got_an_older_version_is_named_as_such(stage: Stage, number: str, pupil: str) -> None:
    system = stage.system()
    stage.preparer.all(number, pupil, "99BB")
    stage.ask(system, number)
    stage.preparer.put(number, pupil, surname="Anders")
    stage.preparer.seen(pupil)

    done = stage.bron.cli("dossier", "ready", pupil, "--for", "99BB", *BY)

    [line] = [line for line in done.stdout.splitlines() if system.routing_id in line]
    assert line.endswith(", kreeg een oudere versie")


def test_making_ready_does_not_depend_on_finding_who_asked(
    stage: Stage, number: str, pupil: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError(number)

    monkeypatch.setattr("oso_adapter.exchange.asked.of_dossier", fails)
    done = stage.bron.cli("dossier", "ready", seen(stage, number, pupil), "--for", "99BB", *BY)
    assert (0, f"{pupil}: klaargezet (versie 1)\n") == (done.exit_code, done.stdout)
    assert "kon niet worden nagegaan" in done.stderr
    assert number not in done.output


def test_who_waits_is_listed_with_code_and_text_and_who_cannot_be_told_only_on_request(
    stage: Stage, number: str, pupil: str
) -> None:
    known, unknown = stage.system(), stage.system()
    stage.ask(known, number)
    stage.ask(unknown, next(NUMBERS))
    stage.preparer.all(number, pupil, "99BB")
    waiting = {r["kenmerk"]: r for r in rows(stage, "notifications", "waiting", *OF)}
    everyone = {r["kenmerk"]: r for r in rows(stage, "notifications", "waiting", "--all", *OF)}
    row = waiting[known.routing_id]
    assert (pupil, "klaargezet", "ja") == (
        *(row["leerling"], row["stand"], row["klaar voor dit systeem"]),
    )
    assert "LeerlinginfoNietBeschikbaar" == row["antwoord"]
    view = result("LeerlinginfoNietBeschikbaar").view("sending")
    assert (view.text, view.owner, view.next_step) == (row["uitleg"], row["wie"], row["wat nu"])
    assert unknown.routing_id not in waiting
    assert (None, "nee") == (
        *(everyone[unknown.routing_id][n] for n in ("leerling", "klaar voor dit systeem")),
    )


def test_sending_tells_that_system_and_the_list_says_what_came_of_it(
    stage: Stage, number: str, pupil: str
) -> None:
    system = stage.system()
    stage.ask(system, number)
    stage.preparer.all(number, pupil, "99BB")
    [item] = stage.waiting(pupil)
    [row] = rows(stage, "notifications", "send", str(item.request.id), *BY)
    assert ("klaar", "NotificatieOntvangen", ACCOUNT) == (
        *(row[name] for name in ("stand", "resultaat", "account")),
    )
    assert row["uitleg"].endswith(".")
    assert row["wat nu"].endswith(".")
    assert 1 == len(stage.told(system))
    assert row in rows(stage, "notifications", "sent", *OF)


def test_an_order_that_is_left_to_the_runner_sends_nothing_now(
    stage: Stage, number: str, pupil: str
) -> None:
    system = stage.system()
    stage.ask(system, number)
    stage.preparer.all(number, pupil, "99BB")
    request = str(stage.waiting(pupil)[0].request.id)
    [row] = rows(stage, "notifications", "send", request, "--no-wait", *BY)
    assert ("besteld", None) == (row["stand"], row["resultaat"])
    assert [] == stage.told(system)


def test_the_exit_code_says_whether_everybody_was_told(
    stage: Stage, number: str, pupil: str
) -> None:
    refusing = stage.system(refuses("SessieOnbekend", "notificatieResponse"))
    gone = stage.system(url=nowhere())
    for system in (refusing, gone):
        stage.ask(system, number)
    stage.preparer.all(number, pupil, "99BB")
    ids = {w.request.doel_routing_id: str(w.request.id) for w in stage.waiting(pupil)}
    first, second = ids[refusing.routing_id], ids[gone.routing_id]
    rows(stage, "notifications", "send", first, *BY, code=1)
    told = rows(stage, "notifications", "send", first, second, *BY, code=3)
    assert ["SessieOnbekend", "GeenAntwoord"] == [row["resultaat"] for row in told]
    done = stage.bron.cli("notifications", "send", "999999", *BY)
    assert (1, True) == (done.exit_code, "999999: er is geen aanvraag" in done.stderr)


def test_sending_needs_a_request_and_an_account_and_explains_its_effect(stage: Stage) -> None:
    assert 2 == stage.bron.cli("notifications", "send", *BY).exit_code
    assert 2 == stage.bron.cli("notifications", "send", "1", *OF).exit_code
    shown = " ".join(stage.bron.cli("notifications", "send", "--help").stdout.split())
    assert "It goes to the one system that asked, and to no other of that school" in shown

"""Telling a system that asked in vain: who is offered, who is told, and what is kept of it."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import count

import pytest
from support.chain import ACCOUNT
from support.fetching import nowhere
from support.notifying import Stage, asked_bron
from support.requester import DELIVERED, numbers
from support.scripted import Reply, refuses, says, with_option

from oso_adapter.chain.traffic_center import TrafficCenter
from oso_adapter.errors import NotAllowed, NotFound
from oso_adapter.exchange import asked, notify
from oso_adapter.exchange.asked import RECEIVED
from oso_adapter.exchange.restored import settle
from oso_adapter.simulator import seed
from oso_adapter.store import destroying
from oso_adapter.store.models import Administration, NoticeState
from oso_adapter.wire.messages import Message, format_moment
from oso_adapter.work.inline import Runner

NUMBERS = numbers()
SERIALS = count()


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with asked_bron(tmp_path_factory.mktemp("notifying")) as stage:
        yield stage


@pytest.fixture
def number() -> str:
    return next(NUMBERS)


@pytest.fixture
def pupil() -> str:
    return f"P-{next(SERIALS)}"


def test_who_asked_before_the_pupil_was_collected_is_offered_once_it_is_ready(
    stage: Stage, number: str, pupil: str
) -> None:
    system = stage.system()
    answer, values = stage.ask(system, number)
    assert "LeerlinginfoNietBeschikbaar" == answer
    stage.preparer.all(number, pupil, "99BB")
    [item] = stage.waiting(pupil)
    assert (values["sessieId"], answer) == (item.request.session_id, item.request.result)
    assert [] == stage.told(system), "nothing is sent by itself"


def test_a_system_that_is_told_gets_the_session_in_which_it_asked_and_nothing_of_the_pupil(
    stage: Stage, number: str, pupil: str
) -> None:
    system = stage.system()
    _, values = stage.ask(system, number)
    stage.preparer.all(number, pupil, "99BB")
    [item] = stage.waiting(pupil)
    notice = stage.notify(item)
    expected = {
        **system.parties(stage.bron.routing_id).values(),
        "sessieId": values["sessieId"],
        "aanvraagdatum": format_moment(item.request.first_at),
        "doel": "OV",
    }
    assert [Message("notificatieRequest", expected)] == stage.told(system)
    assert (NoticeState.DONE, "NotificatieOntvangen") == (notice.state, notice.result)
    names = [("notice.ordered", None), ("notice.announced", None), ("notice.sent", RECEIVED)]
    assert names == stage.events(notice)


def test_the_aanvraagdatum_of_a_request_that_had_one_is_that_one(
    stage: Stage, number: str, pupil: str
) -> None:
    system, moment = stage.system(), "2025-03-01T09:15:00+01:00"
    stage.ask(system, number, aanvraagdatum=moment)
    stage.preparer.all(number, pupil, "99BB")
    stage.notify(stage.waiting(pupil)[0])
    assert [moment] == [message.values["aanvraagdatum"] for message in stage.told(system)]


def test_for_a_request_without_an_aanvraagdatum_the_contract_may_want_none(
    stage: Stage, number: str, pupil: str
) -> None:
    system = stage.system()
    stage.ask(system, number)
    stage.preparer.all(number, pupil, "99BB")
    contract = with_option("notification_moment", "absent")
    [item] = stage.waiting(pupil)
    stage.notify_id(item.request.id, replace(stage.adapter, contract=contract))
    assert ["aanvraagdatum" in message.values for message in stage.told(system)] == [False]


def test_another_endpoint_of_the_same_school_is_not_told(
    stage: Stage, number: str, pupil: str
) -> None:
    system, neighbour = stage.system(), stage.system()
    stage.ask(system, number)
    stage.preparer.all(number, pupil, "99BB")
    stage.notify(stage.waiting(pupil)[0])
    assert (1, 0) == (len(stage.told(system)), len(stage.told(neighbour)))


def test_of_each_system_the_last_request_is_offered(stage: Stage, number: str, pupil: str) -> None:
    often, once = stage.system(), stage.system()
    stage.ask(often, number)
    _, last = stage.ask(often, number)
    _, other = stage.ask(once, number)
    stage.preparer.all(number, pupil, "99BB")
    sessions = [item.request.session_id for item in stage.waiting(pupil)]
    assert [other["sessieId"], last["sessieId"]] == sessions


def test_who_got_the_dossier_is_offered_again_when_a_newer_version_follows(
    stage: Stage, number: str, pupil: str
) -> None:
    system = stage.system()
    stage.preparer.all(number, pupil, "99BB")
    assert DELIVERED == stage.ask(system, number)[0]
    assert [] == stage.waiting(pupil)
    stage.preparer.put(number, pupil, surname="Anders")
    assert [] == stage.waiting(pupil), "a version that is not ready yet is no news"
    stage.preparer.seen(pupil, toestemming="Ja")
    stage.preparer.ready(pupil, "99BB")
    [item] = stage.waiting(pupil)
    assert RECEIVED == stage.notify(item).result
    assert DELIVERED == stage.ask(system, number)[0]
    assert [] == stage.waiting(pupil)


def test_who_was_told_is_not_offered_again_until_a_newer_version_is_ready(
    stage: Stage, number: str, pupil: str
) -> None:
    system = stage.system()
    stage.ask(system, number)
    stage.preparer.all(number, pupil, "99BB")
    [item] = stage.waiting(pupil)
    stage.notify(item)
    assert [] == stage.waiting(pupil)
    stage.preparer.all(number, pupil, "99BB", surname="Anders")
    assert [item.request.id] == [again.request.id for again in stage.waiting(pupil)]


def test_a_school_for_which_it_is_not_ready_is_neither_offered_nor_told(
    stage: Stage, number: str, pupil: str
) -> None:
    system = stage.system()
    stage.ask(system, number)
    stage.preparer.all(number, pupil, "99CC")
    assert [] == stage.waiting(pupil)
    all_asked = asked.of_administration(stage.adapter, stage.preparer.administration)
    [item] = [a for a in all_asked if a.request.doel_routing_id == system.routing_id]
    assert (False, "klaargezet") == (item.waits, item.newest and item.newest.state)
    with pytest.raises(NotAllowed, match="geen dossier klaar"):
        stage.notify(item)
    assert [] == stage.told(system)


def test_a_dossier_that_was_withdrawn_or_whose_last_day_has_passed_is_not_told(
    stage: Stage, number: str, pupil: str
) -> None:
    system = stage.system()
    stage.ask(system, number)
    stage.preparer.all(number, pupil, "99BB")
    [item] = stage.waiting(pupil)
    stage.preparer.ready(pupil, "99BB", until=stage.clock().date() + timedelta(days=1))
    later = replace(stage.adapter, clock=lambda: stage.clock() + timedelta(days=3))
    with pytest.raises(NotAllowed, match="geen dossier klaar"):
        stage.notify_id(item.request.id, later)
    stage.preparer.withdraw(pupil)
    with pytest.raises(NotAllowed, match="geen dossier klaar"):
        stage.notify(item)


def test_who_got_it_meanwhile_is_not_told(stage: Stage, number: str, pupil: str) -> None:
    system = stage.system()
    stage.ask(system, number)
    stage.preparer.all(number, pupil, "99BB")
    [item] = stage.waiting(pupil)
    stage.ask(system, number)
    with pytest.raises(NotAllowed, match="al een dossier"):
        stage.notify(item)


def test_who_got_a_dossier_that_was_destroyed_since_did_not_ask_in_vain(
    stage: Stage, number: str, pupil: str
) -> None:
    system = stage.system()
    stage.preparer.all(number, pupil, "99BB")
    stage.ask(system, number)
    destroyed = [stage.preparer.current(pupil).id]
    with stage.adapter.store.writing() as session:
        destroying.destroy_rows(session, destroyed, stage.clock())
    everyone = asked.of_administration(stage.adapter, stage.preparer.administration)
    assert [] == [a for a in everyone if a.request.doel_routing_id == system.routing_id]


def test_a_request_to_another_administration_is_not_found(stage: Stage, number: str) -> None:
    stage.ask(stage.system(), number)
    [item, *_] = asked.of_administration(stage.adapter, stage.preparer.administration)
    other = Administration(id=item.request.administration_id + 1, valid_from=date(2020, 8, 1))
    with pytest.raises(NotFound):
        notify.order(stage.adapter, other, ACCOUNT, item.request.id)


ANSWERS = {
    "a refusal": (refuses("SessieOnbekend", "notificatieResponse"), "SessieOnbekend"),
    "a fault": (refuses("TechnischeFout", "notificatieResponse"), "TechnischeFout"),
    "nonsense": (Reply(200, b"<html/>", "text/html"), "GeenAntwoord"),
    "not there": (Reply(503, b"later"), "GeenAntwoord"),
    "a new code": (refuses("IetsNieuws", "notificatieResponse"), "IetsNieuws"),
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_what_the_doel_answers_is_kept_and_asked_once(
    stage: Stage, number: str, pupil: str, kind: str
) -> None:
    reply, expected = ANSWERS[kind]
    system = stage.system(reply)
    stage.ask(system, number)
    stage.preparer.all(number, pupil, "99BB")
    [item] = stage.waiting(pupil)
    notice = stage.notify(item)
    assert (NoticeState.DONE, expected) == (notice.state, notice.result)
    assert ("notice.sent", expected) == stage.events(notice)[-1]
    Runner(stage.adapter).send_notices()
    assert 1 == len(stage.told(system))
    assert [item.request.id] == [again.request.id for again in stage.waiting(pupil)]


@pytest.mark.parametrize("address", [nowhere, lambda: "http://localhost/oso"], ids=["down", "no"])
def test_a_doel_that_is_down_gave_no_answer(
    stage: Stage, number: str, pupil: str, address: Callable[[], str]
) -> None:
    url = address()
    system = stage.system(url=url)
    stage.ask(system, number)
    stage.preparer.all(number, pupil, "99BB")
    notice = stage.notify(stage.waiting(pupil)[0])
    assert ("GeenAntwoord", url) == (notice.result, notice.url)


def test_an_endpoint_that_the_traffic_center_does_not_take_is_not_told(
    stage: Stage, number: str, pupil: str
) -> None:
    system = stage.system()
    stage.ask(system, number)
    stage.preparer.all(number, pupil, "99BB")
    token = seed.add_mandate(stage.chain.state, stage.doel.brin, stage.doel.oin)
    seed.add_endpoint(stage.chain.state, token, system.routing_id, nowhere(), attributes="SWV")
    notice = stage.notify(stage.waiting(pupil)[0])
    assert "DoelAanleverpuntOngeschikt" == notice.result
    refused = [("notice.ordered", None), ("notice.refused", notice.result)]
    assert refused == stage.events(notice)
    assert [] == stage.told(system)


CENTERS = {
    "no url": says("meldenNotificatieResponse", resultaat=RECEIVED),
    "not there": Reply(503, b"later"),
    "nonsense": Reply(200, b"<html/>", "text/html"),
}


@pytest.mark.parametrize("kind", CENTERS)
def test_without_the_traffic_center_nothing_goes_to_the_doel(
    stage: Stage, number: str, pupil: str, kind: str
) -> None:
    system = stage.system()
    stage.ask(system, number)
    stage.preparer.all(number, pupil, "99BB")
    adapter = stage.with_center(stage.script.at("center", CENTERS[kind]))
    notice = stage.notify_id(stage.waiting(pupil)[0].request.id, adapter)
    assert (NoticeState.DONE, "GeenAntwoord", None) == (notice.state, notice.result, notice.url)
    assert [] == stage.told(system)


def test_what_goes_wrong_here_is_a_fault_of_ours(stage: Stage, number: str, pupil: str) -> None:
    stage.ask(stage.system(), number)
    stage.preparer.all(number, pupil, "99BB")

    class Broken(TrafficCenter):
        def announce(self, *_: object) -> str:
            raise RuntimeError

    adapter = replace(stage.adapter, traffic_center=Broken(stage.adapter.soap, ""))
    notice = stage.notify_id(stage.waiting(pupil)[0].request.id, adapter)
    assert "TechnischeFout" == notice.result
    assert notice.fault_id is not None


def test_an_order_that_is_left_to_the_runner_is_carried_out_once(
    stage: Stage, number: str, pupil: str
) -> None:
    system = stage.system()
    stage.ask(system, number)
    stage.preparer.all(number, pupil, "99BB")
    [item] = stage.waiting(pupil)
    owner = stage.preparer.administration
    ordered = notify.order(stage.adapter, owner, ACCOUNT, item.request.id)
    with pytest.raises(NotAllowed, match="op dit moment"):
        notify.order(stage.adapter, owner, ACCOUNT, item.request.id)
    Runner(stage.adapter).send_notices()
    Runner(stage.adapter).send_notices()
    assert 1 == len(stage.told(system))
    with pytest.raises(NotAllowed, match="in behandeling"):
        notify.carry_out(stage.adapter, ordered)


KILLED = """
import os, signal, sys
from pathlib import Path
from oso_adapter.exchange import notify
from oso_adapter.exchange.adapter import build
from oso_adapter.settings import read_settings

adapter = build(read_settings(Path(sys.argv[1]), {}))
call = adapter.soap.call

def dies_before_the_doel(url, message, *, party):
    if message.name == "notificatieRequest":
        os.kill(os.getpid(), signal.SIGKILL)
    return call(url, message, party=party)

object.__setattr__(adapter.soap, "call", dies_before_the_doel)
notify.carry_out(adapter, sys.argv[2])
"""


def test_killed_between_traffic_center_and_doel_it_says_so_and_a_new_order_sends_it(
    stage: Stage, number: str, pupil: str
) -> None:
    system = stage.system()
    stage.ask(system, number)
    stage.preparer.all(number, pupil, "99BB")
    [item] = stage.waiting(pupil)
    owner = stage.preparer.administration
    ordered = notify.order(stage.adapter, owner, ACCOUNT, item.request.id)
    arguments = [sys.executable, "-c", KILLED, str(stage.bron.config), ordered]
    assert -9 == subprocess.run(arguments, check=False).returncode
    Runner(stage.adapter).send_notices()
    [broken] = [n for n in notify.listed(stage.adapter, owner) if n.id == ordered]
    assert (NoticeState.BROKEN_OFF, None) == (broken.state, broken.result)
    assert ("notice.broken_off", None) == stage.events(broken)[-1]
    assert [] == stage.told(system)
    assert RECEIVED == stage.notify(stage.waiting(pupil)[0]).result
    assert 1 == len(stage.told(system))


def test_in_a_database_that_was_put_back_an_open_order_is_broken_off_and_given_anew_by_a_person(
    stage: Stage, number: str, pupil: str
) -> None:
    owner, system = stage.preparer.administration, stage.system()
    stage.ask(system, number)
    stage.preparer.all(number, pupil, "99BB")
    [item] = stage.waiting(pupil)
    ordered = notify.order(stage.adapter, owner, ACCOUNT, item.request.id)

    settle(stage.adapter, ACCOUNT)
    Runner(stage.adapter).send_notices()

    [broken] = [n for n in notify.listed(stage.adapter, owner) if n.id == ordered]
    assert (NoticeState.BROKEN_OFF, stage.clock()) == (broken.state, broken.finished_at)
    assert ("notice.broken_off", None) == stage.events(broken)[-1]
    assert [] == stage.told(system)
    assert RECEIVED == stage.notify(item).result

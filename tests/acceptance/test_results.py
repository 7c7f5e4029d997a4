"""Nothing of the catalogues is idle: each result is reached by a test, each event by a flow."""

import ast
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from socket import gethostname
from typing import Any

import pytest
from support.chain import ACCOUNT, School
from support.dossiers import sent
from support.fetching import OTHERS, Doel, Stage, nowhere, staged
from support.housekeeping import keep_house
from support.keeping import keeping
from support.requester import CONTRACT, DELIVERED, Preparer, event_counts, numbers
from support.scripted import Reply, delivers, refuses

from oso_adapter import results
from oso_adapter.bounded_xml import parse
from oso_adapter.chain.traffic_center import Parties, TrafficCenter, notification
from oso_adapter.errors import Refused
from oso_adapter.exchange import asked, notified, notify, receive
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.authorisation import require_mandated
from oso_adapter.exchange.deliver import deliver
from oso_adapter.exchange.osr_sync import Outcome
from oso_adapter.exchange.osr_sync import sync as run_sync
from oso_adapter.hookspecs import (
    HookContext,
    ImportAnswer,
    ReceivedDossier,
    ReceivedNotification,
    hookimpl,
)
from oso_adapter.identifiers import Brin, Oin, Pgn, SessionId
from oso_adapter.simulator import seed
from oso_adapter.store import notices
from oso_adapter.store.events import NAMES
from oso_adapter.store.models import ExchangeState
from oso_adapter.wire.envelope import read_answer
from oso_adapter.wire.messages import Message
from oso_adapter.wire.search_key import SearchKey, SimulationSearchKey

NUMBERS = numbers()
DELIVER, SESSION, FETCH = ("test_deliver.py", "test_deliver_session.py", "test_fetch.py")
NOTIFY = "test_notifying.py"

REACHED = {
    "OverdrachtGeslaagd": (DELIVER, "test_a_dossier_that_is_ready_is_delivered_unchanged"),
    "LeerlinginfoNietOpvraagbaar": (
        DELIVER,
        "test_a_dossier_that_the_parents_have_not_seen_cannot_be_asked",
    ),
    "LeerlinginfoNietGewijzigd": (DELIVER, "test_aanvraagdatum_asks_for_what_was_collected_later"),
    "LeerlinginfoNietVoorDoel": (DELIVER, "test_a_dossier_for_another_school_is_not_for_this_one"),
    "DossierVersieOnjuist": (
        DELIVER,
        "test_a_dossier_of_a_release_that_is_not_in_use_is_of_the_wrong_version",
    ),
    "LeerlinginfoNietBeschikbaar": (DELIVER, "test_a_dossier_that_is_not_ready_is_not_available"),
    "SessieAfwijkend": (SESSION, "test_another_key_than_that_of_the_session_is_refused"),
    "OnbekendAanleverpunt": (SESSION, "test_another_endpoint_of_the_doelschool_is_refused"),
    "GeenRelatieMetDoel": (SESSION, "test_binnen_brin_between_two_schools_is_refused"),
    "SessieReedsAfgemeld": (DELIVER, "test_after_the_sign_off_the_session_gives_nothing_more"),
    "SessieOnbekend": (SESSION, "test_an_unknown_session_is_refused"),
    "VerstrekkerNietBekend": (
        SESSION,
        "test_a_bronschool_that_the_traffic_center_does_not_know_is_refused",
    ),
    "VerstrekkerAanleverpuntNietActief": (
        SESSION,
        "test_an_endpoint_that_is_not_registered_is_refused",
    ),
    "AanvragerNietBekend": (
        "test_fetch_session.py",
        "test_a_school_without_an_endpoint_of_its_own_cannot_ask",
    ),
    "KoppelsleutelOnbekend": (
        SESSION,
        "test_a_koppelsleutel_that_was_never_given_out_here_is_refused_after_the_session",
    ),
    "CertificaatNietGeautoriseerd": (SESSION, "test_a_certificate_without_an_oin_is_refused"),
    "TechnischeFout": (SESSION, "test_without_a_traffic_center_nothing_is_delivered"),
    "NotificatieOntvangen": (
        NOTIFY,
        "test_a_system_that_is_told_gets_the_session_in_which_it_asked_and_nothing_of_the_pupil",
    ),
    "DoelAanleverpuntOngeschikt": (
        NOTIFY,
        "test_an_endpoint_that_the_traffic_center_does_not_take_is_not_told",
    ),
    "GeenAntwoord": (FETCH, "test_a_bron_that_is_down_gave_no_answer_and_the_next_is_asked"),
    "OnbekendNaHerstel": (
        "test_restore.py",
        "test_an_order_carried_out_after_the_backup_is_not_carried_out_again",
    ),
}

OTHER_FLOWS = {
    "TerugkoppelingOntvangen": "terugkoppelingResponse",
}
"""Feedback; until that flow exists its results are read and ranked."""


def test_every_result_has_its_place() -> None:
    assert set(results.CATALOGUE) == set(REACHED) | set(OTHER_FLOWS)


@pytest.mark.parametrize("code", REACHED)
def test_a_result_is_reached_by_a_test_that_names_it(code: str) -> None:
    file, name = REACHED[code]
    tree = ast.parse(Path(__file__).with_name(file).read_text(encoding="utf-8"))
    [test] = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == name]
    constants = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    assert code in expected(test, constants)


def expected(test: ast.FunctionDef, constants: dict[str, ast.expr]) -> set[object]:
    """The texts that a test asserts something of: in an assert, or given to one of its helpers.

    A name stands for the constant of its module.
    """
    looked_at = [
        node
        for node in ast.walk(test)
        if isinstance(node, ast.Assert)
        or (isinstance(node, ast.Call) and ast.unparse(node.func).startswith("assert_"))
    ]
    found: set[object] = set()
    for node in (inner for outer in looked_at for inner in ast.walk(outer)):
        if isinstance(node, ast.Constant):
            found.add(node.value)
        elif isinstance(node, ast.Name) and node.id == "DELIVERED":
            found.add(DELIVERED)
        elif isinstance(node, ast.Name) and node.id in constants:
            found |= {n.value for n in ast.walk(constants[node.id]) if isinstance(n, ast.Constant)}
    return found


@pytest.mark.parametrize("code", OTHER_FLOWS)
def test_a_result_of_another_flow_is_read_and_ranked(code: str) -> None:
    response = OTHER_FLOWS[code]
    document = refuses(code, response).body
    assert code == read_answer(parse(document), CONTRACT, response).values["resultaat"]
    known = results.result(code)
    assert (known.rank is None) == (known.cls == "normal")
    goes_before_a_failure = results.best([code, "TechnischeFout"]) == 0
    assert goes_before_a_failure == (known.rank is not None)


# --- events ------------------------------------------------------------------------------------


class Las:
    @hookimpl
    def oso_import_dossier(self, context: HookContext, received: ReceivedDossier) -> ImportAnswer:
        return ImportAnswer("accepted")

    @hookimpl
    def oso_notification_received(
        self, context: HookContext, notification: ReceivedNotification
    ) -> None:
        """Takes note."""


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with staged(tmp_path) as stage:
        yield stage


def test_the_flows_together_record_every_event(stage: Stage, tmp_path: Path) -> None:
    po = stage.chain.add_school("99AA", "PO")
    bron, doel = po.adapter(), stage.doel()
    doel.adapter.plugins.register(Las(), "las")
    administer(po)
    prepared = next(NUMBERS)
    deliver_twice(po, bron, doel, prepared)
    notify_the_asker(Preparer(bron, po.administration(bron)), prepared)
    be_notified(doel, po, prepared)
    fetch_without_a_dossier(stage, doel)
    fetch_and_fail(stage, doel)
    read_and_decide(stage, doel)
    let_through(bron)
    register_and_end(po, bron)
    (tmp_path / "house").mkdir()
    with keeping(tmp_path / "house") as kept:
        at_home = keep_house(kept, tmp_path / "backup.sqlite")

    assert set(NAMES) == {*event_counts(bron), *event_counts(doel.adapter), *at_home}


def administer(school: School) -> None:
    names = ("--kind", "LAS", "--name", "School 99HH", "--tenant", "t99hh")
    routing_id = "0000000700099HH00001"
    added = school.cli(
        "administration", "add", "--brin", "99HH", "--routing-id", routing_id, *names
    )
    changed = school.cli("administration", "sector", routing_id, "SO")
    ended = school.cli("administration", "end", routing_id, "--on", "2030-07-31")
    done = (added, changed, ended)
    assert [0, 0, 0] == [one.exit_code for one in done], "".join(one.output for one in done)


def deliver_twice(po: School, bron: Adapter, doel: Doel, number: str) -> None:
    """A dossier from collecting, twice, to its withdrawal, asked twice in one session."""
    own = doel.stage.school

    def endpoint(message: Message) -> Reply:
        try:
            deliver(bron, message, own.oin)
            return delivers(deliver(bron, message, own.oin))
        except Refused as refusal:
            return refuses(refusal.code)

    url = doel.stage.script.at("99AA", endpoint)
    token = seed.add_mandate(doel.stage.chain.state, po.brin, po.oin)
    seed.add_endpoint(doel.stage.chain.state, token, po.routing_id, url)
    preparer = Preparer(bron, po.administration(bron))
    preparer.put(number, "P-1", surname="Eerder")
    preparer.all(number, "P-1", "99BB")
    assert "OverdrachtGeslaagd" == doel.fetch(number, po.brin).result
    preparer.withdraw("P-1")
    assert "LeerlinginfoNietBeschikbaar" == doel.fetch(number, po.brin).result


def notify_the_asker(preparer: Preparer, number: str) -> None:
    """Where nobody listens, without a Traffic Center, and by a process that died."""
    bron, owner = preparer.adapter, preparer.administration
    preparer.all(number, "P-1", "99BB")
    [item] = asked.of_dossier(bron, owner, preparer.current("P-1").id)
    elsewhere = replace(bron, traffic_center=TrafficCenter(bron.soap, nowhere()))
    for adapter in (bron, elsewhere):
        ordered = notify.order(adapter, owner, ACCOUNT, item.request.id)
        assert "GeenAntwoord" == notify.carry_out(adapter, ordered).result
    ordered = notify.order(bron, owner, ACCOUNT, item.request.id)
    with bron.store.writing() as session:
        notices.begin(session, ordered, f"{gethostname()[:30]}:0:0", bron.clock())
    notify.give_up_left_behind(bron)


def be_notified(doel: Doel, po: School, number: str) -> None:
    """Of a dossier that came, by that school twice, and by a stranger."""
    done = doel.fetch(number, po.brin)
    parties = Parties(po.brin, doel.stage.school.brin, doel.stage.school.routing_id, po.routing_id)
    values = notification(parties, SessionId(done.session_id or ""), None)
    doel.clock.forward(minutes=1)
    for _ in range(2):
        notified.receive(doel.adapter, Message("notificatieRequest", values), po.oin)
    stranger = {**values, "bronBrin": "99ZZ"}
    with pytest.raises(Refused):
        notified.receive(doel.adapter, Message("notificatieRequest", stranger), OTHERS)
    notified.offer(doel.adapter)


def fetch_without_a_dossier(stage: Stage, doel: Doel) -> None:
    number = next(NUMBERS)
    assert "VerstrekkerAanleverpuntNietActief" == doel.fetch(number, stage.bron()).result
    half = doel.with_center(replace(doel.center, closes_at=nowhere()))
    waiting = half.fetch(number, stage.bron(refuses("LeerlinginfoNietOpvraagbaar")))
    doel.clock.forward(minutes=61)
    half.run(waiting.id)


def let_through(bron: Adapter) -> None:
    """A system that nobody knows, while the OSR is down and the school would rather go on."""
    chain = replace(bron.settings.chain, osr_unavailable="allow_and_flag")
    down = replace(bron.osr, calls=replace(bron.osr.calls, url=nowhere()))
    lenient = replace(bron, settings=replace(bron.settings, chain=chain), osr=down)
    require_mandated(lenient, Oin("00000099000000096000"), Brin("99ZZ"))


def register_and_end(po: School, bron: Adapter) -> None:
    """Our endpoint in the OSR: new, moved, refused, and at the end of its administration ended."""

    def sync(at: str, **how: Any) -> Outcome:
        transport = replace(bron.settings.transport, public_url=at)
        settings = replace(bron.settings, transport=transport)
        return run_sync(replace(bron, settings=settings), ACCOUNT, osr=bron.osr, **how)

    added = po.cli(
        *("administration", "add", "--brin", "99AA", "--routing-id", "0000000700099AA00009"),
        *("--name", "Negen", "--tenant", "t", "--from", "2023-08-01"),
    )
    assert 0 == added.exit_code, added.output
    assert sync(po.url).done
    assert sync("https://x.example:0/oso").stopped is None  # the OSR refuses this address
    assert sync("https://elders.example/oso").done
    ended = po.cli("administration", "end", "0000000700099AA00009", "--on", "2024-07-31")
    assert 0 == ended.exit_code, ended.output
    assert sync("https://elders.example/oso", confirmed=1).done


class NoKey(SimulationSearchKey):
    def make(self, pgn: Pgn) -> SearchKey:
        raise RuntimeError


def fetch_and_fail(stage: Stage, doel: Doel) -> None:
    broken = replace(doel, adapter=replace(doel.adapter, search_key=NoKey()))
    order = broken.place(next(NUMBERS), stage.bron())
    while ExchangeState.DONE != broken.run(order).state:
        doel.clock.forward(hours=1)


def read_and_decide(stage: Stage, doel: Doel) -> None:
    number = next(NUMBERS)
    other = doel.fetch(number, stage.bron(delivers(sent(number, surname="Andersma"))))
    received = doel.received(other)
    shown = stage.school.cli("received", "show", received.id, "--account", ACCOUNT)
    assert 0 == shown.exit_code, shown.output
    receive.decide(doel.adapter, received, ImportAnswer("rejected"), account=ACCOUNT)

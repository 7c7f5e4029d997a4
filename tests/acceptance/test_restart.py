"""Killed between any two steps: nothing is lost, nothing comes twice as new, all is signed off."""

import http.client
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from support.asker import Answer, Asker, prepared
from support.chain import ACCOUNT, Chain, School, an_order, end, wait_for_port
from support.dossiers import BORN, NUMBERS, SURNAME
from support.killer import Countdown, Importer

from oso_adapter.bounded_xml import parse
from oso_adapter.clock import utc_now
from oso_adapter.demo.comparison import canonical
from oso_adapter.exchange import receive
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.orders import place
from oso_adapter.simulator.sessions import session_counts
from oso_adapter.store.models import (
    Event,
    Exchange,
    ExchangeState,
    Received,
    ReceivedState,
    Request,
)
from oso_adapter.work.inline import Runner

TESTS = Path(__file__).parents[1]
KILLED = -signal.SIGKILL
LOST = (http.client.HTTPException, OSError)
"""What the asker sees when the endpoint is killed."""


def killer(*arguments: object, **streams: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "support.killer", *(str(a) for a in arguments)],
        env={**os.environ, "PYTHONPATH": str(TESTS)},
        **streams,
    )


@dataclass
class Doel:
    """The doelschool with a process that can be killed at any step, and one that goes on."""

    chain: Chain
    school: School
    folder: Path
    expected: bytes

    @cached_property
    def adapter(self) -> Adapter:
        adapter = self.school.adapter()
        adapter.plugins.register(Importer(self.folder), "importer")
        return adapter

    @cached_property
    def countdown(self) -> Countdown:
        return Countdown(self.folder / "countdown")

    @contextmanager
    def mortal(self, *command: object) -> Iterator[subprocess.Popen[bytes]]:
        """It has carried out one order or command whole; what it is given next can be killed."""
        arguments = ("command",) if command else ("fetch", self.school.config, self.folder)
        self.countdown.stop()
        with killer(
            self.countdown.file, *arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as process:
            first = command or ([self.order(NUMBERS[0])],)
            assert 0 == self.ended(process, *first)
            yield process

    def order(self, number: str) -> str:
        owner = self.school.administration(self.adapter)
        return place(self.adapter, owner, ACCOUNT, [an_order(number)])[0]

    def run(self, process: subprocess.Popen[bytes], order: str, steps: int) -> int:
        """Let the process carry an order out and kill itself after that many steps."""
        return self.work(process, steps, [order])

    def work(self, process: subprocess.Popen[bytes], steps: int, *what: object) -> int:
        """Let the process do this and kill itself after that many steps."""
        self.countdown.set(steps)
        return self.ended(process, *what)

    def ended(self, process: subprocess.Popen[bytes], *what: object) -> int:
        """Let the process do this; gives how it ended."""
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(what).encode() + b"\n")
        process.stdin.flush()
        return int(process.stdout.readline())

    def go_on(self, order: str) -> None:
        """What happens after a restart."""
        Runner(self.adapter).run_until_done([order])

    def events(self, order: str) -> list[str]:
        with self.adapter.store.reading() as session:
            received = select(Received.id).filter_by(exchange_id=order).scalar_subquery()
            query = select(Event.name).where((Event.subject == order) | (Event.subject == received))
            return list(session.scalars(query.order_by(Event.id)))

    def row(self, order: str) -> Exchange:
        with self.adapter.store.reading() as session:
            return session.get_one(Exchange, order)

    def received(self, order: str) -> list[Received]:
        with self.adapter.store.reading() as session:
            return list(session.scalars(select(Received).filter_by(exchange_id=order)))

    def counts(self) -> tuple[int, int]:
        """How many orders are done, and how many dossiers were received."""
        with self.adapter.store.reading() as session:
            done = session.scalars(select(Exchange.id).filter_by(state=ExchangeState.DONE)).all()
            return len(done), len(session.scalars(select(Received.id)).all())

    def noted(self, file: str) -> list[str]:
        """The ids that the plugin wrote down."""
        return (self.folder / file).read_text(encoding="ascii").split()

    def open_at_the_center(self) -> set[str]:
        with self.chain.state.read() as db:
            rows = db.execute("SELECT id FROM sessions WHERE signed_off IS NULL").fetchall()
        return {row["id"] for row in rows}

    def known(self) -> set[str | None]:
        """The sessions whose id reached the store."""
        with self.adapter.store.reading() as session:
            return set(session.scalars(select(Exchange.session_id)))

    def assert_delivered_once(self, order: str) -> None:
        """The order is done, the dossier is here once, was taken over once and is unchanged."""
        row = self.row(order)
        assert (ExchangeState.DONE, "OverdrachtGeslaagd") == (row.state, row.result)
        (received,) = self.received(order)
        assert ReceivedState.ACCEPTED == received.state
        assert 1 == self.noted("applied").count(received.id)
        came = receive.opened(self.adapter, received)
        assert canonical(parse(self.expected)) == canonical(parse(came))
        expected = [
            *("fetch.ordered", "fetch.session", "fetch.answered", "fetch.received"),
            *("fetch.signed_off", "received.handed_over"),
        ]
        assert expected == self.events(order)
        assert None is row.lease_owner

    def assert_all_signed_off(self) -> None:
        assert set() == self.open_at_the_center() & self.known()


@pytest.fixture(scope="module")
def doel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doel]:
    """A bronschool that serves the first of NUMBERS, and a doelschool that can be killed."""
    chain = Chain.create(tmp_path_factory.mktemp("restart"))
    try:
        chain.start("tc")
        po, vo = chain.add_school("99AA", "PO"), chain.add_school("99BB", "VO")
        expected = prepared(po, *NUMBERS)[NUMBERS[0]]
        po.start("public")
        folder = vo.folder / "imported"
        folder.mkdir()
        yield Doel(chain, vo, folder, expected)
    finally:
        chain.stop()


def test_killed_at_any_step_of_fetching_a_dossier_it_arrives_once_after_a_restart(
    doel: Doel,
) -> None:
    steps, ended = 0, KILLED
    with doel.mortal() as process:
        while ended == KILLED:
            steps += 1
            order = doel.order(NUMBERS[0])
            ended = doel.run(process, order, steps)
            doel.go_on(order)
            doel.assert_delivered_once(order)
            doel.assert_all_signed_off()
    assert 0 == ended
    taken = doel.countdown.steps
    assert steps - 1 == len(taken)
    assert 3 == taken.count("after-post_xml")
    assert 1 == taken.count("after-import_dossier")
    assert 7 <= taken.count("after-commit") == taken.count("before-commit")
    assert len(doel.noted("calls")) > len(doel.noted("applied")) == 1 + steps


def test_a_grant_whose_answer_died_with_the_process_expires_and_is_counted(doel: Doel) -> None:
    before = doel.open_at_the_center()
    with doel.mortal() as process:
        steps, order = 1, doel.order(NUMBERS[0])
        while not doel.open_at_the_center() - before:
            assert KILLED == doel.run(process, order, steps)
            steps += 1
    (lost,) = doel.open_at_the_center() - before
    doel.go_on(order)
    doel.assert_delivered_once(order)
    assert lost not in doel.known()
    later = session_counts(doel.chain.state, utc_now() + timedelta(minutes=61))
    assert (len(before) + 1, 0) == (later.expired, later.open)


def test_killed_at_any_step_of_a_refusal_it_is_signed_off_after_a_restart(doel: Doel) -> None:
    number = "111222333"[::-1]
    steps, ended = 0, KILLED
    with doel.mortal() as process:
        while ended == KILLED:
            steps += 1
            order = doel.order(number)
            ended = doel.run(process, order, steps)
            doel.go_on(order)
            row = doel.row(order)
            found = (row.state, row.result, doel.received(order))
            assert (ExchangeState.DONE, "LeerlinginfoNietBeschikbaar", []) == found
            assert 1 == doel.events(order).count("fetch.signed_off")
            doel.assert_all_signed_off()


def test_a_command_killed_at_any_step_and_given_again_fetches_the_dossier_once(
    doel: Doel,
) -> None:
    table = f"pgn,achternaam,geboortedatum,bron_brin\n{NUMBERS[1]},{SURNAME},{BORN},99AA\n"
    order = ["fetch", "order", "--from", "-", "--administration", "99BB", "--account", ACCOUNT]
    command = ["--config", str(doel.school.config), *order]
    with doel.mortal(command, table) as process:
        steps, (done, received) = 0, doel.counts()
        while True:
            steps += 1
            doel.work(process, steps, command, table)
            doel.countdown.stop()
            if (done + steps, received + steps) == doel.counts():
                break  # nothing was left to interrupt
            again = doel.school.cli(*order, text=table)
            assert 0 == again.exit_code, again.output
            assert (done + steps, received + steps) == doel.counts()
            doel.assert_all_signed_off()
    assert 20 <= steps


def test_two_runners_never_work_on_the_same_order(doel: Doel) -> None:
    before = doel.chain.state.events()
    doel.school.start("runner")
    rows = [
        f"{number},Proefleerling,2013-05-31,99AA,P-{place}"
        for place, number in enumerate(NUMBERS, 1)
    ]
    table = "\n".join(["pgn,achternaam,geboortedatum,bron_brin,verwijzing", *rows])
    who = ["--administration", "99BB", "--account", ACCOUNT]
    rounds = 4
    for _ in range(rounds):
        done = doel.school.cli("fetch", "order", "--from", "-", *who, text=table)
        assert 0 == done.exit_code, done.output
    told = doel.chain.state.events(before[-1].number)
    names = [event.message for event in told]
    asked = rounds * len(NUMBERS)
    expected = {"overdrachtRequest": asked, "afmeldingRequest": asked}
    assert expected == {name: names.count(name) for name in expected}
    bron = doel.chain.schools[0].adapter()
    with bron.store.reading() as session:
        sessions = {event.session for event in told}
        times = session.scalars(select(Request.times).where(Request.session_id.in_(sessions))).all()
    assert [1] * asked == list(times)


@dataclass
class Bron:
    """An endpoint whose worker can be killed at any step, and the school that asks it."""

    asker: Asker
    countdown: Countdown

    def ask(self, values: dict[str, Any]) -> Answer | None:
        """One documentRequest; None when the answer was lost."""
        try:
            return self.asker.ask(values)
        except LOST:
            return None

    def events(self, session_id: str) -> list[str]:
        adapter = self.asker.bron.adapter()
        with adapter.store.reading() as session:
            query = select(Event.name).filter_by(session_id=session_id).order_by(Event.id)
            return list(session.scalars(query))


@pytest.fixture
def bron(chain: Chain) -> Iterator[Bron]:
    chain.start("tc")
    po, vo = chain.add_school("99AA", "PO"), chain.add_school("99BB", "VO")
    asker = Asker(vo, po)
    asker.expected = prepared(po, NUMBERS[0])[NUMBERS[0]]
    countdown = Countdown(po.folder / "countdown")
    with po.log.open("ab") as log:
        process = killer(countdown.file, "serve", po.config, stdout=log, stderr=log)
    try:
        wait_for_port(po.port, process, po.log)
        yield Bron(asker, countdown)
    finally:
        end(process)


def test_killed_at_any_step_of_delivering_the_same_request_gets_the_same_bytes(bron: Bron) -> None:
    steps, lost = 0, True
    while lost:
        steps += 1
        values = bron.asker.session(NUMBERS[0])
        bron.countdown.set(steps)
        first = bron.ask(values)
        lost = first is None
        if not lost:
            assert steps - 1 == len(bron.countdown.steps)
        bron.countdown.stop()
        again, once_more = bron.ask(values), bron.ask(values)
        assert again is not None
        assert once_more is not None
        assert again.body == once_more.body
        assert canonical(parse(bron.asker.expected)) == canonical(parse(again.message.dossier))
        names = bron.events(values["sessieId"])
        assert 1 == names.count("request.delivered")
        assert {"request.delivered", "request.repeated"} == set(names)
        bron.asker.sign_off(values)
    assert 7 <= steps


@pytest.mark.soak
def test_killed_at_random_again_and_again_nothing_is_lost(doel: Doel) -> None:
    chance = random.Random(0)
    until = time.monotonic() + 240
    with doel.mortal() as process:
        while time.monotonic() < until:
            order = doel.order(NUMBERS[0])
            while KILLED == doel.run(process, order, chance.randint(1, 30)):
                pass
            doel.go_on(order)
            doel.assert_delivered_once(order)
            doel.assert_all_signed_off()

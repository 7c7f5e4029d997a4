"""What the adapter needs is away, slow, full, locked or not its own: told, and nothing is lost."""

import random
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest
from support import full_disk
from support.asker import Answer, Asker, forms, prepared
from support.chain import ACCOUNT, Chain, an_order, wait_for_port
from support.dossiers import NUMBERS, SURNAME

from oso_adapter.bounded_xml import parse
from oso_adapter.clock import utc_now
from oso_adapter.demo.comparison import canonical
from oso_adapter.errors import StoreUnavailable
from oso_adapter.exchange import receive
from oso_adapter.exchange.adapter import Adapter, build
from oso_adapter.exchange.orders import place
from oso_adapter.settings import read_settings
from oso_adapter.simulator.state import make_late
from oso_adapter.store import dossiers, exchanges
from oso_adapter.store.keys import new_keys
from oso_adapter.store.models import Exchange, ExchangeState
from oso_adapter.work.inline import Runner

QUICK = {
    "OSO_STORE__TIMEOUT": "0.2",
    "OSO_TRANSPORT__READ_TIMEOUT": "5",
    "OSO_TRANSPORT__CONNECT_TIMEOUT": "5",
}
"""Short where a test waits for the end of it, and long enough for parties that do answer, busy as
the machine may be.
"""


LARGE = {"groot.bin": random.Random(1).randbytes(50_000)}
"""An attachment that fits on no page that is there already."""


@pytest.fixture(scope="module")
def own_chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    chain = Chain.create(tmp_path_factory.mktemp("surroundings"))
    yield chain
    chain.stop()


@pytest.fixture(scope="module")
def full(own_chain: Chain) -> Path:
    """While this file exists the disk of both schools is full."""
    return own_chain.folder / "full"


@pytest.fixture(scope="module")
def world(own_chain: Chain, full: Path) -> Asker:
    """A chain of its own, whose endpoint waits only shortly for others."""
    own_chain.start("tc")
    bron, doel = own_chain.add_school("99AA", "PO"), own_chain.add_school("99BB", "VO")
    world = Asker(doel, bron)
    world.expected = prepared(bron, NUMBERS[0], attachments=LARGE)[NUMBERS[0]]
    arguments = [str(full), "--config", str(bron.config), "serve", "--only", "public"]
    with bron.log.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, full_disk.__file__, *arguments], stdout=log, stderr=log, env=QUICK
        )
    bron.processes.append(process)
    wait_for_port(bron.port, process, bron.log)
    world.assert_serves()
    return world


@contextmanager
def late(chain: Chain, message: str) -> Iterator[None]:
    """A time in which these requests are answered when the caller has gone."""
    make_late(chain.state, message)
    try:
        yield
    finally:
        make_late(chain.state)


def assert_technical(world: Asker, answer: Answer, reason: str) -> None:
    """A TechnischeFout whose fault id leads to the reason in the log."""
    assert ("Server", "TechnischeFout") == (answer.fault.code, answer.fault.result_code)
    assert "TechnischeFout" == answer.sentence
    line = world.wait_for_event("endpoint.fault", fault_id=answer.fault.fault_id)
    assert reason in line["reason"]


def test_without_the_traffic_center_nothing_is_delivered_and_later_it_is(world: Asker) -> None:
    values, before = world.session(NUMBERS[0]), world.rows()
    with world.bron.chain.without("tc"):
        answer = world.ask(values)

    assert_technical(world, answer, "Traffic Center could not be reached")
    assert before == world.rows()
    assert world.ask(values).message.dossier is not None


def test_a_slow_traffic_center_is_waited_for_no_longer_than_the_setting_says(
    world: Asker,
) -> None:
    values, before = world.session(NUMBERS[0]), world.rows()
    with late(world.bron.chain, "sessiecontroleRequest"):
        answer = world.ask(values)

    assert_technical(world, answer, "Traffic Center could not be reached: timeout")
    assert before == world.rows()
    assert world.ask(values).message.dossier is not None


def test_a_locked_database_is_told_and_later_the_same_request_gets_its_dossier(
    world: Asker,
) -> None:
    values, before = world.session(NUMBERS[0]), world.rows()
    with closing(sqlite3.connect(world.bron.store_file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = world.ask(values)
        other.execute("ROLLBACK")

    assert_technical(world, answer, "locked")
    assert before == world.rows()
    assert world.ask(values).message.dossier is not None


def test_on_a_full_disk_the_answer_is_a_technical_fault_and_nothing_is_half_written(
    world: Asker, full: Path
) -> None:
    full.touch()
    for _ in range(100):  # what still fits on the pages that there are is delivered
        values, before = world.session(NUMBERS[0]), world.rows()
        answer = world.ask(values)
        if answer.status != 200:
            break
    full.unlink()

    assert_technical(world, answer, "full")
    after = world.rows()
    new = [row for row in after.pop("requests") if row not in before["requests"]]
    assert {(row["session_id"], row["result"]) for row in new} <= {(values["sessieId"], None)}
    assert {name: rows for name, rows in before.items() if name != "requests"} == after
    with closing(sqlite3.connect(world.bron.store_file)) as db:
        assert ("ok",) == db.execute("PRAGMA integrity_check").fetchone()
    assert world.ask(values).message.dossier is not None
    world.assert_serves()


def ordered(adapter: Adapter, world: Asker) -> str:
    administration = world.doel.administration(adapter)
    [order_id] = place(adapter, administration, ACCOUNT, [an_order(NUMBERS[0])])
    return order_id


def order(adapter: Adapter, order_id: str) -> Exchange:
    with adapter.store.reading() as session:
        return exchanges.found(session, order_id)


def assert_received(adapter: Adapter, order_id: str, world: Asker) -> None:
    with adapter.store.reading() as session:
        received = dossiers.received_of(session, order_id)
    came = receive.opened(adapter, received)
    assert canonical(parse(world.expected)) == canonical(parse(came))


@contextmanager
def disk_full(adapter: Adapter) -> Iterator[None]:
    """The disk of this adapter alone is full."""
    full = Path(f"{adapter.store.engine().url.database}.full")
    full_disk.fill(full, adapter.store.engine().pool)
    full.touch()
    yield
    full.unlink()


@contextmanager
def database_locked(adapter: Adapter) -> Iterator[None]:
    """Somebody else is writing and does not end."""
    file = str(adapter.store.engine().url.database)
    other = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    with closing(other):
        other.execute("BEGIN IMMEDIATE")
        yield


@pytest.mark.parametrize("trouble", [disk_full, database_locked])
def test_a_dossier_that_cannot_be_stored_is_asked_again_in_the_same_session(
    world: Asker, trouble: Callable[[Adapter], AbstractContextManager[None]]
) -> None:
    now = [utc_now()]
    quick = {"OSO_STORE__TIMEOUT": QUICK["OSO_STORE__TIMEOUT"]}
    adapter = build(read_settings(world.doel.config, quick), clock=lambda: now[0])
    order_id = ordered(adapter, world)
    post = adapter.soap.client.post_xml
    with closing(adapter), ExitStack() as troubles, pytest.MonkeyPatch.context() as patch:

        def post_before_trouble(url: str, body: bytes, *, party: str, **how: str) -> object:
            answer = post(url, body, party=party, **how)
            if party == "the bronschool":
                troubles.enter_context(trouble(adapter))
            return answer

        patch.setattr(adapter.soap.client, "post_xml", post_before_trouble)
        with suppress(StoreUnavailable):  # when not even the next attempt could be written
            Runner(adapter).run_due()
        halfway = order(adapter, order_id)
        troubles.close()
        patch.undo()
        now[0] += adapter.longest_step + timedelta(seconds=1)
        Runner(adapter).run_due()

        done = order(adapter, order_id)
        assert (ExchangeState.OPEN, None) == (halfway.state, halfway.result)
        assert (ExchangeState.DONE, "OverdrachtGeslaagd") == (done.state, done.result)
        assert halfway.session_id == done.session_id
        assert done.signed_off_at is not None
        asked = [row for row in world.rows()["requests"] if row["session_id"] == done.session_id]
        assert [2] == [row["times"] for row in asked]
        assert_received(adapter, order_id, world)


def test_an_order_waits_while_the_traffic_center_is_away_and_goes_on_later(world: Asker) -> None:
    now = [utc_now()]
    adapter = world.doel.adapter(lambda: now[0])
    order_id = ordered(adapter, world)
    with world.bron.chain.without("tc"):
        Runner(adapter).run_due()
        waiting = order(adapter, order_id)
    Runner(adapter).run_due()
    too_early = order(adapter, order_id)
    now[0] += timedelta(minutes=1)
    Runner(adapter).run_due()

    assert (ExchangeState.ORDERED, 1, None) == (waiting.state, waiting.attempt, waiting.result)
    assert ExchangeState.ORDERED == too_early.state
    assert "OverdrachtGeslaagd" == order(adapter, order_id).result
    assert_received(adapter, order_id, world)


def test_a_bron_that_is_down_silent_or_slow_is_no_answer_and_the_session_is_signed_off(
    own_chain: Chain, world: Asker
) -> None:
    down = own_chain.add_school("99CC", "PO")
    silent = own_chain.add_school("99EE", "PO")
    own_chain.start("school")
    settings = read_settings(world.doel.config, QUICK)
    listening = socket.create_server(("127.0.0.1", silent.port))
    with closing(build(settings)) as adapter, listening, late(own_chain, "documentRequest"):
        administration = world.doel.administration(adapter)
        orders = [an_order(NUMBERS[0], bron=brin) for brin in (down.brin, silent.brin, "00YY")]
        ids = place(adapter, administration, ACCOUNT, orders)
        Runner(adapter).run_until_done(ids)
        done = [order(adapter, order_id) for order_id in ids]

    assert ["GeenAntwoord"] * 3 == [row.result for row in done]
    assert [ExchangeState.DONE] * 3 == [row.state for row in done]
    assert all(row.signed_off_at for row in done)


def test_keys_that_are_not_those_of_the_store_stop_the_start(world: Asker) -> None:
    keys = world.bron.folder / "keys.toml"
    right, other = keys.read_text(encoding="utf-8"), new_keys()
    mixed = right.replace(
        next(line for line in right.splitlines() if line.startswith("lookup")),
        next(line for line in other.splitlines() if line.startswith("lookup")),
    )
    listing = ("dossier", "list", "--administration", "99AA")
    sentences = {}
    for name, text in {"another": other, "look-up": mixed, "none": "geen sleutels"}.items():
        keys.write_text(text, encoding="utf-8")
        commands = [("serve", "--only", only) for only in ("public", "runner")] + [listing]
        ended = [world.bron.cli(*command) for command in commands]
        sentences[name] = ended[0].output
        assert [(2, sentences[name])] * 3 == [(one.exit_code, one.output) for one in ended]
        assert [] == [word for word in text.split() if len(word) > 40 and word in sentences[name]]
    keys.write_text(right, encoding="utf-8")

    assert "does not open with these keys" in sentences["another"]
    assert "look-up key" in sentences["look-up"]
    assert "the key file is not right" in sentences["none"]
    assert 0 == world.bron.cli(*listing).exit_code
    world.assert_serves()


def test_nothing_of_the_pupil_is_in_log_or_store_of_either_school(world: Asker) -> None:
    adapter = world.doel.adapter()
    order_id = ordered(adapter, world)
    Runner(adapter).run_due()
    assert_received(adapter, order_id, world)
    files = world.doel.folder.glob("adapter.sqlite*")
    written = world.written() + b"".join(file.read_bytes() for file in files)

    searched = [form for text in (NUMBERS[0], SURNAME, "groot.bin") for form in forms(text)]
    assert [] == [form for form in searched if form in written]

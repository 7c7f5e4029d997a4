"""Orders to fetch: what may be ordered, and who carries it out."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

import pytest
from sqlalchemy import select
from support.chain import ACCOUNT, an_order
from support.dossiers import sent
from support.fetching import NUMBERS, Doel, Stage, Watched
from support.requester import DELIVERED
from support.scripted import Reply, delivers

from oso_adapter.chain.traffic_center import Grant, Parties
from oso_adapter.errors import NotAllowed
from oso_adapter.exchange.adapter import build
from oso_adapter.exchange.fetch import STEPS, Job, advance
from oso_adapter.exchange.orders import order_of, place
from oso_adapter.store import exchanges
from oso_adapter.store.models import Administration, ExchangeState, ReceivedState
from oso_adapter.store.models import Event as EventRow
from oso_adapter.wire.messages import Message
from oso_adapter.wire.search_key import SearchKey
from oso_adapter.work.inline import Runner


def test_an_order_within_one_brin_names_the_own_brin(stage: Stage, doel: Doel, number: str) -> None:
    with pytest.raises(NotAllowed, match="your own BRIN"):
        doel.place(number, stage.bron(), overdrachtsoort="overdrachtbinnenbrin")


def test_an_order_given_again_takes_over_its_correction_and_its_account(
    stage: Stage, doel: Doel, number: str
) -> None:
    bron = stage.bron(delivers(sent(number, surname="Beter")))
    wrong = an_order(number, bron, "P-1", surname="Fout")
    right = an_order(number, bron, "P-2", surname="Beter")
    owner = stage.school.administration(doel.adapter)
    [first] = place(doel.adapter, owner, "een@school.example", [wrong])
    [again] = place(doel.adapter, owner, "twee@school.example", [right])
    done = doel.run(first)
    assert (first, "P-2") == (again, order_of(doel.adapter, done).reference)
    assert ReceivedState.PENDING == doel.received(done).state
    with doel.adapter.store.reading() as session:
        query = select(EventRow.name, EventRow.account).filter_by(subject=first)
        told = [tuple(row) for row in session.execute(query.order_by(EventRow.id))]
    one, two = "een@school.example", "twee@school.example"
    expected = [("fetch.ordered", one), ("fetch.ordered", two), ("fetch.session", two)]
    assert expected == told[:3]


def test_an_administration_that_does_not_take_part_cannot_order(doel: Doel) -> None:
    ended = Administration(
        routing_id="0000000700099BB00001",
        valid_from=datetime(2020, 8, 1, tzinfo=UTC).date(),
        valid_until=datetime(2021, 7, 31, tzinfo=UTC).date(),
    )
    with pytest.raises(NotAllowed, match="does not take part"):
        place(doel.adapter, ended, ACCOUNT, [])


def test_an_order_that_another_process_has_is_left_alone(
    stage: Stage, doel: Doel, number: str
) -> None:
    exchange_id = doel.place(number, stage.bron(delivers(sent(number))))
    take_lease(doel, exchange_id)
    assert 0 == Runner(doel.adapter).run_due([exchange_id])
    with pytest.raises(NotAllowed):
        advance(Job(doel.adapter, exchange_id, "someone"))
    assert ExchangeState.ORDERED == doel.row(exchange_id).state


def test_a_runner_that_loses_its_lease_goes_on_with_the_rest(
    stage: Stage, doel: Doel, number: str
) -> None:
    first = ["once"]

    def takes_over(message: Message) -> Reply:
        if first:
            take_lease(doel, lost)
            first.clear()
        return delivers(sent(number))

    lost = doel.place(number, stage.bron(takes_over))
    other = next(NUMBERS)
    kept = doel.place(other, stage.bron(delivers(sent(other))))
    assert 2 == Runner(doel.adapter).run_due([lost, kept])
    assert ExchangeState.OPEN == doel.row(lost).state
    assert ExchangeState.DONE == doel.row(kept).state
    doel.clock.now += doel.adapter.longest_step + timedelta(seconds=1)
    assert ExchangeState.DONE == doel.run(lost).state


@dataclass(frozen=True)
class Slow(Watched):
    """Its first grant arrives when the lease has passed and somebody else went on."""

    lapse: Callable[[], None] = lambda: None
    granted: Event = field(default_factory=Event)
    overtaken: Event = field(default_factory=Event)

    def open_session(self, parties: Parties, key: SearchKey, overdrachtsoort: str) -> Grant:
        grant = super().open_session(parties, key, overdrachtsoort)
        if not self.granted.is_set():
            self.lapse()
            self.granted.set()
            assert self.overtaken.wait(30)
        return grant


def test_a_thread_that_took_longer_than_its_lease_writes_nothing_more(
    stage: Stage, doel: Doel, number: str
) -> None:
    def lapse() -> None:
        doel.clock.now += doel.adapter.longest_step + timedelta(seconds=1)

    def answers_when_the_first_has_ended(message: Message) -> Reply:
        slow.overtaken.set()
        first.join()
        return delivers(sent(number))

    slow = Slow(doel.adapter.soap, doel.center.url, lapse=lapse)
    late = doel.with_center(slow)
    order = doel.place(number, stage.bron(answers_when_the_first_has_ended))
    first = Thread(target=late.run, args=[order])
    first.start()
    assert slow.granted.wait(30)
    done = late.run(order)
    assert (ExchangeState.DONE, DELIVERED) == (done.state, done.result)
    assert DELIVERED == stage.session(done.session_id).result
    assert 1 == doel.events(order).count("fetch.session")


def test_a_lease_lasts_longer_than_a_step_can_take(doel: Doel) -> None:
    settings = doel.adapter.settings
    patient = replace(settings, transport=replace(settings.transport, read_timeout=1000.0))
    adapter = build(patient)
    adapter.close()
    connect, answer, plugin = 10, 300, 60
    assert adapter.longest_step > timedelta(seconds=connect + 2 * 1000 + answer)
    adapter.plugins.register(object(), "las")
    assert adapter.longest_step > timedelta(seconds=connect + 2 * 1000 + answer + plugin)


def test_an_order_whose_session_ran_out_before_it_was_used_gets_another(
    stage: Stage, doel: Doel, number: str
) -> None:
    exchange_id = doel.place(number, stage.bron(delivers(sent(number))))
    with doel.adapter.store.writing() as session:
        until = doel.clock.now + doel.adapter.longest_step
        exchanges.claim(session, "stopped", doel.clock.now, until, [exchange_id])
    STEPS[ExchangeState.ORDERED](Job(doel.adapter, exchange_id, "stopped"), doel.row(exchange_id))
    first = doel.row(exchange_id)
    assert ExchangeState.OPEN == first.state
    doel.clock.forward(minutes=61)
    done = doel.run(exchange_id)
    assert (ExchangeState.DONE, DELIVERED) == (done.state, done.result)
    assert first.session_id != done.session_id
    assert "fetch.expired" in doel.events(exchange_id)


def test_every_state_that_is_open_has_its_step() -> None:
    assert {state for state in ExchangeState if state.is_open} == set(STEPS)


def take_lease(doel: Doel, exchange_id: str) -> None:
    """As a process on another machine does, when the lease is free or has passed."""
    with doel.adapter.store.writing() as session:
        row = exchanges.found(session, exchange_id)
        row.lease_owner = "elsewhere:1:1:1"
        row.lease_until = doel.clock.now + doel.adapter.longest_step

"""The state file of the simulator: shared by processes, events only added."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from oso_adapter.errors import ConfigurationError
from oso_adapter.identifiers import Brin, Oin, RoutingId
from oso_adapter.simulator.register import endpoints
from oso_adapter.simulator.seed import (
    TEST_SCHOOL_ROUTING_ID,
    add_mandate,
    publish_test_school,
    seed,
)
from oso_adapter.simulator.state import State, add_event, is_late, make_late

MOMENT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_options_last_and_are_seen_by_others(tmp_path: Path) -> None:
    State(tmp_path / "state.sqlite").set_option("refuse_with", "fault")
    again = State(tmp_path / "state.sqlite")
    assert again.option("refuse_with") == "fault"
    assert again.option("other") == ""


def test_named_messages_are_late_until_none_is_named(tmp_path: Path) -> None:
    state = State(tmp_path / "state.sqlite")
    make_late(state, "overdrachtRequest", "afmeldingRequest")
    assert [
        is_late(state, name)
        for name in ("overdrachtRequest", "afmeldingRequest", "sessiecontroleRequest")
    ] == [True, True, False]
    make_late(state)
    assert not is_late(state, "overdrachtRequest")


def test_no_event_is_lost_when_many_write_at_once(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    State(path)

    def write(number: int) -> None:
        with State(path).write() as db:
            add_event(db, MOMENT, sender="a", receiver="tc", message=str(number), result="ok")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(80)))
    events = State(path).events()
    assert {str(number) for number in range(80)} == {event.message for event in events}
    assert events[40:] == State(path).events(after=events[39].number)


@pytest.mark.parametrize("statement", ["UPDATE events SET result = 'x'", "DELETE FROM events"])
def test_events_are_only_added(tmp_path: Path, statement: str) -> None:
    state = State(tmp_path / "state.sqlite")
    with state.write() as db:
        add_event(db, MOMENT, sender="a", receiver="tc", message="b", result="ok")
    with pytest.raises(sqlite3.IntegrityError), state.write() as db:
        db.execute(statement)
    assert [event.result for event in state.events()] == ["ok"]


def test_an_event_takes_no_session_that_has_not_the_form_of_one(tmp_path: Path) -> None:
    state = State(tmp_path / "state.sqlite")
    with state.write() as db:
        add_event(
            db, MOMENT, sender="a", receiver="tc", message="b", result="ok", session="310008475"
        )
    assert [(event.session, event.moment) for event in state.events()] == [(None, MOMENT)]


def test_a_write_that_fails_leaves_nothing(tmp_path: Path) -> None:
    state = State(tmp_path / "state.sqlite")

    def fail() -> None:
        with state.write() as db:
            db.execute("INSERT INTO options VALUES ('a', 'b')")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert state.option("a") == ""


def test_seeding_twice_changes_nothing(world: Any) -> None:
    seed(world.state, world.contract.namespace)
    assert world.tokens[world.po] == add_mandate(world.state, world.po, world.bron)


def test_the_test_school_has_one_endpoint_wherever_it_runs(world: Any) -> None:
    publish_test_school(world.state, "https://127.0.0.1:1/oso/20200910")
    publish_test_school(world.state, "https://127.0.0.1:2/oso/20200910")
    with world.state.read() as db:
        found = endpoints(db, brin=Brin("00YY"))
    assert [(endpoint.routing_id, endpoint.url) for endpoint in found] == [
        (TEST_SCHOOL_ROUTING_ID, "https://127.0.0.1:2/oso/20200910")
    ]


@pytest.mark.parametrize(
    ("brin", "supplier", "service"),
    [
        (Brin("98ZZ"), Oin("00000099000000005000"), "OSO-OV"),
        (Brin("99AA"), Oin("00000099000000008000"), "OSO-OV"),
        (Brin("99AA"), Oin("00000099000000005000"), "ANDERS"),
    ],
)
def test_a_mandate_needs_school_supplier_and_service(
    world: Any, brin: Brin, supplier: Oin, service: str
) -> None:
    with pytest.raises(ConfigurationError):
        add_mandate(world.state, brin, supplier, service)


def test_the_routing_id_of_the_test_school_is_the_published_one() -> None:
    assert RoutingId("0000000700000YY00931") == TEST_SCHOOL_ROUTING_ID

"""A bad night of the simulated OSR."""

from typing import Any

import pytest

from oso_adapter.identifiers import RoutingId
from oso_adapter.simulator.osr_faults import Faults, make_ill


@pytest.fixture
def key(world: Any) -> str:
    """The API key of the po school's supplier."""
    return f"sleutel-{world.po}"


@pytest.mark.parametrize("status", [403, 429, 503])
def test_every_call_can_be_answered_with_a_status(world: Any, status: int) -> None:
    make_ill(world.state, Faults(status=status))
    assert status == world.osr("GET", "/services", world.doel)[0]

    make_ill(world.state)
    assert 200 == world.osr("GET", "/services", world.doel)[0]


def test_a_list_can_be_cut_short(world: Any) -> None:
    whole = world.osr("GET", "/schools", world.doel)[1]
    make_ill(world.state, Faults(lists={"/schools": 0.5}))
    assert (200, whole[: len(whole) // 2]) == world.osr("GET", "/schools", world.doel)
    make_ill(world.state, Faults(lists={"/schools": 0.0}))
    assert (200, []) == world.osr("GET", "/schools", world.doel)
    assert 200 == world.osr("GET", "/schools/1", world.doel)[0]


def test_after_some_writes_each_fails_and_the_first_of_them_was_done(world: Any, key: str) -> None:
    make_ill(world.state, Faults(writes=1))

    statuses = [write(world, key, serial) for serial in (2, 3, 4)]

    assert [201, 500, 500] == statuses
    with world.state.read() as db:
        rows = db.execute("SELECT routing_id FROM endpoints WHERE url = ?", (URL,)).fetchall()
    assert [RoutingId.of_school(world.po, n) for n in (2, 3)] == [row[0] for row in rows]


URL = "https://nieuw.example/oso"


def write(world: Any, key: str, serial: int) -> int:
    body = {
        "mandate_token": world.tokens[world.po],
        "routing_id": RoutingId.of_school(world.po, serial),
        "service_version_namespace": world.contract.namespace,
        "url": URL,
    }
    status: int = world.osr("POST", "/endpoints", world.bron, body, key)[0]
    return status


def test_who_reads_too_often_is_sent_away_for_a_while_and_others_are_not(world: Any) -> None:
    make_ill(world.state, Faults(reads_a_second=2))

    statuses = [world.osr("GET", "/services", world.doel)[0] for _ in range(3)]
    assert [200, 200, 429] == statuses
    assert 200 == world.osr("GET", "/services", world.bron)[0]
    world.later(seconds=1.01)
    assert 200 == world.osr("GET", "/services", world.doel)[0]

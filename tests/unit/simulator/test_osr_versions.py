"""Version 3 of the simulated OSR, and services whose mandates are given by boards."""

from typing import Any
from uuid import UUID

import pytest

from oso_adapter.identifiers import Oin, RoutingId
from oso_adapter.simulator.osr_endpoints import NOT_FOR_ENDPOINTS


@pytest.fixture
def key(world: Any) -> str:
    """The API key of the po school's supplier."""
    return f"sleutel-{world.po}"


def test_a_board_is_known_by_its_number_in_version_three(world: Any) -> None:
    _, [school] = world.osr("GET", "/schools", world.doel, version=3, brin="99AA")
    links = school["_links"]
    assert "/api/v3/boards/99999" == links["board"]["href"]
    status, board = world.osr("GET", "/boards/99999", world.doel, version=3)
    assert (200, "99999") == (status, board["bgeCode"])
    assert links["self"] in board["schools"]
    unknown = world.osr("GET", "/boards/1", world.doel, version=3)
    assert (404, {"message": "Board with id 1 does not exist"}) == unknown


def test_an_endpoint_is_known_by_a_uuid_in_version_three(world: Any, key: str) -> None:
    body = {
        "mandate_token": world.tokens[world.po],
        "routing_id": RoutingId.of_school(world.po, 2),
        "service_version_namespace": world.contract.namespace,
        "url": "https://nieuw.example/oso",
    }
    status, made = world.osr("POST", "/endpoints", world.bron, body, key, version=3)
    assert 201 == status
    path = f"/endpoints/{UUID(made['uuid'])}"
    assert (200, made) == world.osr("GET", path, world.bron, key=key, version=3)
    change = {"url": "https://anders.example/oso"}
    assert 201 == world.osr("PUT", path, world.bron, change, key, version=3)[0]
    assert 200 == world.osr("DELETE", path, world.bron, key=key, version=3)[0]
    gone = world.osr("GET", path, world.bron, key=key, version=3)
    assert (404, {"message": f"Endpoint with uuid {made['uuid']} does not exist."}) == gone
    assert 400 == world.osr("GET", path, world.bron, key=key)[0]


def test_a_service_with_mandates_of_boards_has_no_endpoints(world: Any, key: str) -> None:
    world.state.set_option("board_level", "OSO-OV")
    _, [mandate] = world.osr(
        "GET", "/school-mandates", world.bron, key=key, version=3, service_code="OSO-OV"
    )
    assert "/api/v3/boards/99999" == mandate["_links"]["board"]["href"]
    assert "school" not in mandate["_links"]
    body = {
        "mandate_token": mandate["token"],
        "routing_id": RoutingId.of_school(world.po, 2),
        "service_version_namespace": world.contract.namespace,
        "url": "https://nieuw.example/oso",
    }
    refused = world.osr("POST", "/endpoints", world.bron, body, key, version=3)
    assert (400, {"message": NOT_FOR_ENDPOINTS}) == refused
    found = world.osr(
        "GET",
        "/endpoints",
        world.bron,
        version=3,
        school_oin=str(Oin.of_school(world.po)),
        service_version_namespace=world.contract.namespace,
    )
    assert (200, []) == found

"""The simulated OSR: who sees what, and how endpoints are registered, changed and removed."""

from datetime import date
from typing import Any

import pytest

from oso_adapter.identifiers import Brin, Oin, RoutingId
from oso_adapter.simulator.seed import add_endpoint, add_mandate, add_school, end_mandate


@pytest.fixture
def key(world: Any) -> str:
    """The API key of the po school's supplier."""
    return f"sleutel-{world.po}"


def new_endpoint(world: Any, **other: Any) -> dict[str, Any]:
    body = {
        "mandate_token": world.tokens[world.po],
        "routing_id": RoutingId.of_school(world.po, 2),
        "service_version_namespace": world.contract.namespace,
        "url": "https://nieuw.example/oso",
        "attributes": "LAS",
    }
    return {name: value for name, value in {**body, **other}.items() if value is not None}


def test_schools_are_found_by_all_that_is_asked(world: Any) -> None:
    oin = str(Oin.of_school(world.po))
    status, found = world.osr("GET", "/schools", world.doel, oin=oin, name="school")
    assert (status, [school["brin"] for school in found]) == (200, ["99AA"])
    assert world.osr("GET", "/schools", world.doel, oin=oin, brin="99BB") == (200, [])


def test_a_school_is_followed_to_its_board_and_back(world: Any) -> None:
    _, found = world.osr("GET", "/schools", world.doel, brin="99AA")
    links = found[0]["_links"]
    path = links["board"]["href"].removeprefix("/api/v2")
    status, board = world.osr("GET", path, world.doel)
    assert status == 200
    assert links["self"] in board["schools"]
    school_path = links["self"]["href"].removeprefix("/api/v2")
    assert (200, found[0]) == world.osr("GET", school_path, world.doel)


def test_the_service_of_oso_has_the_version_of_the_contract(world: Any) -> None:
    _, services = world.osr("GET", "/services", world.doel)
    assert [service["code"] for service in services] == ["OSO-OV"]
    _, versions = world.osr("GET", "/service-versions", world.doel, service_code="OSO-OV")
    expected = [(world.contract.namespace, "active")]
    assert expected == [(version["namespace"], version["status"]) for version in versions]
    for item in (*services, *versions):
        path = item["_links"]["self"]["href"].removeprefix("/api/v2")
        assert (200, item) == world.osr("GET", path, world.doel)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/schools/99", "School with id 99 does not exist"),
        ("/boards/99", "Board with id 99 does not exist"),
        ("/services/99", "Service with id 99 does not exist"),
        ("/service-versions/99", "Service version with id 99 does not exist"),
        ("/endpoints/99", "Endpoint with id 99 does not exist."),
        ("/nothing", "Not found"),
    ],
)
def test_what_is_not_there_is_404(world: Any, path: str, message: str) -> None:
    assert (404, {"message": message}) == world.osr("GET", path, world.doel)


@pytest.mark.parametrize("kind", ["schools", "boards", "services", "service-versions"])
def test_what_is_asked_by_no_number_is_400(world: Any, kind: str) -> None:
    asked = world.osr("GET", f"/{kind}/eerste", world.doel)
    assert (400, {"message": "Validation error(s)"}) == asked


def mandate_of(world: Any, peer: Oin, key: str | None = None, **other: str) -> tuple[int, Any]:
    query = {
        "supplier_oin": str(world.bron),
        "school_oin": str(Oin.of_school(world.po)),
        "service_version_namespace": world.contract.namespace,
    }
    status, body = world.osr("GET", "/mandates", peer, key=key, **{**query, **other})
    return status, body


def test_an_own_mandate_shows_its_token(world: Any, key: str) -> None:
    status, found = mandate_of(world, world.bron, key)
    assert (200, [world.tokens[world.po]]) == (status, [item["token"] for item in found])
    path = found[0]["_links"]["self"]["href"].removeprefix("/api/v2")
    assert (200, found[0]) == world.osr("GET", path, world.bron, key=key)


def test_somebody_elses_mandate_is_only_confirmed(world: Any) -> None:
    status, found = mandate_of(world, world.doel, f"sleutel-{world.vo}")
    assert (status, ["token" in item for item in found]) == (200, [False])


def test_an_own_mandate_without_the_api_key_is_only_confirmed(world: Any) -> None:
    status, found = mandate_of(world, world.bron)
    assert (status, ["token" in item for item in found]) == (200, [False])


@pytest.mark.parametrize(
    "other",
    [
        {"supplier_oin": "00000099000000006000"},
        {"school_oin": "0000000700099BB00000"},
        {"service_version_namespace": "http://xml.example/20180404"},
        {"reference_date": "2022-08-14"},
    ],
)
def test_a_mandate_that_does_not_match_is_404(world: Any, other: dict[str, str]) -> None:
    assert mandate_of(world, world.doel, **other) == (404, {"message": "mandate not found"})


@pytest.mark.parametrize(
    "other", [{"supplier_oin": ""}, {"school_oin": ""}, {"reference_date": "gisteren"}]
)
def test_a_mandate_asked_incompletely_is_400(world: Any, other: dict[str, str]) -> None:
    assert mandate_of(world, world.doel, **other) == (400, {"message": "Validation error(s)"})


def test_the_reference_date_asks_for_another_day(world: Any) -> None:
    end_mandate(world.state, world.tokens[world.po], date(2026, 3, 1))
    assert mandate_of(world, world.doel)[0] == 404
    assert mandate_of(world, world.doel, reference_date="2026-03-01")[0] == 200


def test_own_mandates_of_a_service_are_listed(world: Any, key: str) -> None:
    status, found = world.osr("GET", "/school-mandates", world.bron, key=key, service_code="OSO-OV")
    assert (200, [world.tokens[world.po]]) == (status, [item["token"] for item in found])
    end_mandate(world.state, world.tokens[world.po], date(2026, 3, 1))
    gone = world.osr("GET", "/school-mandates", world.bron, key=key, service_code="OSO-OV")
    assert gone == (200, [])


def test_the_list_of_own_mandates_needs_service_and_key(world: Any, key: str) -> None:
    assert world.osr("GET", "/school-mandates", world.bron, key=key)[0] == 400
    assert world.osr("GET", "/school-mandates", world.bron, service_code="OSO-OV")[0] == 401


def endpoints_of(world: Any, **query: str) -> list[str]:
    """Routing ids of the endpoints that the OSR gives a stranger."""
    namespace = world.contract.namespace
    status, found = world.osr(
        "GET", "/endpoints", world.stranger, service_version_namespace=namespace, **query
    )
    assert status == 200
    return [endpoint["routing_id"] for endpoint in found]


def test_endpoints_are_found_by_routing_id_or_school(world: Any) -> None:
    oin = str(Oin.of_school(world.po))
    assert [world.po_routing_id] == endpoints_of(world, routing_id=world.po_routing_id)
    assert [world.po_routing_id] == endpoints_of(world, school_oin=oin)
    assert endpoints_of(world, school_oin=oin, attributes="RIS") == []
    assert endpoints_of(world, routing_id=world.po_routing_id, reference_date="2022-08-14") == []


def test_endpoints_of_the_future_are_shown_on_request(world: Any) -> None:
    second, start = RoutingId.of_school(world.po, 2), date(2026, 8, 1)
    token = world.tokens[world.po]
    add_endpoint(world.state, token, second, "https://straks.example/oso", start=start)
    assert endpoints_of(world, routing_id=second) == []
    assert [second] == endpoints_of(world, routing_id=second, include_future_endpoints="true")
    assert [second] == endpoints_of(world, routing_id=second, reference_date="2026-08-01")


def test_endpoints_are_not_listed_without_a_school_and_a_version(world: Any) -> None:
    assert world.osr("GET", "/endpoints", world.doel, routing_id=world.po_routing_id)[0] == 400
    namespace = world.contract.namespace
    assert world.osr("GET", "/endpoints", world.doel, service_version_namespace=namespace)[0] == 400


def test_a_registered_endpoint_is_handed_out_by_the_traffic_center(world: Any, key: str) -> None:
    status, made = world.osr("POST", "/endpoints", world.bron, new_endpoint(world), key)
    assert (status, made["user_is_owner"]) == (201, True)
    answer = world.tc("overdrachtRequest", world.asking(), world.doel)
    assert "https://nieuw.example/oso" in [item["url"] for item in answer["aanleverpunt"]]


def test_only_the_owner_sees_that_it_is_the_owner(world: Any, key: str) -> None:
    _, made = world.osr("POST", "/endpoints", world.bron, new_endpoint(world), key)
    path = f"/endpoints/{made['id']}"
    assert world.osr("GET", path, world.bron, key=key)[1]["user_is_owner"] is True
    assert world.osr("GET", path, world.bron)[1]["user_is_owner"] is False
    other = world.osr("GET", path, world.doel, key=f"sleutel-{world.vo}")
    assert other[1]["user_is_owner"] is False


@pytest.mark.parametrize(
    ("expected", "other"),
    [
        (400, {"mandate_token": None}),
        (400, {"routing_id": "kort"}),
        (400, {"routing_id": RoutingId.of_school(Brin("99BB"), 7)}),
        (400, {"service_version_namespace": "http://xml.example/20180404"}),
        (400, {"url": "http://nieuw.example/oso"}),
        (400, {"url": "https://nieuw.example/oso?x=1"}),
        (400, {"url": "https://[nieuw"}),
        (400, {"start_date": "morgen"}),
        (400, {"start_date": "2026-03-02", "end_date": "2026-03-01"}),
        (400, {"start_date": "2022-08-01"}),
        (403, {"mandate_token": "11111111-2222-4333-8444-555555555555"}),
        (409, {"routing_id": RoutingId.of_school(Brin("99AA"), 1)}),
    ],
)
def test_a_registration_that_is_not_right_is_refused(
    world: Any, key: str, expected: int, other: dict[str, Any]
) -> None:
    body = new_endpoint(world, **other)
    assert expected == world.osr("POST", "/endpoints", world.bron, body, key)[0]


def test_the_token_of_somebody_else_does_not_register(world: Any) -> None:
    body = new_endpoint(world)
    assert world.osr("POST", "/endpoints", world.doel, body, f"sleutel-{world.vo}")[0] == 403


def test_a_body_that_is_no_object_is_400(world: Any, key: str) -> None:
    _, made = world.osr("POST", "/endpoints", world.bron, new_endpoint(world), key)
    assert world.osr("POST", "/endpoints", world.bron, ["x"], key)[0] == 400
    assert world.osr("PUT", f"/endpoints/{made['id']}", world.bron, None, key)[0] == 400


@pytest.mark.parametrize("key", [None, "verzonnen", "sleutel-99BB"])
def test_writing_needs_the_api_key_of_this_certificate(world: Any, key: str | None) -> None:
    assert world.osr("POST", "/endpoints", world.bron, new_endpoint(world), key)[0] == 401
    assert world.osr("PUT", "/endpoints/1", world.bron, {}, key)[0] == 401
    assert world.osr("DELETE", "/endpoints/1", world.bron, key=key)[0] == 401


def test_an_owner_changes_and_removes_its_endpoint(world: Any, key: str) -> None:
    _, made = world.osr("POST", "/endpoints", world.bron, new_endpoint(world), key)
    path = f"/endpoints/{made['id']}"
    changed = world.osr("PUT", path, world.bron, {"url": "https://anders.example/oso"}, key)
    assert changed == (201, {"message": "Endpoint is updated."})
    now = world.osr("GET", path, world.bron, key=key)[1]
    assert {**made, "url": "https://anders.example/oso"} == now
    assert world.osr("DELETE", path, world.bron, key=key)[0] == 200
    assert world.osr("GET", path, world.bron)[0] == 404


def test_nobody_changes_or_removes_the_endpoint_of_another(world: Any, key: str) -> None:
    _, made = world.osr("POST", "/endpoints", world.bron, new_endpoint(world), key)
    path, other = f"/endpoints/{made['id']}", f"sleutel-{world.vo}"
    body = {"url": "https://kaper.example/oso"}
    assert world.osr("PUT", path, world.doel, body, other)[0] == 403
    assert world.osr("DELETE", path, world.doel, key=other)[0] == 403


def test_a_routing_id_is_free_again_after_its_endpoint_has_ended(world: Any, key: str) -> None:
    ending = new_endpoint(world, end_date="2026-03-05")
    assert world.osr("POST", "/endpoints", world.bron, ending, key)[0] == 201
    assert world.osr("POST", "/endpoints", world.bron, new_endpoint(world), key)[0] == 409
    world.later(days=4)
    assert world.osr("POST", "/endpoints", world.bron, new_endpoint(world), key)[0] == 201


def test_a_free_routing_id_is_proposed(world: Any, key: str) -> None:
    query = {
        "school_oin": str(Oin.of_school(world.po)),
        "service_version_namespace": world.contract.namespace,
    }
    path = "/endpoints/available-routing-id"
    free = world.osr("GET", path, world.bron, key=key, **query)
    assert (200, {"routing_id": RoutingId.of_school(world.po, 2)}) == free
    assert world.osr("GET", path, world.bron, **query)[0] == 401
    query["school_oin"] = "0000000700098ZZ00000"
    assert world.osr("GET", path, world.bron, key=key, **query)[0] == 404


def test_another_method_is_405(world: Any) -> None:
    assert world.osr("DELETE", "/schools", world.doel)[0] == 405


def test_two_suppliers_are_mandated_for_one_school(world: Any) -> None:
    token = add_mandate(world.state, world.po, world.stranger)
    second = RoutingId.of_school(world.po, 2)
    body = new_endpoint(world, mandate_token=token)
    assert world.osr("POST", "/endpoints", world.stranger, body, "sleutel-vreemde")[0] == 201
    oin = str(Oin.of_school(world.po))
    assert [world.po_routing_id, second] == endpoints_of(world, school_oin=oin)


def test_calls_are_recorded_without_what_they_held(world: Any) -> None:
    add_school(world.state, Brin("99EE"), "Vijfde", "SO")
    world.osr("GET", "/schools/1", world.doel, name="geheim")
    world.osr("GET", "/geheim/1", world.doel)
    messages = [(event.message, event.result) for event in world.state.events()]
    assert messages == [("GET /schools/{id}", "200"), ("GET ?", "404")]

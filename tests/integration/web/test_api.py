"""What all operations of the JSON API share: who is let in, what is read, what a refusal says."""

import json
from io import BytesIO, StringIO
from typing import Any

import pytest
from support.api import PREFIX, LasClient, las
from support.chain import ACCOUNT, School
from support.dossiers import NUMBERS

from oso_adapter import logs
from oso_adapter.exchange import administrations, tokens
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.web import api
from oso_adapter.web.api.bodies import MOST
from oso_adapter.web.internal import create_app

NEW = {"routing_id": "0000000700099AB00001", "brin": "99AB", "name": "Nieuw"}


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> StringIO:
    """What is logged in this process."""
    stream = StringIO()
    monkeypatch.setattr(logs, "_logger", logs._Logger(stream))
    return stream


def problem(done: Any) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(done.data)
    assert ("application/problem+json", done.status_code) == (done.content_type, told["status"])
    return told


@pytest.mark.parametrize("given", [None, "Bearer ", "Bearer oso_nee", "Basic abc", "oso_nee"])
def test_without_a_valid_token_nobody_is_let_in(client: LasClient, given: str | None) -> None:
    done = client.call("GET", "/administrations", headers={"Authorization": given})

    assert (401, "Bearer") == (done.status_code, done.headers["WWW-Authenticate"])
    assert "Er is geen geldig token meegegeven." == problem(done)["title"]


def test_a_token_that_was_revoked_is_refused(client: LasClient, adapter: Adapter) -> None:
    tokens.revoke(adapter, ACCOUNT, "las")
    assert 401 == client.call("GET", "/administrations").status_code


def test_a_token_does_only_what_its_scopes_say(school: School, adapter: Adapter) -> None:
    reader = las(adapter, scopes=["events:read"], named=[school.routing_id])

    assert 200 == reader.call("GET", "/events").status_code
    done = reader.call("GET", "/dossiers")
    assert (403, True) == (done.status_code, "dossiers:read" in problem(done)["detail"])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (None, "it is empty"),
        ("  ", "it is empty"),
        ("x" * 201, "it has more than 200 characters"),
        (NUMBERS[0], "this is or holds a BSN"),
        ("\xff", "it is not UTF-8"),
    ],
)
def test_an_order_is_somebodys(client: LasClient, given: str | None, said: str) -> None:
    done = client.call("POST", "/orders", headers={"X-OSO-Account": given}, json={})

    [error] = problem(done)["errors"]
    assert (422, "X-OSO-Account") == (done.status_code, error["field"])
    assert error["message"].startswith(said)


def test_a_name_with_accents_is_recorded_as_it_is(tenant: LasClient) -> None:
    name = "Zoë Ångström".encode().decode("latin-1")
    tenant.post("/administrations", NEW, headers={"X-OSO-Account": name})

    [event] = tenant.get("/events?name=administration.added")["items"]
    assert ("Zoë Ångström", NEW["routing_id"]) == (event["account"], event["administration"])


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"orders": NaN}', "application/json", 400),
        (b"[]", "application/json", 422),
        (b"{}", "text/plain", 415),
        (b"{}", "application/json; charset=latin-1", 415),
        (b" " * (MOST + 1), "application/json", 413),
    ],
)
def test_what_is_no_request_is_refused(
    client: LasClient, body: bytes, kind: str, status: int
) -> None:
    done = client.call("POST", "/orders", data=body, headers={"Content-Type": kind})
    assert (status, status) == (done.status_code, problem(done)["status"])


def test_a_body_without_a_length_is_bounded_too(client: LasClient) -> None:
    done = client.call(
        *("POST", "/orders"),
        input_stream=BytesIO(b" " * (MOST + 1)),
        headers={"Content-Type": "application/json", "Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert 413 == done.status_code


def test_a_compressed_body_is_not_read(client: LasClient) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    assert 415 == client.call("POST", "/orders", data=b"{}", headers=headers).status_code


def test_a_refusal_names_the_field_and_never_a_value(client: LasClient, school: School) -> None:
    order = {
        "pgn": "123456789",
        "surname": "",
        "birth_date": "31-05-2014",
        "bron_brin": "99aa",
        "reference": NUMBERS[0],
        NUMBERS[1]: "x",
    }
    done = client.call(
        "POST", "/orders", json={"administration": school.routing_id, "orders": [order]}
    )

    told = {error["field"]: error["message"] for error in problem(done)["errors"]}
    assert {
        "orders[0].pgn": "this number fails the 11-test of BSN and onderwijsnummer",
        "orders[0].surname": "length must be between 1 and 200.",
        "orders[0].birth_date": "a date is written as 2026-03-12",
        "orders[0].bron_brin": "a BRIN is two digits and two capitals, such as 00YY",
        "orders[0].reference": "this is or holds a BSN or onderwijsnummer, which is no reference"
        " and no name",
        "orders[0].*": "this field is not known here",
    } == told
    for value in (order["pgn"], *NUMBERS):
        assert value not in done.get_data(as_text=True)


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/events?limit=0", "limit"),
        ("/events?limit=x", "limit"),
        ("/events?after=bmVl", "after"),
        ("/events?after=W10", "after"),
        ("/dossiers?after=WzFd", "after"),
        # a moment with a lone surrogate, which a database cannot take
        ("/dossiers?after=WyIyMDIwLTAxLTAxVDAwOjAwOjAwWiIsICJcdWQ4MDAiXQ", "after"),
        ("/dossiers/unfinished?administration=0000000700099AA00001&after=WzFd", "after"),
        ("/dossiers?state=weg", "state"),
        ("/dossiers?stand=verzameld", "*"),
        ("/orders?open=ja", "open"),
        ("/received?since=2026-03-12T09:00", "since"),
        ("/received?since=0001-01-01T00:00:00%2B05:00", "since"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(
    client: LasClient, path: str, field: str
) -> None:
    done = client.call("GET", path)
    assert (422, [field]) == (done.status_code, [e["field"] for e in problem(done)["errors"]])


def test_what_is_not_there_is_told_in_the_same_form(client: LasClient) -> None:
    nowhere = client.call("GET", "/nergens")
    wrong = client.call("DELETE", "/events")
    too_large = client.call("POST", f"/notifications/requests/{2**63}/send")

    assert 404 == problem(too_large)["status"]
    assert "Dit is er niet, of niet voor dit token." == problem(nowhere)["title"]
    assert (405, {"GET", "HEAD", "OPTIONS"}) == (
        problem(wrong)["status"],
        set(wrong.headers["Allow"].split(", ")),
    )


def test_health_is_as_it_was(client: LasClient) -> None:
    browser = create_app(client.adapter).test_client()
    assert {"status": "ready"} == browser.get("/health/ready").get_json()
    missing = browser.get("/nergens")
    assert (404, "text/html; charset=utf-8") == (missing.status_code, missing.content_type)


def test_what_was_not_foreseen_is_told_by_a_number_alone(
    tenant: LasClient, monkeypatch: pytest.MonkeyPatch, log: StringIO
) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError(f"row of {NUMBERS[0]}")

    monkeypatch.setattr(administrations, "add", fails)
    done = tenant.call("POST", "/administrations", json=NEW)

    told = problem(done)
    assert {"type", "title", "status", "fault_id"} == told.keys()
    written = log.getvalue()
    assert (True, False) == (told["fault_id"] in written, NUMBERS[0] in written)


def test_no_cache_keeps_an_answer(client: LasClient) -> None:
    for path in ("/dossiers", "/received/nergens", "/events?limit=0"):
        assert (path, "no-store") == (path, client.call("GET", path).headers["Cache-Control"])


def test_a_page_follows_a_page_and_nothing_comes_twice(tenant: LasClient) -> None:
    for serial in range(2, 7):
        tenant.post("/administrations", {**NEW, "routing_id": f"0000000700099AB0000{serial}"})

    found, after, more = [], "", True
    while more:
        part = tenant.get(f"/administrations?limit=4{after}")
        found += [item["routing_id"] for item in part["items"]]
        after, more = f"&after={part['next']}", part["more"]

    assert 6 == len(found) == len(set(found))
    assert {"items": [], "next": part["next"], "more": False} == tenant.get(
        f"/administrations?limit=4{after}"
    )


def test_an_administration_is_added_changed_and_ended(tenant: LasClient) -> None:
    path = f"/administrations/{NEW['routing_id']}"
    added = tenant.call("POST", "/administrations", json=NEW)
    changed = tenant.call("PATCH", path, json={"sector": "PO", "valid_until": "2099-07-31"})

    assert (201, "99aa", None) == (
        *(added.status_code, added.json["tenant"], added.json["sector"]),
    )
    assert ("PO", "2099-07-31") == (changed.json["sector"], changed.json["valid_until"])
    assert changed.json == tenant.get(path)
    assert 409 == tenant.call("POST", "/administrations", json=NEW).status_code
    assert 409 == tenant.call("PATCH", path, json={"valid_until": "2000-07-31"}).status_code


def test_only_a_tenant_adds_administrations(client: LasClient) -> None:
    assert 403 == client.call("POST", "/administrations", json=NEW).status_code


def test_a_school_of_another_environment_is_not_added(tenant: LasClient) -> None:
    real = {"routing_id": "0000000700012SS00001", "brin": "12SS", "name": "Echt"}

    done = tenant.call("POST", "/administrations", json=real)

    assert (422, "brin") == (done.status_code, problem(done)["errors"][0]["field"])


def test_a_generator_finds_a_name_for_every_operation_and_every_object() -> None:
    document = api.document()
    operations = [
        operation
        for item in document["paths"].values()
        for method, operation in item.items()
        if method != "parameters"
    ]
    bodies = [
        media["schema"]
        for operation in operations
        for answer in [operation.get("requestBody", {}), *operation["responses"].values()]
        for kind, media in answer.get("content", {}).items()
        if kind == "application/json"
    ]

    names = [operation["operationId"] for operation in operations]
    assert 30 < len(names) == len(set(names))
    unnamed = [schema for schema in bodies if "$ref" not in schema]
    assert {"JSON form"} == {"JSON form" for s in unnamed if "JSON form" in s["description"]}
    assert 4 == len(unnamed)  # a dossier that is put or judged, and two that are read
    assert {"pgn", "numbers"} == {
        field
        for schema in document["components"]["schemas"].values()
        for field, told in schema["properties"].items()
        if told.get("writeOnly")
    }


def test_the_description_is_for_everybody(client: LasClient) -> None:
    described = client.app.test_client().get(f"{PREFIX}/openapi.json")
    assert (200, "3.0.3") == (described.status_code, described.get_json()["openapi"])

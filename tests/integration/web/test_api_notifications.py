"""Notifications over the JSON API, and the lists of what waits for somebody."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from support.api import LasClient, came, las
from support.chain import ACCOUNT, School
from support.dossiers import NUMBERS, sent
from support.fetching import TestClock
from support.keeping import Keeping

from oso_adapter.clock import school_date
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.store.models import Exchange, Request


@pytest.fixture
def keeping(school: School, clock: TestClock, adapter: Adapter) -> Keeping:
    return Keeping(school, clock, adapter)


def made_ready(client: LasClient, school: School, number: str, pupil: str = "P-1") -> None:
    path = f"/dossiers/{school.routing_id}/{pupil}"
    kind = {"Content-Type": "application/xml"}
    assert 200 == client.call("PUT", path, data=sent(number), headers=kind).status_code
    client.post(f"{path}/ready", {"schools": ["99BB"]})


def test_who_asked_in_vain_is_listed_and_told_by_order(
    client: LasClient, school: School, keeping: Keeping
) -> None:
    keeping.requested(NUMBERS[0])
    keeping.requested(NUMBERS[1])
    where = f"administration={school.routing_id}"
    before = client.get(f"/notifications/requests?{where}")["items"]
    everyone = client.get(f"/notifications/requests?{where}&all=true&limit=1")
    rest = client.get(f"/notifications/requests?{where}&all=true&after={everyone['next']}")
    made_ready(client, school, NUMBERS[0])
    [waits] = client.get(f"/notifications/requests?{where}")["items"]

    notice = client.post(f"/notifications/requests/{waits['id']}/send")

    assert ([], True, False) == (before, everyone["more"], rest["more"])
    assert [None, None] == [item["pupil"] for item in everyone["items"] + rest["items"]]
    assert ("P-1", "klaargezet", "99BB", True, None) == tuple(
        waits[name] for name in ("pupil", "state", "doel_brin", "ready", "told_at")
    )
    assert ("besteld", ACCOUNT, None) == tuple(notice[n] for n in ("state", "account", "result"))
    assert notice == client.get(f"/notifications/sent/{notice['id']}")
    assert [notice] == client.get("/notifications/sent")["items"]
    again = client.call("POST", f"/notifications/requests/{waits['id']}/send")
    assert (409, "dit systeem wordt op dit moment al ingelicht") == (
        *(again.status_code, again.json["detail"]),
    )


def test_nobody_is_told_of_what_is_not_ready(
    client: LasClient, school: School, keeping: Keeping, adapter: Adapter
) -> None:
    keeping.requested(NUMBERS[0])
    with adapter.store.reading() as session:
        [request_id] = session.scalars(select(Request.id))

    done = client.call("POST", f"/notifications/requests/{request_id}/send")
    other = las(adapter, "ander", tenant="anders")
    theirs = other.call("POST", f"/notifications/requests/{request_id}/send")

    assert (409, 404) == (done.status_code, theirs.status_code)
    assert [] == client.get("/notifications/sent")["items"]


@pytest.fixture
def notified(keeping: Keeping) -> str:
    """A school that was asked in vain says that the dossier is ready."""
    return keeping.notified(NUMBERS[0])


def test_what_a_notification_tells_of_is_fetched_without_typing_anything_again(
    client: LasClient, school: School, notified: str
) -> None:
    [told] = client.get("/notifications?open=true")["items"]

    job = client.post(
        "/notifications/fetch",
        {"administration": school.routing_id, "notifications": [notified]},
    )

    assert (notified, "99CC", "P-1", True) == tuple(
        told[name] for name in ("id", "bron_brin", "reference", "open")
    )
    assert ("ophalen", 1) == (job["kind"], job["total"])
    open_orders = client.get("/orders?open=true")["items"]
    assert [("99CC", "P-1")] == [(o["bron_brin"], o["reference"]) for o in open_orders]
    unknown: dict[str, Any] = {
        "administration": school.routing_id,
        "notifications": [str(uuid4())],
    }
    assert 404 == client.call("POST", "/notifications/fetch", json=unknown).status_code


def test_a_notification_is_closed_once_its_dossier_came(
    client: LasClient, adapter: Adapter, keeping: Keeping, notified: str, clock: TestClock
) -> None:
    clock.forward(minutes=1)
    order = keeping.ordered(NUMBERS[0])
    with adapter.store.writing() as session:
        row = session.get_one(Exchange, order)
        row.result, row.session_at = "OverdrachtGeslaagd", clock()

    assert [] == client.get("/notifications?open=true")["items"]
    assert [(notified, False)] == [
        (item["id"], item["open"]) for item in client.get("/notifications")["items"]
    ]


def test_what_is_still_to_do_is_listed(
    client: LasClient, school: School, keeping: Keeping, clock: TestClock
) -> None:
    keeping.requested(NUMBERS[1])
    clock.forward(minutes=1)
    made_ready(client, school, NUMBERS[0])
    where = f"/dossiers/unfinished?administration={school.routing_id}"

    first = client.get(f"{where}&limit=1")
    second = client.get(f"{where}&after={first['next']}")
    today = school_date(clock())

    assert [] == client.get(f"{where}&before={today - timedelta(days=1)}")["items"]
    assert 2 == len(client.get(f"{where}&before={today + timedelta(days=1)}")["items"])
    assert ([(None, "niet verzameld", "99BB")], True) == (
        [(i["pupil"], i["missing"], i["destination"]) for i in first["items"]],
        first["more"],
    )
    assert [("P-1", "niet opgehaald", "99BB")] == [
        (i["pupil"], i["missing"], i["destination"]) for i in second["items"]
    ]


def test_what_waits_is_listed_with_the_day_on_which_it_is_destroyed(
    client: LasClient, school: School, adapter: Adapter, clock: TestClock
) -> None:
    received = came(school, adapter, NUMBERS[0], sent(NUMBERS[0]))
    clock.forward(days=3)

    [waits] = client.get(f"/received/pending?administration={school.routing_id}")["items"]

    assert (received, 3, False) == tuple(waits[name] for name in ("id", "days", "soon"))
    assert waits["until"]


def test_who_deals_with_a_page_and_asks_for_the_next_misses_nothing(
    client: LasClient, school: School, adapter: Adapter, clock: TestClock
) -> None:
    expected = []
    for number in NUMBERS[:3]:
        expected.append(came(school, adapter, number, sent(number)))
        clock.forward(minutes=1)

    found, after, more = [], "", True
    while more:
        where = f"/received/pending?administration={school.routing_id}&limit=1{after}"
        answered = client.get(where)
        [item] = answered["items"]
        client.post(f"/received/{item['id']}/accept", {})
        found.append(item["id"])
        after, more = f"&after={answered['next']}", answered["more"]

    assert expected == found


def test_what_came_is_destroyed_by_order(
    client: LasClient, school: School, adapter: Adapter
) -> None:
    path = f"/received/{came(school, adapter, NUMBERS[0], sent(NUMBERS[0]))}"

    done = client.call("DELETE", path)

    assert (204, b"") == (done.status_code, done.data)
    assert 404 == client.call("GET", path).status_code
    [event] = client.get("/events?name=received.destroyed")["items"]
    assert ACCOUNT == event["account"]


def test_a_hold_keeps_what_came_until_it_is_released(
    client: LasClient, school: School, adapter: Adapter
) -> None:
    received = came(school, adapter, NUMBERS[0], sent(NUMBERS[0]))
    path = f"/received/{received}"
    held = client.post("/holds", {"subject": received, "reason": "Klacht 2026-14."})

    refused = client.call("DELETE", path)
    released = client.call("DELETE", f"/holds/{held['id']}")

    assert (received, None, "Klacht 2026-14.", ACCOUNT) == tuple(
        held[name] for name in ("subject", "administration", "reason", "account")
    )
    assert (409, 204) == (refused.status_code, released.status_code)
    assert [] == client.get("/holds")["items"]
    assert 204 == client.call("DELETE", path).status_code


def test_a_hold_on_an_administration_is_listed(client: LasClient, school: School) -> None:
    given = {"administration": school.routing_id, "reason": "Rechtszaak."}
    held = client.post("/holds", given)

    assert [held] == client.get("/holds")["items"]
    assert school.routing_id == held["administration"]


@pytest.mark.parametrize("more", [{}, {"administration": "0000000700099AA00001"}])
def test_a_hold_is_on_one_thing(client: LasClient, more: dict[str, str]) -> None:
    given = {"reason": "Klacht.", **more, **({"subject": str(uuid4())} if more else {})}
    assert 422 == client.call("POST", "/holds", json=given).status_code

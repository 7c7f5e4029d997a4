"""Orders and received dossiers over the JSON API."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from support.api import LasClient, came, las
from support.chain import ACCOUNT, School
from support.dossiers import NUMBERS, sent
from support.fetching import TestClock
from support.las import Las, unknown_element

from oso_adapter.clock import school_date
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.hookspecs import ImportAnswer
from oso_adapter.store.models import Event, Exchange
from oso_adapter.work.inline import Runner

PUPIL = {
    "pgn": NUMBERS[0],
    "surname": "Proefleerling",
    "birth_date": "2013-05-31",
    "bron_brin": "99BB",
    "reference": "P-1",
}


def placed(client: LasClient, school: School, *orders: dict[str, Any]) -> Any:
    return client.post("/orders", {"administration": school.routing_id, "orders": orders})


def finish(client: LasClient, order: str, result: str) -> None:
    with client.adapter.store.writing() as session:
        row = session.get_one(Exchange, order)
        row.state, row.result, row.finished_at = "klaar", result, client.adapter.clock()


def test_many_orders_are_one_job(client: LasClient, school: School) -> None:
    orders = [{**PUPIL, "pgn": n, "reference": f"P-{i}"} for i, n in enumerate(NUMBERS[:3])]
    job = placed(client, school, *orders)
    items = client.get(f"/jobs/{job['id']}/items")["items"]
    finish(client, items[0]["subject"], "OverdrachtGeslaagd")
    finish(client, items[1]["subject"], "LeerlinginfoNietBeschikbaar")

    after = client.get(f"/jobs/{job['id']}")
    assert ("ophalen", "bezig", 3, 1, 1, 1) == tuple(
        after[name] for name in ("kind", "state", "total", "done", "failed", "waiting")
    )
    items = client.get(f"/jobs/{job['id']}/items")["items"]
    assert [("P-0", "gelukt"), ("P-1", "mislukt"), ("P-2", "wacht")] == [
        (item["pupil"], item["state"]) for item in items
    ]
    assert "LeerlinginfoNietBeschikbaar" == items[1]["result"]


def test_of_an_order_that_was_destroyed_a_job_knows_no_name_any_more(
    client: LasClient, school: School, adapter: Adapter
) -> None:
    pupil = {**PUPIL, "pgn": NUMBERS[0], "bron_brin": "99AA", "reference": "Merkteken7Qx"}
    job = f"/jobs/{placed(client, school, pupil)['id']}"
    received = came(school, adapter, NUMBERS[0], sent(NUMBERS[0]))
    [before] = client.get(f"{job}/items")["items"]

    assert 204 == client.call("DELETE", f"/received/{received}").status_code

    [item] = client.get(f"{job}/items")["items"]
    assert ("Merkteken7Qx", None, "gelukt") == (before["pupil"], item["pupil"], item["state"])
    assert (1, 1) == tuple(client.get(job)[name] for name in ("total", "done"))
    with adapter.store.reading() as session:
        rows = session.connection().exec_driver_sql("SELECT pupil_sealed FROM job_items").all()
    assert [(b"",)] == rows


def test_an_order_tells_what_became_of_it_and_what_to_do(client: LasClient, school: School) -> None:
    job = placed(client, school, {**PUPIL, "asked_after": "2026-03-01T00:00:00+01:00"})
    [item] = client.get(f"/jobs/{job['id']}/items")["items"]
    path = f"/orders/{item['subject']}"
    before = client.get(path)
    finish(client, item["subject"], "LeerlinginfoNietBeschikbaar")
    after = client.get(path)

    assert ("P-1", "99BB", "besteld", None, None, ACCOUNT) == tuple(
        before[n] for n in ("reference", "bron_brin", "state", "result", "text", "account")
    )
    assert ("klaar", "LeerlinginfoNietBeschikbaar", "verzendende school") == tuple(
        after[name] for name in ("state", "result", "owner")
    )
    assert after["text"]
    assert after["next_step"]
    assert [after] == client.get("/orders?open=false")["items"]
    assert [] == client.get("/orders?open=true")["items"]


def test_orders_from_before_a_day_are_asked_for(
    client: LasClient, school: School, clock: TestClock
) -> None:
    placed(client, school, PUPIL)
    today = school_date(clock())

    assert [] == client.get(f"/orders?before={today}")["items"]
    assert 1 == len(client.get(f"/orders?before={today + timedelta(days=1)}")["items"])


def test_what_brought_no_dossier_is_listed_by_school_until_it_is_ordered_again(
    client: LasClient, school: School, clock: TestClock
) -> None:
    brins = ("99CC", "99BB", "99BB")
    orders = [
        {**PUPIL, "pgn": number, "bron_brin": brin, "reference": f"P-{n}"}
        for n, (number, brin) in enumerate(zip(NUMBERS, brins, strict=False))
    ]
    items = client.get(f"/jobs/{placed(client, school, *orders)['id']}/items")["items"]
    finish(client, items[0]["subject"], "LeerlinginfoNietBeschikbaar")
    finish(client, items[1]["subject"], "OverdrachtGeslaagd")
    where = f"/orders/unfinished?administration={school.routing_id}"

    first = client.get(f"{where}&limit=1")
    second = client.get(f"{where}&after={first['next']}")

    assert ["P-2", "P-0"] == [item["reference"] for item in first["items"] + second["items"]]
    assert (None, "LeerlinginfoNietBeschikbaar") == (
        first["items"][0]["result"],
        second["items"][0]["result"],
    )
    assert [] == client.get(f"{where}&before={school_date(clock())}")["items"]
    clock.forward(minutes=1)
    placed(client, school, {**orders[0], "reference": "P-0 weer"})
    assert ["P-2", "P-0 weer"] == [item["reference"] for item in client.get(where)["items"]]


def test_the_same_order_again_is_the_first_one(client: LasClient, school: School) -> None:
    jobs = [placed(client, school, PUPIL) for _ in range(2)]
    items = [client.get(f"/jobs/{job['id']}/items")["items"][0] for job in jobs]

    assert items[0]["subject"] == items[1]["subject"]
    assert 1 == len(client.get("/orders")["items"])


def test_all_orders_are_placed_or_none(client: LasClient, school: School) -> None:
    inside = {**PUPIL, "overdrachtsoort": "overdrachtbinnenbrin"}
    given = {"administration": school.routing_id, "orders": [PUPIL, inside]}

    assert 409 == client.call("POST", "/orders", json=given).status_code
    assert [] == client.get("/orders")["items"]


def test_no_answer_has_the_number(client: LasClient, school: School) -> None:
    job = placed(client, school, PUPIL)
    paths = ["/orders", f"/jobs/{job['id']}", f"/jobs/{job['id']}/items", "/events"]

    answers = [client.call("GET", path).get_data(as_text=True) for path in paths]
    assert [] == [text for text in answers if NUMBERS[0] in text]


def test_what_came_is_polled_until_it_is_accepted(
    client: LasClient, school: School, adapter: Adapter
) -> None:
    received = came(school, adapter, NUMBERS[0], sent(NUMBERS[0]))
    polled = [client.get("/received?state=wacht")["items"] for _ in range(2)]
    path = f"/received/{received}"

    accepted = client.post(f"{path}/accept", {"categories": ["cat_verzuim"]})

    assert [[received]] * 2 == [[item["id"] for item in items] for items in polled]
    assert ("P-1", "99AA", "POVO") == tuple(
        polled[0][0][name] for name in ("reference", "bron_brin", "profile")
    )
    assert ("overgenomen", ACCOUNT) == (accepted["state"], accepted["account"])
    assert [] == client.get("/received?state=wacht")["items"]
    assert received == client.get(f"/orders/{accepted['order']}")["received"]
    again = client.call("POST", f"{path}/accept")
    assert (409, "dit dossier is al overgenomen") == (again.status_code, again.json["detail"])


def test_who_reads_what_came_is_recorded(
    client: LasClient, school: School, adapter: Adapter
) -> None:
    xml = sent(NUMBERS[0], attachments={"verslag.txt": b"een verslag"})
    path = f"/received/{came(school, adapter, NUMBERS[0], xml)}"

    whole = client.call("GET", f"{path}/content")
    reader = {"X-OSO-Account": "lezer@school.example"}
    plain = client.get(f"{path}/content?form=json", headers=reader)

    assert xml == whole.data
    [document] = plain["huidigeschool"]["leerling"]["overigdocumentlijst"]["document"]
    assert "ZWVuIHZlcnNsYWc=" == document["bestand"]
    assert 422 == client.call("GET", f"{path}/content", headers={"X-OSO-Account": ""}).status_code
    events = client.get(f"/events?subject={path.rpartition('/')[2]}")["items"]
    assert [("received.shown", ACCOUNT), ("received.shown", "lezer@school.example")] == [
        (event["name"], event["account"]) for event in events
    ]


def test_the_audit_is_asked_about_a_pupil_and_says_who_asked(
    client: LasClient, school: School, adapter: Adapter
) -> None:
    received = came(school, adapter, NUMBERS[0], sent(NUMBERS[0]))
    client.call("GET", f"/received/{received}/content")
    where = {"administration": school.routing_id}
    reader = {"X-OSO-Account": "functionaris@school.example"}

    about = {**where, "pgn": NUMBERS[0]}
    done = client.call("POST", "/audit", json=about, headers=reader)
    rest = client.post("/audit", {**where, "dossier": received, "after": done.json["next"]})

    assert ["fetch.ordered", "received.shown"] == [item["name"] for item in done.json["items"]]
    assert NUMBERS[0] not in done.get_data(as_text=True)
    assert [] == [item for item in rest["items"] if item["name"] != "audit.shown"]
    [shown, _] = client.get("/events?name=audit.shown")["items"]
    assert ("functionaris@school.example", "pupil") == (shown["account"], shown["reason"])


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"pgn": NUMBERS[0], "to_oin": "00000099000000000099"},
        {"pgn": NUMBERS[0], "begin": "2026-03-12T09:00:00+01:00"},
        {"session": "geen"},
        {"pgn": "123456789"},
    ],
)
def test_a_question_to_the_audit_is_about_one_thing(
    client: LasClient, school: School, more: dict[str, str]
) -> None:
    asked = {"administration": school.routing_id, **more}
    assert 422 == client.call("POST", "/audit", json=asked).status_code


def test_what_came_is_postponed_and_rejected_with_a_reason(
    client: LasClient, school: School, adapter: Adapter
) -> None:
    path = f"/received/{came(school, adapter, NUMBERS[0], sent(NUMBERS[0]))}"

    later = client.post(f"{path}/postpone", {"reason": "Nog niet ingeschreven."})
    no = client.post(f"{path}/reject", {"reason": "Komt niet."})

    assert ("uitgesteld", "Nog niet ingeschreven.") == (later["state"], later["reason"])
    assert ("geweigerd", "Komt niet.") == (no["state"], no["reason"])
    assert 422 == client.call("POST", f"{path}/reject", json={}).status_code


def test_what_came_since_a_moment_is_asked_for(
    client: LasClient, school: School, adapter: Adapter, clock: TestClock
) -> None:
    came(school, adapter, NUMBERS[0], sent(NUMBERS[0]))
    clock.forward(minutes=1)
    later = clock.now.isoformat().replace("+", "%2B")
    second = came(school, adapter, NUMBERS[1], sent(NUMBERS[1]))

    found = client.get(f"/received?since={later}")["items"]
    assert [second] == [item["id"] for item in found]


def test_with_a_plugin_the_runner_offers_what_was_accepted(
    client: LasClient, school: School, adapter: Adapter
) -> None:
    plugin = Las(ImportAnswer("accepted"))
    adapter.plugins.register(plugin, "las")
    apart = came(school, adapter, NUMBERS[0], sent(NUMBERS[0], surname="Anders"))
    path = f"/received/{apart}"
    before = client.get(path)

    refused = client.call("POST", f"{path}/accept", json={"categories": ["cat_verzuim"]})
    accepted = client.post(f"{path}/accept")
    nobody = list(plugin.offered)
    runner = Runner(adapter)
    runner.offer_again()
    runner.run_due()

    assert ("apart", 409, "wacht") == (*(before["state"], refused.status_code, accepted["state"]),)
    assert [] == nobody
    assert [apart] == [offered.id for offered in plugin.offered]
    assert ("overgenomen", ACCOUNT) == tuple(client.get(path)[n] for n in ("state", "account"))
    with adapter.store.reading() as session:
        query = select(Event.name).filter_by(subject=apart).order_by(Event.id)
        told = list(session.scalars(query))
    assert ["received.apart", "received.decided", "received.handed_over"] == told


def test_what_is_not_valid_is_for_a_person_also_with_a_plugin(
    client: LasClient, school: School, adapter: Adapter
) -> None:
    plugin = Las(ImportAnswer("accepted"))
    adapter.plugins.register(plugin, "las")
    path = f"/received/{came(school, adapter, NUMBERS[0], unknown_element(sent(NUMBERS[0])))}"
    report = client.get(f"{path}/findings")
    assert (False, client.get(path)["findings"]) == (report["valid"], len(report["findings"]))

    accepted = client.post(f"{path}/accept", {"categories": ["cat_verzuim"]})

    assert ("overgenomen", []) == (accepted["state"], plugin.offered)


@pytest.mark.parametrize("kind", ["verzamelen", "ophalen"])
def test_a_job_is_looked_at_with_the_scope_of_its_work(
    client: LasClient, school: School, adapter: Adapter, kind: str
) -> None:
    collecting = {"administration": school.routing_id, "profile": "POVO", "pupils": ["P-1"]}
    jobs = {
        "verzamelen": client.post("/dossiers/collect", collecting),
        "ophalen": placed(client, school, PUPIL),
    }
    scope = {"verzamelen": "dossiers:read", "ophalen": "orders:read"}[kind]
    reader = las(adapter, "lezer", scopes=[scope], named=[school.routing_id])

    seen = {
        name: reader.call("GET", f"/jobs/{job['id']}").status_code for name, job in jobs.items()
    }
    assert {name: 200 if name == kind else 403 for name in jobs} == seen

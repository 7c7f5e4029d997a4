"""Preparing a dossier over the JSON API, from putting it until withdrawing it."""

import json
from datetime import timedelta
from typing import Any

import pytest
from support.api import LasClient
from support.chain import ACCOUNT, School
from support.dossiers import NUMBERS, SURNAME, dossier, sent
from support.fetching import TestClock
from support.las import unknown_element

from oso_adapter.bounded_xml import parse
from oso_adapter.clock import school_date
from oso_adapter.exchange import prepare
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.matching import matching
from oso_adapter.identifiers import Pgn
from oso_adapter.standard.codec import to_dict
from oso_adapter.standard.jsonform import to_json
from oso_adapter.standard.pack import load_pack

XML = {"Content-Type": "application/xml"}


@pytest.fixture
def path(school: School) -> str:
    return f"/dossiers/{school.routing_id}/P-1"


def put(client: LasClient, path: str, xml: bytes, kind: str = "application/xml") -> Any:
    done = client.call("PUT", path, data=xml, headers={"Content-Type": kind})
    assert 200 == done.status_code, done.get_data(as_text=True)
    return done.get_json()


def test_a_dossier_goes_from_put_to_withdrawn(client: LasClient, path: str) -> None:
    xml = dossier(NUMBERS[0])

    first = put(client, path, xml)
    shown = client.get(path)
    seen = client.post(
        f"{path}/inzage",
        {"on": "2025-03-02", "akkoord": "Ja", "controlegetal": shown["controlegetal"]},
    )
    ready = client.post(f"{path}/ready", {"schools": ["99BB", "99CC"], "until": "2099-07-31"})
    after = client.get(path)
    withdrawn = client.post(f"{path}/withdraw")

    states = [each["state"] for each in (first, shown, seen, ready, after, withdrawn)]
    expected = ["verzameld", "verzameld", "ingezien", "klaargezet", "klaargezet", "ingetrokken"]
    assert expected == states
    assert (1, "P-1", "POVO", ACCOUNT) == (
        *(shown["version"], shown["pupil"], shown["profile"], shown["account"]),
    )
    assert (["99BB", "99CC"], "2099-07-31", True) == (
        *(after["schools"], after["until"], after["inzage"]),
    )


def test_what_is_read_is_what_was_put(client: LasClient, path: str) -> None:
    xml = dossier(NUMBERS[0], attachments={"verslag.txt": b"een verslag"})
    put(client, path, xml)

    as_xml = client.call("GET", f"{path}/content")
    as_json = client.call("GET", f"{path}/content?form=json")
    as_html = client.call("GET", f"{path}/content?form=html")

    assert (xml, "application/xml") == (as_xml.data, as_xml.content_type)
    pupil = as_json.get_json()["huidigeschool"]["leerling"]
    assert (NUMBERS[0], SURNAME) == (pupil["bsn"], pupil["achternaam"])
    [document] = pupil["overigdocumentlijst"]["document"]
    assert ("verslag.txt", "ZWVuIHZlcnNsYWc=") == (document["bestandsnaam"], document["bestand"])
    assert as_html.data.startswith(b"<!DOCTYPE html>")
    for answer in (as_xml, as_json, as_html):
        assert ("no-store", "sandbox") == (
            answer.headers["Cache-Control"],
            answer.headers["Content-Security-Policy"],
        )


def test_a_dossier_can_be_put_as_json(
    client: LasClient, adapter: Adapter, school: School, path: str
) -> None:
    pack = load_pack()
    xml = dossier(NUMBERS[0])
    text = to_json(to_dict(parse(xml), pack), pack)

    put(client, path, text.encode(), "application/json; charset=utf-8")

    stored = prepare.show(adapter, school.administration(adapter), ACCOUNT, "P-1")
    assert to_dict(parse(xml), pack) == to_dict(parse(stored), pack)


def test_putting_something_else_makes_the_next_version(
    client: LasClient, path: str, clock: TestClock
) -> None:
    versions = []
    for surname in ("Een", "Twee"):
        versions.append(put(client, path, dossier(NUMBERS[0], surname=surname))["version"])
        clock.forward(seconds=1)

    assert [1, 2] == versions
    listed = client.get("/dossiers")["items"]
    assert [(1, "vervallen"), (2, "verzameld")] == [(d["version"], d["state"]) for d in listed]
    assert [2] == [d["version"] for d in client.get("/dossiers?state=verzameld")["items"]]
    today = school_date(clock())
    assert [] == client.get(f"/dossiers?before={today - timedelta(days=1)}")["items"]
    assert listed == client.get(f"/dossiers?before={today + timedelta(days=1)}")["items"]


def test_of_a_pupil_with_two_profiles_a_step_names_the_one_that_it_is_about(
    client: LasClient, path: str
) -> None:
    for profile in ("POVO", "BB"):
        put(client, path, dossier(NUMBERS[0], profile))
    seen, ready = {"on": "2025-03-02", "akkoord": "Ja"}, {"schools": ["99BB"]}
    for step, body in (("inzage", seen), ("ready", ready)):
        assert 409 == client.call("POST", f"{path}/{step}", json=body).status_code

    client.post(f"{path}/inzage", {**seen, "profile": "POVO"})
    client.post(f"{path}/ready", {**ready, "profile": "POVO"})

    states = {row["profile"]: row["state"] for row in client.get("/dossiers")["items"]}
    assert {"POVO": "klaargezet", "BB": "verzameld"} == states


def test_putting_the_same_again_changes_nothing(client: LasClient, path: str) -> None:
    xml = dossier(NUMBERS[0])
    first = put(client, path, xml)
    client.post(f"{path}/inzage", {"on": "2025-03-02", "akkoord": "Ja"})

    again = put(client, path, xml)

    assert (first["id"], "ingezien") == (again["id"], again["state"])
    assert [1] == [d["version"] for d in client.get("/dossiers")["items"]]


def test_other_inzage_in_the_same_dossier_is_another_dossier(client: LasClient, path: str) -> None:
    put(client, path, dossier(NUMBERS[0]))
    client.post(f"{path}/inzage", {"on": "2025-03-02", "akkoord": "Nee"})

    assert 2 == put(client, path, sent(NUMBERS[0]))["version"]


def test_a_dossier_that_is_not_right_is_refused_with_its_findings(
    client: LasClient, path: str
) -> None:
    done = client.call("PUT", path, data=unknown_element(dossier(NUMBERS[0])), headers=XML)

    told = done.get_json()
    assert (422, "application/problem+json") == (done.status_code, done.content_type)
    assert "het dossier kan niet worden klaargemaakt; zie de bevindingen" == told["detail"]
    assert {"error"} <= {finding["severity"] for finding in told["findings"]}
    assert NUMBERS[0] not in done.get_data(as_text=True)


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/xml", b"<dossier", 400),
        ("application/xml", b"", 400),
        ("application/json", b"{", 422),
        ("application/json", json.dumps({"huidigeschool": {}}).encode(), 422),
        ("text/plain", b"x", 415),
        ("application/xml; charset=latin-1", b"<a/>", 415),
    ],
)
def test_what_is_no_dossier_is_refused(
    client: LasClient, path: str, kind: str, body: bytes, status: int
) -> None:
    done = client.call("PUT", path, data=body, headers={"Content-Type": kind})

    assert (status, "application/problem+json") == (done.status_code, done.content_type)


def test_a_number_is_no_reference(client: LasClient, school: School) -> None:
    path = f"/dossiers/{school.routing_id}/{NUMBERS[1]}"

    done = client.call("PUT", path, data=dossier(NUMBERS[0]), headers=XML)

    assert 422 == done.status_code
    assert NUMBERS[1] not in done.get_data(as_text=True)
    assert [] == client.get("/dossiers")["items"]


def test_what_cannot_be_done_yet_is_said_with_what_has_to_be_done_first(
    client: LasClient, path: str
) -> None:
    put(client, path, dossier(NUMBERS[0]))

    done = client.call("POST", f"{path}/ready", json={"schools": ["99BB"]})

    assert 409 == done.status_code
    assert "leg eerst vast dat de ouders" in done.get_json()["detail"]


def test_an_older_version_is_read_by_its_number(
    client: LasClient, path: str, clock: TestClock
) -> None:
    first = dossier(NUMBERS[0], surname="Een")
    put(client, path, first)
    clock.forward(seconds=1)
    put(client, path, dossier(NUMBERS[0], surname="Twee"))

    old = client.get(f"{path}?version=1&profile=POVO")
    assert (1, "vervallen") == (old["version"], old["state"])
    assert first == client.call("GET", f"{path}/content?version=1").data
    assert 404 == client.call("GET", f"{path}?version=3").status_code


@pytest.mark.parametrize("step", ["", "/content"])
def test_a_pupil_that_is_not_there_is_not_found(client: LasClient, path: str, step: str) -> None:
    assert 404 == client.call("GET", path + step).status_code


def test_a_pdf_can_be_read_where_it_can_be_made(client: LasClient, path: str) -> None:
    put(client, path, dossier(NUMBERS[0]))

    done = client.call("GET", f"{path}/content?form=pdf")

    assert (b"%PDF-", "application/pdf") == (done.data[:5], done.content_type)


def test_a_dossier_is_found_by_a_former_number_too(
    client: LasClient, adapter: Adapter, school: School, path: str
) -> None:
    put(client, path, sent(NUMBERS[0]))
    owner, key = school.administration(adapter), adapter.search_key.make(Pgn(NUMBERS[3]))
    before = matching(adapter, owner, key)

    done = client.call("POST", f"{path}/former-numbers", json={"numbers": [NUMBERS[3]]})
    again = client.post(f"{path}/former-numbers", {"numbers": [NUMBERS[3]]})

    assert ([], [again["id"]]) == (before, matching(adapter, owner, key))
    assert (200, False) == (done.status_code, NUMBERS[3] in done.get_data(as_text=True))
    client.post(f"{path}/withdraw")
    late = client.call("POST", f"{path}/former-numbers", json={"numbers": [NUMBERS[1]]})
    assert 409 == late.status_code


def test_a_dossier_is_judged_without_being_put(client: LasClient, school: School) -> None:
    right, wrong = sent(NUMBERS[0]), unknown_element(dossier(NUMBERS[0]))
    path, as_xml = "/dossiers/validate", {"Content-Type": "application/xml"}

    fine = client.call("POST", path, data=right, headers=as_xml).get_json()
    bad = client.call("POST", f"{path}?profile=POPO", data=wrong, headers=as_xml).get_json()

    assert (True, "2019.1", "POVO") == tuple(fine[name] for name in ("valid", "version", "profile"))
    assert (False, "POPO") == (bad["valid"], bad["profile"])
    errors = [finding for finding in bad["findings"] if finding["severity"] == "error"]
    assert {"owner", "next_step", "path"} < errors[0].keys()
    assert [] == client.get("/dossiers")["items"]

"""The simulated parties as web applications: bad input gets a readable answer."""

from collections.abc import Mapping
from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import etree

from oso_adapter.identifiers import Oin
from oso_adapter.simulator.apps import REFUSE_WITH, osr_app, traffic_center_app
from oso_adapter.simulator.osr_faults import Faults, make_ill
from oso_adapter.transport.peer import PeerRefused
from oso_adapter.wire.envelope import read_answer, wrap
from oso_adapter.wire.messages import Message, write


def as_peer(oin: Oin | None) -> Any:
    """Stands for the TLS connection: who the caller is."""

    def peer_of(environ: Mapping[str, Any]) -> Oin:
        if oin is None:
            raise PeerRefused("no-oin")
        return oin

    return peer_of


def tc_client(world: Any, oin: Oin | None) -> FlaskClient:
    app = traffic_center_app(world.state, world.contract, clock=world.clock, peer_of=as_peer(oin))
    return app.test_client()


def asked(world: Any) -> bytes:
    return wrap(write(Message("overdrachtRequest", world.asking()), world.contract))


def test_a_message_is_answered_in_an_envelope(world: Any) -> None:
    response = tc_client(world, world.doel).post("/tc", data=asked(world))
    assert (response.status_code, response.mimetype) == (200, "text/xml")
    answer = read_answer(etree.fromstring(response.data), world.contract, "overdrachtResponse")
    listed = answer.values["aanleverpunt"]
    assert [item["routeringsKenmerk"] for item in listed] == [world.po_routing_id]


@pytest.mark.parametrize(
    ("form", "status", "part"),
    [("resultaat", 200, b":resultaat>"), ("fault", 500, b"<faultcode>soap:Client</faultcode>")],
)
def test_a_refusal_has_the_form_that_was_chosen(
    world: Any, form: str, status: int, part: bytes
) -> None:
    world.state.set_option(REFUSE_WITH, form)
    response = tc_client(world, world.stranger).post("/tc", data=asked(world))
    assert response.status_code == status
    assert part in response.data
    assert b"CertificaatNietGeautoriseerd" in response.data


def test_a_caller_without_an_oin_is_refused(world: Any) -> None:
    response = tc_client(world, None).post("/tc", data=asked(world))
    assert b"CertificaatNietGeautoriseerd" in response.data


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", b"soap:Client"),
        (b"geen xml", b"soap:Client"),
        (b"<a/>", b"soap:Client"),
        (b"<!DOCTYPE a><a/>", b"soap:Client"),
        (b'<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"/>', b"VersionMismatch"),
        (wrap(b'<x xmlns="http://xml.example/"/>'), b"soap:Client"),
        (b"<a>" + b"x" * 2**20 + b"</a>", b"soap:Client"),
    ],
    ids=["empty", "text", "not-soap", "doctype", "soap-1.2", "unknown", "large"],
)
def test_what_is_no_message_is_a_fault_of_the_sender(world: Any, body: bytes, code: bytes) -> None:
    response = tc_client(world, world.doel).post("/tc", data=body)
    assert response.status_code == 500
    assert code in response.data
    assert world.state.events() == []


def test_a_failure_here_is_a_fault_of_the_server_with_an_id(world: Any) -> None:
    with world.state.write() as db:
        db.execute("DROP TABLE session_endpoints")
    response = tc_client(world, world.doel).post("/tc", data=asked(world))
    assert response.status_code == 500
    assert b"soap:Server" in response.data
    assert b"TechnischeFout" in response.data
    assert b"session_endpoints" not in response.data


def test_the_traffic_center_describes_itself(world: Any) -> None:
    client = tc_client(world, world.doel)
    assert b"overdrachtRequest" in client.get("/tc?wsdl").data
    assert client.get("/tc").status_code == 404


def test_the_osr_takes_the_api_key_from_the_header(world: Any) -> None:
    app = osr_app(world.state, clock=world.clock, peer_of=as_peer(world.bron))
    path = "/api/v2/school-mandates?service_code=OSO-OV"
    client = app.test_client()
    response = client.get(path, headers={"API-Key": f"sleutel-{world.po}"})
    assert [item["token"] for item in response.json] == [world.tokens[world.po]]
    assert client.get(path, headers={"API-Key": "anders"}).status_code == 401


@pytest.mark.parametrize(
    "body", [b"geen json", b'"' + b"x" * 70_000 + b'"', b'{"mandate_token": "\\ud800"}']
)
def test_a_body_that_is_no_json_is_400(world: Any, body: bytes) -> None:
    app = osr_app(world.state, clock=world.clock, peer_of=as_peer(world.bron))
    assert app.test_client().post("/api/v2/endpoints", data=body).status_code == 400


def test_a_caller_without_an_oin_is_401_at_the_osr(world: Any) -> None:
    app = osr_app(world.state, clock=world.clock, peer_of=as_peer(None))
    assert app.test_client().get("/api/v2/schools").status_code == 401


@pytest.mark.parametrize(("version", "status"), [(2, 200), (3, 200), (4, 404)])
def test_the_osr_speaks_two_versions(world: Any, version: int, status: int) -> None:
    app = osr_app(world.state, clock=world.clock, peer_of=as_peer(world.bron))
    response = app.test_client().get(f"/api/v{version}/schools?brin=99AA")
    assert status == response.status_code
    if status == 200:
        assert f"/api/v{version}/schools/" in response.json[0]["_links"]["self"]["href"]


def test_who_reads_too_often_is_told_when_to_come_back(world: Any) -> None:
    make_ill(world.state, Faults(status=429))
    app = osr_app(world.state, clock=world.clock, peer_of=as_peer(world.bron))
    response = app.test_client().get("/api/v2/schools")
    assert (429, "1") == (response.status_code, response.headers["Retry-After"])

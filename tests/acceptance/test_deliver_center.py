"""The Traffic Center as a test wants it: what the bron makes of each answer about a session."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import pytest
from support.chain import free_ports
from support.requester import DELIVERED, World, numbers, served_bron
from support.scripted import Reply, Scripted, refuses, says, scripted

from oso_adapter import results
from oso_adapter.chain.traffic_center import TrafficCenter
from oso_adapter.errors import MalformedAnswer, OsoError, Refused, Unreachable
from oso_adapter.exchange.deliver import PASSED_ON, deliver
from oso_adapter.identifiers import Oin
from oso_adapter.wire.envelope import wrap
from oso_adapter.wire.messages import Message

NUMBERS = numbers()
US = ("GeenAntwoord", "LeerlinginfoNietVoorDoel", "CertificaatNietGeautoriseerd", "Nieuw")
"""Codes that say nothing of the asker's request."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with served_bron(tmp_path_factory.mktemp("center")) as world:
        yield world


@pytest.fixture(scope="module")
def ready(world: World) -> str:
    """The number of a pupil whose dossier is ready for 99BB."""
    number = next(NUMBERS)
    world.po.all(number, "ready", "99BB")
    return number


@pytest.fixture(scope="module")
def center(world: World) -> Iterator[Scripted]:
    """A Traffic Center that says what the test says."""
    with scripted(world.chain.pki, "other-center") as party:
        yield party


NONSENSE = {
    "html": Reply(200, b"<html><body>Onderhoud</body></html>", "text/html"),
    "nothing": Reply(200, b""),
    "another message": says("pingResponse"),
    "no sector": says("sessiecontroleResponse", resultaat=DELIVERED),
    "a fault without a code": Reply(
        500, wrap(b'<s:Fault xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"/>')
    ),
    "not found": Reply(404, b"<p>niet gevonden</p>", "text/html"),
    "unavailable": Reply(503, b"later"),
}


@pytest.mark.parametrize("kind", NONSENSE)
def test_nonsense_of_the_traffic_center_is_no_confirmation(
    world: World, ready: str, center: Scripted, kind: str
) -> None:
    values = world.to_vo.open(ready, world.po_id)
    url = center.at("tc", NONSENSE[kind])
    adapter = replace(world.adapter, traffic_center=TrafficCenter(world.adapter.soap, url))
    with pytest.raises((MalformedAnswer, Unreachable)):
        deliver(adapter, Message("documentRequest", values), Oin("00000099000000012000"))
    assert world.remembered(values) is None


def test_a_failing_traffic_center_is_a_fault_of_ours_to_the_asker(
    world: World, ready: str, center: Scripted
) -> None:
    url = center.at("tc", refuses("TechnischeFout", "sessiecontroleResponse"))
    [port] = free_ports(1)
    other = replace(world.school, port=port, processes=[], adapters=[])
    other.start(
        "public", env={"OSO_TRANSPORT__PORT": str(port), "OSO_CHAIN__TRAFFIC_CENTER_URL": url}
    )
    try:
        fault = world.fault_of(other, world.to_vo.open(ready, world.po_id))
    finally:
        other.stop()
    assert ("Server", "TechnischeFout") == (fault.code, fault.result_code)
    assert fault.fault_id is not None


@pytest.mark.parametrize("code", [*PASSED_ON, *US])
def test_what_is_said_of_the_request_is_passed_on_and_nothing_else(
    world: World, ready: str, center: Scripted, code: str
) -> None:
    url = center.at("codes", refuses(code, "sessiecontroleResponse"))
    adapter = replace(world.adapter, traffic_center=TrafficCenter(world.adapter.soap, url))
    values = world.to_vo.open(ready, world.po_id)
    with pytest.raises(Refused) as refusal:
        deliver(adapter, Message("documentRequest", values), Oin("00000099000000012000"))
    if code in PASSED_ON:
        assert (code, "alternative") == (refusal.value.code, results.result(code).cls)
    else:
        said = f"the Traffic Center answered {code}"
        assert ("TechnischeFout", said) == (refusal.value.code, refusal.value.text)


def test_an_application_to_an_swv_gets_no_dossier_with_a_number(
    world: World, ready: str, center: Scripted
) -> None:
    url = center.at("swv", says("sessiecontroleResponse", sector="VO"))
    adapter = replace(world.adapter, traffic_center=TrafficCenter(world.adapter.soap, url))
    values = world.to_vo.open(ready, world.po_id)
    deliver(adapter, Message("documentRequest", values), Oin("00000099000000012000"))
    swv = {**values, "overdrachtsoort": "swv-dossier", "sessieId": str(uuid4())}
    with pytest.raises(Refused) as refusal:
        deliver(adapter, Message("documentRequest", swv), Oin("00000099000000012000"))
    assert "LeerlinginfoNietBeschikbaar" == refusal.value.code


def test_all_that_the_request_says_of_the_session_is_passed_on(
    world: World, ready: str, center: Scripted
) -> None:
    url = center.at("passed-on", refuses("SessieOnbekend", "sessiecontroleResponse"))
    adapter = replace(world.adapter, traffic_center=TrafficCenter(world.adapter.soap, url))
    values = world.to_vo.open(ready, world.po_id)
    with_date = {**values, "aanvraagdatum": "2025-03-01T09:15:00+01:00"}
    with pytest.raises(OsoError):
        deliver(adapter, Message("documentRequest", with_date), Oin("00000099000000012000"))
    [asked] = center.messages("passed-on")
    assert "sessiecontroleRequest" == asked.name
    assert values == asked.values

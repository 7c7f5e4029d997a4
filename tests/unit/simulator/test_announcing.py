"""The simulated Traffic Center: which notifications it takes, and where it sends the bron."""

from datetime import date
from typing import Any

import pytest

from oso_adapter.identifiers import Brin, RoutingId
from oso_adapter.simulator.seed import add_endpoint, add_mandate, add_school, end_mandate
from oso_adapter.wire.envelope import SoapFault

NOBODY = "11111111-2222-4333-8444-555555555555"


def announcing(world: Any, session: str, **other: Any) -> dict[str, Any]:
    """The values of a meldenNotificatieRequest."""
    own = {"zoeksleutelPgnfrag": None, "overdrachtsoort": None}
    moment = "2026-03-02T10:00:00+01:00"
    return dict(world.checking(session, **{**own, "aanvraagdatum": moment, "doel": "OV", **other}))


def test_a_notification_is_sent_to_where_the_endpoint_that_asked_is_now(world: Any) -> None:
    session = world.open_session()
    moved = "https://verhuisd.example/oso"
    add_endpoint(world.state, world.tokens[world.vo], world.vo_routing_id, moved)
    other = RoutingId.of_school(world.vo, 2)
    add_endpoint(world.state, world.tokens[world.vo], other, "https://ander.example/oso")
    answer = world.tc("meldenNotificatieRequest", announcing(world, session), world.bron)
    assert {"url": moved} == answer
    last = world.state.events()[-1]
    assert ("meldenNotificatieRequest", "ok", session) == (last.message, last.result, last.session)


@pytest.mark.parametrize("days", [0, 90])
def test_a_session_that_is_over_is_still_known(world: Any, days: int) -> None:
    session = world.open_session()
    world.tc("afmeldingRequest", world.closing(session), world.doel)
    world.later(days=days)
    announced = world.tc("meldenNotificatieRequest", announcing(world, session), world.bron)
    assert {"url": "https://99BB.example/oso"} == announced


@pytest.mark.parametrize(
    ("expected", "other"),
    [
        ("SessieOnbekend", {"sessieId": NOBODY}),
        ("SessieOnbekend", {"sessieId": None}),
        ("SessieAfwijkend", {"doelBrin": Brin("99AA")}),
        ("OnbekendAanleverpunt", {"doelRouteringsKenmerk": RoutingId.of_school(Brin("99BB"), 2)}),
        ("VerstrekkerNietBekend", {"bronBrin": Brin("98ZZ")}),
        (
            "VerstrekkerAanleverpuntNietActief",
            {"bronRouteringsKenmerk": RoutingId.of_school(Brin("99AA"), 9)},
        ),
    ],
)
def test_a_notification_is_refused_with_the_code(
    world: Any, expected: str, other: dict[str, Any]
) -> None:
    announced = announcing(world, world.open_session(), **other)
    assert expected == world.refused("meldenNotificatieRequest", announced, world.bron)


def test_a_notification_for_another_partys_endpoint_is_refused(world: Any) -> None:
    announced = announcing(world, world.open_session())
    code = world.refused("meldenNotificatieRequest", announced, world.stranger)
    assert "CertificaatNietGeautoriseerd" == code


def test_a_bron_that_was_not_asked_cannot_notify(world: Any) -> None:
    other, session = Brin("99DD"), world.open_session()
    add_school(world.state, other, "Andere", "PO")
    token, routing_id = add_mandate(world.state, other, world.bron), RoutingId.of_school(other, 1)
    add_endpoint(world.state, token, routing_id, "https://andere.example/oso")
    announced = announcing(world, session, bronBrin=other, bronRouteringsKenmerk=routing_id)
    assert "SessieAfwijkend" == world.refused("meldenNotificatieRequest", announced, world.bron)


def test_an_endpoint_that_has_gone_cannot_be_notified(world: Any) -> None:
    session = world.open_session()
    end_mandate(world.state, world.tokens[world.vo], date(2026, 3, 1))
    code = world.refused("meldenNotificatieRequest", announcing(world, session), world.bron)
    assert "DoelAanleverpuntOngeschikt" == code


def test_an_endpoint_for_an_swv_cannot_be_notified_of_an_overstap(world: Any) -> None:
    session = world.open_session()
    token, url = world.tokens[world.vo], "https://swv.example/oso"
    add_endpoint(world.state, token, world.vo_routing_id, url, attributes="SWV")
    code = world.refused("meldenNotificatieRequest", announcing(world, session), world.bron)
    assert "DoelAanleverpuntOngeschikt" == code


def test_a_notification_to_an_swv_is_another_flow(world: Any) -> None:
    announced = announcing(world, world.open_session(), doel="SWV")
    with pytest.raises(SoapFault) as fault:
        world.tc("meldenNotificatieRequest", announced, world.bron)
    assert "Client" == fault.value.code

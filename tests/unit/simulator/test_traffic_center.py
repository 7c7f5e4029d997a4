"""The simulated Traffic Center: what it grants, checks, closes, and refuses with which code."""

from datetime import date
from typing import Any

import pytest

from oso_adapter.identifiers import Brin, RoutingId
from oso_adapter.simulator.seed import add_endpoint, add_mandate, add_school, end_mandate
from oso_adapter.simulator.sessions import SessionCounts, session_counts
from oso_adapter.simulator.state import State
from oso_adapter.wire.envelope import SoapFault

NOBODY = "11111111-2222-4333-8444-555555555555"


def test_a_ping_is_answered(world: Any) -> None:
    assert world.tc("pingRequest", {}, world.stranger) == {}


def test_a_grant_gives_a_session_and_the_endpoints_of_the_bron(world: Any) -> None:
    answer = world.tc("overdrachtRequest", world.asking(), world.doel)
    listed = [{"routeringsKenmerk": world.po_routing_id, "url": "https://99AA.example/oso"}]
    assert listed == answer["aanleverpunt"]
    assert len(answer["sessieId"]) == 36


def test_each_grant_is_another_session(world: Any) -> None:
    assert world.open_session() != world.open_session()


def test_all_active_endpoints_of_the_bron_are_given(world: Any) -> None:
    second = RoutingId.of_school(world.po, 2)
    add_endpoint(world.state, world.tokens[world.po], second, "https://tweede.example/oso")
    answer = world.tc("overdrachtRequest", world.asking(), world.doel)
    given = [item["routeringsKenmerk"] for item in answer["aanleverpunt"]]
    assert [world.po_routing_id, second] == given


def test_a_specific_endpoint_is_the_only_one_given(world: Any) -> None:
    second = RoutingId.of_school(world.po, 2)
    add_endpoint(world.state, world.tokens[world.po], second, "https://tweede.example/oso")
    asked = world.asking(bronRouteringsKenmerk=second)
    answer = world.tc("overdrachtRequest", asked, world.doel)
    assert [second] == [item["routeringsKenmerk"] for item in answer["aanleverpunt"]]


def test_a_specific_endpoint_that_is_not_active_is_refused(world: Any) -> None:
    asked = world.asking(bronRouteringsKenmerk=RoutingId.of_school(world.po, 9))
    code = world.refused("overdrachtRequest", asked, world.doel)
    assert code == "VerstrekkerAanleverpuntNietActief"


def test_within_a_brin_the_asking_endpoint_is_not_given(world: Any) -> None:
    second = RoutingId.of_school(world.vo, 2)
    add_endpoint(world.state, world.tokens[world.vo], second, "https://tweede.example/oso")
    asked = world.asking(bronBrin=world.vo, overdrachtsoort="overdrachtbinnenbrin")
    answer = world.tc("overdrachtRequest", asked, world.doel)
    assert [second] == [item["routeringsKenmerk"] for item in answer["aanleverpunt"]]


def test_within_a_brin_without_another_endpoint_is_refused(world: Any) -> None:
    asked = world.asking(bronBrin=world.vo, overdrachtsoort="overdrachtbinnenbrin")
    code = world.refused("overdrachtRequest", asked, world.doel)
    assert code == "VerstrekkerAanleverpuntNietActief"


@pytest.mark.parametrize(
    ("expected", "other"),
    [
        ("AanvragerNietBekend", {"doelBrin": Brin("98ZZ")}),
        ("AanvragerNietBekend", {"doelRouteringsKenmerk": RoutingId.of_school(Brin("99BB"), 9)}),
        ("AanvragerNietBekend", {"doelRouteringsKenmerk": RoutingId.of_school(Brin("99AA"), 1)}),
        ("VerstrekkerNietBekend", {"bronBrin": Brin("98ZZ")}),
        ("GeenRelatieMetDoel", {"overdrachtsoort": "overdrachtbinnenbrin"}),
        ("KoppelsleutelOnbekend", {"zoeksleutelPgnfrag": None, "koppelsleutel": NOBODY.upper()}),
    ],
)
def test_a_session_is_refused_with_the_code(
    world: Any, expected: str, other: dict[str, Any]
) -> None:
    assert expected == world.refused("overdrachtRequest", world.asking(**other), world.doel)
    assert session_counts(world.state, world.now).granted == 0


def test_a_session_for_another_partys_endpoint_is_refused(world: Any) -> None:
    code = world.refused("overdrachtRequest", world.asking(), world.stranger)
    assert code == "CertificaatNietGeautoriseerd"


def test_the_swv_kind_needs_a_koppelsleutel(world: Any) -> None:
    with pytest.raises(SoapFault) as fault:
        world.tc("overdrachtRequest", world.asking(overdrachtsoort="swv-dossier"), world.doel)
    assert fault.value.code == "Client"


def test_a_school_without_an_endpoint_is_refused(world: Any) -> None:
    add_school(world.state, Brin("99CC"), "Zonder", "PO")
    code = world.refused("overdrachtRequest", world.asking(bronBrin=Brin("99CC")), world.doel)
    assert code == "VerstrekkerAanleverpuntNietActief"


def test_an_endpoint_is_not_given_after_its_mandate_has_ended(world: Any) -> None:
    end_mandate(world.state, world.tokens[world.po], date(2026, 3, 2))
    world.open_session()
    world.later(days=1)
    code = world.refused("overdrachtRequest", world.asking(), world.doel)
    assert code == "VerstrekkerAanleverpuntNietActief"


def test_an_endpoint_of_the_future_is_not_given_yet(world: Any) -> None:
    second = RoutingId.of_school(world.po, 2)
    token, start = world.tokens[world.po], date(2026, 3, 3)
    add_endpoint(world.state, token, second, "https://tweede.example/oso", start=start)
    asked = world.asking(bronRouteringsKenmerk=second)
    code = world.refused("overdrachtRequest", asked, world.doel)
    assert code == "VerstrekkerAanleverpuntNietActief"
    world.later(days=1)
    assert world.tc("overdrachtRequest", asked, world.doel)["sessieId"]


def test_a_valid_session_gives_the_sector_of_the_doel(world: Any) -> None:
    session = world.open_session()
    answer = world.tc("sessiecontroleRequest", world.checking(session), world.bron)
    assert answer == {"sector": "VO"}


def test_white_space_in_the_zoeksleutel_means_nothing(world: Any) -> None:
    session = world.open_session()
    key = {**world.key, "zoeksleutel": "c2xld\r\n XRlbA=="}
    checked = world.checking(session, zoeksleutelPgnfrag=key)
    assert world.tc("sessiecontroleRequest", checked, world.bron) == {"sector": "VO"}


@pytest.mark.parametrize(
    ("expected", "other"),
    [
        ("SessieAfwijkend", {"doelBrin": Brin("99AA")}),
        ("SessieAfwijkend", {"overdrachtsoort": "swv-dossier"}),
        ("SessieAfwijkend", {"zoeksleutelPgnfrag": {"zoeksleutel": "YW5kZXJz", "pgnfrag": "1234"}}),
        ("SessieAfwijkend", {"zoeksleutelPgnfrag": None, "koppelsleutel": NOBODY.upper()}),
        ("OnbekendAanleverpunt", {"doelRouteringsKenmerk": RoutingId.of_school(Brin("99BB"), 2)}),
        ("GeenRelatieMetDoel", {"overdrachtsoort": "overdrachtbinnenbrin"}),
        ("SessieOnbekend", {"sessieId": NOBODY}),
        ("VerstrekkerNietBekend", {"bronBrin": Brin("98ZZ")}),
        (
            "VerstrekkerAanleverpuntNietActief",
            {"bronRouteringsKenmerk": RoutingId.of_school(Brin("99AA"), 9)},
        ),
    ],
)
def test_a_check_is_refused_with_the_code(world: Any, expected: str, other: dict[str, Any]) -> None:
    checked = world.checking(world.open_session(), **other)
    assert expected == world.refused("sessiecontroleRequest", checked, world.bron)


def test_a_check_for_another_partys_endpoint_is_refused(world: Any) -> None:
    checked = world.checking(world.open_session())
    code = world.refused("sessiecontroleRequest", checked, world.stranger)
    assert code == "CertificaatNietGeautoriseerd"


def test_a_bron_that_was_not_in_the_list_is_refused(world: Any) -> None:
    session = world.open_session(bronRouteringsKenmerk=world.po_routing_id)
    second = RoutingId.of_school(world.po, 2)
    add_endpoint(world.state, world.tokens[world.po], second, "https://tweede.example/oso")
    checked = world.checking(session, bronRouteringsKenmerk=second)
    assert world.refused("sessiecontroleRequest", checked, world.bron) == "SessieAfwijkend"


def test_another_bron_of_the_same_party_is_refused(world: Any) -> None:
    other = Brin("99DD")
    add_school(world.state, other, "Andere", "PO")
    token = add_mandate(world.state, other, world.bron)
    routing_id = RoutingId.of_school(other, 1)
    add_endpoint(world.state, token, routing_id, "https://andere.example/oso")
    session = world.open_session()
    checked = world.checking(session, bronBrin=other, bronRouteringsKenmerk=routing_id)
    assert world.refused("sessiecontroleRequest", checked, world.bron) == "SessieAfwijkend"


def test_a_session_lives_sixty_minutes(world: Any) -> None:
    checked = world.checking(world.open_session())
    world.later(minutes=59, seconds=59)
    assert world.tc("sessiecontroleRequest", checked, world.bron) == {"sector": "VO"}
    world.later(seconds=1)
    assert world.refused("sessiecontroleRequest", checked, world.bron) == "SessieOnbekend"


def test_a_sign_off_closes_the_session(world: Any) -> None:
    session = world.open_session()
    answer = world.tc("afmeldingRequest", world.closing(session), world.doel)
    assert answer == {"resultaat": "OverdrachtGeslaagd"}
    code = world.refused("sessiecontroleRequest", world.checking(session), world.bron)
    assert code == "SessieReedsAfgemeld"


def test_a_second_sign_off_is_refused_and_changes_nothing(world: Any) -> None:
    session = world.open_session()
    world.tc("afmeldingRequest", world.closing(session), world.doel)
    again = world.closing(session, resultaat="TechnischeFout")
    assert world.refused("afmeldingRequest", again, world.doel) == "SessieReedsAfgemeld"
    with world.state.read() as db:
        row = db.execute("SELECT result FROM sessions").fetchone()
    assert row["result"] == "OverdrachtGeslaagd"


@pytest.mark.parametrize(
    ("expected", "other"),
    [
        ("SessieAfwijkend", {"bronBrin": Brin("99BB")}),
        ("SessieAfwijkend", {"doelBrin": Brin("99AA")}),
        ("SessieAfwijkend", {"bronRouteringsKenmerk": RoutingId.of_school(Brin("99AA"), 9)}),
        ("OnbekendAanleverpunt", {"doelRouteringsKenmerk": RoutingId.of_school(Brin("99BB"), 2)}),
        ("SessieOnbekend", {"sessieId": NOBODY}),
    ],
)
def test_a_sign_off_is_refused_with_the_code(
    world: Any, expected: str, other: dict[str, Any]
) -> None:
    closed = world.closing(world.open_session(), **other)
    assert expected == world.refused("afmeldingRequest", closed, world.doel)
    assert session_counts(world.state, world.now).open == 1


def test_only_the_party_that_asked_can_sign_off(world: Any) -> None:
    closed = world.closing(world.open_session())
    assert world.refused("afmeldingRequest", closed, world.bron) == "CertificaatNietGeautoriseerd"


def test_a_sign_off_may_leave_the_endpoint_of_the_bron_out(world: Any) -> None:
    closed = world.closing(world.open_session(), bronRouteringsKenmerk=None)
    assert world.tc("afmeldingRequest", closed, world.doel) == {"resultaat": "OverdrachtGeslaagd"}


def test_sessions_that_expired_without_sign_off_are_counted(world: Any) -> None:
    signed_off = world.open_session()
    world.tc("afmeldingRequest", world.closing(signed_off), world.doel)
    world.open_session()
    world.later(minutes=60)
    world.open_session()
    counts = SessionCounts(granted=3, open=1, signed_off=1, expired=1)
    assert counts == session_counts(world.state, world.now)


def test_the_overview_lists_active_endpoints_by_the_filters(world: Any) -> None:
    asked = {"brin": world.po, "doel": "OV"}
    answer = world.tc("overzichtAanleverpuntRequest", asked, world.stranger)
    assert [world.po_routing_id] == [item["routeringsKenmerk"] for item in answer["aanleverpunt"]]
    none = world.tc("overzichtAanleverpuntRequest", {"doel": "SWV"}, world.stranger)
    assert none["aanleverpunt"] == []


def test_a_message_of_a_later_flow_is_a_fault_of_the_client(world: Any) -> None:
    with pytest.raises(SoapFault) as fault:
        world.tc("meldenTerugkoppelingRequest", {}, world.bron)
    assert fault.value.code == "Client"


def test_everything_is_recorded_and_nothing_of_the_key(world: Any) -> None:
    session = world.open_session()
    world.refused("sessiecontroleRequest", world.checking(session), world.stranger)
    world.tc("sessiecontroleRequest", world.checking(session), world.bron)
    world.tc("afmeldingRequest", world.closing(session), world.doel)
    events = world.state.events()
    assert [
        (world.doel, "overdrachtRequest", "1 aanleverpunt", session),
        (world.stranger, "sessiecontroleRequest", "CertificaatNietGeautoriseerd", session),
        (world.bron, "sessiecontroleRequest", "VO", session),
        (world.doel, "afmeldingRequest", "OverdrachtGeslaagd", session),
    ] == [(event.sender, event.message, event.result, event.session) for event in events]
    raw = b"".join(file.read_bytes() for file in world.state.path.parent.iterdir())
    assert world.key["zoeksleutel"].encode() not in raw


def test_another_process_on_the_same_file_knows_the_session(world: Any) -> None:
    session = world.open_session()
    world.state = State(world.state.path)
    answer = world.tc("sessiecontroleRequest", world.checking(session), world.bron)
    assert answer == {"sector": "VO"}

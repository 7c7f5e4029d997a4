"""The session goes before everything else: who does not have one learns and gets nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from support.chain import free_ports
from support.requester import (
    DELIVERED,
    Requester,
    Values,
    World,
    add_administration,
    event_counts,
    numbers,
    register_endpoint,
    served_bron,
)

from oso_adapter.errors import Refused
from oso_adapter.exchange.deliver import deliver
from oso_adapter.identifiers import Brin, LinkKey, Oin, Pgn, RoutingId
from oso_adapter.simulator.register import digest
from oso_adapter.simulator.sessions import Session, grant
from oso_adapter.store import administrations
from oso_adapter.store.models import Administration, Event, Request
from oso_adapter.transport.client import HttpsClient
from oso_adapter.transport.tls import TlsFiles
from oso_adapter.wire.messages import Message
from oso_adapter.wire.search_key import SearchKey, SimulationSearchKey

NUMBERS = numbers()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with served_bron(tmp_path_factory.mktemp("session")) as world:
        yield world


@pytest.fixture(scope="module")
def ready(world: World) -> str:
    """The number of a pupil whose dossier is ready for everybody who asks."""
    number = next(NUMBERS)
    world.po.all(number, "ready", "99BB", "99CC")
    return number


def test_another_key_than_that_of_the_session_is_refused(world: World, ready: str) -> None:
    values = world.to_vo.open(next(NUMBERS), world.po_id)
    key = SimulationSearchKey().make(Pgn(ready))
    other = world.to_vo.request(values["sessieId"], key, world.po_id)
    assert_not_delivered(world, world.to_vo, other, "SessieAfwijkend")


def test_another_overdrachtsoort_than_that_of_the_session_is_refused(
    world: World, ready: str
) -> None:
    values = world.to_vo.open(ready, world.po_id)
    other = {**values, "overdrachtsoort": "swv-dossier"}
    assert_not_delivered(world, world.to_vo, other, "SessieAfwijkend")


def test_another_bron_than_those_of_the_session_is_refused(world: World, ready: str) -> None:
    values = world.to_vo.open(ready, world.vo_id)
    other = {**values, **world.to_vo.parties(world.po_id).values()}
    assert_not_delivered(world, world.to_vo, other, "SessieAfwijkend")


def test_another_doelschool_than_that_of_the_session_is_refused(world: World, ready: str) -> None:
    values = world.to_vo.open(ready, world.po_id)
    other = {**values, **world.to_other_vo.parties(world.po_id).values()}
    assert_not_delivered(world, world.to_other_vo, other, "SessieAfwijkend")


def test_another_endpoint_of_the_doelschool_is_refused(world: World, ready: str) -> None:
    values = world.to_vo.open(ready, world.po_id)
    other = {**values, "doelRouteringsKenmerk": str(RoutingId.of_school(Brin("99BB"), 7))}
    assert_not_delivered(world, world.to_vo, other, "OnbekendAanleverpunt")


def test_binnen_brin_between_two_schools_is_refused(world: World) -> None:
    values = world.within.open(next(NUMBERS), world.po_id, "overdrachtbinnenbrin")
    other = {**values, **world.to_vo.parties(world.po_id).values()}
    assert_not_delivered(world, world.to_vo, other, "GeenRelatieMetDoel")


def test_a_closed_session_is_refused(world: World, ready: str) -> None:
    values = world.to_vo.open(ready, world.po_id)
    world.to_vo.close(values, "TechnischeFout")
    assert_not_delivered(world, world.to_vo, values, "SessieReedsAfgemeld")


def test_an_unknown_session_is_refused(world: World, ready: str) -> None:
    key = SimulationSearchKey().make(Pgn(ready))
    values = world.to_vo.request(str(uuid4()), key, world.po_id)
    assert_not_delivered(world, world.to_vo, values, "SessieOnbekend")


def test_an_expired_session_is_refused(world: World, ready: str) -> None:
    key = SimulationSearchKey().make(Pgn(ready))
    session = granted(world, key_digest=digest(key.key), age=timedelta(hours=2))
    values = world.to_vo.request(session, key, world.po_id)
    assert_not_delivered(world, world.to_vo, values, "SessieOnbekend")


@dataclass(frozen=True)
class Watched(SimulationSearchKey):
    """Remembers whether any candidate was looked at."""

    looked: list[str]

    def matches(self, pgn: Pgn, key: SearchKey | str) -> bool:
        self.looked.append("a candidate")
        return super().matches(pgn, key)


def test_nothing_is_looked_up_before_the_session_is_confirmed(world: World, ready: str) -> None:
    key = SimulationSearchKey().make(Pgn(ready))
    values = world.to_vo.request(str(uuid4()), key, world.po_id)
    watched = Watched([])
    adapter = replace(world.adapter, search_key=watched)
    with pytest.raises(Refused) as refusal:
        deliver(adapter, Message("documentRequest", values), Oin("00000099000000012000"))
    assert "SessieOnbekend" == refusal.value.code
    assert [] == watched.looked
    in_session = world.to_vo.open(ready, world.po_id)
    deliver(adapter, Message("documentRequest", in_session), Oin("00000099000000012000"))
    assert ["a candidate"] == watched.looked


def test_an_unknown_pupil_without_a_session_gets_the_refusal_of_the_session(world: World) -> None:
    key = SimulationSearchKey().make(Pgn(next(NUMBERS)))
    values = world.to_vo.request(str(uuid4()), key, world.po_id)
    assert_not_delivered(world, world.to_vo, values, "SessieOnbekend")


def test_a_bronschool_that_the_traffic_center_does_not_know_is_refused(world: World) -> None:
    key = SimulationSearchKey().make(Pgn(next(NUMBERS)))
    unknown = RoutingId.of_school(Brin("98ZZ"), 1)
    values = world.to_vo.request(str(uuid4()), key, unknown)
    assert_not_delivered(world, world.to_vo, values, "VerstrekkerNietBekend")


def test_an_administration_that_is_not_ours_is_refused(world: World) -> None:
    elsewhere = RoutingId.of_school(Brin("99FF"), 1)
    register_endpoint(world.school, elsewhere)
    values = world.to_vo.open(next(NUMBERS), elsewhere)
    assert_not_delivered(world, world.to_vo, values, "VerstrekkerNietBekend")


def test_an_endpoint_that_is_not_registered_is_refused(world: World) -> None:
    key = SimulationSearchKey().make(Pgn(next(NUMBERS)))
    values = world.to_vo.request(str(uuid4()), key, RoutingId.of_school(Brin("99AA"), 99))
    assert_not_delivered(world, world.to_vo, values, "VerstrekkerAanleverpuntNietActief")


def test_an_administration_that_has_ended_is_refused_without_a_restart(world: World) -> None:
    routing_id = add_administration(world.school, "99GG", 1)
    values = world.to_vo.open(next(NUMBERS), routing_id)
    assert "LeerlinginfoNietBeschikbaar" == world.ask(world.to_vo, values)[0]
    with world.adapter.store.writing() as session:
        row = administrations.by_routing_id(session, routing_id)
        assert row is not None
        session.get_one(Administration, row.id).valid_until = date(2021, 7, 31)
    values = world.to_vo.open(next(NUMBERS), routing_id)
    assert_not_delivered(world, world.to_vo, values, "VerstrekkerAanleverpuntNietActief")


def test_an_endpoint_of_another_system_is_not_spoken_for(world: World) -> None:
    key = SimulationSearchKey().make(Pgn(next(NUMBERS)))
    theirs = world.to_other_vo.routing_id
    values = world.to_vo.request(str(uuid4()), key, theirs)
    fault = world.fault_of(world.school, values)
    assert ("Server", "TechnischeFout") == (fault.code, fault.result_code)
    reason = world.school.logged()[-1]["reason"]
    assert reason.endswith("the Traffic Center answered CertificaatNietGeautoriseerd")


def test_a_session_gives_nothing_to_another_system_than_the_one_that_asked_in_it(
    world: World, ready: str
) -> None:
    values = world.to_vo.open(ready, world.po_id)
    code, sent = world.ask(world.to_vo, values)
    assert DELIVERED == code
    assert_not_delivered(world, world.to_other_vo, values, "CertificaatNietGeautoriseerd")
    assert (DELIVERED, sent) == world.ask(world.to_vo, values)
    with world.adapter.store.reading() as session:
        query = select(Event.name, Event.counterpart).filter_by(session_id=values["sessieId"])
        told = [tuple(row) for row in session.execute(query.order_by(Event.id))]
    one, other = (f"99BB {school.oin}" for school in world.chain.schools[1:3])
    expected = [("request.delivered", one), ("request.refused", other), ("request.repeated", one)]
    assert expected == told
    request = world.remembered(values)
    assert request is not None
    assert (2, DELIVERED) == (request.times, request.result)


def test_a_certificate_without_an_oin_is_refused(world: World, ready: str) -> None:
    leaf = world.chain.pki.leaf("nobody", None)
    client = HttpsClient(TlsFiles(leaf.certificate, leaf.key, (world.chain.pki.roots,)))
    nobody = Requester.of(client, world.chain.url("tc"), world.to_vo.routing_id)
    values = world.to_vo.open(ready, world.po_id)
    assert ("CertificaatNietGeautoriseerd", None) == world.ask(nobody, values)
    client.close()
    assert world.remembered(values) is None
    with pytest.raises(Refused) as refusal:
        nobody.center.open_session(
            nobody.parties(world.po_id), SimulationSearchKey().make(Pgn(ready)), "overstapdossier"
        )
    assert "CertificaatNietGeautoriseerd" == refusal.value.code
    client.close()


def test_a_koppelsleutel_that_was_never_given_out_here_is_refused_after_the_session(
    world: World,
) -> None:
    key = LinkKey(str(uuid4()).upper())
    values = {
        **world.to_vo.parties(world.po_id).values(),
        "koppelsleutel": str(key),
        "overdrachtsoort": "swv-dossier",
        "sessieId": str(uuid4()),
    }
    assert_not_delivered(world, world.to_vo, values, "SessieOnbekend")
    session = granted(world, key_digest=digest(str(key)), overdrachtsoort="swv-dossier")
    assert_not_delivered(
        world, world.to_vo, {**values, "sessieId": session}, "KoppelsleutelOnbekend"
    )


@pytest.mark.parametrize("form", ["resultaat", "fault"])
def test_both_forms_of_refusing_by_the_traffic_center_are_passed_on(
    world: World, ready: str, form: str
) -> None:
    values = world.to_vo.open(ready, world.po_id)
    world.to_vo.close(values)
    world.chain.state.set_option("refuse_with", form)
    try:
        assert_not_delivered(world, world.to_vo, values, "SessieReedsAfgemeld")
    finally:
        world.chain.state.set_option("refuse_with", "resultaat")


def test_our_own_refusal_takes_the_form_that_the_contract_names(
    world: World, ready: str, tmp_path: Path
) -> None:
    override = tmp_path / "override.toml"
    override.write_text(
        '[options.refusal_form]\nvalue = "fault"\nsource = "a test"\n', encoding="utf-8"
    )
    [port] = free_ports(1)
    other = replace(world.school, port=port, processes=[], adapters=[])
    other.start(
        "public",
        env={"OSO_TRANSPORT__PORT": str(port), "OSO_CHAIN__CONTRACT_OVERRIDE": str(override)},
    )
    values = world.to_vo.open(next(NUMBERS), world.po_id)
    try:
        fault = world.fault_of(other, values)
        assert ("Client", "LeerlinginfoNietBeschikbaar") == (fault.code, fault.result_code)
        assert ("LeerlinginfoNietBeschikbaar", None) == world.to_vo.ask(other.url, values)
        good = world.to_vo.open(ready, world.po_id)
        assert DELIVERED == world.to_vo.ask(other.url, good)[0]
    finally:
        other.stop()


def test_without_a_traffic_center_nothing_is_delivered(world: World, ready: str) -> None:
    values = world.to_vo.open(ready, world.po_id)
    with world.chain.without("tc"):
        fault = world.fault_of(world.school, values)
    assert ("Server", "TechnischeFout") == (fault.code, fault.result_code)
    logged = [line for line in world.school.logged() if line["event"] == "endpoint.fault"]
    assert fault.fault_id == logged[-1]["fault_id"]
    sentence = "Unreachable: Traffic Center could not be reached: "
    assert logged[-1]["reason"] in (sentence + "refused", sentence + "reset")
    assert world.remembered(values) is None
    assert DELIVERED == world.ask(world.to_vo, values)[0]


def assert_not_delivered(world: World, who: Requester, values: Values, code: str) -> None:
    """Refused with this code; nothing remembered of the request but one event."""
    before = event_counts(world.adapter)
    remembered_before = count_of_requests(world)
    assert (code, None) == world.ask(who, values)
    after = event_counts(world.adapter)
    assert {"request.refused": before.get("request.refused", 0) + 1} == {
        name: count for name, count in after.items() if count != before.get(name)
    }
    assert remembered_before == count_of_requests(world)
    with world.adapter.store.reading() as session:
        last = session.scalars(select(Event).order_by(Event.id.desc()).limit(1)).one()
    assert (code, values["sessieId"]) == (last.result, last.session_id)


def count_of_requests(world: World) -> int:
    with world.adapter.store.reading() as session:
        return session.scalar(select(func.count()).select_from(Request)) or 0


def granted(world: World, *, key_digest: str, **more: Any) -> str:
    """A session that the Traffic Center granted to school 99BB some time ago."""
    session, now = str(uuid4()), datetime.now(UTC) - more.pop("age", timedelta())
    with world.chain.state.write() as db:
        grant(
            db,
            Session(
                id=session,
                granted=now,
                expires=now + timedelta(hours=1),
                owner=world.chain.schools[1].oin,
                doel_brin=world.to_vo.brin,
                doel_routing_id=world.to_vo.routing_id,
                bron_brin=world.po_id.brin or "",
                overdrachtsoort=more.get("overdrachtsoort", "overstapdossier"),
                key_digest=key_digest,
                endpoints=frozenset({str(world.po_id)}),
            ),
        )
    return session

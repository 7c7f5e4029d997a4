"""Flow c from end to end, with its timeline: asked in vain, made ready, consciously notified,
shown, fetched.

Two schools with an endpoint of their own and a Traffic Center as processes, over mutual TLS.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from support.chain import ACCOUNT, Chain, School
from support.dossiers import BORN, SURNAME, dossier
from support.requester import DELIVERED, Requester, numbers
from support.timeline import timeline

from oso_adapter.errors import Refused
from oso_adapter.exchange.orders import order_of
from oso_adapter.identifiers import SessionId
from oso_adapter.store.models import Exchange, Request
from oso_adapter.wire.messages import Message

NUMBERS = numbers()
VAIN = "LeerlinginfoNietBeschikbaar"
NOTIFIED = "NotificatieOntvangen"


@dataclass(frozen=True)
class Exchanging:
    """Po school 99AA, vo school 99BB and a school 99CC that has nothing to do with either."""

    chain: Chain
    bron: School
    doel: School
    stranger: School
    folder: Path

    def by(self, school: School) -> tuple[str, ...]:
        return ("--administration", school.brin, "--account", ACCOUNT)

    def rows(self, school: School, *arguments: str, text: str = "", code: int = 0) -> Any:
        done = school.cli(*arguments, "--format", "json", text=text)
        assert code == done.exit_code, done.output
        return json.loads(done.stdout)

    def ask(self, number: str, reference: str) -> str:
        """Order a dossier; the result."""
        heading = "pgn,achternaam,geboortedatum,bron_brin,verwijzing"
        table = f"{heading}\n{number},{SURNAME},{BORN},99AA,{reference}\n"
        done = self.doel.cli(
            *("fetch", "order", "--from", "-", *self.by(self.doel), "--format", "json"), text=table
        )
        [row] = json.loads(done.stdout)
        return str(row["resultaat"])

    def prepare(self, number: str, reference: str) -> Any:
        """Put, seen and ready for the doelschool; what was said of making it ready."""
        file = self.folder / f"{reference}.xml"
        file.write_bytes(dossier(number, reference=reference))
        for order in (
            ("put", str(file)),
            ("inzage", reference, "--on", "2025-03-02", "--akkoord", "Ja"),
        ):
            self.rows(self.bron, "dossier", *order, *self.by(self.bron))
        [ready] = self.rows(
            *(self.bron, "dossier", "ready", reference, "--for", "99BB", *self.by(self.bron))
        )
        return ready

    def received(self, reference: str) -> list[Any]:
        """The notifications at the doelschool about this order."""
        shown = self.rows(self.doel, "notifications", "received", "--administration", "99BB")
        return [row for row in shown if row["verwijzing"] == reference]

    def sessions(self, reference: str) -> list[str]:
        """The sessions of the orders with this reference, in order of time."""
        adapter = self.doel.adapter()
        with adapter.store.reading() as session:
            placed = session.scalars(select(Exchange).order_by(Exchange.session_at)).all()
        return [
            str(row.session_id) for row in placed if order_of(adapter, row).reference == reference
        ]


@pytest.fixture(scope="module")
def schools(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exchanging]:
    folder = tmp_path_factory.mktemp("flow-c")
    chain = Chain.create(folder)
    try:
        chain.start("tc")
        bron, doel = chain.add_school("99AA", "PO"), chain.add_school("99BB", "VO")
        stranger = chain.add_school("99CC", "PO")
        bron.start("public")
        doel.start("public")
        yield Exchanging(chain, bron, doel, stranger, folder)
    finally:
        chain.stop()


@pytest.fixture
def number() -> str:
    return next(NUMBERS)


def test_a_dossier_that_was_asked_in_vain_is_fetched_after_a_notification(
    schools: Exchanging, number: str
) -> None:
    assert VAIN == schools.ask(number, "intake-1")

    [offered] = schools.prepare(number, "P-1")["tevergeefs gevraagd"]
    assert ("99BB", VAIN) == (offered["brin"], offered["antwoord"])
    assert [] == schools.received("intake-1"), "nothing is sent by itself"

    send = ("notifications", "send", str(offered["id"]), *schools.by(schools.bron))
    [sent] = schools.rows(schools.bron, *send)
    assert NOTIFIED == sent["resultaat"]

    [shown] = schools.received("intake-1")
    assert ("99AA", "open") == (shown["bron"], shown["stand"])
    fetch = ("notifications", "fetch", shown["id"], *schools.by(schools.doel))
    [fetched] = schools.rows(schools.doel, *fetch)
    assert ("intake-1", DELIVERED) == (fetched["verwijzing"], fetched["resultaat"])
    assert ["opgehaald"] == [row["stand"] for row in schools.received("intake-1")]

    first, second = schools.sessions("intake-1")
    asked = [
        ("tc", "overdrachtRequest", "1 aanleverpunt"),
        ("99BB", "fetch.session", ""),
        ("tc", "sessiecontroleRequest", "VO"),
    ]
    assert [
        *asked,
        ("99AA", "request.refused", VAIN),
        ("99BB", "fetch.answered", VAIN),
        ("tc", "afmeldingRequest", DELIVERED),  # so it says that the sign-off arrived (wire 2.4)
        ("99BB", "fetch.signed_off", VAIN),
        ("99AA", "notice.ordered", ""),
        ("tc", "meldenNotificatieRequest", "ok"),
        ("99AA", "notice.announced", ""),
        ("99BB", "notification.received", ""),
        ("99AA", "notice.sent", NOTIFIED),
    ] == timeline(schools.chain, first, schools.bron, schools.doel)
    assert [
        *asked,
        ("99AA", "request.delivered", DELIVERED),
        ("99BB", "fetch.answered", DELIVERED),
        ("99BB", "fetch.received", DELIVERED),
        ("tc", "afmeldingRequest", DELIVERED),
        ("99BB", "fetch.signed_off", DELIVERED),
    ] == timeline(schools.chain, second, schools.bron, schools.doel)


def test_a_notification_goes_to_where_the_endpoint_is_now_and_when_that_is_down_it_says_so(
    schools: Exchanging, number: str
) -> None:
    assert VAIN == schools.ask(number, "intake-2")
    [offered] = schools.prepare(number, "P-2")["tevergeefs gevraagd"]
    send = ("notifications", "send", str(offered["id"]), *schools.by(schools.bron))
    with schools.chain.without("tc"):
        [sent] = schools.rows(schools.bron, *send, code=3)
    assert "GeenAntwoord" == sent["resultaat"]
    public = schools.doel.processes[0]
    public.terminate()
    public.wait()
    [sent] = schools.rows(schools.bron, *send, code=3)
    assert "GeenAntwoord" == sent["resultaat"]
    schools.doel.start("public")
    assert [] == schools.received("intake-2")
    [sent] = schools.rows(schools.bron, *send)
    assert NOTIFIED == sent["resultaat"]
    assert 1 == len(schools.received("intake-2"))


def test_a_stranger_cannot_notify(schools: Exchanging, number: str) -> None:
    assert VAIN == schools.ask(number, "intake-3")
    with schools.bron.adapter().store.reading() as session:
        query = select(Request.session_id).order_by(Request.id.desc())
        asked_in = str(session.scalars(query).first())
    client = schools.stranger.client()
    requester = Requester.of(client, schools.chain.url("tc"), schools.doel.routing_id)
    own = requester.parties(schools.stranger.routing_id).values()
    unknown = "11111111-2222-4333-8444-555555555555"
    try:
        for session_id, code in ((unknown, "SessieOnbekend"), (asked_in, "SessieAfwijkend")):
            values = {**own, "sessieId": session_id, "doel": "OV"}
            answer = requester.caller.call(
                schools.doel.url, Message("notificatieRequest", values), party="the doel"
            )
            assert code == answer.values["resultaat"]
        parties = requester.parties(schools.stranger.routing_id)
        with pytest.raises(Refused, match="SessieAfwijkend"):
            requester.center.announce(parties, SessionId(asked_in), None)
    finally:
        client.close()
    assert [] == schools.received("intake-3")

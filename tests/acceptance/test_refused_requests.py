"""Proper messages that ask for what they may not have: each its code, and the request kept."""

import base64
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from support.asker import CONTRACT, Asker, forms
from support.dossiers import NUMBERS

from oso_adapter.identifiers import Pgn
from oso_adapter.transport.tls import TlsFiles, client_context
from oso_adapter.wire.envelope import wrap
from oso_adapter.wire.messages import Message, format_moment, write
from oso_adapter.wire.search_key import SearchKey, SimulationSearchKey

Values = dict[str, Any]
Change = Callable[[Asker, Values], Values]
UNKNOWN_SESSION = "11111111-2222-4333-8444-555555555555"


def with_values(**values: Any) -> Change:
    return lambda _asker, good: {**good, **values}


def signed_off(asker: Asker, good: Values) -> Values:
    asker.sign_off(good)
    return good


def delivered_and_signed_off(asker: Asker, good: Values) -> Values:
    assert asker.ask(good).message.dossier is not None
    asker.sign_off(good)
    return good


def of_another_pupil(asker: Asker, good: Values) -> Values:
    key = SimulationSearchKey().make(Pgn(NUMBERS[1]))
    return {**good, "zoeksleutelPgnfrag": {"zoeksleutel": key.key, "pgnfrag": key.fragment}}


def with_koppelsleutel(_asker: Asker, good: Values) -> Values:
    rest = {name: value for name, value in good.items() if name != "zoeksleutelPgnfrag"}
    return {**rest, "koppelsleutel": "19677A96-B737-402E-B3B8-24A3EEF32000"}


NOT_THIS_SESSION: dict[str, tuple[Change, str]] = {
    "an unknown session": (with_values(sessieId=UNKNOWN_SESSION), "SessieOnbekend"),
    "a closed session": (signed_off, "SessieReedsAfgemeld"),
    "a replayed request": (delivered_and_signed_off, "SessieReedsAfgemeld"),
    "another pupil": (of_another_pupil, "SessieAfwijkend"),
    "another overdrachtsoort": (
        with_values(overdrachtsoort="overdrachtbinnenbrin"),
        "GeenRelatieMetDoel",
    ),
    "an unknown bron BRIN": (with_values(bronBrin="99ZZ"), "VerstrekkerNietBekend"),
    "a kenmerk nobody has": (
        with_values(bronRouteringsKenmerk="0000000700099AA00009"),
        "VerstrekkerAanleverpuntNietActief",
    ),
    "a kenmerk of another BRIN": (
        with_values(bronRouteringsKenmerk="0000000700099BB00001"),
        "VerstrekkerAanleverpuntNietActief",
    ),
    "another doel BRIN": (with_values(doelBrin="99AA"), "SessieAfwijkend"),
    "another doel kenmerk": (
        with_values(doelRouteringsKenmerk="0000000700099BB00009"),
        "OnbekendAanleverpunt",
    ),
    "a koppelsleutel": (with_koppelsleutel, "SessieAfwijkend"),
}


@pytest.mark.parametrize("kind", NOT_THIS_SESSION)
def test_a_request_that_is_not_that_of_its_session_is_refused_and_nothing_is_looked_for(
    asker: Asker, kind: str
) -> None:
    change, code = NOT_THIS_SESSION[kind]
    values = change(asker, asker.session(NUMBERS[0]))
    before = asker.rows()

    assert code == asker.ask(values).code
    assert before == asker.rows()
    asker.assert_serves()


NOBODY: dict[str, SearchKey] = {
    "a pupil who is unknown here": SimulationSearchKey().make(Pgn(NUMBERS[2])),
    "another pupil with the same last digits": SearchKey(
        SimulationSearchKey().make(Pgn(NUMBERS[2])).key, NUMBERS[0][-4:]
    ),
    "a key that is too short": SearchKey(base64.b64encode(b"abc").decode(), NUMBERS[0][-4:]),
    "a key that is too long": SearchKey(base64.b64encode(bytes(9000)).decode(), NUMBERS[0][-4:]),
}


@pytest.mark.parametrize("kind", NOBODY)
def test_the_zoeksleutel_of_nobody_here_is_refused_and_the_request_is_kept(
    asker: Asker, kind: str
) -> None:
    values = asker.session_with(NOBODY[kind])
    before = asker.rows()

    answer = asker.ask(values)

    assert "LeerlinginfoNietBeschikbaar" == answer.code
    after = asker.rows()
    new = [row for row in after.pop("requests") if row not in before["requests"]]
    assert [values["sessieId"]] == [row["session_id"] for row in new]
    assert {name: rows for name, rows in before.items() if name != "requests"} == after
    asker.assert_serves()
    written = asker.written()
    assert [] == [form for form in forms(NOBODY[kind].key) if form in written]


def test_a_dossier_that_has_not_changed_since_is_refused(asker: Asker) -> None:
    later = format_moment(datetime.now(UTC) + timedelta(hours=1))

    answer = asker.ask({**asker.session(NUMBERS[0]), "aanvraagdatum": later})

    assert "LeerlinginfoNietGewijzigd" == answer.code
    asker.assert_serves()


@pytest.fixture
def nameless(asker: Asker) -> ssl.SSLContext:
    """A connection with a valid certificate without an OIN."""
    pki = asker.bron.chain.pki
    leaf = pki.leaf("zonder-oin")
    return client_context(TlsFiles(leaf.certificate, leaf.key, (pki.roots,)))


def test_a_certificate_without_an_oin_is_not_authorised_and_the_log_says_why(
    asker: Asker, nameless: ssl.SSLContext
) -> None:
    before = asker.rows()

    answer = asker.ask(asker.good, context=nameless)

    assert "CertificaatNietGeautoriseerd" == answer.code
    asker.wait_for_event("peer.refused", reason="no-oin", peer="127.0.0.1")
    assert before == asker.rows()
    asker.assert_serves()


@pytest.mark.parametrize(
    ("body", "reason"),
    [(b"<x>" + b"x" * 64 * 1024, "too-large"), (b"<x/>", "this is not a SOAP message")],
)
def test_of_a_peer_without_an_oin_little_is_read_and_whatever_it_sends_it_is_logged(
    asker: Asker, nameless: ssl.SSLContext, body: bytes, reason: str
) -> None:
    known = len(refused_peers(asker))

    answer = asker.post(body, context=nameless)

    asker.wait_for_event("endpoint.fault", fault_id=answer.fault.fault_id, reason=reason)
    assert known + 1 == len(refused_peers(asker))
    asker.assert_serves()


def refused_peers(asker: Asker) -> list[dict[str, Any]]:
    return [line for line in asker.bron.logged() if line["event"] == "peer.refused"]


def test_a_ping_is_answered(asker: Asker) -> None:
    answer = asker.post(wrap(write(Message("pingRequest"), CONTRACT)))

    assert Message("pingResponse", {}) == answer.message

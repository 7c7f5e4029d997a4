"""Test school 00YY over real TLS: every published number gives what is listed for it."""

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from oso_adapter.bounded_xml import parse
from oso_adapter.errors import Refused
from oso_adapter.identifiers import Pgn, RoutingId
from oso_adapter.simulator.apps import REFUSE_WITH
from oso_adapter.simulator.dossiers import COLLECTED, COLLECTED_AGAIN
from oso_adapter.simulator.pupils import Pupil, pupils
from oso_adapter.simulator.seed import (
    TEST_SCHOOL,
    TEST_SCHOOL_ROUTING_ID,
    add_endpoint,
    add_mandate,
)
from oso_adapter.standard import validate
from oso_adapter.wire.kinds import format_moment
from oso_adapter.wire.messages import Message
from oso_adapter.wire.search_key import SimulationSearchKey

RENEWED = Pgn("388483763")


@pytest.fixture(scope="module")
def doel(chain: Any) -> "Doel":
    return Doel(chain)


class Doel:
    """A school that asks the test school: 99BB, or for binnen BRIN a second system of 00YY."""

    def __init__(self, chain: Any) -> None:
        self.chain = chain
        self.client = chain.client(chain.doel)
        self.within = RoutingId.of_school(TEST_SCHOOL, 932)
        token = add_mandate(chain.state, TEST_SCHOOL, chain.doel)
        add_endpoint(chain.state, token, self.within, "https://tweede.example/oso")

    def session(self, number: Pgn, overdrachtsoort: str) -> dict[str, Any]:
        """Open a session; gives the values of a documentRequest for the test school."""
        key = SimulationSearchKey().make(number)
        asking = {
            "bronBrin": TEST_SCHOOL,
            "zoeksleutelPgnfrag": {"zoeksleutel": key.key, "pgnfrag": key.fragment},
            "overdrachtsoort": overdrachtsoort,
        }
        if overdrachtsoort == "overdrachtbinnenbrin":
            asking |= {"doelBrin": TEST_SCHOOL, "doelRouteringsKenmerk": self.within}
        values = self.chain.asking(**asking)
        url = self.chain.running[0].url("tc")
        opened = self.chain.call(self.client, url, "overdrachtRequest", values).values
        listed = {item["routeringsKenmerk"]: item["url"] for item in opened["aanleverpunt"]}
        assert listed[TEST_SCHOOL_ROUTING_ID] == self.chain.running[0].url("school")
        own = {"bronRouteringsKenmerk": TEST_SCHOOL_ROUTING_ID, "sessieId": opened["sessieId"]}
        return {**values, **own}

    def ask(self, values: Mapping[str, Any]) -> Message:
        url = self.chain.running[0].url("school")
        answer: Message = self.chain.call(self.client, url, "documentRequest", values)
        return answer

    def fetch(self, number: Pgn, overdrachtsoort: str, **other: str) -> Message:
        return self.ask({**self.session(number, overdrachtsoort), **other})


@pytest.mark.parametrize("pupil", pupils(), ids=lambda pupil: f"{pupil.year}-{pupil.reply}")
def test_a_published_number_gives_what_is_listed_for_it(doel: Doel, pupil: Pupil) -> None:
    answer = doel.fetch(pupil.number, pupil.overdrachtsoort)
    if pupil.reply != "dossier":
        assert (answer.values, answer.dossier) == ({"resultaat": pupil.reply}, None)
        return
    assert answer.dossier is not None
    report = validate(answer.dossier)
    assert report.valid is (pupil.release is None)
    assert report.profile == (pupil.profile if pupil.release is None else None)


def test_a_number_that_was_never_published_has_nothing_ready(doel: Doel) -> None:
    answer = doel.fetch(Pgn("999999990"), "overstapdossier")
    assert answer.values == {"resultaat": "LeerlinginfoNietBeschikbaar"}


def test_a_dossier_is_ready_for_its_own_kind_of_hand_over_only(doel: Doel) -> None:
    answer = doel.fetch(Pgn("238521436"), "overstapdossier")
    assert answer.values == {"resultaat": "LeerlinginfoNietBeschikbaar"}


@pytest.mark.parametrize(
    ("asked", "has_final_test"),
    [(None, False), (COLLECTED, True), (COLLECTED_AGAIN - timedelta(seconds=1), True)],
)
def test_a_renewed_dossier_comes_to_whoever_asks_for_a_newer_one(
    doel: Doel, asked: Any, has_final_test: bool
) -> None:
    other = {"aanvraagdatum": format_moment(asked)} if asked else {}
    answer = doel.fetch(RENEWED, "overstapdossier", **other)
    assert answer.dossier is not None
    found = parse(answer.dossier).find(".//{*}eindtoets_basisonderwijs")
    assert (found is not None) is has_final_test


@pytest.mark.parametrize(
    ("number", "newest"), [(RENEWED, COLLECTED_AGAIN), (Pgn("310008475"), COLLECTED)]
)
def test_nothing_newer_is_said_so(doel: Doel, number: Pgn, newest: Any) -> None:
    moment = format_moment(newest)
    answer = doel.fetch(number, "overstapdossier", aanvraagdatum=moment)
    assert answer.values == {"resultaat": "LeerlinginfoNietGewijzigd"}


def test_the_refusal_of_the_traffic_center_is_passed_on(doel: Doel, chain: Any) -> None:
    values = doel.session(Pgn("310008475"), "overstapdossier")
    closing = {
        name: value
        for name, value in {**values, "resultaat": "OverdrachtGeslaagd"}.items()
        if name not in ("zoeksleutelPgnfrag", "overdrachtsoort")
    }
    url = chain.running[0].url("tc")
    chain.call(doel.client, url, "afmeldingRequest", closing)
    assert doel.ask(values).values == {"resultaat": "SessieReedsAfgemeld"}


def test_the_session_is_checked_before_the_pupil_is_looked_for(doel: Doel) -> None:
    values = doel.session(Pgn("310008475"), "overstapdossier")
    other = SimulationSearchKey().make(Pgn("097902378"))
    key = {"zoeksleutel": other.key, "pgnfrag": other.fragment}
    answer = doel.ask({**values, "zoeksleutelPgnfrag": key})
    assert answer.values == {"resultaat": "SessieAfwijkend"}


def test_both_parties_refuse_with_a_fault_when_told_so(doel: Doel, chain: Any) -> None:
    chain.state.set_option(REFUSE_WITH, "fault")
    try:
        with pytest.raises(Refused) as refused:
            doel.fetch(Pgn("334390205"), "overstapdossier")
    finally:
        chain.state.set_option(REFUSE_WITH, "resultaat")
    assert refused.value.code == "LeerlinginfoNietOpvraagbaar"


def test_the_same_request_in_a_session_gives_the_same_bytes(doel: Doel, chain: Any) -> None:
    values = doel.session(Pgn("613543439"), "overstapdossier")
    first, second = doel.ask(values), doel.ask(values)
    assert first.dossier == second.dossier
    with chain.state.read() as db:
        rows = db.execute("SELECT * FROM replies WHERE session = ?", (values["sessieId"],))
        replies = [(row["result"], row["dossier_digest"]) for row in rows]
    assert len(replies) == 2
    assert len(set(replies)) == 1
    assert replies[0][0] == "OverdrachtGeslaagd"
    assert len(replies[0][1]) == len(hashlib.sha256().hexdigest())

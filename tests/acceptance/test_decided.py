"""What a person decides about a dossier that came, and what the plugin makes of that."""

import pytest
from support.chain import ACCOUNT
from support.dossiers import SURNAME, sent
from support.fetching import Doel
from support.las import decided, fetched, said, unknown_element, with_las

from oso_adapter.errors import NotAllowed, PluginFailed
from oso_adapter.exchange import receive
from oso_adapter.hookspecs import ImportAnswer
from oso_adapter.store.models import ReceivedState
from oso_adapter.store.sealing import Purpose


@pytest.mark.parametrize(
    ("outcome", "state"),
    [("postponed", ReceivedState.POSTPONED), ("rejected", ReceivedState.REJECTED)],
)
def test_a_person_postpones_or_rejects_what_was_kept_apart(
    doel: Doel, number: str, outcome: str, state: ReceivedState
) -> None:
    las = with_las(doel)
    done = fetched(doel, sent(number, surname="Andersma"), number)
    answer = ImportAnswer(outcome, reason="Andere leerling.")
    assert state == decided(doel, done, answer)
    received = doel.received(done)
    assert (state, "Andere leerling.", ACCOUNT) == (
        received.state,
        said(doel, done),
        received.account,
    )
    assert [] == las.offered
    assert "received.decided" == doel.events(received.id)[-1]


def test_a_person_accepts_and_then_the_plugin_takes_it_over(doel: Doel, number: str) -> None:
    las = with_las(doel)
    done = fetched(doel, sent(number, surname="Andersma"), number)
    assert [] == las.offered
    assert ReceivedState.ACCEPTED == decided(doel, done, ImportAnswer("accepted"))
    assert [doel.received(done).id] == [offered.id for offered in las.offered]


def test_the_plugin_has_the_last_word_on_what_a_person_accepts(doel: Doel, number: str) -> None:
    with_las(doel, ImportAnswer("postponed", reason="Nog geen inschrijving."))
    done = fetched(doel, sent(number, surname="Andersma"), number)
    assert ReceivedState.POSTPONED == decided(doel, done, ImportAnswer("accepted"))


def test_what_a_plugin_does_not_want_yet_cannot_be_accepted(doel: Doel, number: str) -> None:
    with_las(doel, None)
    done = fetched(doel, sent(number, surname="Andersma"), number)
    with pytest.raises(NotAllowed, match="neemt dit dossier nog niet over"):
        decided(doel, done, ImportAnswer("accepted"))
    assert ReceivedState.APART == doel.received(done).state


def test_a_plugin_that_fails_leaves_the_decision_open(doel: Doel, number: str) -> None:
    with_las(doel, RuntimeError())
    done = fetched(doel, sent(number, surname="Andersma"), number)
    with pytest.raises(PluginFailed):
        decided(doel, done, ImportAnswer("accepted"))
    assert ReceivedState.APART == doel.received(done).state


def test_an_invalid_dossier_can_be_accepted_by_hand_only(doel: Doel, number: str) -> None:
    las = with_las(doel)
    done = fetched(doel, unknown_element(sent(number)), number)
    assert ReceivedState.ACCEPTED == decided(doel, done, ImportAnswer("accepted"))
    assert [] == las.offered


def test_what_was_decided_is_not_decided_again(doel: Doel, number: str) -> None:
    done = fetched(doel, sent(number), number)
    before = doel.received(done)
    assert ReceivedState.ACCEPTED == decided(doel, done, ImportAnswer("accepted"))
    with pytest.raises(NotAllowed, match="al overgenomen"):
        decided(doel, done, ImportAnswer("rejected"))
    with pytest.raises(NotAllowed, match="al overgenomen"):  # someone looks at an older page
        receive.decide(doel.adapter, before, ImportAnswer("rejected"), account=ACCOUNT)
    assert ReceivedState.ACCEPTED == doel.received(done).state


def test_what_came_is_sealed(doel: Doel, number: str) -> None:
    done = fetched(doel, sent(number), number)
    received = doel.received(done)
    with doel.adapter.store.reading() as session:
        sealed = receive.dossiers.sealed_payload(session, received.payload_id)
    assert sealed is not None
    assert SURNAME.encode() not in sealed.box
    assert SURNAME.encode() in doel.adapter.sealer.open(sealed, Purpose.PAYLOAD)

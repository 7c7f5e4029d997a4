"""What becomes of a dossier that came: compared, judged, handed over, or kept for a person."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from io import StringIO
from threading import Event
from threading import enumerate as threads

import pytest
from support.dossiers import BORN, SURNAME, sent
from support.fetching import NUMBERS, Doel
from support.las import Las, decided, fetched, said, unknown_element, with_las
from support.requester import DELIVERED

from oso_adapter.bounded_xml import parse
from oso_adapter.demo.comparison import canonical
from oso_adapter.hookspecs import ImportAnswer
from oso_adapter.plugins import BUDGETS, PluginHost
from oso_adapter.store.models import Exchange, ExchangeState, ReceivedState
from oso_adapter.store.sealing import Purpose
from oso_adapter.work.inline import Runner

INVALID = "Het dossier voldoet niet aan een versie die hier in gebruik is."
OTHER_RELEASE = (
    "Dit is een dossier van versie {}, die hier niet in gebruik is. Bekijk het (received show) en "
    "neem met de hand over wat u kunt gebruiken."
)
OTHER_NUMBER = "Het nummer in het dossier is niet het gevraagde nummer."


# --- compared with the order -------------------------------------------------------------------


def test_a_dossier_with_another_number_and_name_is_kept_apart(doel: Doel, number: str) -> None:
    las = with_las(doel)
    xml = sent(next(NUMBERS), surname="Andersma")
    done = fetched(doel, xml, number)
    assert_kept(doel, las, done, ReceivedState.APART, OTHER_NUMBER)
    assert "received.apart" in doel.events(doel.received(done).id)
    assert canonical(parse(xml)) == canonical(parse(doel.opened(done)))


def test_a_dossier_with_another_name_is_kept_apart(doel: Doel, number: str) -> None:
    las = with_las(doel)
    done = fetched(doel, sent(number, surname="Andersma"), number)
    sentence = "De achternaam in het dossier is anders dan die van de aanvraag."
    assert_kept(doel, las, done, ReceivedState.APART, sentence)


def test_a_dossier_with_another_date_of_birth_is_kept_apart(doel: Doel, number: str) -> None:
    las = with_las(doel)
    done = fetched(doel, sent(number, born=date(2013, 6, 1)), number)
    sentence = "De geboortedatum in het dossier is anders dan die van de aanvraag."
    assert_kept(doel, las, done, ReceivedState.APART, sentence)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [("Éclair d'Hôtel", "ECLAIR DHOTEL"), ("de Groot", "De  Groot"), ("Süß-Ÿ", "suss y")],
)
def test_accents_case_and_punctuation_do_not_make_another_name(
    doel: Doel, number: str, theirs: str, ours: str
) -> None:
    las = with_las(doel)
    done = fetched(doel, sent(number, surname=theirs), number, surname=ours)
    assert ReceivedState.ACCEPTED == doel.received(done).state
    assert 1 == len(las.offered)


# --- judged ------------------------------------------------------------------------------------


def older_release(xml: bytes) -> bytes:
    return xml.replace(b"oso_gegevensset/2019/", b"oso_gegevensset/2016/")


@pytest.mark.parametrize(
    ("spoil", "reason", "release"),
    [(unknown_element, INVALID, "2019.1"), (older_release, OTHER_RELEASE.format("2016"), "2016")],
)
def test_a_dossier_that_is_not_valid_is_kept_signed_off_and_not_handed_over(
    doel: Doel, number: str, spoil: Callable[[bytes], bytes], reason: str, release: str
) -> None:
    las = with_las(doel)
    xml = spoil(sent(number))
    done = fetched(doel, xml, number)
    assert_kept(doel, las, done, ReceivedState.INVALID, reason)
    assert release == doel.received(done).release
    assert DELIVERED == doel.stage.session(done.session_id).result
    assert doel.received(done).findings > 0
    assert canonical(parse(xml)) == canonical(parse(doel.opened(done)))


def test_an_invalid_dossier_of_another_pupil_says_both(doel: Doel, number: str) -> None:
    las = with_las(doel)
    done = fetched(doel, unknown_element(sent(next(NUMBERS), surname="Andersma")), number)
    assert_kept(doel, las, done, ReceivedState.INVALID, f"{INVALID} {OTHER_NUMBER}")


# --- handed over -------------------------------------------------------------------------------


def test_a_dossier_that_fits_is_handed_over_with_its_attachments(doel: Doel, number: str) -> None:
    las = with_las(doel, ImportAnswer("accepted", ("cat_toetsresultaten", "cat_verzuim")))
    xml = sent(number, attachments={"verslag.txt": b"een verslag"})
    done = fetched(doel, xml, number)
    received = doel.received(done)
    assert ReceivedState.ACCEPTED == received.state
    sealed = received.categories_sealed or b""
    assert b"cat_toetsresultaten cat_verzuim" == doel.adapter.sealer.open_field(
        sealed, Purpose.DECISION
    )
    assert (ExchangeState.DONE, 1) == (done.state, received.handed_over)
    [offered] = las.offered
    assert (received.id, "2019.1", "POVO") == (offered.id, offered.release, offered.profile)
    pupil = offered.dossier["huidigeschool"]["leerling"]
    [document] = pupil["overigdocumentlijst"]["document"]
    assert (SURNAME, BORN) == (pupil["achternaam"], pupil["geboortedatum"])
    assert b"een verslag" == document["bestandsinhoud"]
    assert ["received.handed_over"] == doel.events(received.id)


def test_without_a_plugin_the_dossier_waits(doel: Doel, number: str) -> None:
    done = fetched(doel, sent(number), number)
    assert (ExchangeState.DONE, ReceivedState.PENDING) == (done.state, doel.received(done).state)


def test_what_waited_for_a_plugin_is_offered_once_there_is_one(doel: Doel, number: str) -> None:
    done = fetched(doel, sent(number), number)
    with_las(doel)
    run_until(doel, lambda: doel.received(done).state != ReceivedState.PENDING)
    assert ReceivedState.ACCEPTED == doel.received(done).state
    assert ExchangeState.DONE == doel.row(done.id).state


def test_a_plugin_that_does_not_want_it_yet_is_offered_it_again(doel: Doel, number: str) -> None:
    with_las(doel, None, ImportAnswer("accepted"))
    waiting = fetched(doel, sent(number), number)
    assert ExchangeState.HANDING_OVER == waiting.state
    assert (ReceivedState.PENDING, 1) == state_and_times(doel, waiting)
    doel.clock.forward(seconds=30)
    assert ExchangeState.DONE == doel.run(waiting.id).state
    assert (ReceivedState.ACCEPTED, 2) == state_and_times(doel, waiting)


def test_a_plugin_that_could_not_be_loaded_keeps_the_dossier_waiting(
    doel: Doel, number: str
) -> None:
    settings = doel.adapter.settings
    enabled = replace(settings, plugins=replace(settings.plugins, enabled=("not-installed",)))
    whole = doel.adapter
    doel.adapter = replace(whole, plugins=PluginHost(enabled, clock=doel.clock))
    waiting = fetched(doel, sent(number), number)
    assert ExchangeState.HANDING_OVER == waiting.state
    doel.adapter = whole
    with_las(doel)
    doel.clock.forward(seconds=30)
    assert ExchangeState.DONE == doel.run(waiting.id).state
    assert ReceivedState.ACCEPTED == doel.received(waiting).state


def test_what_a_plugin_rejects_is_not_offered_again(doel: Doel, number: str) -> None:
    with_las(doel, ImportAnswer("rejected", reason="Onbekende groep."))
    done = fetched(doel, sent(number), number)
    received = doel.received(done)
    assert (ReceivedState.REJECTED, "Onbekende groep.") == (received.state, said(doel, done))
    doel.clock.forward(days=2)
    assert_not_offered_again(doel, done)


def test_what_a_plugin_postpones_it_is_offered_a_day_later(doel: Doel, number: str) -> None:
    reason = "Nog geen inschrijving."
    with_las(doel, ImportAnswer("postponed", reason=reason))
    done = fetched(doel, sent(number), number)
    received = doel.received(done)
    assert (ReceivedState.POSTPONED, reason) == (received.state, said(doel, done))
    assert ExchangeState.DONE == done.state
    assert_not_offered_again(doel, done)
    doel.clock.forward(days=1)
    run_until(doel, lambda: doel.received(done).handed_over > 1)
    assert (ReceivedState.POSTPONED, 2) == state_and_times(doel, done)
    doel.clock.forward(days=1)
    decided(doel, done, ImportAnswer("rejected"))
    assert_not_offered_again(doel, done)


def test_what_a_person_postpones_is_left_to_that_person(doel: Doel, number: str) -> None:
    with_las(doel, None)
    waiting = fetched(doel, sent(number), number)
    assert ReceivedState.POSTPONED == decided(doel, waiting, ImportAnswer("postponed"))
    assert ExchangeState.DONE == doel.row(waiting.id).state
    doel.clock.forward(days=2)
    assert_not_offered_again(doel, waiting)


def test_a_plugin_that_raised_is_offered_the_same_id_again(
    doel: Doel, number: str, log: StringIO
) -> None:
    las = with_las(doel, RuntimeError(f"no row for {number}"), ImportAnswer("accepted"))
    waiting = fetched(doel, sent(number), number)
    assert (ExchangeState.HANDING_OVER, DELIVERED) == (waiting.state, waiting.result)
    assert waiting.signed_off_at is not None
    assert '"reason": "it raised RuntimeError at las.py:' in log.getvalue()
    assert number not in log.getvalue()
    doel.clock.forward(seconds=30)
    assert ExchangeState.DONE == doel.run(waiting.id).state
    assert [doel.received(waiting).id] * 2 == [offered.id for offered in las.offered]
    assert (ReceivedState.ACCEPTED, 2) == state_and_times(doel, waiting)


def test_a_plugin_that_gives_something_else_is_offered_it_again(doel: Doel, number: str) -> None:
    with_las(doel, "accepted", ImportAnswer("accepted"))  # type: ignore[arg-type]
    waiting = fetched(doel, sent(number), number)
    assert ExchangeState.HANDING_OVER == waiting.state
    doel.clock.forward(seconds=30)
    doel.run(waiting.id)
    assert (ReceivedState.ACCEPTED, 2) == state_and_times(doel, waiting)


def test_a_plugin_that_hangs_does_not_keep_the_order(doel: Doel, number: str) -> None:
    budgets = {**BUDGETS, "oso_import_dossier": 0.1}
    host = PluginHost(doel.adapter.settings, clock=doel.clock, budgets=budgets)
    doel.adapter = replace(doel.adapter, plugins=host)
    wakes = Event()
    with_las(doel, wakes.wait, ImportAnswer("accepted"))
    waiting = fetched(doel, sent(number), number)
    assert ExchangeState.HANDING_OVER == waiting.state
    [hanging] = [t for t in threads() if t.name == "las:oso_import_dossier"]
    wakes.set()
    hanging.join()
    doel.clock.forward(seconds=30)
    doel.run(waiting.id)
    assert (ReceivedState.ACCEPTED, 2) == state_and_times(doel, waiting)


def run_until(doel: Doel, reached: Callable[[], object]) -> None:
    """The runner of ``serve``, until something has happened."""

    class Stop(Event):
        def wait(self, timeout: float | None = None) -> bool:
            if reached():
                self.set()
            return super().wait(timeout)

    Runner(doel.adapter).run_forever(Stop())


def assert_not_offered_again(doel: Doel, done: Exchange) -> None:
    before = state_and_times(doel, done)
    run_until(doel, lambda: True)
    assert before == state_and_times(doel, done)


def state_and_times(doel: Doel, exchange: Exchange) -> tuple[str, int]:
    received = doel.received(exchange)
    return received.state, received.handed_over


def assert_kept(doel: Doel, las: Las, done: Exchange, state: ReceivedState, reason: str) -> None:
    """The order succeeded; the dossier is kept and nobody was offered it."""
    received = doel.received(done)
    assert (ExchangeState.DONE, DELIVERED) == (done.state, done.result)
    assert (state, reason, 0) == (received.state, said(doel, done), received.handed_over)
    assert [] == las.offered

"""Questions that are answered in time or not at all."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Timer

import pytest

from oso_adapter.chain.asking import Asking
from oso_adapter.errors import Unreachable


@pytest.fixture
def hangs() -> Iterator[Event]:
    """A party that says nothing until this is set."""
    event = Event()
    yield event
    event.set()


def down() -> bool:
    raise Unreachable("OSR", "refused")


def test_an_answer_that_comes_in_time_is_given() -> None:
    asking = Asking()

    assert asking.ask("a", lambda: True) is True
    assert asking.ask("b", lambda: False) is False


def test_a_party_that_says_nothing_holds_nobody_up(hangs: Event) -> None:
    asking = Asking(patience=0.05)

    assert asking.ask("a", hangs.wait) is None


def test_the_same_question_is_asked_once_however_many_wait_for_it() -> None:
    begun, answers = Event(), Event()
    asking = Asking(patience=30.0)

    def first() -> bool:
        begun.set()
        return answers.wait(30.0)

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(asking.ask, "a", first)
        begun.wait()
        Timer(0.1, answers.set).start()
        assert asking.ask("a", lambda: False) is True
        assert waiting.result() is True


def test_after_a_failure_nobody_asks_for_a_while() -> None:
    moment = [100.0]
    asked: list[int] = []
    asking = Asking(rest=30.0, now=lambda: moment[0])

    def question() -> bool:
        asked.append(1)
        return True

    assert asking.ask("a", down) is None
    assert asking.ask("b", question) is None
    assert [] == asked

    moment[0] += 30.0
    assert asking.ask("b", question) is True


def test_many_open_questions_are_not_added_to(hangs: Event) -> None:
    asking = Asking(patience=0.0, rest=0.0)
    for number in range(8):
        asking.ask(number, hangs.wait)

    assert asking.ask("more", lambda: True) is None


def test_a_party_that_answers_others_is_asked_on_however_long_its_queue(hangs: Event) -> None:
    moment = [100.0]
    asking = Asking(patience=0.05, rest=30.0, now=lambda: moment[0])

    assert asking.ask("a", lambda: True) is True
    assert asking.ask("waits too long", hangs.wait) is None
    assert asking.ask("b", lambda: True) is True

    moment[0] += 1.0
    assert asking.ask("says nothing", hangs.wait) is None
    assert asking.ask("c", lambda: True) is None

"""One run of ``osr sync`` at a time."""

from datetime import timedelta

import pytest
from support.register import Night

from oso_adapter.errors import NotAllowed
from oso_adapter.exchange.osr_lease import held


def test_two_runs_at_once_are_one_too_many(empty: Night) -> None:
    with held(empty.adapter), pytest.raises(NotAllowed, match="another osr sync is going on"):
        empty.sync()

    assert () == empty.sync().done


def test_a_run_that_goes_on_for_hours_keeps_others_away(empty: Night) -> None:
    with held(empty.adapter) as hold:
        for _ in range(8):
            empty.clock.forward(minutes=15)
            hold()
        with pytest.raises(NotAllowed):
            empty.sync()


def test_a_killed_run_is_in_the_way_for_a_while_only(empty: Night) -> None:
    held(empty.adapter).__enter__()
    empty.clock.forward(minutes=21)

    assert () == empty.sync().done


def test_a_run_that_was_away_too_long_stops_and_does_not_let_a_third_one_in(empty: Night) -> None:
    with held(empty.adapter) as hold:
        empty.clock.now += timedelta(minutes=21)
        with held(empty.adapter) as second:
            with pytest.raises(NotAllowed, match="took over"):
                hold()
            second()
    with held(empty.adapter):
        pass


def test_a_run_whose_clock_went_back_stops_when_another_one_began(empty: Night) -> None:
    with held(empty.adapter) as hold:
        empty.clock.now -= timedelta(hours=1)
        with held(empty.adapter), pytest.raises(NotAllowed, match="took over"):
            hold()


def test_before_a_write_it_is_looked_at_also_when_the_clock_came_right_again(empty: Night) -> None:
    with held(empty.adapter) as hold:
        empty.clock.now -= timedelta(seconds=30)
        with held(empty.adapter):
            empty.clock.forward(seconds=40)
            hold()
            with pytest.raises(NotAllowed, match="took over"):
                hold(writes=True)

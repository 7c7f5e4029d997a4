"""How many endpoints end without a person's word."""

import pytest

from oso_adapter.exchange.osr_plan import Plan, Write


@pytest.mark.parametrize(
    ("ending", "ours", "expected"),
    [(5, 300, True), (6, 300, False), (6, 10_000, False), (3, 150, True), (3, 149, False)],
)
def test_no_more_than_five_end_by_themselves_and_no_more_than_two_in_a_hundred(
    ending: int, ours: int, expected: bool
) -> None:
    ends = Write("PUT", "mandaat geëindigd", "99AA", "0000000700099AA00001", "namespace", 1)
    plan = Plan((), (ends,) * ending, (), (), ours)
    assert expected == plan.may_end(None)
    assert plan.may_end(ending)
    assert not plan.may_end(ending + 1)

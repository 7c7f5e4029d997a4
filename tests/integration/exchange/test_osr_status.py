"""Whether a school is connected today, also around the cut-over and its own begin and end."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from support.register import Night, brins, next_year

from oso_adapter.exchange.osr_status import status
from oso_adapter.identifiers import RoutingId

[BRIN] = brins(1)
KENMERK = RoutingId.of_school(BRIN, 1)


@pytest.fixture
def school(empty: Night) -> Night:
    empty.mandate_all([BRIN])
    return empty


def told(night: Night) -> list[tuple[str, str, str]]:
    return [(r.code, r.routing_id, r.detail) for r in status(night.adapter, [BRIN])]


def test_before_and_after_the_cut_over_a_school_is_connected_by_the_version_in_use(
    school: Night,
) -> None:
    school.administer(BRIN)
    night = next_year(school)
    night.sync()
    assert [("verbonden", KENMERK, "")] == told(night)

    night.clock.now = datetime(2026, 8, 1, 3, tzinfo=UTC)

    assert [("verbonden", KENMERK, "")] == told(night)


def test_an_administration_that_has_ended_is_not_passed_over(school: Night) -> None:
    school.administer(BRIN)
    school.sync()
    school.end(date(2026, 3, 11))

    assert [("administratie-geëindigd", KENMERK, "11-03-2026")] == told(school)


@pytest.mark.parametrize("registered", [True, False])
def test_one_that_begins_later_is_not_connected_yet(school: Night, registered: bool) -> None:
    begin: Any = date(2026, 8, 1)
    school.administer(BRIN, valid_from=begin)
    if registered:
        school.sync()

    assert [("administratie-later", KENMERK, "01-08-2026")] == told(school)

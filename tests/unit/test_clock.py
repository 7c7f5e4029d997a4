from datetime import UTC, date, datetime, timedelta

import pytest

from oso_adapter.clock import school_date, utc_now


def test_now_is_aware_and_in_utc() -> None:
    assert timedelta() == utc_now().utcoffset()


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(2025, 7, 31, 21, 59, 59, tzinfo=UTC), date(2025, 7, 31)),
        (datetime(2025, 7, 31, 22, 0, tzinfo=UTC), date(2025, 8, 1)),
        (datetime(2025, 12, 31, 22, 59, 59, tzinfo=UTC), date(2025, 12, 31)),
        (datetime(2025, 12, 31, 23, 0, tzinfo=UTC), date(2026, 1, 1)),
    ],
)
def test_the_day_of_a_school_begins_at_midnight_in_amsterdam(
    moment: datetime, expected: date
) -> None:
    assert expected == school_date(moment)

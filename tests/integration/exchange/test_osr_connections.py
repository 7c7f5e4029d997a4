"""What is kept of a look at the OSR, as the API tells it of an administration."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from support.api import las
from support.register import NIGHT, Direct, Night, brins

from oso_adapter.exchange.osr_night import plan_next
from oso_adapter.exchange.osr_status import look_when_due, status
from oso_adapter.identifiers import RoutingId
from oso_adapter.simulator import seed
from oso_adapter.simulator.osr_faults import Faults, make_ill
from oso_adapter.transport.client import JsonAnswer

BRIN, OTHER = brins(2)
KENMERK = RoutingId.of_school(BRIN, 1)
NEXT_DAY = NIGHT + timedelta(days=1)


@pytest.fixture
def school(empty: Night) -> Night:
    """One school that has mandated us, with one administration."""
    empty.administer(BRIN)
    empty.mandate_all([BRIN])
    return empty


def told(night: Night, routing_id: str = KENMERK) -> dict[str, Any]:
    """The answer of the API, of its remarks the codes."""
    client = las(night.adapter, str(uuid4()), named=[routing_id])
    answer: dict[str, Any] = client.get(f"/administrations/{routing_id}/connection")
    return {**answer, "remarks": [remark["code"] for remark in answer["remarks"]]}


def facts(night: Night, routing_id: str = KENMERK) -> tuple[Any, ...]:
    answer = told(night, routing_id)
    names = ("connected", "mandated", "endpoint", "looked_at")
    return (*(answer[name] for name in names), *answer["remarks"])


def test_before_a_look_nobody_says_that_a_school_is_connected_or_not(school: Night) -> None:
    assert (None, None, None, None, "niet-bekeken") == facts(school)
    assert [None, None] == [told(school)[f"{what}_seen_at"] for what in ("mandate", "endpoint")]


def test_what_a_run_wrote_is_right_from_then_on(school: Night) -> None:
    school.sync(dry_run=True)
    assert (None, None, None, None, "niet-bekeken") == facts(school)

    school.sync()

    at = NIGHT.isoformat()
    assert (True, True, "goed", at, "verbonden") == facts(school)
    assert [at, at] == [told(school)[f"{what}_seen_at"] for what in ("mandate", "endpoint")]


def test_what_is_shown_no_more_says_when_it_was_last_seen_and_who_mends_it(school: Night) -> None:
    school.sync()
    seed.end_mandate(school.state, school.tokens[BRIN], date(2026, 3, 12))
    school.next_day()
    school.sync()

    assert (False, False, None, NEXT_DAY.isoformat(), "mandaat-gemist") == facts(school)
    before = NIGHT.isoformat()
    assert [before] * 2 == [told(school)[f"{what}_seen_at"] for what in ("mandate", "endpoint")]
    client = las(school.adapter, "scherm", named=[KENMERK])
    [remark] = client.get(f"/administrations/{KENMERK}/connection")["remarks"]
    assert "leverancier" == remark["who"]
    assert "support@kennisnet.nl" in remark["next_step"]


class Refuses(Direct):
    """A register that refuses every write."""

    def ask_json(self, method: str, url: str, **how: Any) -> JsonAnswer:
        if method != "GET":
            return JsonAnswer(409, {"message": "kenmerk is bezet"}, {})
        return super().ask_json(method, url, **how)


def test_an_endpoint_that_was_refused_or_is_another_is_not_right(school: Night) -> None:
    school.calling(Refuses).sync()
    at = NIGHT.isoformat()
    assert (False, True, "ontbreekt", at, "geen-endpoint", "geweigerd") == facts(school)

    school.register_all([BRIN], "https://vroeger.example/oso")
    status(school.adapter, [BRIN])

    assert (False, True, "anders", at, "endpoint-anders") == facts(school)


def test_what_is_wrong_with_all_is_the_reason_of_each_that_has_no_other(school: Night) -> None:
    school.administer(OTHER)
    make_ill(school.state, Faults(lists={"/service-versions": 0.0}))

    school.sync()

    other = RoutingId.of_school(OTHER, 1)
    at = NIGHT.isoformat()
    assert (False, True, None, at, "dienstversie-onbekend") == facts(school)
    assert (False, False, None, at, "school-onbekend") == facts(school, other)


def test_the_runner_looks_each_hour_at_those_that_are_not_connected_once_a_person_began(
    school: Night,
) -> None:
    school.register_all([BRIN])
    assert 0 == look_when_due(school.adapter)
    plan_next(school.adapter)

    assert 1 == look_when_due(school.adapter)
    assert (True, True, "goed", NIGHT.isoformat(), "verbonden") == facts(school)

    later = school.administer(OTHER)
    assert 0 == look_when_due(school.adapter)
    school.clock.forward(hours=1)
    calls = len(school.calls())
    assert 1 == look_when_due(school.adapter)
    assert (False, False, None) == facts(school, later)[:3]
    assert not [call for call in school.calls()[calls:] if KENMERK in call]
    school.mandate_all([OTHER])
    school.clock.forward(hours=1)
    assert 1 == look_when_due(school.adapter)
    assert "geen-endpoint" == facts(school, later)[-1]


def test_the_web_asks_the_register_nothing(school: Night) -> None:
    school.sync()
    calls = len(school.calls())

    told(school)

    assert calls == len(school.calls())

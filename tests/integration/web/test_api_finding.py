"""Finding pupils over the JSON API: ordered, done by the runner, and read for an hour."""

from datetime import date
from typing import Any

import pytest
from support.api import LasClient
from support.chain import ACCOUNT, School
from support.dossiers import NUMBERS
from support.fetching import TestClock

from oso_adapter.exchange.adapter import Adapter
from oso_adapter.hookspecs import FoundPupil, HookContext, PupilQuery, hookimpl
from oso_adapter.work.jobs import TURN, JobRunner

NAME = "Merkteken9Qx"
PUPIL = FoundPupil("LL-1", NAME, "8a", date(2014, 5, 31), "99BB", date(2026, 7, 31))


class Las:
    """Gives one pupil, or fails."""

    def __init__(self) -> None:
        self.asked: list[tuple[str | None, PupilQuery]] = []
        self.answer: Any = [PUPIL]

    @hookimpl
    def oso_find_pupils(self, context: HookContext, query: PupilQuery) -> Any:
        self.asked.append((context.account, query))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def las(adapter: Adapter) -> Las:
    las = Las()
    adapter.plugins.register(las, "las")
    return las


def order(client: LasClient, school: School, **asked: Any) -> Any:
    return client.post("/pupils/find", {"administration": school.routing_id, **asked})


def items(client: LasClient, job: Any) -> Any:
    return client.get(f"/jobs/{job['id']}/items")["items"]


def test_pupils_are_found_by_the_runner_and_stand_in_the_job(
    client: LasClient, school: School, las: Las
) -> None:
    job = order(client, school, name=NAME[:4], leaving_before="2026-08-01", limit=5)
    [waiting] = items(client, job)
    assert ("zoeken", "bezig", [], "wacht") == (
        job["kind"],
        job["state"],
        las.asked,
        waiting["state"],
    )
    assert "found" not in waiting

    assert 1 == JobRunner(client.adapter).run_due()

    [done] = items(client, job)
    assert ("klaar", "gelukt", None) == (
        client.get(f"/jobs/{job['id']}")["state"],
        done["state"],
        done["pupil"],
    )
    assert [
        {
            "pupil": "LL-1",
            "name": NAME,
            "group": "8a",
            "date_of_birth": "2014-05-31",
            "destination": "99BB",
            "leaving_on": "2026-07-31",
        }
    ] == done["found"]
    query = PupilQuery(name=NAME[:4], leaving_before=date(2026, 8, 1), limit=5)
    assert [(ACCOUNT, query)] == las.asked
    found = [e for e in client.get("/events")["items"] if e["name"] == "pupils.found"]
    assert [(ACCOUNT, "1")] == [(event["account"], event["reason"]) for event in found]


def test_who_was_found_is_gone_after_an_hour_and_was_never_in_the_clear(
    client: LasClient, school: School, las: Las, clock: TestClock
) -> None:
    job = order(client, school, name=NAME)
    JobRunner(client.adapter).run_due()
    assert NAME.encode() not in school.store_file.read_bytes()

    clock.forward(minutes=61)
    JobRunner(client.adapter).run_due()

    [item] = items(client, job)
    assert ("gelukt", False) == (item["state"], "found" in item)


def test_who_was_found_late_can_be_read_all_the_same(
    client: LasClient, school: School, las: Las, clock: TestClock
) -> None:
    job = order(client, school)
    clock.forward(hours=2)

    for _ in range(2):
        JobRunner(client.adapter).run_due()

    [item] = items(client, job)
    assert ["LL-1"] == [pupil["pupil"] for pupil in item["found"]]


def test_who_was_found_is_gone_in_time_while_other_work_goes_on(
    client: LasClient, school: School, las: Las, clock: TestClock
) -> None:
    class Slow:
        @hookimpl
        def oso_collect_dossier(self) -> None:
            clock.forward(minutes=61)

    job = order(client, school)
    JobRunner(client.adapter).run_due()
    client.adapter.plugins.register(Slow(), "slow")
    pupils = [f"LL-{number}" for number in range(TURN + 1)]
    told = {"administration": school.routing_id, "profile": "POVO", "pupils": pupils}
    client.post("/dossiers/collect", told)

    assert 2 == JobRunner(client.adapter).run_due()

    [item] = items(client, job)
    assert "found" not in item


def test_what_goes_wrong_is_told_without_a_value(
    client: LasClient, school: School, las: Las
) -> None:
    las.answer = RuntimeError(NUMBERS[0])
    job = order(client, school)
    JobRunner(client.adapter).run_due()

    [item] = items(client, job)
    assert ("mislukt", "found" in item) == (item["state"], False)
    assert "las failed in oso_find_pupils" in item["error"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"limit": 0},
        {"limit": "5"},
        {"name": NUMBERS[0]},
        {"destination": "school"},
        {"leaving_before": "morgen"},
        {"pgn": "1"},
    ],
)
def test_a_question_that_is_none_is_refused(
    client: LasClient, school: School, wrong: dict[str, Any]
) -> None:
    done = client.call("POST", "/pupils/find", json={"administration": school.routing_id, **wrong})

    assert 422 == done.status_code

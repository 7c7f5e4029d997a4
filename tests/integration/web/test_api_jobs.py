"""Long work over the JSON API: ordered at once, done by the runner, and looked at meanwhile."""

from collections.abc import Iterator
from itertools import groupby
from threading import Event
from typing import Any

import pytest
from support.api import LasClient
from support.chain import ACCOUNT, School
from support.dossiers import NUMBERS, content
from support.fetching import TestClock

from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.jobs import carry_out
from oso_adapter.exchange.purge import purge
from oso_adapter.hookspecs import CollectedDossier, HookContext, hookimpl
from oso_adapter.store import jobs
from oso_adapter.work.jobs import TURN, JobRunner


class Pupils:
    """A supplier's data: what is known of a pupil, or what goes wrong."""

    def __init__(self) -> None:
        self.known: dict[str, Any] = {
            "P-1": content(NUMBERS[0], reference="P-1"),
            "P-2": content(NUMBERS[1], reference="P-2", achternaam=3),
        }
        self.asked: list[tuple[str, str | None]] = []

    @hookimpl
    def oso_collect_dossier(
        self, context: HookContext, pupil: str, profile: str
    ) -> CollectedDossier | None:
        self.asked.append((pupil, context.account))
        if pupil == "P-3":
            raise RuntimeError(f"row of {NUMBERS[2]}")
        found = self.known.get(pupil)
        return CollectedDossier(found) if found else None


@pytest.fixture
def pupils(adapter: Adapter) -> Iterator[Pupils]:
    pupils = Pupils()
    adapter.plugins.register(pupils, "proef")
    return pupils


def order(client: LasClient, school: School, *names: str) -> Any:
    return client.post(
        "/dossiers/collect",
        {"administration": school.routing_id, "profile": "POVO", "pupils": names},
    )


def test_a_job_says_how_far_it_is_and_what_became_of_each(
    client: LasClient, school: School, pupils: Pupils
) -> None:
    job = order(client, school, "P-1", "P-2", "P-3", "P-4", "P-1")
    path = f"/jobs/{job['id']}"
    assert ("verzamelen", "bezig", 4, 0, 0, 4) == tuple(
        job[name] for name in ("kind", "state", "total", "done", "failed", "waiting")
    )
    assert [] == pupils.asked

    assert 1 == JobRunner(client.adapter).run_due()

    done = client.get(path)
    assert ("klaar", 4, 1, 3, 0) == tuple(
        done[name] for name in ("state", "total", "done", "failed", "waiting")
    )
    items = {item["pupil"]: item for item in client.get(f"{path}/items")["items"]}
    dossier = client.get(f"/dossiers/{school.routing_id}/P-1")
    assert ("gelukt", dossier["id"]) == (items["P-1"]["state"], items["P-1"]["subject"])
    assert {"P-2": "mislukt", "P-3": "mislukt", "P-4": "mislukt"} == {
        name: items[name]["state"] for name in ("P-2", "P-3", "P-4")
    }
    assert {"DICT.type"} == {finding["rule"] for finding in items["P-2"]["findings"]}
    assert "it raised RuntimeError" in items["P-3"]["error"]
    assert "geen plugin kent deze leerling" in items["P-4"]["error"]
    assert {ACCOUNT} == {account for _, account in pupils.asked}
    assert 0 == JobRunner(client.adapter).run_due()


def test_a_reference_that_holds_a_number_orders_nothing(
    client: LasClient, school: School, pupils: Pupils
) -> None:
    done = client.call(
        "POST",
        "/dossiers/collect",
        json={
            "administration": school.routing_id,
            "profile": "POVO",
            "pupils": ["P-1", NUMBERS[0]],
            "without": ["cat_bestaat_niet"],
        },
    )

    fields = [error["field"] for error in done.get_json()["errors"]]
    assert (422, ["pupils[1]", "without[0]"]) == (done.status_code, fields)


def test_categories_that_stay_out_are_told_to_the_one_who_collects(
    client: LasClient, school: School, pupils: Pupils
) -> None:
    client.post(
        "/dossiers/collect",
        {
            "administration": school.routing_id,
            "profile": "POVO",
            "pupils": ["P-1"],
            "without": ["cat_verzuim"],
        },
    )
    JobRunner(client.adapter).run_due()

    path = f"/dossiers/{school.routing_id}/P-1/content?form=json"
    written = client.get(path)["metadata"]["categorie_uitlevering"]["cat_verzuim"]
    assert "OPT-UIT" == written


def test_a_job_goes_on_where_a_process_was_killed(
    client: LasClient, school: School, pupils: Pupils, clock: TestClock
) -> None:
    adapter = client.adapter
    job_id = order(client, school, "P-1", "P-4")["id"]
    with adapter.store.writing() as session:
        until = clock() + adapter.longest_step
        job = jobs.claim(session, "elsewhere:1:1:1", clock(), until)
        assert job is not None
        first, _ = jobs.waiting(session, job_id)
    carry_out(adapter, job, "elsewhere:1:1:1", first)

    assert 0 == JobRunner(adapter).run_due()
    clock.now += adapter.longest_step
    clock.forward(seconds=1)
    assert 1 == JobRunner(adapter).run_due()

    assert ["P-1", "P-4"] == [pupil for pupil, _ in pupils.asked]
    assert "klaar" == client.get(f"/jobs/{job_id}")["state"]


def test_a_runner_that_is_told_to_stop_leaves_the_rest_for_later(
    client: LasClient, school: School, pupils: Pupils
) -> None:
    job_id = order(client, school, *(f"Q-{n}" for n in range(20)))["id"]
    stop = Event()
    real = pupils.known

    class Stopping(dict[str, Any]):
        def get(self, key: str, default: Any = None) -> Any:
            stop.set()
            return default

    pupils.known = Stopping()
    JobRunner(client.adapter).run_due(stop)
    pupils.known = real

    assert "bezig" == client.get(f"/jobs/{job_id}")["state"]
    JobRunner(client.adapter).run_due()
    assert (20, 0) == tuple(client.get(f"/jobs/{job_id}")[n] for n in ("failed", "waiting"))
    assert 20 == len(pupils.asked)


def test_jobs_have_turns_by_school_and_then_by_job(
    tenant: LasClient, school: School, pupils: Pupils, clock: TestClock
) -> None:
    """A school that collects a whole year keeps no other waiting, nor its own next order."""
    for first in ("A", "B"):
        order(tenant, school, *(f"{first}-{n}" for n in range(TURN + 1)))
        clock.forward(seconds=1)
    other = {"routing_id": "0000000700099AB00001", "brin": "99AB", "name": "Andere"}
    tenant.post("/administrations", other)
    tenant.post(
        "/dossiers/collect",
        {"administration": other["routing_id"], "profile": "POVO", "pupils": ["C-1"]},
    )

    assert 5 == JobRunner(tenant.adapter).run_due()

    turns = [name for name, _ in groupby(pupil[0] for pupil, _ in pupils.asked)]
    assert ["A", "C", "B", "A", "B"] == turns


def test_a_job_is_forgotten_after_thirty_days(
    client: LasClient, school: School, pupils: Pupils, clock: TestClock
) -> None:
    job_id = order(client, school, "P-1")["id"]
    JobRunner(client.adapter).run_due()
    clock.forward(days=30)
    purge(client.adapter)
    assert 200 == client.call("GET", f"/jobs/{job_id}").status_code
    clock.forward(seconds=1)
    purge(client.adapter)
    assert 404 == client.call("GET", f"/jobs/{job_id}").status_code

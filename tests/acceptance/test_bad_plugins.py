"""Thirteen plugins that do what no plugin should, and the adapter serves on.

One ``serve`` with all of them beside a good one: each is named with its reason and its remedy, the
good one answers, with every hook that the runner calls, and nothing of a pupil is told.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Event
from typing import Any

import pytest
from sqlalchemy import select
from support.bad_plugins import ASKED, AT_START, GOOD, NUMBER, WHEN_CALLED, write
from support.chain import ACCOUNT, Chain, School, wait_for_port
from support.dossiers import NUMBERS
from support.fetching import TestClock
from support.keeping import Keeping
from support.processes import below
from urllib3 import PoolManager

from oso_adapter.clock import utc_now
from oso_adapter.exchange import candidates, jobs
from oso_adapter.exchange.adapter import Adapter, build
from oso_adapter.exchange.policy import BETWEEN_SCHOOLS
from oso_adapter.hookspecs import PupilQuery
from oso_adapter.plugins import PROBLEMS
from oso_adapter.settings import Plugins
from oso_adapter.store import plugin_failures
from oso_adapter.store.models import JobItem, NotificationOffer, Request
from oso_adapter.transport.tls import TlsFiles, client_context

LIMITS = """
[plugins]
enabled = [{names}]
directory = "plugins"
seconds = 4
memory = 256
"""
ALL = {**AT_START, **WHEN_CALLED}


@dataclass(frozen=True)
class Outcome:
    """What became of the pupils, and what was told.

    health: the status of the endpoints while plugins misbehaved. called: what the good one noted
    of its hooks; recognised: whom a request was found to mean; found: the pupils that were found.
    """

    items: Mapping[str, tuple[str, dict[str, Any]]]
    log: Sequence[Mapping[str, Any]]
    text: str
    remembered: Mapping[str, set[str]]
    health: tuple[int, int]
    called: set[str]
    recognised: str | None
    found: list[dict[str, Any]]
    imported_by: set[int]
    endpoints: set[int]


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcome]:
    folder = tmp_path_factory.mktemp("bad")
    chain = Chain.create(folder)
    try:
        yield of_all(chain.add_school("99AA", "PO"))
    finally:
        chain.stop()


def of_all(school: School) -> Outcome:
    """Start `serve` with all plugins, and ask for each of their pupils, and then for a good one."""
    imported = school.folder / "imported"
    names = write(school.folder / "plugins", imported)
    adapter = build(replace(school.settings(), plugins=Plugins()))
    school.adapters.append(adapter)
    keeping = Keeping(school, TestClock(utc_now()), adapter)
    keeping.requested(ASKED)
    notification = keeping.notified(NUMBERS[0])
    school.configure(LIMITS.format(names=", ".join(f'"{name}"' for name in names)))
    process = school.start()
    wait_for_port(school.internal, process, school.log)
    bad = ordered(school, adapter, [*WHEN_CALLED, f"{GOOD}-1"])
    health = (public(school), internal(school))
    items = finished(adapter, bad)
    items |= finished(adapter, ordered(school, adapter, [f"{GOOD}-2"]))
    query = PupilQuery(group="8a")
    search = finished(adapter, jobs.find(adapter, keeping.owner, ACCOUNT, query).id)
    request = looked_up(adapter, notification)
    assert process.poll() is None
    noted = [line.split(" ", 1) for line in imported.read_text("ascii").splitlines()]
    with adapter.store.reading() as session:
        remembered: dict[str, set[str]] = {}
        for row in plugin_failures.listed(session, adapter.clock()):
            remembered.setdefault(row.plugin, set()).add(row.code)
    return Outcome(
        items=items,
        log=school.logged(),
        text=school.log.read_text(encoding="utf-8"),
        remembered=remembered,
        health=health,
        called={what for _, what in noted},
        recognised=candidates.pupil_of(adapter, request),
        found=search[""][1]["found"],
        imported_by={int(process) for process, _ in noted},
        endpoints={process.pid, *below(process.pid)},
    )


def ordered(school: School, adapter: Adapter, pupils: Sequence[str]) -> str:
    administration = school.administration(adapter)
    return jobs.collect(adapter, administration, ACCOUNT, pupils, "POVO").id


def finished(adapter: Adapter, job: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """Each pupil of a job with its state and what is told of it, once none waits."""
    for _ in range(1200):
        with adapter.store.reading() as session:
            rows = session.query(JobItem).filter_by(job_id=job).all()
        if all(row.state != "wacht" for row in rows):
            return {
                jobs.pupil_of(adapter, row) or "": (row.state, jobs.outcome_of(adapter, row))
                for row in rows
            }
        Event().wait(0.05)
    raise AssertionError("the job did not end")


def looked_up(adapter: Adapter, notification: str) -> Request:
    """The one request, once plugins were asked of it and told of the notification."""
    for _ in range(1200):
        with adapter.store.reading() as session:
            request = session.scalars(select(Request)).one()
            told = session.get(NotificationOffer, (notification, "good"))
        if request.looked_up and told is not None:
            return request
        Event().wait(0.05)
    raise AssertionError("the runner did not come to it")


def public(school: School) -> int:
    transport = school.settings().transport
    files = TlsFiles(transport.certificate, transport.key, transport.roots)
    with PoolManager(ssl_context=client_context(files)) as pool:
        return pool.request("GET", f"{school.url}?wsdl").status


def internal(school: School) -> int:
    with PoolManager() as pool:
        return pool.request("GET", f"http://localhost:{school.internal}/health/live").status


def problems(outcome: Outcome, plugin: str) -> list[Mapping[str, Any]]:
    told = [line for line in outcome.log if line["event"] == "plugin.problem"]
    return [line for line in told if line["plugin"] == plugin]


@pytest.mark.parametrize("plugin", ALL)
def test_each_is_named_with_its_reason_and_its_remedy(outcome: Outcome, plugin: str) -> None:
    code, _ = ALL[plugin]

    [told] = problems(outcome, plugin)
    assert (code, PROBLEMS[code].remedy) == (told["code"], told["remedy"])
    assert told["reason"].startswith(PROBLEMS[code].reason.partition("{")[0])


@pytest.mark.parametrize("plugin", WHEN_CALLED)
def test_a_call_that_went_wrong_can_be_told_later_by_another_process(
    outcome: Outcome, plugin: str
) -> None:
    assert {WHEN_CALLED[plugin][0]} == outcome.remembered[plugin]


@pytest.mark.parametrize("plugin", sorted(set(WHEN_CALLED) - {"prints"}))
def test_the_pupil_for_whom_it_went_wrong_is_not_collected_and_it_is_told_why(
    outcome: Outcome, plugin: str
) -> None:
    state, told = outcome.items[plugin]

    assert "mislukt" == state
    named = told.get("findings") or [{"message": told["error"]}]
    assert plugin in named[0]["message"]


def test_the_good_one_answers_while_others_misbehave_and_after_it(outcome: Outcome) -> None:
    assert ["gelukt", "gelukt"] == [outcome.items[f"{GOOD}-{n}"][0] for n in (1, 2)]


def test_who_only_printed_is_asked_like_any_other(outcome: Outcome) -> None:
    assert "geen plugin kent deze leerling" in outcome.items["prints"][1]["error"]


def test_the_endpoints_serve_on(outcome: Outcome) -> None:
    assert (200, 200) == outcome.health


def test_each_hook_of_the_runner_is_called_with_what_it_is_for(outcome: Outcome) -> None:
    assert {
        "imported",
        f"oso_enrich_dossier {GOOD}-1",
        f"oso_enrich_dossier {GOOD}-2",
        "oso_find_pupils 8a",
        "oso_candidates 4",
        *(f"oso_extra_rules 2019.1 {profile}" for profile in BETWEEN_SCHOOLS),
        "oso_notification_received 99CC 99AA",
    } == outcome.called


def test_what_they_give_is_used(outcome: Outcome) -> None:
    [found] = outcome.found
    assert (f"{GOOD}-1", "8a") == (found["pupil"], found["group"])
    assert f"{GOOD}-9" == outcome.recognised
    told = outcome.items[f"{GOOD}-1"][1]["findings"]
    assert "Dit staat er altijd." in [finding["message"] for finding in told]


def test_no_endpoint_and_not_the_runner_itself_imports_or_calls_a_plugin(outcome: Outcome) -> None:
    assert outcome.imported_by
    assert set() == outcome.imported_by & outcome.endpoints


def test_nothing_of_a_pupil_is_told(outcome: Outcome) -> None:
    told = outcome.text + str(outcome.items)
    assert "plugin.problem" in told
    assert all(number not in told for number in (*NUMBERS, NUMBER))

"""Thirteen plugins that do what no plugin should, and the adapter serves on.

One ``serve`` with all of them beside a good one: each is named with its reason and its remedy, the
good one answers, and nothing of a pupil is told.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Event
from typing import Any

import pytest
from support.bad_plugins import AT_START, GOOD, NUMBER, WHEN_CALLED, write
from support.chain import ACCOUNT, Chain, School, wait_for_port
from support.dossiers import NUMBERS
from support.processes import below
from urllib3 import PoolManager

from oso_adapter.exchange import jobs
from oso_adapter.exchange.adapter import Adapter, build
from oso_adapter.plugins import PROBLEMS
from oso_adapter.settings import Plugins
from oso_adapter.store import plugin_failures
from oso_adapter.store.models import JobItem
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

    health: the status of the endpoints while plugins misbehaved.
    """

    items: Mapping[str, tuple[str, dict[str, Any]]]
    log: Sequence[Mapping[str, Any]]
    text: str
    remembered: Mapping[str, set[str]]
    health: tuple[int, int]
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
    school.configure(LIMITS.format(names=", ".join(f'"{name}"' for name in names)))
    process = school.start()
    wait_for_port(school.internal, process, school.log)
    bad = ordered(school, adapter, [*WHEN_CALLED, f"{GOOD}-1"])
    health = (public(school), internal(school))
    items = finished(adapter, bad)
    items |= finished(adapter, ordered(school, adapter, [f"{GOOD}-2"]))
    assert process.poll() is None
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
        imported_by={int(line) for line in imported.read_text("ascii").split()},
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


def test_no_endpoint_and_not_the_runner_itself_imports_a_plugin(outcome: Outcome) -> None:
    assert outcome.imported_by
    assert set() == outcome.imported_by & outcome.endpoints


def test_nothing_of_a_pupil_is_told(outcome: Outcome) -> None:
    told = outcome.text + str(outcome.items)
    assert "plugin.problem" in told
    assert all(number not in told for number in (*NUMBERS, NUMBER))

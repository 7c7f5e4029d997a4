"""Making ready asks the OSR whether the schools can fetch it, warns, and is never held up by it."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from support.chain import ACCOUNT, Chain, School, free_ports
from support.dossiers import NUMBERS, dossier
from support.fetching import TestClock

from oso_adapter.clock import school_date, utc_now
from oso_adapter.exchange import prepare
from oso_adapter.exchange.adapter import Adapter, build
from oso_adapter.exchange.destinations import LIMIT, THREAD, Destinations
from oso_adapter.identifiers import Brin, RoutingId
from oso_adapter.simulator import seed

BY = ("--administration", "99AA", "--account", ACCOUNT)


@pytest.fixture(scope="module")
def po(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    """A school with one pupil whose dossier was seen, and an OSR that answers."""
    chain = Chain.create(tmp_path_factory.mktemp("destinations"))
    try:
        chain.start("osr")
        school = chain.add_school("99AA")
        file = school.folder / "P-1.xml"
        file.write_bytes(dossier(NUMBERS[0]))
        assert 0 == school.cli("dossier", "put", str(file), *BY).exit_code
        seen = ("--on", "2025-03-02", "--akkoord", "Ja")
        assert 0 == school.cli("dossier", "inzage", "P-1", *seen, *BY).exit_code
        yield school
    finally:
        chain.stop()


def endpoint(school: School, brin: str, *, start: date, end: date | None = None) -> None:
    state, routing_id = school.chain.state, RoutingId.of_school(Brin(brin), 1)
    seed.add_school(state, Brin(brin), f"School {brin}", "VO")
    token = seed.add_mandate(state, Brin(brin), school.oin)
    seed.add_endpoint(state, token, routing_id, school.url, start=start, end=end)


def told(school: School, *brins: str) -> dict[str, str]:
    """Rule and message of what making ready says of the OSR; the dossier is ready all the same."""
    destinations = [word for brin in brins for word in ("--for", brin)]
    done = school.cli("dossier", "ready", "P-1", *destinations, *BY, "--format", "json")
    assert 0 == done.exit_code, done.output
    [row] = json.loads(done.stdout)
    assert "klaargezet" == row["stand"]
    return {f["rule"]: f["message"] for f in row["bevindingen"] if f["rule"].startswith("OSR.")}


def test_a_school_that_is_connected_gives_no_warning(po: School) -> None:
    endpoint(po, "99BB", start=date(2022, 8, 15))
    assert {} == told(po, "99BB")


def test_a_school_that_the_register_does_not_know(po: School) -> None:
    assert {"OSR.school": "Het OSR kent geen school met BRIN 98ZZ (meer)."} == told(po, "98ZZ")


def test_a_school_whose_connection_has_ended_or_never_was(po: School) -> None:
    endpoint(po, "99CC", start=date(2022, 8, 15), end=date(2024, 7, 31))
    seed.add_school(po.chain.state, Brin("99DD"), "School", "VO")
    for brin in ("99CC", "99DD"):
        text = (
            f"School {brin} is niet (meer) aangesloten op OSO en kan het dossier zo niet ophalen."
        )
        assert {"OSR.endpoint": text} == told(po, brin)


def test_a_school_that_is_connected_later(po: School) -> None:
    start = school_date(utc_now()) + timedelta(days=40)
    endpoint(po, "99EE", start=start)
    text = f"School 99EE kan het dossier pas ophalen vanaf {start:%d-%m-%Y}."
    assert {"OSR.later": text} == told(po, "99EE")


def test_each_school_has_its_own_warning(po: School) -> None:
    endpoint(po, "99BB", start=date(2022, 8, 15))
    seed.add_school(po.chain.state, Brin("99DD"), "School", "VO")
    assert {"OSR.school", "OSR.endpoint"} == set(told(po, "99BB", "98ZZ", "99DD"))


def test_at_the_pace_of_the_register_every_school_is_still_checked(
    po: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two schools are four readings, which together take longer than the OSR gets for one."""
    monkeypatch.setenv("OSO_CHAIN__OSR_READ_INTERVAL", str(LIMIT / 2.8))
    endpoint(po, "99BB", start=date(2022, 8, 15))
    assert {"OSR.school"} == set(told(po, "98ZZ", "99BB"))


def test_who_makes_ready_does_not_wait_for_ever_and_hears_the_rest_next_time(po: School) -> None:
    adapter = po.adapter()
    destinations = Destinations(adapter.osr, adapter.clock, pace=0, longest=0)
    assert ["OSR.onbereikbaar"] == [f.rule for f in destinations.findings([Brin("98ZZ")])]
    for thread in threading.enumerate():
        if thread.name == THREAD:
            thread.join(10)
    assert ["OSR.school"] == [f.rule for f in destinations.findings([Brin("98ZZ")])]


def made_ready(school: School, adapter: Adapter) -> tuple[set[str], float]:
    """The rules told about the OSR, and the seconds that it took."""
    begun = time.monotonic()
    administration = school.administration(adapter)
    outcome = prepare.make_ready(adapter, administration, ACCOUNT, "P-1", [Brin("99BB")])
    rules = {f.rule for f in outcome.findings if f.rule.startswith("OSR.")}
    return rules, time.monotonic() - begun


def test_an_osr_that_is_down_is_one_warning(po: School, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSO_CHAIN__OSR_URL", f"https://localhost:{free_ports(1)[0]}/api/v2")
    assert {"OSR.onbereikbaar"} == set(told(po, "99BB", "99CC"))


def test_an_osr_that_does_not_answer_holds_up_once_and_shortly(po: School) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:  # accepts, and says nothing
        url = f"https://localhost:{listener.getsockname()[1]}/api/v2"
        settings = po.settings()
        adapter = build(replace(settings, chain=replace(settings.chain, osr_url=url)))
        po.adapters.append(adapter)
        first, took = made_ready(po, adapter)
        assert ({"OSR.onbereikbaar"}, True) == (first, LIMIT <= took < LIMIT + 2)
        second, took = made_ready(po, adapter)
        assert ({"OSR.onbereikbaar"}, True) == (second, took < LIMIT)


def test_what_the_osr_said_is_believed_for_a_while_and_its_silence_too(po: School) -> None:
    endpoint(po, "99BB", start=date(2022, 8, 15))
    clock = TestClock()
    adapter = po.adapter(clock)
    assert set() == made_ready(po, adapter)[0]
    with po.chain.without("osr"):
        assert set() == made_ready(po, adapter)[0]
        clock.forward(minutes=16)
        assert {"OSR.onbereikbaar"} == made_ready(po, adapter)[0]
    assert {"OSR.onbereikbaar"} == made_ready(po, adapter)[0]
    clock.forward(seconds=61)
    assert set() == made_ready(po, adapter)[0]

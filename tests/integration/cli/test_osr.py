"""Our endpoint in the OSR, against the simulated one."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from support.chain import Chain, School

from oso_adapter.exchange.osr_lease import held
from oso_adapter.identifiers import Brin, RoutingId
from oso_adapter.simulator import seed
from oso_adapter.simulator.register import Endpoint
from oso_adapter.simulator.register import endpoints as registered


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    chain = Chain.create(tmp_path_factory.mktemp("osr"))
    try:
        chain.start("osr")
        yield chain
    finally:
        chain.stop()


def register(school: School, *names: str) -> list[dict[str, Any]]:
    done = school.cli("osr", "register", *names, "--format", "json")
    rows: list[dict[str, Any]] = json.loads(done.stdout)
    assert any(row["fout"] for row in rows) == (done.exit_code == 1)
    return rows


def test_an_endpoint_is_registered_changed_and_left_alone(world: Chain) -> None:
    school = world.add_school("99AA", registered=False)
    assert ["registered"] == [row["resultaat"] for row in register(school)]
    assert ["unchanged"] == [row["resultaat"] for row in register(school, "99AA")]

    moved = school.config.read_text(encoding="utf-8").replace('20200910"\n[int', '20200911"\n[int')
    school.config.write_text(moved, encoding="utf-8")

    assert ["changed"] == [row["resultaat"] for row in register(school)]
    shown = json.loads(school.cli("osr", "show", "99AA", "--format", "json").stdout)
    assert [(school.routing_id, school.url[:-1] + "1")] == [(r["kenmerk"], r["url"]) for r in shown]


def test_nothing_is_registered_beside_a_sync(world: Chain) -> None:
    school = world.add_school("99AB", registered=False)
    adapter = school.adapter()
    with held(adapter):
        beside = school.cli("osr", "register")
    adapter.store.close()

    assert 1 == beside.exit_code
    assert "another osr sync is going on" in beside.stderr
    assert ["registered"] == [row["resultaat"] for row in register(school)]


def test_a_school_is_shown_with_its_mandate(world: Chain) -> None:
    school = world.add_school("99AC", registered=False)

    shown = school.cli("osr", "show", "99AC")

    assert 0 == shown.exit_code, shown.output
    assert "School 99AC (99AC)" in shown.stdout
    assert "mandaat voor ons systeem: ja" in shown.stdout
    assert "De school heeft geen endpoint voor deze dienstversie." in shown.stdout


def test_without_a_mandate_nothing_is_registered_and_the_others_go_on(world: Chain) -> None:
    school = world.add_school("99AD", registered=False)
    school.cli(
        *("administration", "add", "--brin", "99AE", "--routing-id", "0000000700099AE00001"),
        *("--name", "Zonder mandaat", "--tenant", "t"),
    )

    first, second = register(school)

    assert ("registered", None) == (first["resultaat"], first["fout"])
    assert second["resultaat"] is None
    assert "de school heeft ons systeem geen mandaat gegeven in het OSR" == second["fout"]


def add(school: School, brin: str, *more: str) -> RoutingId:
    """Another administration of the school's adapter; gives its routeringskenmerk."""
    routing_id = RoutingId.of_school(Brin(brin), 1)
    done = school.cli(
        *("administration", "add", "--brin", brin, "--routing-id", routing_id),
        *("--name", f"School {brin}", "--tenant", "t", *more),
    )
    assert 0 == done.exit_code, done.output
    return routing_id


def test_a_school_that_does_not_take_part_today_is_reported_and_left_alone(world: Chain) -> None:
    school = world.add_school("99AF", registered=False)
    school.cli("administration", "end", "99AF", "--on", "2024-07-31")
    later = add(school, "99AG", "--from", "2999-08-01")

    rows = register(school)

    assert ["ended", "not begun"] == [row["resultaat"] for row in rows]
    assert later == rows[1]["kenmerk"]
    assert [] == endpoints(world, school.routing_id)


def test_an_endpoint_of_another_kind_is_changed(world: Chain) -> None:
    school = world.add_school("99AH", registered=False)
    token = seed.add_mandate(world.state, school.brin, school.oin)
    seed.add_endpoint(world.state, token, school.routing_id, school.url, attributes="RIS")

    assert ["changed"] == [row["resultaat"] for row in register(school)]
    assert ["LAS"] == [endpoint.attributes for endpoint in endpoints(world, school.routing_id)]


def test_an_endpoint_that_begins_later_is_not_registered_twice(world: Chain) -> None:
    school = world.add_school("99AJ", registered=False)
    token = seed.add_mandate(world.state, school.brin, school.oin)
    seed.add_endpoint(world.state, token, school.routing_id, school.url, start=date(2999, 8, 1))

    assert ["unchanged"] == [row["resultaat"] for row in register(school)]
    assert 1 == len(endpoints(world, school.routing_id))


def test_the_endpoint_of_another_system_is_left_alone_and_the_others_go_on(world: Chain) -> None:
    school, other = world.add_school("99AK", registered=False), world.add_school("99AL")
    token = seed.add_mandate(world.state, school.brin, other.oin)
    seed.add_endpoint(world.state, token, school.routing_id, other.url)
    add(school, "99AM")
    seed.add_school(world.state, Brin("99AM"), "School 99AM", "PO")
    seed.add_mandate(world.state, Brin("99AM"), school.oin)

    first, second = register(school)

    assert "this routeringskenmerk is in use by another system" in first["fout"]
    assert "registered" == second["resultaat"]
    assert [other.url] == [endpoint.url for endpoint in endpoints(world, school.routing_id)]


def test_a_school_that_fails_does_not_stop_the_others(world: Chain) -> None:
    school = world.add_school("99AN", registered=False)
    add(school, "99AP")
    seed.add_school(world.state, Brin("99AP"), "School 99AP", "PO")
    seed.add_mandate(world.state, Brin("99AP"), school.oin)
    token = seed.add_mandate(world.state, school.brin, school.oin)
    backwards = {"start": date(2999, 8, 1), "end": date(2020, 8, 1)}
    seed.add_endpoint(world.state, token, school.routing_id, "https://x.example", **backwards)

    first, second = register(school)

    assert first["fout"].startswith("the OSR refused the request (HTTP 400): Validation error")
    assert "registered" == second["resultaat"]


def test_a_refused_key_stops_at_once(world: Chain) -> None:
    school = world.add_school("99AQ", registered=False)
    add(school, "99AR")
    seed.add_supplier(world.state, school.oin, "Systeem", "een andere sleutel")

    done = school.cli("osr", "register", "--format", "json")

    assert 1 == done.exit_code
    (row,) = json.loads(done.stdout)
    assert row["fout"].startswith("the OSR refused the request (HTTP 401)")
    assert "the OSR refused the request (HTTP 401)" in done.stderr


def endpoints(world: Chain, routing_id: RoutingId) -> list[Endpoint]:
    """What is in the register."""
    with world.state.read() as db:
        return [e for e in registered(db) if e.routing_id == routing_id]


def test_a_school_that_the_osr_does_not_know_is_refused_with_the_remedy(world: Chain) -> None:
    done = world.schools[0].cli("osr", "show", "99ZZ")

    assert 1 == done.exit_code
    assert "the OSR does not know 99ZZ; the school corrects that in RIO" in done.stderr


def test_a_silent_osr_ends_with_code_three(school: School) -> None:
    for command in (["register"], ["show", "99AA"]):
        done = school.cli("osr", *command)
        assert 3 == done.exit_code
        assert "could not be reached: refused" in done.stderr

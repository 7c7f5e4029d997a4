"""Our endpoint in the OSR, against the simulated one."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from support.chain import Chain, School


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


def test_a_school_that_the_osr_does_not_know_is_refused_with_the_remedy(world: Chain) -> None:
    done = world.schools[0].cli("osr", "show", "99ZZ")

    assert 1 == done.exit_code
    assert "the OSR does not know 99ZZ; the school corrects that in RIO" in done.stderr


def test_a_silent_osr_ends_with_code_three(school: School) -> None:
    for command in (["register"], ["show", "99AA"]):
        done = school.cli("osr", *command)
        assert 3 == done.exit_code
        assert "could not be reached: refused" in done.stderr

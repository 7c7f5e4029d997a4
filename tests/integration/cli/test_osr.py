"""``oso-adapter osr`` on the command line, against the simulated OSR as a process."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from support.chain import ACCOUNT, Chain, School

from oso_adapter.identifiers import Brin, RoutingId
from oso_adapter.simulator import seed
from oso_adapter.simulator.register import endpoints


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    chain = Chain.create(tmp_path_factory.mktemp("osr"))
    try:
        chain.start("osr")
        yield chain
    finally:
        chain.stop()


def sync(school: School, *options: str) -> tuple[int, dict[str, Any]]:
    done = school.cli("osr", "sync", "--account", ACCOUNT, "--format", "json", *options)
    assert done.exit_code in (0, 1), done.output
    answer: dict[str, Any] = json.loads(done.stdout)
    return done.exit_code, answer


def test_a_trial_prints_the_writes_that_the_run_makes(world: Chain) -> None:
    school = world.add_school("99AA", registered=False)
    code, trial = sync(school, "--dry-run")
    assert (0, 0) == (code, trial["geschreven"])
    [write] = trial["schrijven"]
    assert ("POST", school.routing_id, school.url, "nee") == (
        *(write["schrijf"], write["kenmerk"], write["url"]),
        write["gedaan"],
    )
    with world.state.read() as db:
        assert [] == endpoints(db, brin="99AA")

    _, done = sync(school)

    assert (1, [{**write, "gedaan": "ja"}]) == (done["geschreven"], done["schrijven"])
    nothing = {"geschreven": 0, "schrijven": [], "tegengehouden": [], "opmerkingen": []}
    assert (0, nothing) == sync(school)


def test_the_token_of_a_mandate_is_printed_nowhere(world: Chain) -> None:
    school = world.add_school("99AB", registered=False)
    token = seed.add_mandate(world.state, school.brin, school.oin)

    shown = school.cli("osr", "sync", "--account", ACCOUNT, "--dry-run")

    assert 0 == shown.exit_code, shown.output
    assert school.routing_id in shown.output
    assert token not in shown.output


def test_ending_asks_for_a_number_and_takes_no_other(world: Chain) -> None:
    school = world.add_school("99AC", registered=False)
    sync(school)
    school.cli("administration", "end", "99AC", "--on", "2024-07-31")

    asked = school.cli("osr", "sync", "--account", ACCOUNT)
    assert 1 == asked.exit_code
    assert "Aantal endpoints dat zou eindigen: 1." in asked.stdout
    assert "oso-adapter osr sync --account NAAM --confirm-ending 1" in asked.stdout
    code, held = sync(school, "--confirm-ending", "2")
    assert (1, 0, []) == (code, held["geschreven"], held["schrijven"])
    [ending] = held["tegengehouden"]
    assert ("PUT", school.routing_id) == (ending["schrijf"], ending["kenmerk"])
    assert "Dit wordt niet beëindigd zonder bevestiging:" in asked.stdout
    assert school.routing_id in asked.stdout
    code, done = sync(school, "--confirm-ending", "1")
    assert (0, 1) == (code, done["geschreven"])
    assert [{**ending, "gedaan": "ja"}] == done["schrijven"]


def test_a_connected_school_is_told_so(world: Chain) -> None:
    school = world.add_school("99AD")

    shown = school.cli("osr", "status")

    assert 0 == shown.exit_code, shown.output
    assert "School 99AD is verbonden met kenmerk 0000000700099AD00001.\n" == shown.stdout


def test_without_an_administration_nobody_is_connected(world: Chain) -> None:
    school = world.add_school("99AJ")
    school.cli("administration", "end", "99AJ", "--on", "2024-07-31")
    ended = school.cli("osr", "status")
    assert 1 == ended.exit_code
    assert "is hier geëindigd op 31-07-2024, en is niet verbonden." in ended.stdout


def add(school: School, brin: str, kind: str = "LAS") -> RoutingId:
    routing_id = RoutingId.of_school(Brin(brin), 1)
    done = school.cli(
        *("administration", "add", "--brin", brin, "--routing-id", routing_id, "--kind", kind),
        *("--name", f"School {brin}", "--tenant", "t"),
    )
    assert 0 == done.exit_code, done.output
    return routing_id


def test_a_school_without_a_mandate_is_told_who_clicks_what_where(world: Chain) -> None:
    school = world.add_school("99AE")
    seed.add_school(world.state, Brin("99AF"), "School 99AF", "PO")
    add(school, "99AF", "SWV")

    shown = school.cli("osr", "status", "99AF")

    assert 1 == shown.exit_code
    for words in (
        "School 99AF heeft ons systeem nog geen mandaat voor OSO gegeven.",
        "Wie: school.",
        "OSR-beheerder",
        "eHerkenning met de machtiging Kennisnet beheren",
        "Mijn DUO met de rol OSR-toegang",
        "OSO-OV - OSO Overstap",
        "uitbreiding van de OSO-overeenkomst",
        "support@kennisnet.nl, 0800 321 22 33",
    ):
        assert words in shown.stdout


def test_a_whole_board_is_told_at_once(world: Chain) -> None:
    names = {"99BA": "verbonden", "99BC": "mandaat-later", "99BD": "geen-mandaat"}
    school = world.add_school("99AG")
    for brin in names:
        seed.add_school(world.state, Brin(brin), f"School {brin}", "PO", board="40001")
    seed.add_school(world.state, Brin("99BE"), "School 99BE", "PO", board="40002")
    kenmerk = add(school, "99BA")
    token = seed.add_mandate(world.state, Brin("99BA"), school.oin)
    seed.add_endpoint(world.state, token, kenmerk, school.url)
    add(school, "99BC")
    seed.add_mandate(world.state, Brin("99BC"), school.oin, start=date(2999, 8, 1))

    shown = school.cli("osr", "status", "99BA", "--board", "--format", "json")

    rows = json.loads(shown.stdout)
    assert names == {row["brin"]: row["code"] for row in rows}
    assert [True, False, False] == [row["verbonden"] for row in rows]
    assert 2 == school.cli("osr", "status", "--board").exit_code
    unknown = school.cli("osr", "status", "99ZZ", "--board")
    assert (1, True) == (unknown.exit_code, "does not know the board" in unknown.stderr)


def test_a_school_is_shown_with_its_mandate(world: Chain) -> None:
    school = world.add_school("99AK", registered=False)

    shown = school.cli("osr", "show", "99AK")

    assert 0 == shown.exit_code, shown.output
    assert "School 99AK (99AK)" in shown.stdout
    assert "mandaat voor ons systeem: ja" in shown.stdout
    assert "De school heeft geen endpoint voor deze dienstversie." in shown.stdout


def test_a_school_that_the_osr_does_not_know_is_refused_with_the_remedy(world: Chain) -> None:
    done = world.schools[0].cli("osr", "show", "99ZZ")

    assert 1 == done.exit_code
    assert "the OSR does not know 99ZZ; the school corrects that in RIO" in done.stderr


def test_a_free_kenmerk_is_proposed(world: Chain) -> None:
    school = world.add_school("99AH")

    assert "0000000700099AH00002\n" == school.cli("osr", "propose", "99AH").stdout


def test_a_silent_osr_ends_with_code_three(school: School) -> None:
    for command in (
        ["sync", "--account", ACCOUNT],
        ["status"],
        ["show", "99AA"],
        ["propose", "99AA"],
    ):
        assert 3 == school.cli("osr", *command).exit_code

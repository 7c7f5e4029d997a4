"""Administrations are data: added, imported and ended while the adapter runs."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text
from support.chain import ACCOUNT, School, an_order
from support.dossiers import NUMBERS

from oso_adapter.cli import administration as module
from oso_adapter.errors import NotAllowed
from oso_adapter.exchange.orders import place
from oso_adapter.identifiers import Brin, RoutingId
from oso_adapter.store import administrations, dossiers
from oso_adapter.store.models import Administration

HEAD = "brin,routing_id,kind,name,tenant,valid_from,valid_until"
NEW = RoutingId.of_school(Brin("99AB"), 1)


def listed(school: School) -> dict[str, dict[str, Any]]:
    shown = school.cli("administration", "list", "--format", "json")
    return {row["routing_id"]: row for row in json.loads(shown.stdout)}


def add(school: School, *more: str, brin: str = "99AB", routing_id: str = NEW) -> Any:
    given = ["--brin", brin, "--routing-id", routing_id, "--name", "Nieuw", "--tenant", "t"]
    return school.cli("administration", "add", *given, *more)


def import_(school: School, content: str | bytes) -> Any:
    file = school.folder / "import.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return school.cli("administration", "import", str(file))


def test_an_administration_is_added_listed_and_shown(school: School) -> None:
    done = add(
        school, "--kind", "RIS", "--sector", "SO", "--from", "2026-08-01", "--until", "2027-07-31"
    )

    assert (
        0,
        f"{NEW} added; put its endpoint in the OSR: oso-adapter osr sync --account NAAM\n",
    ) == (
        done.exit_code,
        done.stdout,
    )
    expected = {
        "brin": "99AB",
        "routing_id": NEW,
        "kind": "RIS",
        "name": "Nieuw",
        "tenant": "t",
        "valid_from": "2026-08-01",
        "valid_until": "2027-07-31",
        "sector": "SO",
    }
    assert expected == listed(school)[NEW]
    shown = school.cli("administration", "show", "99AB", "--format", "json")
    assert [expected] == json.loads(shown.stdout)


@pytest.mark.parametrize(
    ("brin", "routing_id", "more", "code", "sentence"),
    [
        ("99ab", NEW, (), 2, "a BRIN is two digits and two capitals"),
        ("99AB", "1", (), 2, "a routeringskenmerk is 20 digits and capitals"),
        ("99AC", NEW, (), 1, "belongs to another BRIN"),
        ("99AA", "0000000700099AA00001", (), 1, "is already there"),
        ("99AB", NEW, ("--name", " "), 2, "'--name': it is empty"),
        ("99AB", NEW, ("--tenant", ""), 2, "'--tenant': it is empty"),
        ("99AB", NEW, ("--kind", "LMS"), 2, "is not one of 'LAS', 'RIS', 'SWV'"),
        ("99AB", NEW, ("--from", "01-08-2026"), 2, "a date is written as 2026-07-31"),
        ("99AB", NEW, ("--from", "2026-08-01", "--until", "2026-07-31"), 1, "the last day lies"),
        ("12SS", "0000000700012SS00001", (), 2, "environment simulation: 12SS is no test BRIN"),
    ],
)
def test_a_wrong_administration_is_refused_with_the_reason(
    brin: str, routing_id: str, more: tuple[str, ...], code: int, sentence: str, school: School
) -> None:
    done = add(school, *more, brin=brin, routing_id=routing_id)

    assert code == done.exit_code
    assert sentence in done.stderr
    assert {"0000000700099AA00001"} == set(listed(school))


def test_an_adapter_that_runs_knows_a_new_administration_at_once(school: School) -> None:
    adapter = school.adapter()
    with adapter.store.reading() as session:
        assert administrations.by_routing_id(session, NEW) is None

    add(school, "--from", "2020-08-01")

    with adapter.store.reading() as session:
        found = administrations.named(session, "99AB")
    assert 1 == len(place(adapter, found, ACCOUNT, [an_order(NUMBERS[0])]))


def test_an_administration_that_ended_orders_no_more_without_a_restart(school: School) -> None:
    adapter = school.adapter(lambda: datetime(2026, 8, 1, 0, 0, tzinfo=UTC))
    with adapter.store.reading() as session:
        before = administrations.named(session, "99AA")
    place(adapter, before, ACCOUNT, [an_order(NUMBERS[0])])

    done = school.cli("administration", "end", "99AA", "--on", "2026-07-31")

    assert (0, "0000000700099AA00001 takes part until and including 2026-07-31\n") == (
        done.exit_code,
        done.stdout,
    )
    with adapter.store.reading() as session:
        after = administrations.named(session, "99AA")
    with pytest.raises(NotAllowed, match="does not take part today"):
        place(adapter, after, ACCOUNT, [an_order(NUMBERS[1])])


def test_an_administration_does_not_end_before_it_began(school: School) -> None:
    done = school.cli("administration", "end", "99AA", "--on", "2020-07-31")

    assert 1 == done.exit_code
    assert listed(school)["0000000700099AA00001"]["valid_until"] is None


@pytest.mark.parametrize("command", [["show"], ["end", "--on", "2026-07-31"]])
def test_an_unknown_administration_is_refused_with_the_way_to_see_them(
    command: list[str], school: School
) -> None:
    done = school.cli("administration", *command, "99ZZ")

    assert 1 == done.exit_code
    assert "there is no such administration; see: oso-adapter administration list" in done.stderr


def test_a_brin_with_several_administrations_has_to_be_named_in_full(school: School) -> None:
    add(school, brin="99AA", routing_id="0000000700099AA00002")

    done = school.cli("administration", "show", "99AA")

    assert 1 == done.exit_code
    assert "99AA has several administrations; name the routeringskenmerk" in done.stderr


def test_adding_and_ending_are_recorded(school: School) -> None:
    add(school)
    school.cli("administration", "end", "99AB", "--on", "2030-07-31")

    with school.adapter().store.reading() as session:
        names = session.execute(text("select name from events order by id")).scalars().all()
    assert ["administration.added", "administration.ended"] == names


# import


@pytest.mark.parametrize("separator", [",", ";"])
@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_list_is_imported_as_a_spreadsheet_writes_it(
    separator: str, start: bytes, end: str, school: School
) -> None:
    lines = [HEAD, f"99AB,{NEW},LAS,Een,t,2026-08-01,", f" 99AB ,{NEW[:-1]}2,,Twee,t,,", ",,,,,,"]

    done = import_(school, start + end.join(lines).replace(",", separator).encode())

    assert (0, "2 administrations added\n") == (done.exit_code, done.stdout), done.stderr
    assert ["School 99AA", "Een", "Twee"] == [row["name"] for row in listed(school).values()]
    assert "2026-08-01" == listed(school)[NEW]["valid_from"]
    assert "LAS" == listed(school)[NEW[:-1] + "2"]["kind"]


def test_a_list_with_nothing_but_a_heading_is_wrong_use(school: School) -> None:
    done = import_(school, f"{HEAD}\n")

    assert 2 == done.exit_code
    assert "there are no administrations in the file" in done.stderr


def test_columns_that_may_be_absent_may_be(school: School) -> None:
    done = import_(school, f'tenant,name,routing_id,brin\nt,"Een, twee",{NEW},99AB')

    assert 0 == done.exit_code, done.stderr
    assert "Een, twee" == listed(school)[NEW]["name"]


@pytest.mark.parametrize(
    ("line", "code", "sentence"),
    [
        ("99ab,{id},LAS,Marker,t,,", 1, "line 3: a BRIN is two digits"),
        ("12SS,0000000700012SS00001,LAS,Marker,t,,", 1, "line 3: environment simulation: 12SS"),
        ("99AB,Marker,LAS,Marker,t,,", 1, "line 3: a routeringskenmerk is 20"),
        ("99AB,{id},LMS,Marker,t,,", 1, "line 3: kind is one of LAS, RIS, SWV"),
        ("99AB,{id},LAS,Marker,t,1-8-2026,", 1, "line 3: a date is written as 2026-08-01"),
        ("99AB,{new},LAS,Marker,t,,", 1, "is already there"),
        ("99AB,{id},LAS,,t,,", 2, "line 3: name is missing"),
        ("99AB", 2, "line 3: routing_id is missing"),
        ("99AB,{id},LAS,Marker,t,,,,", 2, "line 3: there are more values than columns"),
        ('99AB,{id},LAS,"Marker"x,t,,', 2, "line 3: this is not CSV"),
    ],
)
def test_one_wrong_line_is_named_and_nothing_is_added(
    line: str, code: int, sentence: str, school: School
) -> None:
    wrong = line.format(id="0000000700099AB00002", new=NEW)

    done = import_(school, f"{HEAD}\n99AB,{NEW},LAS,Een,t,,\n{wrong}\n")

    assert code == done.exit_code
    assert sentence in done.stderr
    assert "Marker" not in done.output
    assert {"0000000700099AA00001"} == set(listed(school))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "line 1 must name the columns"),
        ("brin,name,tenant\n", "missing: routing_id"),
        (f"{HEAD}\n99AB,{NEW},LAS,Café,t,,".encode("latin-1"), "the file is not UTF-8"),
    ],
)
def test_what_is_no_list_of_administrations_is_wrong_use(
    content: str | bytes, sentence: str, school: School
) -> None:
    done = import_(school, content)

    assert 2 == done.exit_code
    assert sentence in done.stderr


def test_three_thousand_administrations_are_imported_and_found_through_an_index(
    school: School,
) -> None:
    adapter = school.adapter()
    brins = [f"99{a}{b}" for a in "ABCDEFGHIJ" for b in "ABCDEFGHIJ"]
    rows = [
        f"{brin},{RoutingId.of_school(Brin(brin), serial)},LAS,School {brin},t,2020-08-01,"
        for brin in brins
        for serial in range(100, 130)
    ]
    done = import_(school, "\n".join([HEAD, *rows]))
    assert (0, "3000 administrations added\n") == (done.exit_code, done.stdout), done.stderr

    statements: list[tuple[str, Any]] = []
    engine = adapter.store.engine()

    def remember(_c: object, _u: object, statement: str, values: Any, *_: object) -> None:
        if statement.startswith("SELECT"):
            statements.append((statement, values))

    event.listen(engine, "before_cursor_execute", remember)
    with adapter.store.reading() as session:
        found = administrations.by_routing_id(session, "0000000700099JJ00129")
        assert found is not None
        dossiers.candidates(session, found.id, b"fragment")
    event.remove(engine, "before_cursor_execute", remember)

    assert 2 == len(statements)
    with engine.connect() as connection:
        for statement, values in statements:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
            steps = [row[-1] for row in plan]
            assert steps[0].startswith("SEARCH ")
            assert "INDEX" in steps[0]
            assert not any(step.startswith("SCAN") for step in steps)


# which schools take part is decided by the environment


def test_a_store_with_a_school_of_another_environment_is_refused_at_the_start(
    school: School,
) -> None:
    with school.adapter().store.writing() as session:
        session.add(
            Administration(
                brin="12SS",
                routing_id="0000000700012SS00001",
                kind="LAS",
                name="Echt",
                tenant="t",
                valid_from=date(2020, 8, 1),
            )
        )

    for command in (["serve", "--only", "public"], ["config", "check"]):
        done = school.cli(*command)
        assert 2 == done.exit_code
        assert "environment simulation: 12SS is no test BRIN" in done.stderr


def test_every_column_of_the_import_is_in_the_help(tmp_path: Path) -> None:
    assert module.import_.help is not None
    assert all(column in module.import_.help for column in module.COLUMNS)


def test_the_sector_of_an_administration_is_changed(school: School, put: Any) -> None:
    put()
    changed = school.cli("administration", "sector", "99AA", "VO")

    assert (0, f"{school.routing_id} is a school of the sector VO\n") == (
        changed.exit_code,
        changed.stdout,
    )
    assert "1 prepared dossiers do not fit it" in changed.stderr
    assert "VO" == listed(school)[school.routing_id]["sector"]
    by = ("--administration", "99AA", "--account", ACCOUNT)
    refused = school.cli("dossier", "collect", "P-2", "--profile", "POVO", *by)
    assert 1 == refused.exit_code
    assert "het profiel POVO past niet bij een school van de sector VO" in refused.stderr
    with school.adapter().store.reading() as session:
        query = text("select result from events where name = 'administration.changed'")
        assert ["VO"] == list(session.scalars(query))

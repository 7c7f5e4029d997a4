"""The check: of the mapping alone, of the columns, and of the pupils per profile."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from oso_sql import check, reading
from oso_sql import database as databases
from oso_sql.fitting import Problem
from oso_sql.mapping import SqlMapping
from oso_sql.parameters import given

from oso_adapter.hookspecs import AdministrationRef

Write = Callable[..., Path]
SCHOOL = AdministrationRef("99AA", "", "LAS", "", "")
DAY = date(2027, 5, 12)
PUPIL = "/dossier/huidigeschool/leerling"


def of_file(path: Path, profile: str = "POVO") -> dict[str, Problem]:
    return {each.path: each for each in check.of_file(reading.read(path), [profile])}


def test_what_the_standard_asks_for_and_the_mapping_lacks_is_told_per_profile(
    write: Write,
) -> None:
    path = write(('{ naam = { value = "De Eik" }, ', "{ "), ('achternaam = "surname"\ng', "g"))
    found = of_file(path)
    assert "this element has to be there" == found["/dossier/huidigeschool/naam"].reason
    assert "POVO" == found["/dossier/huidigeschool/naam"].profile
    assert "error" == found[f"{PUPIL}/achternaam"].severity
    assert "cat_overstapadvies has to be there" == found[f"{PUPIL}/overstapadvies"].reason
    assert f"{PUPIL}/overstapadvies" not in of_file(path, "BB")


def test_a_choice_of_which_nothing_is_mapped_is_told(write: Write) -> None:
    block = '\n[[blocks]]\npath = "huidigeschool/leerling/resultaatvakkenvo"\nrows = "years"\n'
    path = write()
    path.write_text(f'{path.read_text()}{block}fields = {{ vakcode = "form" }}\n')
    reasons = [
        each.reason
        for each in check.of_file(reading.read(path), ["VOVO"])
        if "resultaatvakkenvo" in each.path
    ]
    assert any(reason.startswith("one of ") for reason in reasons)


@pytest.mark.parametrize(
    ("element", "reason", "old", "new"),
    [
        ("geslacht", "7 is not in code list", 'm = "1"', 'm = "7"'),
        (
            "adresgeheim",
            "x is not of the type boolean",
            'true = "J", false = "N" }\nverz',
            'codes = { J = "x" } }\nverz',
        ),
        (
            "achternaam",
            "date is for a date",
            '"surname"\ng',
            '{ column = "surname", date = "%d" }\ng',
        ),
        (
            "achternaam",
            "packed is for the content",
            '"surname"\ng',
            '{ column = "surname", packed = "f" }\ng',
        ),
        (
            "geboortedatum",
            "the constant is not of the type date",
            '{ column = "born", date = "%d-%m-%Y" }',
            '{ value = "x" }',
        ),
        (
            "geslacht",
            "the constant is not in code list",
            '{ column = "sex", codes = "sex" }',
            "{ value = 7 }",
        ),
    ],
)
def test_what_a_mapping_gives_and_the_standard_does_not_take_is_told(
    write: Write, element: str, reason: str, old: str, new: str
) -> None:
    found = of_file(write((old, new)))[f"{PUPIL}/{element}"]
    assert (True, None, 0) == (reason in found.reason, found.profile, found.pupils)


def columns(path: Path, database_file: Path) -> list[tuple[str, str]]:
    mapping = reading.read(path)
    told = given(mapping, "A1", "POVO", SCHOOL, DAY)
    with databases.reading(f"sqlite:///{database_file}") as connection:
        found = check.columns(connection, mapping, told)
    return [(each.path, each.reason) for each in found]


def test_a_column_that_is_not_there_is_told_also_without_rows(write: Write, database: Path) -> None:
    assert [] == columns(write(), database)
    wrong = write(('jaargroep = "form"', 'jaargroep = "class"'))
    place = f"{PUPIL}/schoolloopbaanlijst/schoolloopbaan"
    assert [(place, "its rows have no column class")] == columns(wrong, database)


def test_a_parameter_that_nothing_gives_is_told(write: Write, database: Path) -> None:
    wrong = write(("FROM years WHERE pupil = :id", "FROM years WHERE pupil = :nr"))
    assert [("queries.years", "nothing gives :nr")] == columns(wrong, database)


@pytest.mark.parametrize(
    ("problem", "old", "new"),
    [
        (("table parents", "it is not there"), 'table = "carers"', 'table = "parents"'),
        (
            ("table carers", "it has no column nr"),
            'rows = "carers"\ntable = "carers"\nnumber = "no"',
            'rows = "carers"\ntable = "carers"\nnumber = "nr"',
        ),
        (("table taken", "it has no column why"), 'reason = "reason"', 'reason = "why"'),
        (("table pupils", "it has no column status"), "update = { state", "update = { status"),
    ],
)
def test_a_table_that_taking_over_cannot_write_is_told(
    write: Write, database: Path, problem: tuple[str, str], old: str, new: str
) -> None:
    mapping = reading.read(write((old, new)))
    with databases.reading(f"sqlite:///{database}") as connection:
        found = check.tables(connection, mapping)
    assert [problem] == [(each.path, each.reason) for each in found]


def test_what_is_wrong_with_pupils_is_counted_and_not_quoted(
    mapping: SqlMapping, database: Path
) -> None:

    with databases.reading(f"sqlite:///{database}") as connection:
        told = given(mapping, "", "POVO", SCHOOL, DAY)
        pupils = check.some(connection, mapping, told, 100)
        found = check.of_pupils(connection, mapping, SCHOOL, pupils, "POVO", DAY)
    assert ["A1", "A2", "A3"] == pupils
    by_path = {each.path: each for each in found}
    assert ("the code is not in the table", 1) == (
        by_path[f"{PUPIL}/geslacht"].reason,
        by_path[f"{PUPIL}/geslacht"].pupils,
    )
    assert 3 == max(each.pupils for each in found)
    assert not any(word in str(found) for word in ("31-02", "Vos", "999000"))


def test_a_sample_is_spread_over_all_pupils(mapping: SqlMapping, database: Path) -> None:

    with databases.reading(f"sqlite:///{database}") as connection:
        told = given(mapping, "", "POVO", SCHOOL, DAY)
        assert ["A1", "A3"] == check.some(connection, mapping, told, 2)

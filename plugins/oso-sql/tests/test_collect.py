"""What is collected: local forms, lists, documents; and what is refused without a value."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from oso_sql import database as databases
from oso_sql import plugin
from oso_sql.database import DatabaseTrouble
from oso_sql.mapping import WrongValue
from oso_sql.parameters import UnknownProfile
from sqlalchemy import text

from oso_adapter.hookspecs import HookContext

Collect = Callable[..., dict[str, Any]]
Write = Callable[..., Path]

NOTHING_ODD = (
    ('{ column = "born", date = "%d-%m-%Y" }', '{ value = "x" }'),
    ('{ column = "secret", true = "J", false = "N" }', "{ value = true }"),
    ('{ column = "sex", codes = "sex" }', '{ value = "0" }'),
)
CONTENT = 'bestandsinhoud = "content"'


def test_local_forms_become_those_of_the_standard(collect: Collect) -> None:
    pupil = collect()
    assert (date(2015, 1, 31), date(2019, 8, 1)) == (
        pupil["geboortedatum"],
        pupil["datuminschrijving"],
    )
    assert (False, True) == (pupil["adresgeheim"], pupil["verzorgersaansprakelijk"])
    assert (["Ada", "Bea"], 2) == (pupil["voornaam"], pupil["geslacht"])


def test_many_rows_become_a_list_in_the_order_of_the_query(collect: Collect) -> None:
    pupil = collect()
    assert ["Beer", "Vos"] == [carer["achternaam"] for carer in pupil["verzorger"]]
    years = pupil["schoolloopbaanlijst"]["schoolloopbaan"]
    assert [{"schooljaar": "2025-2026", "jaargroep": "7"}] == years[:1]
    assert "verzorger" not in collect(*NOTHING_ODD, pupil="A3")


def test_what_a_profile_forbids_is_not_collected(collect: Collect) -> None:
    change = ('bsn = "bsn"\n', 'bsn = "bsn"\nvanpeuterspeelzaal = { value = true }\n')
    assert "vanpeuterspeelzaal" in collect(change, profile="POPO")
    assert "vanpeuterspeelzaal" not in collect(change, profile="POVO")


@pytest.mark.parametrize("profile", ["POSWV", "no such"])
def test_a_profile_without_a_personal_number_is_refused(collect: Collect, profile: str) -> None:
    with pytest.raises(UnknownProfile):
        collect(profile=profile)


@pytest.mark.parametrize(
    ("column", "element"),
    [("sex", "geslacht"), ("secret", "adresgeheim"), ("born", "geboortedatum")],
)
def test_a_value_without_a_counterpart_is_told_by_its_place_alone(
    collect: Collect, column: str, element: str
) -> None:
    others = [change for change in NOTHING_ODD if f'"{column}"' not in change[0]]
    with pytest.raises(WrongValue) as caught:
        collect(*others, pupil="A3")
    assert f"/dossier/huidigeschool/leerling/{element}" == caught.value.path
    assert not any(word in str(caught.value) for word in ("?", "31-02", "'x'"))


def test_several_rows_for_one_place_are_told(collect: Collect) -> None:
    change = ("schoolloopbaanlijst/schoolloopbaan", "overstapadvies")
    fields = ('{ schooljaar = "year", jaargroep = "form" }', '{ advies = "form" }')
    with pytest.raises(WrongValue, match="overstapadvies: there are more rows"):
        collect(change, fields)


def test_a_document_comes_from_a_column(collect: Collect) -> None:
    (paper,) = collect()["overigdocumentlijst"]["document"]
    assert {"bestandsnaam": "plan.pdf", "bestandsinhoud": b"%PDF-1"} == paper


@pytest.fixture
def share(tmp_path: Path, database: Path) -> Callable[[str], None]:
    """A file share; the given name is put in the column."""
    (tmp_path / "files" / "one").mkdir(parents=True)
    (tmp_path / "files" / "one" / "plan.pdf").write_bytes(b"%PDF-2")
    (tmp_path / "outside.pdf").write_bytes(b"%PDF-3")
    (tmp_path / "files" / "link.pdf").symlink_to(tmp_path / "outside.pdf")

    def call(name: str) -> None:
        with sqlite3.connect(database) as connection:
            connection.execute("UPDATE papers SET path = ?", (name,))
        connection.close()

    return call


SHARED = (CONTENT, 'bestandsinhoud = { column = "path", folder = "files", store = "content" }')


@pytest.mark.parametrize("name", ["one/plan.pdf", "one\\plan.pdf", "./one/plan.pdf"])
def test_a_document_comes_from_a_file_share(
    collect: Collect, share: Callable[[str], None], tmp_path: Path, name: str
) -> None:
    share(name)
    (paper,) = collect(SHARED)["overigdocumentlijst"]["document"]
    assert tmp_path / "files" / "one" / "plan.pdf" == paper["bestandsinhoud"]


@pytest.mark.parametrize(
    "name",
    ["../outside.pdf", "one/../../outside.pdf", "link.pdf", "/etc/passwd", "one", "no", "\0"],
)
def test_a_path_that_leads_out_of_the_share_is_refused(
    collect: Collect, share: Callable[[str], None], name: str
) -> None:
    share(name)
    with pytest.raises(WrongValue, match="bestandsinhoud: the file is not on the share"):
        collect(SHARED)


def test_parameters_are_bound_and_never_part_of_the_text(
    write: Write, told: HookContext, database: Path
) -> None:
    write()
    assert plugin.oso_collect_dossier(told, "A1' OR '1'='1", "POVO") is None
    assert plugin.oso_collect_dossier(told, "'; DROP TABLE pupils; --", "POVO") is None
    assert plugin.oso_collect_dossier(told, "A1", "POVO") is not None


@pytest.mark.parametrize(
    "sql",
    ["DELETE FROM pupils RETURNING *", "INSERT INTO taken VALUES ('1', 'x', 'y') RETURNING *"],
)
def test_the_session_for_collecting_cannot_write(database: Path, sql: str) -> None:
    before = database.read_bytes()
    with (
        pytest.raises(DatabaseTrouble),
        databases.reading(f"sqlite:///{database}") as connection,
    ):
        connection.execute(text(sql)).all()
    assert before == database.read_bytes()


def test_trouble_with_the_database_is_told_by_place_and_kind(
    collect: Collect, database: Path
) -> None:
    wrong = ("SELECT * FROM carers WHERE pupil = :id", "SELECT nr FROM carers WHERE pupil = :id")
    with pytest.raises(DatabaseTrouble) as caught:
        collect(wrong)
    assert str(caught.value).startswith("queries.carers gave OperationalError; see that")


def test_a_query_that_asks_for_what_nothing_gives_is_told(collect: Collect) -> None:
    wrong = ("FROM carers WHERE pupil = :id", "FROM carers WHERE pupil = :nr")
    with pytest.raises(DatabaseTrouble, match=r"queries\.carers gave no value for :nr"):
        collect(wrong)


def test_a_column_that_no_query_gives_is_told(collect: Collect) -> None:
    with pytest.raises(WrongValue, match="verzorger: no query gives the column 'name'"):
        collect(('{ achternaam = "surname", v', '{ achternaam = "name", v'))


def test_the_address_may_come_from_the_environment(
    write: Write, told: HookContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    write()
    section = dict(told.settings("oso-sql"))
    monkeypatch.setenv("OSO_SQL_DATABASE", section.pop("database"))
    found = plugin.oso_collect_dossier(replace(told, sections={"oso-sql": section}), "A1", "POVO")
    assert found is not None


def test_its_settings_are_judged_when_it_is_loaded() -> None:
    judged = plugin.OSO_SETTINGS().validate({"database": "sqlite://", "maping": "x"})
    assert {"mapping", "maping"} == judged.keys()


def test_without_a_mapping_the_configuration_is_named(told: HookContext) -> None:
    with pytest.raises(plugin.NotConfigured, match=r"\[plugins.oso-sql\] has no mapping"):
        plugin.oso_collect_dossier(replace(told, sections={}), "A1", "POVO")
    section = {"oso-sql": {"mapping": "none.toml", "database": "sqlite://"}}
    with pytest.raises(plugin.NotConfigured, match=r"mapping: there is no file none.toml"):
        plugin.oso_collect_dossier(replace(told, sections=section), "A1", "POVO")


@pytest.mark.parametrize(
    ("unless", "out"),
    [
        ('"secret"', None),
        ('{ column = "secret", true = "N", false = "J" }', True),
        ('{ column = "secret", true = "J", false = "N" }', False),
    ],
)
def test_a_block_stays_out_by_a_boolean_of_any_form_and_never_by_a_guess(
    collect: Collect, unless: str, out: bool | None
) -> None:
    change = ('rows = "carers"', f'rows = "carers"\nunless = {unless}')
    if out is None:
        with pytest.raises(WrongValue, match="is not yes or no"):
            collect(change)
    else:
        assert out is ("verzorger" not in collect(change))


def test_an_empty_former_number_is_none(collect: Collect, write: Write, told: HookContext) -> None:
    write(
        ("[queries]", "[queries]\nold = \"SELECT NULL AS nr UNION ALL SELECT '111222333 '\""),
        ("\nlist =", '\nformer = { rows = "old", column = "nr" }\nlist ='),
    )
    found = plugin.oso_collect_dossier(told, "A1", "POVO")
    assert found is not None
    assert ("111222333",) == found.former_numbers

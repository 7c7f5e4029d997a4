"""Taking over in one transaction, once; and a dry run, which shows and keeps nothing."""

import sqlite3
from collections.abc import Callable
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from oso_sql import difference, plugin, reading
from oso_sql.database import DatabaseTrouble
from oso_sql.difference import Change
from oso_sql.mapping import MappingRefused
from oso_sql.parameters import given
from oso_sql.taking import Received

from oso_adapter.hookspecs import HookContext, ImportAnswer, ReceivedDossier

Write = Callable[..., Path]
Rows = Callable[[str], list[tuple[Any, ...]]]
TakeOver = Callable[..., ImportAnswer | None]

DOSSIER: dict[str, Any] = {
    "huidigeschool": {
        "naam": "Elders",
        "leerling": {
            "voornaam": ["Eva", "Fay"],
            "achternaam": "Mus",
            "geslacht": 2,
            "geboortedatum": date(2015, 3, 4),
            "adresgeheim": False,
            "bsn": "999000047",
            "leerlingid": "X9",
            "verzorger": [{"achternaam": "Mus", "voorletters-1": "A."}, {"achternaam": "Kip"}],
            "overigdocumentlijst": {
                "document": [{"bestandsnaam": "a.pdf", "bestandsinhoud": b"%PDF-4"}]
            },
        },
    }
}


@pytest.fixture
def rows(database: Path) -> Rows:
    """The rows that a query gives now."""

    def call(sql: str) -> list[tuple[Any, ...]]:
        connection = sqlite3.connect(database)
        found = connection.execute(sql).fetchall()
        connection.close()
        return found

    return call


@pytest.fixture
def take_over(write: Write, told: HookContext) -> TakeOver:
    """oso_import_dossier as the host calls it, with changes to the dossier's ``leerling``."""

    def call(received_id: str = "r-1", **changes: Any) -> ImportAnswer | None:
        write()
        dossier = deepcopy(DOSSIER)
        dossier["huidigeschool"]["leerling"].update(changes)
        received = ReceivedDossier(received_id, dossier, b"", "2019.1", "POVO", "99CC")
        return plugin.oso_import_dossier(told, received)

    return call


def test_a_new_pupil_is_written_in_the_forms_of_the_database(
    take_over: TakeOver, rows: Rows
) -> None:
    answer = take_over()
    assert answer is not None
    assert "accepted" == answer.outcome
    assert [
        (4, "N4", "999000047", "Mus", "Eva;Fay", "v", "04-03-2015", None, "N", None, "oso")
    ] == rows("SELECT * FROM pupils WHERE id = 4")
    assert [(1, "Mus", "A."), (2, "Kip", None)] == rows(
        "SELECT no, surname, initials FROM carers WHERE pupil = 4"
    )
    assert [("a.pdf", b"%PDF-4")] == rows("SELECT name, content FROM papers WHERE pupil = 4")


def test_the_same_id_again_changes_nothing(take_over: TakeOver, rows: Rows) -> None:
    take_over()
    again = take_over(achternaam="Spin")
    assert again is not None
    assert "accepted" == again.outcome
    assert [(1,)] == rows("SELECT count(*) FROM pupils WHERE id > 3")
    assert [("r-1", "accepted", None)] == rows("SELECT * FROM taken")


def test_a_newer_dossier_replaces_every_part(take_over: TakeOver, rows: Rows) -> None:
    take_over()
    answer = take_over("r-2", verzorger=[{"achternaam": "Kip"}])
    assert answer is not None
    assert "accepted" == answer.outcome
    assert [("Kip",)] == rows("SELECT surname FROM carers WHERE pupil = 4")
    assert [("Mus",)] == rows("SELECT surname FROM pupils WHERE id > 3")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"bsn": "999000011"}, "andere naam of geboortedatum"),
        (
            {"bsn": "999000011", "achternaam": "vos", "geboortedatum": date(2015, 1, 31)},
            "staat hier al ingeschreven",
        ),
        ({"geslacht": 0}, "Onbekende waarde in geslacht"),
        ({"voornaam": ["a;b"]}, "Onbekende waarde in voornaam"),
    ],
)
def test_what_a_person_has_to_decide_is_postponed_and_nothing_is_written(
    take_over: TakeOver, database: Path, changes: dict[str, Any], reason: str
) -> None:
    before = database.read_bytes()
    answer = take_over(**changes)
    assert answer is not None
    assert "postponed" == answer.outcome
    assert reason in (answer.reason or "")
    assert before == database.read_bytes()


def test_a_failure_half_way_leaves_nothing_behind(
    take_over: TakeOver, database: Path, rows: Rows
) -> None:
    connection = sqlite3.connect(database)
    connection.execute(
        "CREATE TRIGGER no BEFORE INSERT ON papers BEGIN SELECT raise(ABORT, 'Mus'); END"
    )
    connection.commit()
    connection.close()
    with pytest.raises(DatabaseTrouble) as caught:
        take_over()
    assert str(caught.value).startswith("table papers gave IntegrityError; what is written is")
    assert [(0, 0)] == rows(
        "SELECT (SELECT count(*) FROM pupils WHERE id > 3), (SELECT count(*) FROM taken)"
    )


def test_a_column_that_cannot_hold_a_value_is_told_without_it_and_nothing_is_left(
    take_over: TakeOver, database: Path, rows: Rows
) -> None:
    connection = sqlite3.connect(database)
    connection.executescript(
        "DROP TABLE years; CREATE TABLE years (pupil, no, year TEXT, form INT)"
    )
    connection.close()
    career = {"schoolloopbaan": [{"schooljaar": "2026-2027", "jaargroep": "8 Mus"}]}
    answer = take_over(schoolloopbaanlijst=career)
    assert answer is not None
    assert "postponed" == answer.outcome
    assert answer.reason is not None
    assert "Onbekende waarde in form." == answer.reason.partition(" Kies")[0]
    assert [(3, 0)] == rows("SELECT (SELECT count(*) FROM pupils), (SELECT count(*) FROM taken)")


def test_who_cannot_be_compared_is_not_written_over(
    write: Write, told: HookContext, rows: Rows
) -> None:
    write(('geboortedatum = { column = "born", date = "%d-%m-%Y" }\n', ""))
    dossier = deepcopy(DOSSIER)
    dossier["huidigeschool"]["leerling"].update(bsn="999000011", achternaam="Vos")
    received = ReceivedDossier("r-1", dossier, b"", "2019.1", "POVO", "99CC")
    with pytest.raises(MappingRefused, match=r"import\.same: geboortedatum: the block"):
        plugin.oso_import_dossier(told, received)
    assert [(0,)] == rows("SELECT count(*) FROM taken")


def test_without_import_in_the_mapping_another_plugin_is_asked(
    write: Write, told: HookContext
) -> None:
    path = write()
    text = path.read_text()
    start, end = text.index("[import]"), text.index("[[blocks]]")
    path.write_text(text[:start] + text[end:])
    received = ReceivedDossier("r-1", DOSSIER, b"", "2019.1", "POVO", "99CC")
    assert plugin.oso_import_dossier(told, received) is None


def test_a_dry_run_shows_every_change_and_keeps_none(
    take_over: TakeOver, told: HookContext, write: Write, database: Path
) -> None:
    take_over()
    before = database.read_bytes()
    newer = deepcopy(DOSSIER)
    newer["huidigeschool"]["leerling"]["geslacht"] = 1
    newer["huidigeschool"]["leerling"]["verzorger"].pop()
    mapping = reading.read(write())
    assert told.administration is not None
    decision, changes = difference.dry_run(
        f"sqlite:///{database}",
        mapping,
        Received("r-2", newer, "99CC"),
        given(mapping, "", "BB", told.administration, date(2027, 5, 12)),
    )
    pupil = "/dossier/huidigeschool/leerling"
    assert "accepted" == decision.outcome
    assert [
        Change(f"{pupil}/geslacht", 2, 1),
        Change(f"{pupil}/verzorger[2]/achternaam", "Kip", None),
        Change(f"{pupil}/verzorger[2]/adresgeheim", False, None),
    ] == changes
    assert before == database.read_bytes()

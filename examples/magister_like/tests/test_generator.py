import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

from magister_like import database, schema
from magister_like.generator import MARKER_PREFIX, Generated, generate
from magister_like.record import Record
from sqlalchemy import select

from oso_adapter.clock import school_date, utc_now
from oso_adapter.identifiers import Pgn

Records = Callable[[Path], list[Record]]


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def test_the_same_seed_and_day_give_the_same_schools(
    schools: Generated, tmp_path: Path, today: date
) -> None:
    again = generate(tmp_path, today=today)
    assert dump(schools.po) == dump(again.po)
    assert dump(schools.vo) == dump(again.vo)
    assert schools.markers == again.markers


def test_another_seed_gives_other_pupils(schools: Generated, tmp_path: Path, today: date) -> None:
    assert schools.markers != generate(tmp_path, seed=2, today=today).markers


def test_there_are_at_least_500_pupils_in_two_schools(schools: Generated, records: Records) -> None:
    po, vo = records(schools.po), records(schools.vo)
    assert len(po) + len(vo) >= 500
    assert min(len(po), len(vo)) > 200


def test_every_number_passes_its_own_11_test_and_is_unique(
    schools: Generated, records: Records
) -> None:
    pupils = [record.main for path in (schools.po, schools.vo) for record in records(path)]
    bsns = [pupil["bsn"] for pupil in pupils if pupil["bsn"]]
    others = [pupil["onderwijsnr"] for pupil in pupils if pupil["onderwijsnr"]]
    assert {"bsn"} == {Pgn(number).kind for number in bsns}
    assert {"onderwijsnummer"} == {Pgn(number).kind for number in others}
    assert len(pupils) == len({*bsns, *others})
    assert any(number.startswith("0") for number in bsns)


def test_no_table_stays_empty(schools: Generated, records: Records) -> None:
    filled = {name for path in (schools.po, schools.vo) for r in records(path) for name in r.parts}
    # `herkomst` is written by an import alone
    assert {table.name for table in schema.PARTS} - {"herkomst"} == filled


def test_the_vo_school_knows_those_who_will_come(schools: Generated, records: Records) -> None:
    leaving = database.leavers(schools.po)
    by_code = {record.main["leerlingcode"]: record.main for record in records(schools.po)}
    expected = [
        {
            "pgn": by_code[code]["bsn"] or by_code[code]["onderwijsnr"],
            "achternaam": by_code[code]["achternaam"],
            "geboortedatum": by_code[code]["geboren"],
            "bron_brin": "99AA",
        }
        for code in leaving
    ]
    assert expected == database.intake(schools.vo)
    assert len(leaving) > 25


def test_the_first_25_leavers_hold_the_cases_that_matter(
    schools: Generated, records: Records
) -> None:
    codes = database.leavers(schools.po)[:25]
    demo = [record for record in records(schools.po) if record.main["leerlingcode"] in codes]
    files = [row["inhoud"] for record in demo for row in record.of("document")]
    assert any(len(content) > 12_000_000 for content in files)
    assert any(record.main["geheim_adres"] for record in demo)
    assert any(record.main["onderwijsnr"] for record in demo)
    assert any(record.main["adres_buitenland"] for record in demo)
    assert any(record.of("oud_nummer") for record in demo)
    assert any(len(record.of("verzorger")) > 2 for record in demo)
    assert any(record.of("verzorger", geheim_adres=True) for record in demo)


def test_attachments_are_what_their_names_say(schools: Generated, records: Records) -> None:
    magic = {
        "pdf": b"%PDF-",
        "docx": b"PK\x03\x04",
        "jpg": b"\xff\xd8\xff",
        "png": b"\x89PNG\r\n\x1a\n",
        "txt": b"",
    }
    rows = [row for record in records(schools.po) for row in record.of("document")]
    kinds = {row["bestandsnaam"].rsplit(".", 1)[1] for row in rows}
    assert set(magic) == kinds
    for row in rows:
        assert row["inhoud"].startswith(magic[row["bestandsnaam"].rsplit(".", 1)[1]])


def test_nothing_has_happened_after_the_day_of_the_story(
    schools: Generated, today: date, records: Records
) -> None:
    for path in (schools.po, schools.vo):
        for record in records(path):
            assert record.main["geboren"] < record.main["ingeschreven"] <= today
            for part in ("verzuim", "eindtoets", "toets", "rapport", "diagnose", "examen"):
                assert all(row["datum"] <= today for row in record.of(part))


def test_the_story_is_that_of_the_last_spring_where_no_day_is_given(tmp_path: Path) -> None:
    now = school_date(utc_now())
    taken = schema.metadata.tables["eindtoets"].c.datum
    with database.opened(generate(tmp_path).po) as connection:
        days = set(connection.execute(select(taken)).scalars())
    assert {4} == {day.month for day in days}
    assert all(timedelta(0) < now - day < timedelta(days=400) for day in days)


def test_every_marker_is_unique_and_really_there(marked: Generated) -> None:
    assert len(marked.markers) == len(set(marked.markers))
    words = [marker for marker in marked.markers if not marker.isdigit()]
    assert all(word.startswith(MARKER_PREFIX) and len(word) == 15 for word in words)
    everything = b"".join(path.read_bytes() for path in (marked.po, marked.vo))
    assert len(set(words)) > 20_000
    assert MARKER_PREFIX.encode() in everything
    # a compressed file (DOCX) hides its marker, and a long value may be cut by a page of SQLite
    sample = words[:: len(words) // 300]
    assert sum(word.encode() in everything for word in sample) > 0.9 * len(sample)


def test_without_markers_only_the_numbers_are_listed(schools: Generated) -> None:
    assert all(marker.isdigit() and len(marker) == 9 for marker in schools.markers)


def test_the_answer_does_not_print_numbers(schools: Generated) -> None:
    assert not any(marker in repr(schools) for marker in schools.markers)

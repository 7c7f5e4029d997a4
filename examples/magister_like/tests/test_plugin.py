"""The hooks of the plugin, called as a host would."""

from datetime import date
from typing import Any

import pluggy
import pytest
from magister_like import database, lvs_plugin, plugin, queries
from magister_like.generator import Generated
from magister_like.plugin import DatabaseTrouble
from sqlalchemy import select

from oso_adapter import hookspecs
from oso_adapter.hookspecs import PupilMatch, PupilQuery


def hooks_of(implementation: Any) -> set[str]:
    manager = pluggy.PluginManager(hookspecs.GROUP)
    manager.add_hookspecs(hookspecs)
    manager.register(implementation)
    manager.check_pending()
    return {caller.name for caller in manager.get_hookcallers(implementation) or []}


def test_the_hooks_have_the_signatures_that_the_host_expects() -> None:
    assert {
        "oso_collect_dossier",
        "oso_import_dossier",
        "oso_find_pupils",
        "oso_candidates",
        "oso_known_pupil",
    } == hooks_of(plugin)
    assert {"oso_enrich_dossier"} == hooks_of(lvs_plugin)


def rows(schools: Generated, *columns: str) -> list[Any]:
    table = database.schema.leerling.c
    with database.opened(schools.po) as connection:
        return list(connection.execute(select(*(table[name] for name in columns))))


def found(schools: Generated, told: Any, **query: Any) -> list[str]:
    answer = plugin.oso_find_pupils(told(schools.po, "99AA"), PupilQuery(**query))
    assert answer is not None
    return [pupil.pupil for pupil in answer]


def test_pupils_are_found_by_a_part_of_a_name(schools: Generated, told: Any) -> None:
    code, surname = rows(schools, "leerlingcode", "achternaam")[0]

    assert code in found(schools, told, name=surname[1:4].upper())
    assert [] == found(schools, told, name="%")


def test_pupils_are_found_by_group_destination_and_leaving_date(
    schools: Generated, told: Any
) -> None:
    everyone = found(schools, told, limit=1000)
    leaving = found(schools, told, destination="99BB", limit=1000)
    [one] = plugin.oso_find_pupils(told(schools.po, "99AA"), PupilQuery(limit=1)) or []

    assert (sorted(database.leavers(schools.po)), everyone[:1]) == (sorted(leaving), [one.pupil])
    assert one.pupil in found(schools, told, group=one.group, limit=1000)
    assert set(found(schools, told, leaving_before=date(2000, 1, 1))) == set()


def test_candidates_have_a_number_that_ends_so(schools: Generated, told: Any) -> None:
    code, bsn = next(row for row in rows(schools, "leerlingcode", "bsn") if row[1])

    given = plugin.oso_candidates(told(schools.po, "99AA"), bsn[-4:]) or []

    assert (code, bsn) in [(candidate.pupil, candidate.pgn) for candidate in given]
    assert {bsn[-4:]} == {candidate.pgn[-4:] for candidate in given}


def test_a_former_number_makes_a_candidate_too(schools: Generated) -> None:
    with database.opened(schools.po) as connection:
        [(number, pgn), *_] = connection.execute(
            select(database.schema.oud_nummer.c.leerling_nr, database.schema.oud_nummer.c.nummer)
        )
        codes = queries.numbers_like(connection, pgn[-4:])
        assert pgn in [candidate for _, candidate in codes]
        assert number == queries.number_of(connection, [pgn])


def test_a_known_pupil_is_told_without_what_each_school_has_of_its_own(
    schools: Generated, told: Any
) -> None:
    code, bsn, surname = next(
        row for row in rows(schools, "leerlingcode", "bsn", "achternaam") if row[1]
    )

    known = plugin.oso_known_pupil(told(schools.po, "99AA"), PupilMatch(pgn=bsn))

    assert known is not None
    pupil = known.dossier["huidigeschool"]["leerling"]
    assert (code, surname) == (known.pupil, pupil["achternaam"])
    assert ["huidigeschool"] == list(known.dossier)
    assert ["leerling"] == list(known.dossier["huidigeschool"])
    assert not {"leerlingid", "datuminschrijving"} & set(pupil)


def test_who_is_unknown_and_another_school_get_no_answer(schools: Generated, told: Any) -> None:
    ours, others = told(schools.po, "99AA"), told(schools.po, "99ZZ")

    assert plugin.oso_known_pupil(ours, PupilMatch(pgn="000000000")) is None
    assert plugin.oso_known_pupil(ours, PupilMatch(achternaam="Nummerloos")) is None
    assert [] == plugin.oso_candidates(ours, "x")
    assert [None] * 3 == [
        plugin.oso_known_pupil(others, PupilMatch(pgn="000000000")),
        plugin.oso_candidates(others, "1234"),
        plugin.oso_find_pupils(others, PupilQuery()),
    ]


def test_a_database_that_cannot_be_read_is_named_without_a_value(told: Any, tmp_path: Any) -> None:
    (tmp_path / "las.sqlite").write_bytes(b"no database" * 100)

    with pytest.raises(DatabaseTrouble, match="the database of the LAS gave DatabaseError"):
        plugin.oso_candidates(told(tmp_path / "las.sqlite", "99AA"), "1234")

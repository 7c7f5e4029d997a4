"""What is taken over: everything, once, and never over somebody else."""

from collections.abc import Callable
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from magister_like import database, schema
from magister_like.generator import Generated
from magister_like.mapping import CHANGED_BY_MOVE, UnknownProfile
from magister_like.plugin import DatabaseTrouble
from sqlalchemy import select

from oso_adapter.hookspecs import CollectedDossier, ImportAnswer
from oso_adapter.standard import attachments, codec, profiles
from oso_adapter.standard.pack import load_pack

Collect = Callable[..., dict[str, Any]]
TakeOver = Callable[..., ImportAnswer]
Hook = Callable[[Path, str, str, str], CollectedDossier | None]


def pupil_of(dossier: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = dossier["huidigeschool"]["leerling"]
    return found


def pgn_of(dossier: dict[str, Any]) -> str:
    pupil = pupil_of(dossier)
    return str(pupil.get("bsn") or pupil["onderwijsnummer"])


def code_of(path: Path, dossier: dict[str, Any]) -> str:
    pupil = pupil_of(dossier)
    with database.opened(path) as connection:
        (number,) = database.numbers_of_pgn(
            connection, pupil.get("bsn") or pupil["onderwijsnummer"]
        )
        return str(database.load(connection, number).main["leerlingcode"])


def stays(dossier: dict[str, Any]) -> dict[str, Any]:
    """What is the same on both sides of a move."""
    return {k: v for k, v in pupil_of(dossier).items() if k not in CHANGED_BY_MOVE}


def moved(dossier: dict[str, Any]) -> dict[str, Any]:
    """What is not: without the elements that this pupil does not have."""
    return {k: v for k, v in pupil_of(dossier).items() if k in CHANGED_BY_MOVE}


def travelled(dossier: dict[str, Any], profile: str) -> dict[str, Any]:
    """The dossier after it went over the line as XML."""
    pack = load_pack()
    whole, _ = profiles.complete(
        dossier,
        pack,
        profiles.profile(profile),
        package="x",
        package_version="1",
        on=date(2027, 5, 12),
    )
    return attachments.unpacked(codec.to_dict(codec.to_element(whole, pack), pack), pack)


def test_all_25_come_back_the_same_from_the_second_database(
    own_schools: Generated, collect: Collect, take_over: TakeOver
) -> None:
    for code in database.leavers(own_schools.po)[:25]:
        original = collect(own_schools.po, code, "POVO")
        answer = take_over(own_schools.vo, f"r-{code}", travelled(original, "POVO"))
        assert answer.outcome == "accepted"
        again = collect(own_schools.vo, code_of(own_schools.vo, original), "POVO", "99BB")
        assert stays(original) == stays(again)


@pytest.mark.parametrize(
    "move",
    [("po", "99CC", "BB", "vo"), ("po", "99CC", "POPO", "vo"), ("vo", "99DD", "VOVO", "po")],
)
def test_other_moves_come_back_the_same_too(
    own_schools: Generated,
    collect: Collect,
    take_over: TakeOver,
    move: tuple[str, str, str, str],
) -> None:
    source, destination, profile, to = move
    brins = {"po": "99AA", "vo": "99BB"}
    here, there = getattr(own_schools, source), getattr(own_schools, to)
    for code in database.leavers(here, destination):
        original = collect(here, code, profile, brins[source])
        take_over(there, f"r-{code}", travelled(original, profile), brins[to])
        again = collect(there, code_of(there, original), profile, brins[to])
        assert stays(original) == stays(again)


def test_what_the_move_changes_is_kept_as_the_origin(
    own_schools: Generated, collect: Collect, take_over: TakeOver
) -> None:
    original = collect(own_schools.po, database.leavers(own_schools.po)[0], "POVO")
    take_over(own_schools.vo, "r-1", original)
    code = code_of(own_schools.vo, original)
    with database.opened(own_schools.vo) as connection:
        number = database.number_of_code(connection, code)
        assert number is not None
        origin = database.load(connection, number).one("herkomst")
    assert origin is not None
    assert moved(original) == {
        "leerlingid": origin["leerlingcode"],
        "datuminschrijving": origin["ingeschreven"],
        "datumuitschrijving": origin["uitgeschreven"],
    }
    again = moved(collect(own_schools.vo, code, "POVO", "99BB"))
    assert {"leerlingid": code, "datuminschrijving": date(2027, 8, 1)} == again


def test_the_same_dossier_offered_again_changes_nothing(
    own_schools: Generated, collect: Collect, take_over: TakeOver
) -> None:
    original = collect(own_schools.po, database.leavers(own_schools.po)[1], "POVO")
    first = take_over(own_schools.vo, "r-1", original)
    before = own_schools.vo.read_bytes()
    assert first == take_over(own_schools.vo, "r-1", original)
    assert before == own_schools.vo.read_bytes()


def test_a_newer_dossier_replaces_what_came_by_oso(
    own_schools: Generated, collect: Collect, take_over: TakeOver
) -> None:
    original = collect(own_schools.po, database.leavers(own_schools.po)[1], "POVO")
    take_over(own_schools.vo, "r-1", original)
    code = code_of(own_schools.vo, original)
    newer = deepcopy(original)
    pupil_of(newer)["overstapadvies"]["advies"] = "80"
    assert take_over(own_schools.vo, "r-2", newer).outcome == "accepted"
    assert code == code_of(own_schools.vo, original)
    assert stays(newer) == stays(collect(own_schools.vo, code, "POVO", "99BB"))


def test_an_own_pupil_is_never_overwritten(
    own_schools: Generated, collect: Collect, take_over: TakeOver
) -> None:
    own = collect(own_schools.po, "P0001", "BB")
    changed = deepcopy(own)
    pupil_of(changed)["roepnaam"] = "Anders"
    answer = take_over(own_schools.po, "r-1", changed, "99AA")
    assert answer.outcome == "postponed"
    assert own == collect(own_schools.po, "P0001", "BB")


@pytest.mark.parametrize(
    ("element", "value"), [("achternaam", "Iemandanders"), ("geboortedatum", date(2001, 1, 1))]
)
def test_a_number_with_another_name_or_birthday_waits_for_a_person(
    own_schools: Generated, collect: Collect, take_over: TakeOver, element: str, value: object
) -> None:
    other = deepcopy(collect(own_schools.po, database.leavers(own_schools.po)[2], "POVO"))
    pupil_of(other)[element] = value
    answer = take_over(own_schools.vo, "r-1", other)
    assert answer.outcome == "postponed"
    assert str(value) not in str(answer)
    with database.opened(own_schools.vo) as connection:
        done = schema.oso_verwerkt
        assert connection.execute(select(done)).all() == []


def test_a_postponed_dossier_can_be_offered_again(
    own_schools: Generated, collect: Collect, take_over: TakeOver
) -> None:
    original = collect(own_schools.po, database.leavers(own_schools.po)[2], "POVO")
    other = deepcopy(original)
    pupil_of(other)["achternaam"] = "Iemandanders"
    assert take_over(own_schools.vo, "r-1", other).outcome == "postponed"
    assert take_over(own_schools.vo, "r-1", original).outcome == "accepted"


def pupils(path: Path) -> int:
    with database.opened(path) as connection:
        return len(connection.execute(select(schema.leerling.c.nr)).all())


def test_a_pupil_whose_number_changed_is_no_second_pupil(
    own_schools: Generated, collect: Collect, take_over: TakeOver, hook: Hook
) -> None:
    """First under an onderwijsnummer, then under the BSN, and then under the first again."""
    newer = collect(own_schools.po, database.leavers(own_schools.po)[3], "POVO")
    older = deepcopy(newer)
    bsn, before = pupil_of(older).pop("bsn"), "101211151"
    pupil_of(older)["onderwijsnummer"] = before
    take_over(own_schools.vo, "r-1", older, former=(bsn,))
    code, count = code_of(own_schools.vo, older), pupils(own_schools.vo)

    assert "accepted" == take_over(own_schools.vo, "r-2", newer, former=(before,)).outcome
    assert (code, count) == (code_of(own_schools.vo, newer), pupils(own_schools.vo))
    assert "accepted" == take_over(own_schools.vo, "r-3", older).outcome
    assert (code, count) == (code_of(own_schools.vo, older), pupils(own_schools.vo))
    collected = hook(own_schools.vo, "99BB", code, "POVO")
    assert collected is not None
    assert (bsn,) == collected.former_numbers


def test_numbers_of_two_pupils_wait_for_a_person(
    own_schools: Generated, collect: Collect, take_over: TakeOver
) -> None:
    one, other = (
        collect(own_schools.po, code, "POVO") for code in database.leavers(own_schools.po)[2:4]
    )
    for name, dossier in (("r-1", one), ("r-2", other)):
        take_over(own_schools.vo, name, dossier)
    answer = take_over(own_schools.vo, "r-3", one, former=(pgn_of(other),))
    assert "postponed" == answer.outcome
    assert "verschillende leerlingen" in (answer.reason or "")


def test_a_dossier_without_a_number_is_rejected_for_good(
    own_schools: Generated, collect: Collect, take_over: TakeOver
) -> None:
    nameless = deepcopy(collect(own_schools.po, database.leavers(own_schools.po)[2], "POVO"))
    pupil_of(nameless).pop("onderwijsnummer")
    first = take_over(own_schools.vo, "r-1", nameless)
    assert first.outcome == "rejected"
    assert first == take_over(own_schools.vo, "r-1", nameless)


def test_an_unknown_code_is_left_to_a_person_and_not_repeated(
    own_schools: Generated, collect: Collect, take_over: TakeOver
) -> None:
    strange = deepcopy(collect(own_schools.po, database.leavers(own_schools.po)[1], "POVO"))
    pupil_of(strange)["leerlinggewicht"] = "7.77"
    answer = take_over(own_schools.vo, "r-1", strange)
    assert answer.outcome == "postponed"
    assert answer.reason is not None
    assert "leerlinggewicht" in answer.reason
    assert "7.77" not in answer.reason


def test_an_attachment_that_could_not_be_unpacked_is_kept_as_it_came(
    own_schools: Generated, collect: Collect, take_over: TakeOver
) -> None:
    broken = deepcopy(collect(own_schools.po, database.leavers(own_schools.po)[1], "POVO"))
    paper = {"bestandsnaam": "stuk.pdf", "bestandsinhoud": "UEsDBA=="}
    pupil_of(broken)["overigdocumentlijst"] = {"document": [paper]}
    take_over(own_schools.vo, "r-1", broken)
    again = collect(own_schools.vo, code_of(own_schools.vo, broken), "POVO", "99BB")
    assert [paper] == pupil_of(again)["overigdocumentlijst"]["document"]


def test_the_answer_names_the_categories_that_were_taken_over(
    own_schools: Generated, collect: Collect, take_over: TakeOver
) -> None:
    original = collect(own_schools.po, database.leavers(own_schools.po)[0], "POVO")
    expected = {
        *("cat_school", "cat_leerling", "cat_oudersverzorgers", "cat_schoolloopbaan"),
        *("cat_overstapadvies", "cat_onderwijsondersteuning", "cat_verzuim", "cat_eindtoetsbo"),
        *("cat_toetsresultaten", "cat_handelingsplannen", "cat_cijferlijsten", "cat_bijlagedocs"),
    }
    assert expected == set(take_over(own_schools.vo, "r-1", original).categories)


def test_a_pupil_of_another_school_is_not_ours(schools: Generated, hook: Hook) -> None:
    assert hook(schools.po, "99AA", "nobody", "POVO") is None
    assert hook(schools.po, "99BB", "P0001", "POVO") is None


def test_a_profile_for_a_samenwerkingsverband_is_refused(schools: Generated, hook: Hook) -> None:
    with pytest.raises(UnknownProfile):
        hook(schools.po, "99AA", "P0001", "POSWV")


def test_a_former_number_goes_along_for_looking_up(schools: Generated, hook: Hook) -> None:
    collected = hook(schools.po, "99AA", database.leavers(schools.po)[7], "POVO")
    assert collected is not None
    (number,) = collected.former_numbers
    assert number.startswith("1")


def test_trouble_with_the_database_is_told_without_a_value(tmp_path: Path, hook: Hook) -> None:
    (tmp_path / "broken.sqlite").write_bytes(b"Jansen 999000011" * 100)
    with pytest.raises(DatabaseTrouble) as caught:
        hook(tmp_path / "broken.sqlite", "99AA", "P0001", "POVO")
    assert str(caught.value) == "the database of the LAS gave DatabaseError"

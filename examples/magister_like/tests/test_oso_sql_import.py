"""Taking over by the mapping alone: as complete, and as careful, as the plugin."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from magister_like import database, schema
from magister_like.generator import Generated
from magister_like.mapping import CHANGED_BY_MOVE
from oso_sql import plugin as oso_sql
from sqlalchemy import select

from oso_adapter.hookspecs import HookContext, ImportAnswer, ReceivedDossier
from oso_adapter.standard import attachments, codec, profiles
from oso_adapter.standard.pack import load_pack

Collect = Callable[..., dict[str, Any]]
TakeOver = Callable[..., ImportAnswer]
Told = Callable[[Path, str], HookContext]


@pytest.fixture
def take_over(told: Told) -> TakeOver:
    """oso_import_dossier as the host calls it."""

    def call(
        path: Path,
        received_id: str,
        dossier: Mapping[str, Any],
        brin: str = "99BB",
        former: tuple[str, ...] = (),
    ) -> ImportAnswer:
        received = ReceivedDossier(received_id, dossier, b"", "2019.1", None, "99AA", former)
        answer = oso_sql.oso_import_dossier(told(path, brin), received)
        assert answer is not None
        return answer

    return call


@pytest.fixture
def collected(told: Told) -> Collect:
    """What the mapping collects of what was taken over."""

    def call(path: Path, dossier: Mapping[str, Any], profile: str, brin: str) -> dict[str, Any]:
        code = f"N{number_of(path, dossier):05d}"
        found = oso_sql.oso_collect_dossier(told(path, brin), code, profile)
        assert found is not None
        return dict(found.dossier)

    return call


def pupil_of(dossier: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = dossier["huidigeschool"]["leerling"]
    return found


def number_of(path: Path, dossier: Mapping[str, Any]) -> int:
    pupil = pupil_of(dossier)
    pgn = pupil.get("bsn") or pupil["onderwijsnummer"]
    with database.opened(path) as connection:
        (number,) = database.numbers_of_pgn(connection, pgn)
    return number


def stays(dossier: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in pupil_of(dossier).items() if k not in CHANGED_BY_MOVE}


def travelled(dossier: dict[str, Any], profile: str, pack: Any, day: Any) -> dict[str, Any]:
    """The dossier after it went over the line as XML."""
    kind = profiles.profile(profile)
    whole, _ = profiles.complete(dossier, pack, kind, package="x", package_version="1", on=day)
    return attachments.unpacked(codec.to_dict(codec.to_element(whole, pack), pack), pack)


@pytest.mark.parametrize(
    ("source", "destination", "profile", "to"),
    [
        ("po", "99BB", "POVO", "vo"),
        ("po", "99CC", "BB", "vo"),
        ("vo", "99DD", "VOVO", "po"),
    ],
)
def test_everything_comes_back_the_same_also_through_the_plugin(
    own_schools: Generated,
    collect: Collect,
    today: Any,
    source: str,
    destination: str,
    profile: str,
    to: str,
    take_over: TakeOver,
    collected: Collect,
) -> None:
    brins = {"po": "99AA", "vo": "99BB"}
    here, there = getattr(own_schools, source), getattr(own_schools, to)
    for code in database.leavers(here, destination)[:8]:
        original = collect(here, code, profile, brins[source])
        sent = travelled(original, profile, load_pack(), today)
        assert "accepted" == take_over(there, f"r-{code}", sent, brins[to]).outcome
        assert stays(original) == stays(collected(there, original, profile, brins[to]))
        by_code = collect(there, f"N{number_of(there, original):05d}", profile, brins[to])
        assert stays(original) == stays(by_code)


def test_what_was_known_of_the_move_is_kept(
    own_schools: Generated, collect: Collect, take_over: TakeOver
) -> None:
    original = collect(own_schools.po, database.leavers(own_schools.po)[0], "POVO")
    take_over(own_schools.vo, "r-1", original)
    with database.opened(own_schools.vo) as connection:
        record = database.load(connection, number_of(own_schools.vo, original))
    (origin,) = record.of("herkomst")
    assert ("99AA", pupil_of(original)["leerlingid"]) == (origin["brin"], origin["leerlingcode"])
    assert ("OVERGENOMEN", True) == (record.main["status"], bool(record.main["ingeschreven"]))


def test_the_same_dossier_offered_again_changes_nothing(
    own_schools: Generated, collect: Collect, take_over: TakeOver
) -> None:
    original = collect(own_schools.po, database.leavers(own_schools.po)[1], "POVO")
    first = take_over(own_schools.vo, "r-1", original)
    before = own_schools.vo.read_bytes()
    assert first.outcome == take_over(own_schools.vo, "r-1", original).outcome
    assert before == own_schools.vo.read_bytes()


def test_a_newer_dossier_replaces_what_came_by_oso(
    own_schools: Generated, collect: Collect, take_over: TakeOver, collected: Collect
) -> None:
    original = collect(own_schools.po, database.leavers(own_schools.po)[1], "POVO")
    take_over(own_schools.vo, "r-1", original)
    newer = deepcopy(original)
    pupil_of(newer)["overstapadvies"]["advies"] = "80"
    pupil_of(newer).pop("toetslijst", None)
    assert "accepted" == take_over(own_schools.vo, "r-2", newer).outcome
    assert stays(newer) == stays(collected(own_schools.vo, newer, "POVO", "99BB"))


def test_an_own_pupil_is_never_overwritten(
    own_schools: Generated, collect: Collect, take_over: TakeOver
) -> None:
    own = collect(own_schools.po, "P0001", "BB")
    changed = deepcopy(own)
    pupil_of(changed)["roepnaam"] = "Anders"
    assert "postponed" == take_over(own_schools.po, "r-1", changed, "99AA").outcome
    assert own == collect(own_schools.po, "P0001", "BB")


def test_a_number_with_another_name_waits_for_a_person(
    own_schools: Generated, collect: Collect, take_over: TakeOver
) -> None:
    original = collect(own_schools.po, database.leavers(own_schools.po)[2], "POVO")
    take_over(own_schools.vo, "r-1", original)
    other = deepcopy(original)
    pupil_of(other)["achternaam"] = "Iemandanders"
    answer = take_over(own_schools.vo, "r-2", other)
    assert "postponed" == answer.outcome
    assert "Iemandanders" not in str(answer)
    assert "accepted" == take_over(own_schools.vo, "r-2", original).outcome


def test_a_pupil_whose_number_changed_is_no_second_pupil(
    own_schools: Generated, collect: Collect, take_over: TakeOver, told: Told
) -> None:
    newer = collect(own_schools.po, database.leavers(own_schools.po)[3], "POVO")
    older = deepcopy(newer)
    bsn, before = pupil_of(older).pop("bsn"), "101211151"
    pupil_of(older)["onderwijsnummer"] = before
    take_over(own_schools.vo, "r-1", older, former=(bsn,))
    number = number_of(own_schools.vo, older)

    assert "accepted" == take_over(own_schools.vo, "r-2", newer, former=(before,)).outcome
    assert number == number_of(own_schools.vo, newer)
    again = oso_sql.oso_collect_dossier(told(own_schools.vo, "99BB"), f"N{number:05d}", "POVO")
    assert again is not None
    assert (before,) == again.former_numbers


def test_numbers_of_two_pupils_wait_for_a_person(
    own_schools: Generated, collect: Collect, take_over: TakeOver
) -> None:
    codes = database.leavers(own_schools.po)[2:4]
    one, other = (collect(own_schools.po, code, "POVO") for code in codes)
    take_over(own_schools.vo, "r-1", one)
    take_over(own_schools.vo, "r-2", other)
    pgn = pupil_of(other).get("bsn") or pupil_of(other)["onderwijsnummer"]
    assert "postponed" == take_over(own_schools.vo, "r-3", one, former=(pgn,)).outcome


def test_a_dossier_without_a_number_is_rejected_for_good(
    own_schools: Generated, collect: Collect, take_over: TakeOver
) -> None:
    nameless = deepcopy(collect(own_schools.po, database.leavers(own_schools.po)[2], "POVO"))
    pupil_of(nameless).pop("bsn", None)
    pupil_of(nameless).pop("onderwijsnummer", None)
    first = take_over(own_schools.vo, "r-1", nameless)
    assert "rejected" == first.outcome
    assert first == take_over(own_schools.vo, "r-1", nameless)


def test_an_unknown_code_is_left_to_a_person_and_not_repeated(
    own_schools: Generated, collect: Collect, take_over: TakeOver
) -> None:
    strange = deepcopy(collect(own_schools.po, database.leavers(own_schools.po)[1], "POVO"))
    pupil_of(strange)["leerlinggewicht"] = "7.77"
    answer = take_over(own_schools.vo, "r-1", strange)
    assert "postponed" == answer.outcome
    assert "leerlinggewicht" in (answer.reason or "")
    assert "7.77" not in (answer.reason or "")
    with database.opened(own_schools.vo) as connection:
        assert [] == connection.execute(select(schema.oso_verwerkt)).all()


def test_the_answer_names_the_categories_that_were_taken_over(
    own_schools: Generated, collect: Collect, take_over: TakeOver
) -> None:
    """The school block is always the sender's own, and is not taken over."""
    original = collect(own_schools.po, database.leavers(own_schools.po)[0], "POVO")
    expected = {
        *("cat_leerling", "cat_oudersverzorgers", "cat_schoolloopbaan", "cat_overstapadvies"),
        *("cat_onderwijsondersteuning", "cat_verzuim", "cat_eindtoetsbo", "cat_bijlagedocs"),
        *("cat_toetsresultaten", "cat_handelingsplannen", "cat_cijferlijsten"),
    }
    assert expected == set(take_over(own_schools.vo, "r-1", original).categories)


def test_an_attachment_that_could_not_be_unpacked_is_kept_as_it_came(
    own_schools: Generated, collect: Collect, take_over: TakeOver, collected: Collect
) -> None:
    broken = deepcopy(collect(own_schools.po, database.leavers(own_schools.po)[1], "POVO"))
    paper = {"bestandsnaam": "stuk.pdf", "bestandsinhoud": "UEsDBA=="}
    pupil_of(broken)["overigdocumentlijst"] = {"document": [paper]}
    take_over(own_schools.vo, "r-1", broken)
    again = collected(own_schools.vo, broken, "POVO", "99BB")
    assert [paper] == pupil_of(again)["overigdocumentlijst"]["document"]


def test_what_is_for_another_school_is_left_to_another_plugin(
    own_schools: Generated, told: Told, collect: Collect
) -> None:
    original = collect(own_schools.po, database.leavers(own_schools.po)[0], "POVO")
    received = ReceivedDossier("r-1", original, b"", "2019.1", None, "99AA")
    assert oso_sql.oso_import_dossier(told(own_schools.vo, "99CC"), received) is None

"""``oso-adapter demo``: 25 dossiers in bulk, unchanged, from one school's product to another's."""

import json
import stat
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from magister_like import database, plugin
from magister_like.mapping import CHANGED_BY_MOVE
from support.demonstration import Demonstration

from oso_adapter.bounded_xml import parse
from oso_adapter.cli.main import main
from oso_adapter.clock import utc_now
from oso_adapter.demo.comparison import canonical
from oso_adapter.hookspecs import AdministrationRef, HookContext
from oso_adapter.standard import codec, profiles, validate
from oso_adapter.standard.attachments import unpacked
from oso_adapter.standard.pack import load_pack

SPECIAL = {
    "LeerlinginfoNietBeschikbaar",
    "LeerlinginfoNietVoorDoel",
    "LeerlinginfoNietOpvraagbaar",
}
STEPS = ["overdrachtRequest", "sessiecontroleRequest", "documentRequest", "afmeldingRequest"]


def dossiers(shown: Demonstration, side: str) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in (shown.files / side).iterdir()}


@pytest.fixture
def timeline(shown: Demonstration) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = json.loads((shown.files / "timeline.json").read_bytes())
    return lines


def test_it_leaves_the_same_25_files_on_both_sides(shown: Demonstration) -> None:
    assert 25 == len(dossiers(shown, "prepared"))
    assert set(dossiers(shown, "prepared")) == set(dossiers(shown, "received"))


def test_a_second_run_does_not_mix_with_what_the_first_one_left(shown: Demonstration) -> None:
    before = dossiers(shown, "received")

    again = CliRunner().invoke(main, ["demo", "--keep", str(shown.files)])

    assert 2 == again.exit_code
    assert "holds dossiers already; name another" in again.stderr
    assert before == dossiers(shown, "received")


def test_a_folder_that_cannot_be_used_is_told_before_anything_starts(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    done = CliRunner().invoke(main, ["demo", "--keep", str(tmp_path / "file" / "kept")])

    assert 2 == done.exit_code
    assert "cannot be used: Not a directory" in done.stderr
    assert "synthetische leerlingen" not in done.output


def test_the_keys_of_both_adapters_are_for_their_owner_alone(shown: Demonstration) -> None:
    keys = list(shown.stage.folder.rglob("keys.toml"))

    assert [0o600, 0o600] == [stat.S_IMODE(file.stat().st_mode) for file in keys]


def test_every_dossier_arrives_unchanged_and_valid(shown: Demonstration) -> None:
    arrived = dossiers(shown, "received")
    for name, xml in dossiers(shown, "prepared").items():
        assert canonical(parse(xml)) == canonical(parse(arrived[name]))
        assert validate(arrived[name]).valid


def test_attachments_arrive_byte_for_byte_one_of_them_over_12_mb(shown: Demonstration) -> None:
    arrived = dossiers(shown, "received")
    largest = 0
    for name, xml in dossiers(shown, "prepared").items():
        sent = attachments(parse(xml))
        assert sent == attachments(parse(arrived[name]))
        largest = max([largest, *(len(content) for _, content in sent)])
    assert 12 * 2**20 < largest


def test_the_timeline_has_every_step_of_all_28_sessions(
    timeline: list[dict[str, Any]],
) -> None:
    sessions: dict[str, list[dict[str, Any]]] = {}
    for line in timeline:
        if line["session"] is not None:
            sessions.setdefault(line["session"], []).append(line)
    assert 28 == len(sessions)
    for lines in sessions.values():
        assert set(STEPS) == {line["message"] for line in lines}
        assert 4 == len(lines)
        by_message = {line["message"]: line for line in lines}
        ways = [(by_message[m]["sender"], by_message[m]["receiver"]) for m in STEPS]
        assert [("99BB", "TC"), ("99AA", "TC"), ("99BB", "99AA"), ("99BB", "TC")] == ways
        document, signed_off = by_message["documentRequest"], by_message["afmeldingRequest"]
        assert document["result"] == signed_off["result"]
        assert {document["pupil"]} == {line["pupil"] for line in lines}


def test_the_special_cases_get_their_results(
    shown: Demonstration, timeline: list[dict[str, Any]]
) -> None:
    results = {
        line["pupil"]: line["result"] for line in timeline if line["message"] == "documentRequest"
    }
    delivered = {pupil for pupil, result in results.items() if result == "OverdrachtGeslaagd"}
    assert {Path(name).stem for name in dossiers(shown, "received")} == delivered
    assert SPECIAL == {results[pupil] for pupil in results.keys() - delivered}
    assert "tls" == shown.told.stranger


def test_what_was_taken_over_has_the_same_value_in_every_mapped_field(shown: Demonstration) -> None:
    assert shown.told.as_expected
    compared = 0
    for file in sorted((shown.files / "prepared").glob("*.xml")):
        sent = pupil_of(as_dict(file.read_bytes()))
        again = pupil_of(travelled(collected_again(shown.stage.vo.database, sent)))
        assert stays(sent) == stays(again)
        compared += 1
    assert 25 == compared


def test_it_is_not_as_expected_when_a_dossier_was_fetched_and_not_taken_over(
    shown: Demonstration,
) -> None:
    told = shown.told
    one, refused = told.expected[0].pupil, told.expected[-1].pupil
    for taken_over, surprising in [
        (told.taken_over - {one}, [one]),
        (told.taken_over | {refused}, [refused]),
        (set(), sorted(told.taken_over)),
    ]:
        otherwise = replace(told, taken_over=taken_over)
        assert surprising == sorted(otherwise.surprises)
        assert not otherwise.as_expected


def attachments(root: Any) -> list[tuple[str, bytes]]:
    """The name and the bytes of every attachment, unpacked."""
    found: list[tuple[str, bytes]] = []

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            if "bestandsinhoud" in value:
                found.append((value["bestandsnaam"], value["bestandsinhoud"]))
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    walk(unpacked(codec.to_dict(root, load_pack()), load_pack()))
    return found


def as_dict(xml: bytes) -> dict[str, Any]:
    return unpacked(codec.to_dict(parse(xml), load_pack()), load_pack())


def travelled(dossier: dict[str, Any]) -> dict[str, Any]:
    """A collected dossier in the form that it has after it went over the line."""
    whole, _ = profiles.complete(
        dossier,
        load_pack(),
        profiles.profile("POVO"),
        package="x",
        package_version="1",
        on=date(2027, 5, 12),
    )
    return as_dict(codec.to_xml(whole, load_pack()))


def collected_again(path: Path, sent: dict[str, Any]) -> dict[str, Any]:
    """What the receiving school's product gives for the pupil that it took over."""
    with database.opened(path) as connection:
        (number,) = database.numbers_of_pgn(connection, sent.get("bsn") or sent["onderwijsnummer"])
        assert number is not None
        code = database.load(connection, number).main["leerlingcode"]
    context = HookContext(
        administration=AdministrationRef("99BB", "0000000700099BB00001", "LAS", "school", "t"),
        account="test",
        release="2019.1",
        contract="20200910",
        clock=utc_now,
        deadline=utc_now(),
        reason="test",
        sections={"magister_like": {"database": str(path)}},
    )
    collected = plugin.oso_collect_dossier(context, code, "POVO")
    assert collected is not None
    return dict(collected.dossier)


def pupil_of(dossier: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = dossier["huidigeschool"]["leerling"]
    return found


def stays(pupil: dict[str, Any]) -> dict[str, Any]:
    """What is the same on both sides of a move."""
    return {name: value for name, value in pupil.items() if name not in CHANGED_BY_MOVE}

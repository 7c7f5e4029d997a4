"""What came, and what a person decides about it."""

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text
from support.chain import ACCOUNT, Chain, School
from support.terminal import on_a_terminal

from oso_adapter.cli.main import main
from oso_adapter.standard import validate

HEAD = "pgn,achternaam,geboortedatum,bron_brin,verwijzing"
BORN = "2008-03-14,00YY"
ORDERS = [
    *(
        f"274957462,Voorbeeld-POVO,{BORN},{name}"
        for name in ("A-1", "A-2", "A-3", "A-4", "A/5", "A-6")
    ),
    f"310008475,Iemand anders,{BORN},apart",
    f"559144428,Voorbeeld-POVO,{BORN},oud",
]
"""Published test numbers of test school 00YY; the last gives a dossier of an old release."""
KEPT = ("apart", "oud")


@pytest.fixture(scope="module")
def vo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    """A secondary school that has fetched eight dossiers and decided nothing."""
    chain = Chain.create(tmp_path_factory.mktemp("received"))
    try:
        chain.start("tc", "school")
        school = chain.add_school("99BB", "VO")
        for row in ORDERS:
            done = fetch(school, row)
            assert done.exit_code == (row.rpartition(",")[2] in KEPT), done.output
        yield school
    finally:
        chain.stop()


def fetch(school: School, row: str) -> Any:
    order = ("fetch", "order", "--administration", "99BB", "--account", ACCOUNT, "--from", "-")
    return school.cli(*order, "--format", "json", text=f"{HEAD}\n{row}\n")


def rows(school: School, *more: str) -> dict[str, dict[str, Any]]:
    arguments = ("--administration", "99BB", "--format", "json", *more)
    shown = school.cli("received", "list", *arguments)
    return {row["verwijzing"]: row for row in json.loads(shown.stdout)}


def decide(school: School, command: str, reference: str, *more: str) -> Any:
    received_id = rows(school)[reference]["id"]
    return school.cli("received", command, received_id, "--account", ACCOUNT, *more)


def test_what_waits_what_differs_and_what_is_invalid_is_told_apart(vo: School) -> None:
    found = rows(vo)

    assert {"A-1", "A-2", "A-3", "A-4", "A/5", "A-6", *KEPT} == set(found)
    assert ("apart", "De achternaam in het dossier is anders dan die van de aanvraag.") == (
        found["apart"]["stand"],
        found["apart"]["reden"],
    )
    assert "onjuist" == found["oud"]["stand"]
    assert {"apart"} == set(rows(vo, "--state", "apart"))


@pytest.mark.parametrize(
    ("row", "state", "reason"),
    [
        (ORDERS[-2], "apart", "De achternaam in het dossier is anders dan die van de aanvraag."),
        (
            ORDERS[-1],
            "onjuist",
            "Dit is een dossier van versie 2015.1, die hier niet in gebruik is.",
        ),
    ],
)
def test_who_fetched_hears_what_was_kept_for_a_person_and_why(
    vo: School, row: str, state: str, reason: str
) -> None:
    name = f"{state}-2"
    done = fetch(vo, f"{row.rpartition(',')[0]},{name}")

    assert 1 == done.exit_code
    (told,) = json.loads(done.stdout)
    assert ("OverdrachtGeslaagd", state) == (told["resultaat"], told["dossier"])
    assert told["reden"].startswith(reason)
    assert f"Bekijk en beslis zelf: {name}; zie: oso-adapter received list" in done.stderr
    assert 0 == decide(vo, "accept", name).exit_code
    assert ("overgenomen", told["reden"]) == (rows(vo)[name]["stand"], rows(vo)[name]["reden"])


def test_a_dossier_of_an_old_release_is_named_and_can_be_read(vo: School) -> None:
    row = rows(vo)["oud"]
    assert ("2015.1", "onjuist") == (row["versie"], row["stand"])

    shown = vo.cli("received", "show", row["id"], "--account", ACCOUNT, "--format", "html")

    assert 0 == shown.exit_code
    assert "Onbekende uitgave van de standaard" in shown.stdout
    assert all(text in shown.stdout for text in ("Voorbeeld-POVO", "standaardversie", "2015.1"))


def test_a_dossier_is_shown_as_it_came_and_who_saw_it_is_recorded(vo: School) -> None:
    received_id = rows(vo)["A-1"]["id"]

    shown = vo.cli("received", "show", received_id, "--account", "lezer@school.example")

    assert 0 == shown.exit_code
    assert validate(shown.stdout_bytes, profile="POVO").valid
    with vo.adapter().store.reading() as session:
        query = text("select name, subject from events where account = 'lezer@school.example'")
        assert [("received.shown", received_id)] == [tuple(r) for r in session.execute(query)]


def export(school: School, folder: Path, *more: str) -> list[dict[str, str]]:
    by = ("--administration", "99BB", "--account", ACCOUNT, "--format", "json")
    done = school.cli("received", "export", *more, *by, "--to", str(folder))
    assert 0 == done.exit_code, done.output
    exported: list[dict[str, str]] = json.loads(done.stdout)
    return exported


def test_an_export_says_which_id_is_in_which_file(vo: School, tmp_path: Path) -> None:
    ids = {name: rows(vo)[name]["id"] for name in ("A-4", "A/5")}

    exported = export(vo, tmp_path / "out", *ids.values())

    assert ids == {row["verwijzing"]: row["id"] for row in exported}
    assert {"A-4.xml", "A_5-7074d4f6.xml"} == {Path(row["bestand"]).name for row in exported}
    assert {row["bestand"] for row in exported} == {str(f) for f in (tmp_path / "out").iterdir()}
    assert {0o600} == {stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "out").iterdir()}


def test_an_export_shows_how_far_it_is(vo: School, tmp_path: Path) -> None:
    ids = [rows(vo)[name]["id"] for name in ("A-3", "A-4")]
    given = (*ids, "--administration", "99BB", "--account", ACCOUNT, "--to", str(tmp_path))

    said = on_a_terminal("--config", str(vo.config), "received", "export", *given)

    assert "wegschrijven" in said
    assert "2/2" in said


def test_only_what_waits_is_exported_unless_it_is_named(vo: School, tmp_path: Path) -> None:
    waiting = {row["id"] for row in rows(vo, "--state", "wacht").values()}
    (apart,) = rows(vo, "--state", "apart").values()

    assert waiting == {row["id"] for row in export(vo, tmp_path)}
    assert [apart["id"]] == [row["id"] for row in export(vo, tmp_path, "--state", "apart")]
    assert [apart["id"]] == [row["id"] for row in export(vo, tmp_path, apart["id"])]


def test_what_was_exported_is_accepted_by_its_id_and_not_exported_again(
    vo: School, tmp_path: Path
) -> None:
    (row,) = (row for row in export(vo, tmp_path) if row["verwijzing"] == "A-6")

    accepted = vo.cli("received", "accept", row["id"], "--account", ACCOUNT)

    assert 0 == accepted.exit_code
    assert "A-6" not in {row["verwijzing"] for row in export(vo, tmp_path)}


def test_the_same_dossier_gets_the_same_file_and_another_never_takes_it(
    vo: School, tmp_path: Path
) -> None:
    (tmp_path / "A-3.xml").write_bytes(b"another pupil")
    named = rows(vo)["A-3"]["id"], rows(vo)["A-4"]["id"]

    first = export(vo, tmp_path, *named)
    again = export(vo, tmp_path, *named)

    assert first == again
    assert {f"A-3-{named[0]}.xml", "A-4.xml"} == {Path(row["bestand"]).name for row in first}
    assert b"another pupil" == (tmp_path / "A-3.xml").read_bytes()
    assert 3 == len(list(tmp_path.iterdir()))


def test_an_export_of_what_is_not_there_writes_nothing(vo: School, tmp_path: Path) -> None:
    by = ("--administration", "99BB", "--account", ACCOUNT)
    known = rows(vo)["A-4"]["id"]

    done = vo.cli("received", "export", known, "unknown", *by, "--to", str(tmp_path / "out"))

    assert 1 == done.exit_code
    assert "niet gevonden: unknown; er is niets weggeschreven" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_dossier_is_accepted_once(vo: School) -> None:
    accepted = decide(vo, "accept", "A-1", "--category", "cat_verzuim")
    again = decide(vo, "reject", "A-1", "--reason", "toch niet")

    assert 0 == accepted.exit_code
    assert accepted.stdout.endswith(": overgenomen\n")
    assert 1 == again.exit_code
    assert "dit dossier is al overgenomen" in again.stderr


def test_only_a_category_of_the_standard_can_be_taken_over(vo: School) -> None:
    done = decide(vo, "accept", "A-3", "--category", "verzuim van Jansen")

    assert 2 == done.exit_code
    assert "a category is a name of the standard, such as cat_verzuim" in done.stderr
    assert "Jansen" not in done.stderr
    assert "wacht" == rows(vo)["A-3"]["stand"]


def test_where_a_plugin_takes_over_it_alone_says_what(vo: School) -> None:
    config = vo.folder / "with-a-plugin.toml"
    plugin = '[plugins]\nenabled = ["magister_like"]\n[plugins.magister_like]\ndatabase = "vo.db"\n'
    config.write_text(vo.config.read_text() + plugin)
    ids = {name: rows(vo)[name]["id"] for name in ("A-3", "oud")}

    def accept(received_id: str) -> Result:
        given = ("--category", "cat_verzuim", "--account", ACCOUNT)
        command = ["--config", str(config), "received", "accept", received_id, *given]
        return CliRunner().invoke(main, command)

    done, by_hand = accept(ids["A-3"]), accept(ids["oud"])

    assert 2 == done.exit_code
    assert "your own system says what it took over" in done.stderr
    assert (0, f"{ids['oud']}: overgenomen\n") == (by_hand.exit_code, by_hand.stdout)
    assert "wacht" == rows(vo)["A-3"]["stand"]


def test_a_dossier_is_postponed_and_then_rejected(vo: School) -> None:
    assert 0 == decide(vo, "postpone", "A-2", "--reason", "later").exit_code
    assert ("uitgesteld", "later") == (rows(vo)["A-2"]["stand"], rows(vo)["A-2"]["reden"])

    assert 0 == decide(vo, "reject", "A-2", "--reason", "al ingeschreven").exit_code

    assert ("geweigerd", "al ingeschreven") == (rows(vo)["A-2"]["stand"], rows(vo)["A-2"]["reden"])


def test_a_person_can_accept_what_was_kept_apart(vo: School) -> None:
    assert 0 == decide(vo, "accept", "apart").exit_code
    assert "overgenomen" == rows(vo)["apart"]["stand"]


def test_rejecting_needs_a_reason(vo: School) -> None:
    done = decide(vo, "reject", "A-3")

    assert 2 == done.exit_code
    assert "Missing option '--reason'" in done.stderr


@pytest.mark.parametrize(
    "command", [["show"], ["accept"], ["postpone"], ["reject", "--reason", "nee"]]
)
def test_an_unknown_dossier_is_refused_with_the_way_to_see_them(
    command: list[str], vo: School
) -> None:
    done = vo.cli("received", *command, "unknown", "--account", ACCOUNT)

    assert 1 == done.exit_code
    assert "er is geen ontvangen dossier unknown; zie: oso-adapter received list" in done.stderr


def test_an_empty_list_says_so(school: School) -> None:
    shown = school.cli("received", "list", "--administration", "99AA")

    assert (0, "Er is nog niets ontvangen.\n") == (shown.exit_code, shown.stdout)

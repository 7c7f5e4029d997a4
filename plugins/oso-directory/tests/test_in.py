"""What came, in ``in``: whole or not at all, once, and answered."""

import json
import os
import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from oso_directory import errors, plugin
from oso_directory.guarded import Folder

from oso_adapter.hookspecs import (
    HookContext,
    ImportAnswer,
    ReceivedDossier,
    ReceivedNotification,
)
from oso_adapter.standard.jsonform import from_json
from oso_adapter.standard.pack import load_pack

Told = Callable[..., HookContext]
NOTIFICATION = ReceivedNotification(
    id="0b0e7a52-1111-4c5e-8d8e-5d1f0a3c9e01",
    reference="intake-1",
    order_id="order-1",
    bron_brin="99CC",
    bron_routing_id="0000000700099CC00001",
    received_at=datetime(2027, 5, 12, 9, 0, tzinfo=UTC),
)


@pytest.fixture
def coming(root: Path) -> Path:
    """The folder for what comes."""
    return root / "in" / "99AA-0000000700099AA00001"


def take(told: HookContext, received: ReceivedDossier) -> ImportAnswer | None:
    return plugin.oso_import_dossier(told, received)


def test_a_dossier_is_there_as_it_came(told: Told, coming: Path, received: ReceivedDossier) -> None:
    assert ImportAnswer("accepted") == take(told(), received)
    folder = coming / received.id
    assert ["about.json", "dossier.xml"] == sorted(os.listdir(folder))
    assert received.xml == (folder / "dossier.xml").read_bytes()
    assert {
        "id": received.id,
        "release": "2019.1",
        "profile": "POVO",
        "bron_brin": "99CC",
        "former_numbers": ["111222333"],
    } == json.loads((folder / "about.json").read_text())


def test_the_json_form_is_there_when_wanted(
    told: Told, coming: Path, received: ReceivedDossier
) -> None:
    take(told(format="json"), received)
    written = (coming / received.id / "dossier.json").read_bytes()
    assert dict(received.dossier) == from_json(written, load_pack())


def test_a_dossier_that_json_cannot_hold_is_taken_over_as_xml(
    told: Told, coming: Path, received: ReceivedDossier
) -> None:
    odd = replace(received, dossier={"huidigeschool": {"naam": 1}})
    assert ImportAnswer("accepted") == take(told(format="json"), odd)
    assert (coming / received.id / "dossier.xml").exists()
    assert not (coming / received.id / "dossier.json").exists()


def test_everything_is_for_its_owner_alone_whatever_the_umask(
    told: Told, root: Path, received: ReceivedDossier
) -> None:
    before = os.umask(0)
    try:
        take(told(format="json"), received)
        plugin.oso_notification_received(told(), NOTIFICATION)
    finally:
        os.umask(before)
    made = [root / "in", *(root / "in").rglob("*")]
    modes = {(path.is_dir(), stat.S_IMODE(path.stat().st_mode)) for path in made}
    assert {(True, 0o700), (False, 0o600)} == modes


def test_the_same_id_again_changes_nothing(
    told: Told, coming: Path, received: ReceivedDossier
) -> None:
    take(told(), received)
    (coming / received.id / "about.json").unlink()  # as a system that has taken it up may do
    assert ImportAnswer("accepted") == take(told(), received)
    assert ["dossier.xml"] == os.listdir(coming / received.id)


def test_what_was_moved_to_done_does_not_come_back(
    told: Told, coming: Path, received: ReceivedDossier
) -> None:
    take(told(), received)
    (coming / received.id).rename(coming / "done" / received.id)
    assert ImportAnswer("accepted") == take(told(), received)
    assert ["done"] == os.listdir(coming)


@pytest.mark.parametrize("place", ["", "done"])
def test_with_by_file_the_system_answers_when_it_has_looked(
    told: Told, coming: Path, received: ReceivedDossier, place: str
) -> None:
    context = told(answer="by-file")
    assert take(context, received) is None
    folder = (coming / received.id).rename(coming / place / received.id)
    assert take(context, received) is None
    answer(
        folder,
        {"outcome": "postponed", "categories": ["cat_verzuim"], "reason": "Nog niet."},
    )
    expected = ImportAnswer("postponed", ("cat_verzuim",), "Nog niet.")
    assert expected == take(context, received)
    answer(folder, {"outcome": "rejected"})
    assert ImportAnswer("rejected") == take(told(), received)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ('{"outcome": "acc', errors.NotCompleteYet),
        ("", errors.NotCompleteYet),
        ('{"outcome": "yes"}', errors.AnswerUnreadable),
        ('{"outcome": "accepted", "Geheim": 1}', errors.AnswerUnreadable),
        ('{"outcome": "accepted", "categories": ["Geheim"]}', errors.AnswerUnreadable),
        ('{"outcome": "accepted", "reason": 5}', errors.AnswerUnreadable),
        ('{"outcome": "rejected", "outcome": "accepted"}', errors.AnswerUnreadable),
        ('{"outcome": "accepted", "reason": "\\ud800"}', errors.AnswerUnreadable),
        ("[]", errors.AnswerUnreadable),
        ("5", errors.AnswerUnreadable),
        ("[" * 50_000, errors.AnswerUnreadable),
        (b"\xff\xfe", errors.AnswerUnreadable),
    ],
    ids=str,
)
def test_an_answer_that_cannot_be_read_is_none(
    told: Told,
    coming: Path,
    received: ReceivedDossier,
    written: str | bytes,
    expected: type[Exception],
) -> None:
    take(told(), received)
    answer(coming / received.id, written)
    with pytest.raises(expected) as caught:
        take(told(), received)
    assert "Geheim" not in str(caught.value)


def test_a_folder_that_is_moved_while_we_look_is_not_written_again(
    told: Told, coming: Path, received: ReceivedDossier, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(told(), received)
    answer(coming / received.id, {"outcome": "rejected"})
    look = Folder.has

    def moved_behind_our_back(folder: Folder, name: str) -> bool:
        found = look(folder, name)
        if name == received.id and (coming / name).exists():
            (coming / name).rename(coming / "done" / name)
        return found

    monkeypatch.setattr(Folder, "has", moved_behind_our_back)
    assert ImportAnswer("rejected") == take(told(), received)
    assert ["done"] == os.listdir(coming)


@pytest.mark.parametrize("name", ["../x", "done", "notifications", ".x", ""])
def test_an_id_that_is_no_name_of_a_folder_is_refused(
    told: Told, coming: Path, received: ReceivedDossier, name: str
) -> None:
    with pytest.raises(errors.NoFileName):
        take(told(), replace(received, id=name))
    assert [] == os.listdir(coming)


def test_a_notification_is_a_file(told: Told, coming: Path) -> None:
    for _ in range(2):
        plugin.oso_notification_received(told(), NOTIFICATION)
    (file,) = (coming / "notifications").iterdir()
    written: dict[str, Any] = json.loads(file.read_text())
    assert f"{NOTIFICATION.id}.json" == file.name
    assert "2027-05-12T09:00:00+00:00" == written.pop("received_at")
    assert {key: getattr(NOTIFICATION, key) for key in written} == written
    assert {"id", "reference", "order_id", "bron_brin", "bron_routing_id"} == set(written)


def test_without_an_administration_nothing_is_written(
    told: Told, root: Path, received: ReceivedDossier
) -> None:
    assert take(told(None), received) is None
    plugin.oso_notification_received(told(None), NOTIFICATION)
    assert ["out"] == os.listdir(root)


def answer(folder: Path, written: Any) -> None:
    content = json.dumps(written) if isinstance(written, dict) else written
    path = folder / "answer.json"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    path.chmod(0o600)

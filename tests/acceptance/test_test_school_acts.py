"""The test school begins itself: it notifies who asked it, asks, and is notified."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from click.testing import CliRunner
from support.chain import ACCOUNT, Chain, School
from support.dossiers import BORN, NUMBERS, SURNAME, dossier

from oso_adapter.cli.main import main

BY = ("--administration", "99AA", "--account", ACCOUNT)
VAIN = "LeerlinginfoNietBeschikbaar"


@dataclass(frozen=True)
class Meeting:
    """School 99AA, whose endpoint is served, and the test school."""

    chain: Chain
    school: School

    def simulator(self, name: str, *arguments: str, text: str = "", code: int = 0) -> str:
        """What the test school's command says."""
        command = ["simulator", name, str(self.chain.folder / "chain"), *arguments]
        done = CliRunner().invoke(main, command, input=text)
        assert code == done.exit_code, done.output
        return done.stdout

    def rows(self, *arguments: str, text: str = "", code: int = 0) -> Any:
        done = self.school.cli(*arguments, "--format", "json", text=text)
        assert code == done.exit_code, done.output
        return json.loads(done.stdout)


@pytest.fixture(scope="module")
def meeting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Meeting]:
    chain = Chain.create(tmp_path_factory.mktemp("acting"))
    try:
        chain.start("tc", "osr", "school")
        school = chain.add_school("99AA", "PO")
        school.start("public")
        yield Meeting(chain, school)
    finally:
        chain.stop()


def test_who_asked_the_test_school_is_notified_by_it(meeting: Meeting) -> None:
    heading = "pgn,achternaam,geboortedatum,bron_brin,verwijzing"
    table = f"{heading}\n097902378,{SURNAME},{BORN},00YY,T-1\n"
    [asked] = meeting.rows("fetch", "order", "--from", "-", *BY, text=table, code=1)
    assert VAIN == asked["resultaat"]
    assert meeting.simulator("notify").startswith("NotificatieOntvangen: ")
    [shown] = meeting.rows("notifications", "received", "--administration", "99AA")
    assert ("T-1", "00YY", "open") == (shown["verwijzing"], shown["bron"], shown["stand"])


def test_a_session_in_which_nobody_asked_cannot_be_notified(meeting: Meeting) -> None:
    meeting.simulator("notify", "--session", str(uuid4()), code=1)


def test_the_test_school_asks_in_vain_is_notified_and_gets_the_dossier(
    meeting: Meeting, tmp_path: Path
) -> None:
    ask = ("ask", "--brin", "99AA")
    assert meeting.simulator(*ask, text=f"{NUMBERS[0]}\n", code=1).startswith(f"{VAIN}: ")
    file = tmp_path / "P-1.xml"
    file.write_bytes(dossier(NUMBERS[0], "POPO", seen=True))
    meeting.rows("dossier", "put", str(file), *BY)
    [ready] = meeting.rows("dossier", "ready", "P-1", "--for", "00YY", *BY)
    [offered] = ready["tevergeefs gevraagd"]
    assert ("00YY", VAIN) == (offered["brin"], offered["antwoord"])
    [sent] = meeting.rows("notifications", "send", str(offered["id"]), *BY)
    assert "NotificatieOntvangen" == sent["resultaat"]
    assert meeting.simulator(*ask, text=f"{NUMBERS[0]}\n").startswith("OverdrachtGeslaagd: ")
    events = [e for e in meeting.chain.state.events() if e.receiver == "school"]
    assert ("notificatieRequest", "NotificatieOntvangen") == (
        *(getattr(events[-1], name) for name in ("message", "result")),
    )


def test_asking_a_school_that_is_not_there_says_so(meeting: Meeting) -> None:
    done = CliRunner().invoke(
        main,
        ["simulator", "ask", str(meeting.chain.folder / "chain"), "--brin", "98ZZ"],
        input=f"{NUMBERS[0]}\n",
    )
    assert 1 == done.exit_code
    assert "Error: VerstrekkerNietBekend: " in done.stderr


def test_without_a_simulation_there_is_nobody_to_ask(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["simulator", "notify", str(tmp_path)])
    assert (1, True) == (done.exit_code, "there is no simulation" in done.stderr)

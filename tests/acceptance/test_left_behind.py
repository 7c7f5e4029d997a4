"""``oso-adapter demo`` has ended: what it said of all, and that it left nothing behind."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from support.demonstration import Demonstration
from support.processes import below


@dataclass(frozen=True)
class Ended:
    """The finished command: its exit code, what it said, and the processes that there were."""

    code: int
    said: str
    started: list[int]


@pytest.fixture(scope="module")
def ended(shown: Demonstration) -> Ended:
    started = below(shown.process.pid)
    code = shown.finish()
    return Ended(code, shown.output.read_text(encoding="utf-8"), started)


def test_it_succeeds_and_says_what_came_of_all(ended: Ended) -> None:
    assert 0 == ended.code, ended.said
    assert "25 van 28 gevraagde dossiers zijn opgehaald, 25 overgenomen" in ended.said
    assert "geweigerd (tls)" in ended.said


def test_it_tells_one_line_for_each_session_that_fits_a_terminal(ended: Ended) -> None:
    told = [line for line in ended.said.splitlines() if "✓" in line and ":" in line]
    assert 28 == len(told)
    assert 80 >= max(len(line.rstrip()) for line in ended.said.splitlines())


def test_it_says_nothing_of_a_pupil(shown: Demonstration, ended: Ended) -> None:
    assert "\nTijdlijn" in ended.said
    assert [] == shown.secrets.found_in_files([shown.output])


def test_nothing_that_it_started_is_still_there(shown: Demonstration, ended: Ended) -> None:
    # the Traffic Center, the OSR and the test school; each adapter with its three and a plugin
    assert 10 < len(ended.started)
    assert [] == [process for process in ended.started if command_line(process)]
    everything = [int(file.name) for file in Path("/proc").glob("[0-9]*")]
    assert [] == [one for one in everything if str(shown.temporary) in command_line(one)]
    assert [] == list(shown.temporary.iterdir())


def command_line(process: int) -> str:
    """How a process was called; empty when it has ended."""
    try:
        file = Path(f"/proc/{process}/cmdline")
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""

"""``oso-adapter demo --keep``, once for all tests that look at what it shows and what it leaves."""

import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import magister_like
from magister_like.generator import MARKER_PREFIX

from oso_adapter.demo import story
from oso_adapter.simulator.pki import Pki
from support import held_demo
from support.leaky import BORN, NUMBER
from support.traces import Secrets


@dataclass(frozen=True)
class Demonstration:
    """The command with a marker in every personal text of the pupils: all is told, and it waits.

    files: what ``--keep`` left; temporary: where all of it writes its temporary files; output: what
    it says. secrets: the marker of every personal text, every number that was made, also those that
    pupils had before, the date of birth of every pupil of the story, and what the leaky plugin has.
    """

    process: "subprocess.Popen[bytes]"
    stage: story.Stage
    told: story.Told
    files: Path
    temporary: Path
    output: Path
    secrets: Secrets

    def finish(self) -> int:
        """Let it end, if it has not; gives its exit code."""
        if self.process.stdin is not None and not self.process.stdin.closed:
            self.process.communicate(b"\n")
        return self.process.wait()


def _secrets(stage: story.Stage) -> Secrets:
    numbers = {text for text in stage.made.markers if not text.startswith(MARKER_PREFIX)}
    orders = stage.orders()
    asked = {row[0] for row in orders}
    assert 28 == len(asked) == len(asked & numbers) < len(numbers)
    days = frozenset({row[2] for row in orders} | {BORN})
    return Secrets((MARKER_PREFIX,), frozenset(numbers | {NUMBER}), days)


@contextmanager
def demonstration(folder: Path) -> Iterator[Demonstration]:
    """Run it up to where it waits; it ends with the block."""
    files, temporary, output = folder / "kept", folder / "tmp", folder / "output"
    temporary.mkdir()
    reading, writing = os.pipe()
    with output.open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, held_demo.__file__, str(writing), "demo", "--keep", str(files)],
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=said,
            pass_fds=[writing],
            env={**os.environ, "TMPDIR": str(temporary)},
        )
    os.close(writing)
    with process, open(reading, "rb") as stream:
        notes = stream.read()
        assert notes, output.read_text(encoding="utf-8")
        (place, chain, po, vo, made), told = pickle.loads(notes)
        pki = Pki.open(Path(chain["pki"]))
        stage = story.Stage(place, chain, pki, po, vo, magister_like, made)
        shown = Demonstration(process, stage, told, files, temporary, output, _secrets(stage))
        try:
            yield shown
        finally:
            shown.finish()

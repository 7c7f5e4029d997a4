"""The command line with a demonstration that is marked, and that waits before it ends.

A program: ``held_demo DESCRIPTOR ARGUMENT...`` runs ``oso-adapter`` with these arguments. Every
personal text of the pupils gets a marker. When all is told it writes what runs, and what was told,
to the descriptor; it goes on when it reads a line, or when nobody can write one any more.
"""

import pickle
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from unittest.mock import patch

from oso_adapter.cli.main import main
from oso_adapter.demo import story


def told(
    descriptor: int, stage: story.Stage, files: Path, say: Callable[[str], None]
) -> story.Told:
    """Tell the story, and wait."""
    all_of_it = story.tell(stage, files, say)
    runs = (stage.folder, stage.chain, stage.po, stage.vo, stage.made)
    notes = pickle.dumps((runs, all_of_it))
    with open(descriptor, "wb") as stream:
        stream.write(notes)
    sys.stdin.readline()
    return all_of_it


if __name__ == "__main__":
    held = partial(told, int(sys.argv.pop(1)))
    marked = partial(story.stage, markers=True)
    with patch("oso_adapter.cli.demo.stage", marked), patch("oso_adapter.cli.demo.tell", held):
        main()

"""The pages of docs/ that hold commands are run as they stand."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
RUN = {
    "shell": ["bash", "-euo", "pipefail", "-c"],
    "python": [sys.executable, "-W", "ignore", "-c"],
}


@pytest.mark.parametrize("page", ["standard.md"])
def test_the_commands_of_a_page_work_in_their_order(tmp_path: Path, page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    blocks = re.findall(r"^```(shell|python)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    assert len(blocks) > 3
    for language, block in blocks:
        done = subprocess.run(
            [*RUN[language], block],
            cwd=tmp_path,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert 0 == done.returncode, block + done.stdout + done.stderr

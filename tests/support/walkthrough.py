"""Somebody who follows a page as it stands: writes its files and types its commands, in order."""

import os
import re
import subprocess
import sys
import venv
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from support.authors import WITHOUT_OTHERS
from support.chain import end, free_ports, wait_for_port

ROOT: Final = Path(__file__).parents[2]
PORTS: Final = ("8441", "8442", "8443", "8444", "8080")
LISTENS_ON: Final = {"oso-adapter simulator": ("8443",), "oso-adapter serve": ("8444", "8080")}


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the word after that, and what is in it."""

    language: str
    word: str
    text: str


def blocks(page: str) -> list[Block]:
    """The fenced blocks of a page, in its order."""
    found = re.findall(r"^```(\w+) ?(\S*)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    return [Block(*parts) for parts in found]


class Reader:
    """Somebody who follows pages in a folder, with free ports and a Python of its own.

    The adapter is installed there already, so that `make install` finds nothing to do.
    """

    def __init__(self, folder: Path) -> None:
        self.checkout, self.folder = folder / "adapter", folder / "first-steps"
        self.checkout.mkdir()
        for name in ("Makefile", "pyproject.toml", "requirements", "examples"):
            (self.checkout / name).symlink_to(ROOT / name)
        _python_of_its_own(self.checkout / ".venv")
        (self.checkout / ".venv" / ".run").touch()
        self._free = dict(zip(PORTS, map(str, free_ports(len(PORTS))), strict=True))
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._entry = ""

    def follow(self, page: str) -> None:
        """Do what a page says, block by block; other blocks are for the eye."""
        acts = {
            ("shell", "setup"): self.set_up,
            ("shell", "every"): self.enter,
            ("shell", "terminal"): self.start,
            ("shell", ""): self.type,
            ("text", "says"): self.sees,
        }
        for block in blocks(page):
            act = self.write if block.language in ("toml", "python") else None
            act = act or acts.get((block.language, block.word))
            if act is not None:
                act(block)

    def set_up(self, block: Block) -> None:
        """What is done once, in the folder of the adapter."""
        self._run(block.text)

    def enter(self, block: Block) -> None:
        """What is done in every terminal, before anything else."""
        self._entry = block.text
        self._run("command -v oso-adapter")
        assert self._says(f"{self.checkout}/.venv/bin/oso-adapter\n")

    def sees(self, block: Block) -> None:
        """What the commands before it said; after … a line may go on in another way."""
        for line in self._with_free_ports(block.text).splitlines():
            assert self._says(line.rstrip("…")), line + self._screen.read_text()

    def _says(self, text: str) -> bool:
        """Whether the last command says this; one that goes on may still come to it."""
        for _ in range(600):
            if text in self._screen.read_text():
                return True
            with suppress(subprocess.TimeoutExpired):
                self._last.wait(0.05)
        return False

    def write(self, block: Block) -> None:
        """A file of the page; where the example has it too, both are the same."""
        file = self.folder / block.word
        example = ROOT / "examples" / "first-steps" / block.word
        if example.exists():
            assert example.read_text() == block.text
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(self._with_free_ports(block.text), encoding="utf-8")

    def type(self, block: Block) -> None:
        """Commands in the second terminal; each has to succeed."""
        self._run(block.text)

    def _run(self, text: str) -> None:
        code = self._begin(text).wait()
        assert 0 == code, text + self._screen.read_text()

    def _begin(self, text: str) -> subprocess.Popen[bytes]:
        """Type in a terminal with a screen of its own, in the folder of the adapter."""
        self._screen = self.checkout / f"screen-{len(list(self.checkout.iterdir()))}"
        with self._screen.open("wb") as output:
            self._last = subprocess.Popen(
                ["bash", "-euo", "pipefail", "-c", self._entry + self._with_free_ports(text)],
                cwd=self.checkout,
                env={**os.environ, "PYTEST_ADDOPTS": " ".join(WITHOUT_OTHERS)},
                stdout=output,
                stderr=output,
            )
        return self._last

    def start(self, block: Block) -> None:
        """A command in a terminal of its own; typed again, the former is stopped first."""
        command = block.text.strip()
        name = " ".join(command.split()[:2])
        if name in self._running:
            end(self._running.pop(name))
        process = self._running[name] = self._begin(f"exec {command}")
        for port in LISTENS_ON[name]:
            wait_for_port(int(self._free[port]), process, self._screen)

    def taken_over(self, expected: int) -> list[Path]:
        """What the plugin has written, once it is as much as expected: `serve` offers it too."""
        for _ in range(600):
            found = list((self.folder / "las").glob("ontvangen-*.json"))
            if len(found) >= expected:
                break
            with suppress(subprocess.TimeoutExpired):
                self._running["oso-adapter serve"].wait(0.05)
        return found

    def stop(self) -> None:
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            end(process)

    def _with_free_ports(self, text: str) -> str:
        return re.sub("|".join(PORTS), lambda found: self._free[found.group()], text)


def _python_of_its_own(folder: Path) -> Path:
    """An environment that sees what is installed here, so that the plugin is installed apart."""
    venv.create(folder, with_pip=False, symlinks=True)
    library = next((folder / "lib").glob("python*")) / "site-packages"
    here = next(p for p in sys.path if p.endswith("site-packages"))
    (library / "here.pth").write_text(f"import site; site.addsitedir({here!r})\n")
    script = folder / "bin" / "oso-adapter"
    script.write_text(
        f"#!{folder}/bin/python\nfrom oso_adapter.cli.main import main\n\nmain()\n",
        encoding="utf-8",
    )
    script.chmod(0o755)
    return folder / "bin"

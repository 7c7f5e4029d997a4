"""The README is run as it stands: its files are written, its commands typed, in its sequence."""

import os
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.chain import end, free_ports, wait_for_port

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PORTS = ("8441", "8442", "8443", "8444", "8080")
LISTENS_ON = {"oso-adapter simulator": ("8443",), "oso-adapter serve": ("8444", "8080")}


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the word after that, and what is in it."""

    language: str
    word: str
    text: str


def blocks() -> list[Block]:
    found = re.findall(r"^```(\w+) ?(\S*)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    return [Block(*parts) for parts in found]


class Reader:
    """Somebody who follows the README in a folder, with free ports and a Python of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "first-steps"
        shutil.copytree(ROOT / "examples" / "first-steps", self.folder)
        self._free = dict(zip(PORTS, map(str, free_ports(len(PORTS))), strict=True))
        self._python = _python_of_its_own(folder / "venv")
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def write(self, block: Block) -> None:
        """A file of the README; where the example has it too, both are the same."""
        file = self.folder / block.word
        if file.exists():
            assert (ROOT / "examples" / "first-steps" / block.word).read_text() == block.text
        file.write_text(self._with_free_ports(block.text), encoding="utf-8")

    def type(self, block: Block) -> None:
        """Commands in the second terminal; each has to succeed."""
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", self._with_free_ports(block.text)],
            cwd=self.folder,
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert 0 == done.returncode, block.text + done.stdout + done.stderr

    def start(self, block: Block) -> None:
        """A command in a terminal of its own; typed again, the former is stopped first."""
        command = self._with_free_ports(block.text).strip()
        name = " ".join(command.split()[:2])
        if name in self._running:
            end(self._running.pop(name))
        log = self.folder / "terminal.log"
        with log.open("ab") as output:
            process = subprocess.Popen(
                ["bash", "-c", f"exec {command}"],
                cwd=self.folder,
                env=self._environment(),
                stdout=output,
                stderr=output,
            )
        self._running[name] = process
        for port in LISTENS_ON[name]:
            wait_for_port(int(self._free[port]), process, log)

    def stop(self) -> None:
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            end(process)

    def _with_free_ports(self, text: str) -> str:
        return re.sub("|".join(PORTS), lambda found: self._free[found.group()], text)

    def _environment(self) -> dict[str, str]:
        path = f"{self._python}{os.pathsep}{os.environ['PATH']}"
        return {**os.environ, "PATH": path}


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    with ExitStack() as stack:
        reader = Reader(tmp_path)
        stack.callback(reader.stop)
        yield reader


def test_the_first_steps_work_as_they_stand(reader: Reader) -> None:
    act = {"toml": reader.write, "python": reader.write, "shell": reader.type}
    acts = {("shell", "terminal"): reader.start}
    for block in blocks():
        if block.language in act and block.word not in ("make", "setup"):
            acts.get((block.language, block.word), act[block.language])(block)

    exported = list((reader.folder / "received").glob("*.xml"))
    taken_over = list((reader.folder / "las").glob("ontvangen-*.json"))
    assert ["intake-1.xml", "intake-2.xml"] == sorted(file.name for file in exported)
    assert 1 == len(taken_over)


def test_each_make_target_of_the_readme_exists() -> None:
    texts = [block.text for block in blocks() if block.word in ("make", "setup")]
    targets = [target for text in texts for target in re.findall(r"^make (\w+)", text, re.M)]

    done = subprocess.run(
        ["make", "--dry-run", *targets], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert ["demo", "test", "install"] == targets
    assert 0 == done.returncode, done.stderr


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "SECURITY.md", "docs"])
def test_each_link_to_a_file_leads_somewhere(document: str) -> None:
    path = ROOT / document
    for file in path.glob("*.md") if path.is_dir() else [path]:
        links = re.findall(r"\]\((?!https?:)([^)#]+)", file.read_text(encoding="utf-8"))
        assert [] == [link for link in links if not (file.parent / link).exists()], file.name


def test_each_place_that_the_readme_names_in_the_code_exists() -> None:
    named = re.findall(r"^(oso_adapter/\w+/)", README, re.MULTILINE)

    packages = {f"oso_adapter/{p.parent.name}/" for p in ROOT.glob("oso_adapter/*/__init__.py")}
    assert packages - {"oso_adapter/demo/"} == set(named)
    assert "def _hand_out(" in (ROOT / "oso_adapter/exchange/deliver.py").read_text()


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

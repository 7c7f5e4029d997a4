"""A LAS in Node, one that fails on demand, and what the host tells the plugin."""

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from oso_webhook.cli import SAMPLE
from oso_webhook.configuration import NAME, configured
from oso_webhook.forms import HOOKS
from support.chain import end
from support.programs import needs
from support.webhook import SECRET, Las, las

from oso_adapter.hookspecs import AdministrationRef, HookContext
from oso_adapter.simulator.pki import Pki

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
SCHOOL = AdministrationRef("99AA", "0000000700099AA00001", "LAS", "De Regenboog", "t")

Section = dict[str, Any]
Told = Callable[..., HookContext]


@dataclass(frozen=True)
class Sample:
    """The server of ../sample, running.

    store: what it took over.
    """

    url: str
    secret_file: Path
    store_file: Path

    @property
    def store(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.store_file.read_text(encoding="utf-8"))
        return found


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return Pki.create(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="session")
def bad_las(pki: Pki) -> Iterator[Las]:
    """A server that replies what a test wants."""
    with las(pki.leaf("bad-las", hosts=("localhost",))) as running:
        yield running


@pytest.fixture(scope="session")
def sample(pki: Pki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sample]:
    """The sample server, as its README starts it."""
    node = needs("node")
    folder = tmp_path_factory.mktemp("sample")
    secret = folder / "secret.txt"
    secret.write_text(SECRET, encoding="ascii")
    leaf = pki.leaf("las", hosts=("localhost",))
    arguments: dict[str, object] = {
        "port": 0,
        "certificate": leaf.certificate,
        "key": leaf.key,
        "secret-file": secret,
        "pupils": SAMPLE / "pupils.json",
        "store": folder / "taken.json",
    }
    assert set(arguments) == set(
        re.findall(r" --([a-z-]+) ", README.split("   node ")[1].split("```")[0])
    ), "README"
    options = [f"--{name}={value}" for name, value in arguments.items()]
    command = [node, str(SAMPLE / "server.mjs"), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().split()[-1]
            yield Sample(f"{url}/oso", secret, folder / "taken.json")
        finally:
            end(process)


@pytest.fixture(scope="session")
def section(pki: Pki) -> Callable[..., Section]:
    """The section of the configuration, with every hook."""

    def call(url: str, **more: Any) -> Section:
        given = {"url": url, "hooks": list(HOOKS), "secret": SECRET, "roots": [str(pki.roots)]}
        return {name: value for name, value in (given | more).items() if value is not None}

    return call


@pytest.fixture(scope="session")
def told(section: Callable[..., Section]) -> Told:
    """What the host tells the plugin: the address of the LAS, how long, and other settings."""

    def call(url: str, seconds: float = 20.0, **more: Any) -> HookContext:
        configured(section(url, **more))
        return HookContext(
            administration=SCHOOL,
            account="j.admin",
            release="2019.1",
            contract="20200910",
            clock=lambda: datetime.now(UTC),
            deadline=datetime.now(UTC) + timedelta(seconds=seconds),
            reason="test",
            sections={NAME: section(url, **more)},
        )

    return call

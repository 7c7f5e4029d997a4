"""A folder of one school, and what a host tells the plugin about it."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from oso_directory.plugin import NAME

from oso_adapter.hookspecs import AdministrationRef, HookContext, ReceivedDossier
from oso_adapter.standard.attachments import unpacked
from oso_adapter.standard.codec import to_dict, to_element, to_xml
from oso_adapter.standard.jsonform import to_json
from oso_adapter.standard.pack import load_pack
from oso_adapter.standard.samples import sample

NOW = datetime(2027, 5, 12, 9, 0, tzinfo=UTC)
SCHOOL = AdministrationRef("99AA", "0000000700099AA00001", "LAS", "school", "t")
FOLDER = "99AA-0000000700099AA00001"

Put = Callable[..., Path]
Told = Callable[..., HookContext]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The folder, with ``out`` of the school."""
    path = tmp_path / "oso"
    for folder in (path, path / "out", path / "out" / FOLDER):
        folder.mkdir(mode=0o700)
    return path


@pytest.fixture
def put(root: Path) -> Put:
    """Write a file in ``out`` of the school, for its owner alone."""

    def call(name: str, content: bytes | str) -> Path:
        path = root / "out" / FOLDER / name
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        path.chmod(0o600)
        return path

    return call


@pytest.fixture
def told(root: Path) -> Told:
    """What the host tells the plugin, with settings."""

    def call(school: AdministrationRef | None = SCHOOL, **settings: Any) -> HookContext:
        return HookContext(
            administration=school,
            account="j.admin",
            release="2019.1",
            contract="20200910",
            clock=lambda: NOW,
            deadline=NOW,
            reason="test",
            sections={NAME: {"folder": str(root), **settings}},
        )

    return call


@pytest.fixture(scope="session")
def whole() -> dict[str, Any]:
    """A full dossier in the dict form, with everything that the adapter makes itself."""
    return sample("POVO", size="full")


@pytest.fixture(scope="session")
def as_json(whole: dict[str, Any]) -> str:
    """The part of it that a school's system gives, as JSON."""
    return to_json({"huidigeschool": whole["huidigeschool"]}, load_pack())


@pytest.fixture(scope="session")
def as_xml(whole: dict[str, Any]) -> bytes:
    """It as XML."""
    return to_xml(whole, load_pack())


@pytest.fixture(scope="session")
def received(whole: dict[str, Any], as_xml: bytes) -> ReceivedDossier:
    """It as the host hands it over."""
    pack = load_pack()
    return ReceivedDossier(
        id="6f3e2f43-8a7e-4a3c-93f6-0f5a7d1c2b10",
        dossier=unpacked(to_dict(to_element(whole, pack), pack), pack),
        xml=as_xml,
        release=pack.release,
        profile="POVO",
        bron_brin="99CC",
        former_numbers=("111222333",),
    )

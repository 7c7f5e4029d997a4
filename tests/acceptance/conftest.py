"""A chain for the acceptance tests: real processes, real mutual TLS."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from support.asker import Asker, prepared
from support.chain import Chain
from support.demonstration import Demonstration, demonstration
from support.dossiers import NUMBERS
from support.fetching import NUMBERS as FRESH
from support.fetching import Doel, Stage, staged

from oso_adapter import logs


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    """A chain of which nothing runs yet; everything that a test starts ends with it."""
    chain = Chain.create(tmp_path)
    yield chain
    chain.stop()


@pytest.fixture(scope="session")
def asker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    """A served endpoint, for tests that leave it as it was, and the school that asks it.

    The dossier of the first of NUMBERS is ready; nothing is known of the others.
    """
    chain = Chain.create(tmp_path_factory.mktemp("endpoint"))
    chain.start("tc")
    bron, doel = chain.add_school("99AA", "PO"), chain.add_school("99BB", "VO")
    asker = Asker(doel, bron)
    asker.expected = prepared(bron, NUMBERS[0])[NUMBERS[0]]
    bron.start("public")
    yield asker
    chain.stop()


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A doelschool, and bronscholen that say what a test wants."""
    with staged(tmp_path_factory.mktemp("fetch")) as stage:
        yield stage


@pytest.fixture
def doel(stage: Stage) -> Doel:
    """The doelschool with a clock of its own."""
    return stage.doel()


@pytest.fixture
def number() -> str:
    """The number of a pupil of whom nothing is known anywhere."""
    return next(FRESH)


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> StringIO:
    """What is logged in this process."""
    stream = StringIO()
    monkeypatch.setattr(logs, "_logger", logs._Logger(stream))
    return stream


@pytest.fixture(scope="session")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    """The whole demonstration, once for all tests that look at what it shows and leaves."""
    with demonstration(tmp_path_factory.mktemp("demo")) as shown:
        yield shown

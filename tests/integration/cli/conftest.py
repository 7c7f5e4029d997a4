"""A school with a configured adapter; what a command needs of the chain is started by the test."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.chain import ACCOUNT, Chain, School
from support.dossiers import NUMBERS, dossier

Put = Callable[..., str]


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    """A chain of which nothing runs yet."""
    chain = Chain.create(tmp_path)
    yield chain
    chain.stop()


@pytest.fixture
def school(chain: Chain) -> School:
    """A primary school, 99AA, with one administration."""
    return chain.add_school("99AA", "PO", registered=False)


@pytest.fixture
def put(school: School, tmp_path: Path) -> Put:
    """Puts a dossier of the school and gives the reference of its pupil."""

    def put(number: str = NUMBERS[0], reference: str = "P-1", profile: str = "POVO") -> str:
        file = tmp_path / f"{reference}.xml"
        file.write_bytes(dossier(number, profile, reference=reference))
        done = school.cli(
            *("dossier", "put", str(file), "--administration", "99AA", "--account", ACCOUNT)
        )
        assert 0 == done.exit_code, done.output
        return reference

    return put

"""A chain for the acceptance tests: real processes, real mutual TLS."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.chain import Chain


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    """A chain of which nothing runs yet; everything that a test starts ends with it."""
    chain = Chain.create(tmp_path)
    yield chain
    chain.stop()

"""An adapter for tests that bring their own register, store and clock."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.chain import Chain
from support.register import Night, night

from oso_adapter.exchange.adapter import Adapter


@pytest.fixture(scope="session")
def adapter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Adapter]:
    chain = Chain.create(tmp_path_factory.mktemp("adapter"))
    yield chain.add_school("99AA", registered=False).adapter()
    chain.stop()


@pytest.fixture
def empty(tmp_path: Path, adapter: Adapter) -> Iterator[Night]:
    """An empty register and store."""
    made = night(tmp_path, adapter)
    yield made
    made.close()

"""A school with an adapter, and its LAS with a token."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.api import LasClient, las
from support.chain import Chain, School
from support.fetching import TestClock

from oso_adapter.exchange.adapter import Adapter


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    """A chain of which nothing runs."""
    chain = Chain.create(tmp_path)
    yield chain
    chain.stop()


@pytest.fixture
def school(chain: Chain) -> School:
    """A primary school, 99AA, with one administration."""
    return chain.add_school("99AA", "PO", registered=False)


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture
def adapter(school: School, clock: TestClock) -> Adapter:
    return school.adapter(clock)


@pytest.fixture
def client(school: School, adapter: Adapter) -> LasClient:
    """The LAS of the school, with every scope."""
    return las(adapter, named=[school.routing_id])


@pytest.fixture
def tenant(adapter: Adapter) -> LasClient:
    """A client with a token of the whole tenant of the school."""
    return las(adapter, "tenant", tenant="99aa")

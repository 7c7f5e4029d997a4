"""The pytest plugin: fixtures for the author of a plugin.

pytest loads it wherever the adapter is installed, so what a fixture needs is imported when the
fixture is used.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from oso_adapter.plugins import PluginHost
    from oso_adapter.settings import Settings
    from oso_adapter.simulator.pki import Pki
    from oso_adapter.testing.chain import Chain
    from oso_adapter.testing.clock import MovableClock
    from oso_adapter.testing.school import School

pytest.register_assert_rewrite("oso_adapter.testing.contract")


@pytest.fixture
def oso_clock() -> "MovableClock":
    """A clock that stands still until the test moves it: ``oso_clock.forward(days=1)``."""
    from oso_adapter.testing.clock import MovableClock

    return MovableClock()


@pytest.fixture
def oso_dossier() -> Callable[..., dict[str, Any]]:
    """Makes synthetic dossiers in the dict form: ``oso_dossier("POVO", size="full", seed=2)``.

    More arguments are other values for elements of ``leerling``; None leaves one out.
    """
    from oso_adapter.testing.dossiers import a_dossier

    return a_dossier


@pytest.fixture
def oso_received() -> Callable[..., Any]:
    """Makes of a dossier what a plugin is offered: ``oso_received(dossier, "r-1")``."""
    from oso_adapter.testing.dossiers import received

    return received


@pytest.fixture
def oso_context(oso_clock: "MovableClock") -> Callable[..., Any]:
    """Makes what a hook is told first: ``oso_context("my_las", {"database": "las.sqlite"})``."""
    from functools import partial

    from oso_adapter.testing.hosts import context

    return partial(context, clock=oso_clock)


@pytest.fixture
def oso_settings() -> "Callable[..., Settings]":
    """Makes settings of an adapter: ``oso_settings("my_las", {...}, limits={...})``."""
    from oso_adapter.testing.hosts import settings

    return settings


@pytest.fixture
def oso_host(oso_clock: "MovableClock") -> "Callable[..., PluginHost]":
    """Makes a host that calls one plugin as the adapter does: ``oso_host(my_las, "my_las", {})``.

    It is strict: what the adapter would refuse raises here, with the reason.
    """
    from functools import partial

    from oso_adapter.testing.hosts import host

    return partial(host, clock=oso_clock)


@pytest.fixture(scope="session")
def oso_pki(_oso_chain: "Chain") -> "Pki":
    """The authority of the chain: ``oso_pki.leaf("name", oin=...)`` issues a certificate."""
    return _oso_chain.pki


@pytest.fixture(scope="session")
def _oso_chain(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Chain]":
    from oso_adapter.testing.chain import running

    with running(tmp_path_factory.mktemp("oso-chain")) as chain:
        yield chain


@pytest.fixture
def oso_chain(_oso_chain: "Chain", oso_clock: "MovableClock") -> "Iterator[Chain]":
    """Traffic Center, OSR and test school, over mutual TLS, by the clock of the test."""
    before, _oso_chain.clock = _oso_chain.clock, oso_clock
    yield _oso_chain
    _oso_chain.clock = before


@pytest.fixture
def oso_school(
    oso_chain: "Chain", tmp_path_factory: pytest.TempPathFactory
) -> "Iterator[Callable[..., School]]":
    """Makes schools in the chain, each an adapter in this process with a plugin and an endpoint.

    ``oso_school("99AA", "PO", plugin=my_las, name="my_las", section={...})``; what a school can do
    is in :class:`oso_adapter.testing.school.School`.
    """
    from oso_adapter.testing.school import a_school

    with ExitStack() as stack:

        def make(brin: str = "99AA", sector: str = "PO", **more: Any) -> "School":
            folder: Path = tmp_path_factory.mktemp(f"school-{brin}")
            return stack.enter_context(a_school(oso_chain, folder, brin, sector, **more))

        yield make

"""What all tests share."""

import gc
import os
from contextlib import suppress
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, settings
from support.compiled import compile_once
from xdist.scheduler import LoadFileScheduling

TOGETHER: Final = tuple(
    f"tests/acceptance/test_{name}.py" for name in ("demo", "leaks", "left_behind")
)
"""Modules that look at the same long demonstration, which one process runs for all.

The last one looks when it has ended.
"""

settings.register_profile(
    "default",
    deadline=None,  # a busy machine is no failure
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("default")
compile_once()


def pytest_collection(session: pytest.Session) -> None:
    """What is collected stays until the end, and is no garbage to be looked for."""
    gc.disable()
    _import_our_share(session)


def _import_our_share(session: pytest.Session) -> None:
    """Each process begins with other modules: their assertions are rewritten once, for all.

    That is most of the work of collecting in a fresh clone. What cannot be imported is told when it
    is collected.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    count = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    folders = [session.config.rootpath / name for name in session.config.getini("testpaths")]
    modules = sorted(path for folder in folders for path in folder.rglob("test_*.py"))
    for path in modules[int(worker) :: count] if count > 1 else ():
        with suppress(pytest.Collector.CollectError):
            _ = pytest.Module.from_parent(session, path=path).obj


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """In whatever order files are named on the command line."""
    items.sort(key=lambda item: item.nodeid.startswith(TOGETHER[-1]))


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


class Scheduling(LoadFileScheduling):
    """A file of tests stays in one process, and so do those that share what takes long."""

    def _split_scope(self, nodeid: str) -> str:
        scope = str(super()._split_scope(nodeid))
        return TOGETHER[0] if scope in TOGETHER else scope


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling:
    return Scheduling(config, log)

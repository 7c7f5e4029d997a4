"""What all tests share."""

import gc
import os
import sys
from pathlib import Path
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
    config = session.config
    folders = [config.rootpath / name for name in config.getini("testpaths")]
    count = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if count > 1 and [config.rootpath / name for name in config.args] == folders:
        modules = sorted(path for folder in folders for path in folder.rglob("test_*.py"))
        worker = int(os.environ["PYTEST_XDIST_WORKER"].removeprefix("gw"))
        _import_first(session, modules[worker::count])


def _import_first(session: pytest.Session, modules: list[Path]) -> None:
    """Of all tests each process begins with other modules: assertions are rewritten once, for all.

    That is most of the work of collecting in a fresh clone. What cannot be imported is left to the
    collecting, which tells it.
    """
    for path in modules:
        try:
            _ = pytest.Module.from_parent(session, path=path).obj
        except (Exception, pytest.skip.Exception):
            for name, module in list(sys.modules.items()):
                if getattr(module, "__file__", None) == str(path):
                    del sys.modules[name]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The last of those together comes last, in whatever order files are named."""
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

"""What all tests share."""

import gc
import os
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, settings
from support.compiled import compile_once
from xdist.scheduler import LoadFileScheduling

TOGETHER: Final = tuple(
    f"tests/acceptance/test_{name}.py" for name in ("demo", "leaks", "left_behind")
)
"""Modules that look at the same long demonstration, in this order: one process runs it for all."""

settings.register_profile(
    "default",
    deadline=None,  # a busy machine is no failure
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("default")
compile_once()


def pytest_collection() -> None:
    """What is collected stays until the end, and is no garbage to be looked for."""
    gc.disable()


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

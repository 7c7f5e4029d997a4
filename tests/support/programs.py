"""Programs of other people that some tests need, and that not every machine has."""

import os
import shutil

import pytest


def needs(name: str) -> str:
    """The path of a program; a test is skipped without it, and fails where CI=true is set."""
    found = shutil.which(name)
    if found is None and os.environ.get("CI") == "true":
        pytest.fail(f"{name} is not on this machine")
    if found is None:
        pytest.skip(f"{name} is not on this machine")
    return found

"""A store with the tables of this version, which are made once and then copied."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from oso_adapter.store.engine import Store


def upgraded(file: Path, **options: Any) -> Store:
    """An empty store in a new file, as ``upgrade`` leaves it; options: of :class:`Store`."""
    file.write_bytes(_made())
    return Store(f"sqlite:///{file}", **options)


@cache
def _made() -> bytes:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "adapter.sqlite"
        store = Store(f"sqlite:///{file}")
        store.upgrade()
        store.close()  # which brings all of it from the log into the file
        return file.read_bytes()

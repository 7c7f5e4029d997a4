"""Statements that are compiled once for all stores of a test run, of which there are thousands.

Each store has an engine of its own, and an engine compiles every statement anew: a fifth of the
time of the tests that use one. The adapter has one store in a process.
"""

from typing import Any, Final

from sqlalchemy import Connection, Engine, event

_MOST: Final = 5000


class _Compiled(dict[Any, Any]):
    """By the kind of the database, where SQLAlchemy has the dialect of one engine."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get((type(key[0]), *key[1:]), default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        if len(self) >= _MOST:
            self.clear()
        super().__setitem__((type(key[0]), *key[1:]), compiled)


def compile_once() -> None:
    """Do so from now on in this process."""
    compiled = _Compiled()

    @event.listens_for(Engine, "engine_connect")
    def _share(connection: Connection) -> None:
        connection.execution_options(compiled_cache=compiled)

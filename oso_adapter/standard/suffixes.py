"""A table of a release by the end of a path: ``overstapadvies/advies``, or a name alone."""

from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar

T = TypeVar("T")


class Suffixes(Generic[T]):
    """What holds for elements whose path ends like this; the longest end that fits wins.

    table: by suffix, names with ``/`` between them and none before. Rows of the standard are given
    so (Gegevensset 2019.1, code lists), since a block that occurs in several places is one type.
    """

    def __init__(self, table: Mapping[str, T]) -> None:
        self._table = dict(table)
        self._depth = max((key.count("/") + 1 for key in self._table), default=0)
        self.names = frozenset(key.rpartition("/")[2] for key in self._table)

    def find(self, names: tuple[str, ...]) -> T | None:
        """The row for a path given as names, the root first; None where there is none."""
        for depth in range(min(self._depth, len(names)), 0, -1):
            found = self._table.get("/".join(names[-depth:]))
            if found is not None:
                return found
        return None

    def items(self) -> Iterator[tuple[str, T]]:
        """Every suffix with its row."""
        return iter(self._table.items())

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

    def by_name(self) -> Mapping[str, tuple[tuple[tuple[str, ...], T], ...]]:
        """By the name of the element itself: the names above it, nearest first, and the row.

        The longest end comes first, so the first that fits is the one that counts.
        """
        found: dict[str, list[tuple[tuple[str, ...], T]]] = {}
        for suffix, row in sorted(self._table.items(), key=lambda item: -item[0].count("/")):
            *above, name = suffix.split("/")
            found.setdefault(name, []).append((tuple(reversed(above)), row))
        return {name: tuple(rows) for name, rows in found.items()}

    def items(self) -> Iterator[tuple[str, T]]:
        """Every suffix with its row."""
        return iter(self._table.items())

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
        self._ends: dict[str, list[tuple[tuple[str, ...], T]]] = {}
        for suffix, row in sorted(self._table.items(), key=lambda item: -item[0].count("/")):
            end = tuple(suffix.split("/"))
            self._ends.setdefault(end[-1], []).append((end, row))
        self.names = frozenset(self._ends)

    def find(self, names: tuple[str, ...]) -> T | None:
        """The row for a path given as names, the root first; None where there is none."""
        for end, row in self._ends.get(names[-1], ()):
            if names[-len(end) :] == end:
                return row
        return None

    def by_name(self) -> Mapping[str, tuple[tuple[tuple[str, ...], T], ...]]:
        """By the name of the element itself: the names above it, nearest first, and the row.

        The longest end comes first, so the first that fits is the one that counts.
        """
        return {
            name: tuple((end[-2::-1], row) for end, row in ends)
            for name, ends in self._ends.items()
        }

    def items(self) -> Iterator[tuple[str, T]]:
        """Every suffix with its row."""
        return iter(self._table.items())

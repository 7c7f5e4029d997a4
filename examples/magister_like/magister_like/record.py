"""A pupil's file in memory: plain rows per table, the thing that is mapped in both directions."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

Row = dict[str, Any]


class Record:
    """Everything that the LAS keeps about one pupil (or about the school itself).

    Rows of a part are numbered from 1 in ``volgnr``; that number is how parts refer to each other.
    """

    def __init__(self, main: Mapping[str, Any]) -> None:
        """``main``: the row of ``leerling`` (or of ``school``)."""
        self.main: Row = dict(main)
        self.parts: defaultdict[str, list[Row]] = defaultdict(list)

    def add(self, part: str, **values: Any) -> int:
        """Append a row to a part; gives its ``volgnr``."""
        rows = self.parts[part]
        rows.append({"volgnr": len(rows) + 1, **values})
        return len(rows)

    def of(self, part: str, **match: Any) -> list[Row]:
        """The rows of a part whose columns have these values, in order."""
        rows = self.parts.get(part, [])
        return [row for row in rows if all(row.get(name) == value for name, value in match.items())]

    def one(self, part: str, **match: Any) -> Row | None:
        """The first of those rows, or None."""
        return next(iter(self.of(part, **match)), None)

"""The code lists of a release: which codes an element takes (``codelists.toml`` of a pack)."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from oso_adapter.errors import NotFound
from oso_adapter.standard.findings import Severity
from oso_adapter.standard.suffixes import Suffixes


@dataclass(frozen=True)
class CodeList:
    """One list.

    number: as the standard numbers it. name: what it lists, in Dutch. elements: suffixes of the
    paths that it applies to. codes: each code with its meaning in Dutch, empty where no public
    source tells it. severity: of a code that is not on the list.
    """

    number: str
    name: str
    elements: tuple[str, ...]
    codes: Mapping[str, str]
    severity: Severity


@dataclass(frozen=True)
class CodeLists:
    """All lists of a release, by number."""

    lists: Mapping[str, CodeList]

    @cached_property
    def by_path(self) -> Suffixes[CodeList]:
        """The list of an element, by the end of its path."""
        return Suffixes({path: found for found in self.lists.values() for path in found.elements})

    def number(self, number: str) -> CodeList:
        """The list with this number; raises NotFound."""
        if number not in self.lists:
            raise NotFound(f"there is no such code list; there are {', '.join(self.lists)}")
        return self.lists[number]


def load_codelists(table: Path) -> CodeLists:
    """Read the table of a pack; a pack without one has no lists."""
    if not table.exists():
        return CodeLists({})
    read = tomllib.loads(table.read_text(encoding="utf-8"))
    return CodeLists(
        {
            number: CodeList(
                number=number,
                name=row["name"],
                elements=tuple(row["elements"]),
                codes=row["codes"],
                severity=row.get("severity", "error"),
            )
            for number, row in read.items()
        }
    )

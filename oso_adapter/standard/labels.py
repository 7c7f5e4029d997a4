"""How elements and categories are called in Dutch, and how private they are (``labels.toml``)."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, get_args

from oso_adapter.errors import ConfigurationError
from oso_adapter.standard.suffixes import Suffixes

Privacy = Literal["none", "personal", "special"]
"""``special``: special categories of data and national numbers (GDPR articles 9 and 87)."""


@dataclass(frozen=True)
class Label:
    """The Dutch name of an element, and how private its value is.

    title: of a block that repeats, paths of the elements below it that tell one from another.
    """

    text: str
    privacy: Privacy
    title: tuple[str, ...] = ()


@dataclass(frozen=True)
class Heading:
    """Which elements name a document: paths below its root, for the pupil and for the school."""

    pupil: tuple[str, ...] = ()
    school: tuple[str, ...] = ()


class Labels:
    """The labels of a release; what has none is called by its own name and counts as special."""

    def __init__(
        self,
        elements: Mapping[str, Label],
        categories: Mapping[str, str],
        headings: Mapping[str, Heading],
    ) -> None:
        self.elements: Final = Suffixes(elements)
        self._categories = categories
        self._headings = headings

    def of(self, path: tuple[str, ...]) -> Label:
        """The label of an element, by the names of its path, the root first."""
        return self.elements.find(path) or Label(path[-1], "special")

    def category(self, name: str) -> str:
        """The Dutch name of a category such as ``cat_verzuim``."""
        return self._categories.get(name, name)

    def heading(self, root: str) -> Heading:
        """What names a document with this root; without labels nothing does."""
        return self._headings.get(root, Heading())


def load_labels(table: Path) -> Labels:
    """Read the table of a pack; a pack without one has no labels."""
    if not table.exists():
        return Labels({}, {}, {})
    read = tomllib.loads(table.read_text(encoding="utf-8"))
    for suffix, row in read["elements"].items():
        if row["privacy"] not in get_args(Privacy):
            raise ConfigurationError(f"{table.name}: {suffix} has an unknown privacy")
    elements = {
        suffix: Label(row["label"], row["privacy"], tuple(row.get("title", ())))
        for suffix, row in read["elements"].items()
    }
    headings = {
        root: Heading(tuple(row["pupil"]), tuple(row["school"]))
        for root, row in read.get("heading", {}).items()
    }
    return Labels(elements, read["categories"], headings)

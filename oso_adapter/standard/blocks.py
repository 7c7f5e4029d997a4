"""What blocks hold in the reading view, before it has a form: rows, cards, tables, attachments.

Made from the structure, the labels, the code lists and the categories of a release, and from
nothing else, so that a new release needs labels only. Nothing of a document is left out: what the
standard does not know is shown under its own name.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar, Final

from lxml import etree

from oso_adapter.standard.attachments import CONTENT, NAME
from oso_adapter.standard.files import File, Unpacker
from oso_adapter.standard.places import MEANING, Place, Reader
from oso_adapter.standard.shown import EMPTY, harmless

_DEEPEST: Final = 24
"""The standard needs 13 levels; below this a document is shown as one list of texts."""

_MAX_COLUMNS: Final = 6
_LOOSE_TEXT: Final = "Losse tekst"


@dataclass(frozen=True)
class Row:
    """A name with its values; the name is empty where a heading says it already."""

    label: str
    values: tuple[str, ...]
    known: bool = True


@dataclass(frozen=True)
class Rows:
    """Rows that follow one another."""

    kind: ClassVar = "rows"
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Card:
    """A block with a title of its own."""

    kind: ClassVar = "card"
    title: str
    body: "Body"
    known: bool = True


@dataclass(frozen=True)
class Table:
    """Blocks of the same small kind, one a line; a cell holds rows."""

    kind: ClassVar = "table"
    caption: str
    columns: tuple[str, ...]
    lines: tuple[tuple[tuple[Row, ...], ...], ...]


@dataclass(frozen=True)
class Attachment:
    """A file: under which name and description it came, and the file, or why there is none."""

    name: str
    description: str
    file: File | None
    problem: str
    rest: "Body"


@dataclass(frozen=True)
class Attachments:
    """Files that follow one another."""

    kind: ClassVar = "attachments"
    title: str
    items: tuple[Attachment, ...]


Part = Rows | Card | Table | Attachments
Body = tuple[Part, ...]


class Composer:
    """Makes the body of blocks; one for each document, since it counts what is unpacked."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._unpacker = Unpacker()

    def inside(self, place: Place, caption: str = "") -> Body:
        """What a block holds: its elements, and text and attributes that should not be there."""
        if len(place.names) > _DEEPEST:
            return (Rows(tuple(self._flat(place))),)
        parts = self.body(self._reader.children(place), caption)
        strays = tuple(self.strays(place))
        return (Rows(strays), *parts) if strays else parts

    def body(self, places: Iterable[Place], caption: str = "") -> Body:
        """Places in their order; those with the same name beside one another belong together.

        caption: what to call them, where the block above them is only a list of them.
        """
        parts: list[Part] = []
        rows: list[Row] = []
        for _, run in groupby(places, key=lambda place: (place.node.tag, place.is_block)):
            same = list(run)
            if not same[0].is_block:
                rows.append(self._row(same))
                continue
            if rows:
                parts.append(Rows(tuple(rows)))
                rows = []
            parts.extend(self._blocks(same, caption))
        return (*parts, Rows(tuple(rows))) if rows else tuple(parts)

    def strays(self, place: Place) -> Iterator[Row]:
        """Text and attributes of a block, which should have none."""
        if text := harmless(place.text.strip()):
            yield Row(_LOOSE_TEXT, (text,), known=False)
        for name, text in self._reader.attributes(place):
            yield Row(name, (text,), known=False)

    def _row(self, same: list[Place]) -> Row:
        values = tuple(self._reader.shown(place) for place in same)
        return Row(self._reader.label(same[0]), values, known=same[0].spec is not None)

    def _blocks(self, same: list[Place], caption: str) -> Iterator[Part]:
        first = same[0]
        label = self._reader.label(first)
        if first.is_document:
            yield Attachments(caption or label, tuple(map(self._attachment, same)))
        elif _is_list(first):
            for place in same:
                yield from self.inside(place, label) or _empty(label)
        elif first.spec is not None and first.spec.sequence_repeats:
            for place in same:
                yield from tuple(self._groups(place, label)) or _empty(label)
        else:
            contents = [list(self._reader.children(place)) for place in same]
            table = self._table(caption or label, same, contents)
            if table:
                yield table
                return
            for number, (place, children) in enumerate(zip(same, contents, strict=True), 1):
                title = self._title(label, number if len(same) > 1 else 0, place, children)
                yield Card(title, self.inside(place), known=place.spec is not None)

    def _groups(self, place: Place, label: str) -> Iterator[Part]:
        """A block whose whole content repeats: each run of it is shown as a block of its own."""
        groups = _runs(place, self._reader)
        if strays := tuple(self.strays(place)):
            yield Rows(strays)
        if table := self._table(label, [], groups):
            yield table
            return
        for number, group in enumerate(groups, 1):
            title = self._title(label, number if len(groups) > 1 else 0, place, group)
            yield Card(title, self.body(group))

    def _title(self, label: str, number: int, place: Place, children: list[Place]) -> str:
        """``Toets 2 – Rekenen 15-01-2020``."""
        named: list[str] = []
        for path in self._reader.title_paths(place):
            first, _, rest = path.partition("/")
            for child in children:
                if child.name == first and child.spec is not None:
                    found = self._reader.find(child, rest) if rest else (child,)
                    named.extend(self._reader.short(below) for below in found)
        counted = f"{label} {number}" if number else label
        return f"{counted} – {' '.join(named)}" if named else counted

    def _table(
        self, caption: str, blocks: list[Place], contents: list[list[Place]]
    ) -> Table | None:
        """The table of blocks that are small and alike enough for one, else None."""
        if len(contents) < 2 or any(next(self.strays(place), None) for place in blocks):
            return None
        columns: dict[str, str] = {}
        for children in contents:
            for child in children:
                if not self._fits_cell(child):
                    return None
                columns.setdefault(child.name, self._reader.label(child))
            if len(columns) > _MAX_COLUMNS:
                return None
        lines = tuple(
            tuple(self._cell(name, children) for name in columns) for children in contents
        )
        return Table(caption, tuple(columns.values()), lines)

    def _fits_cell(self, place: Place) -> bool:
        if place.spec is None or place.is_document:
            return False
        if not place.is_block:
            return True
        below = self._reader.children(place)
        simple = all(child.spec is not None and not child.is_block for child in below)
        return simple and next(self.strays(place), None) is None

    def _cell(self, name: str, children: list[Place]) -> tuple[Row, ...]:
        rows: list[Row] = []
        for child in children:
            if child.name != name:
                continue
            if child.is_block:
                rows.extend(self._row([below]) for below in self._reader.children(child))
            else:
                rows.append(Row("", (self._reader.shown(child),)))
        return tuple(rows)

    def _attachment(self, place: Place) -> Attachment:
        taken: dict[str, Place] = {}
        rest: list[Place] = []
        for child in self._reader.children(place):
            one_of_three = child.name in (NAME, MEANING, CONTENT) and not child.is_block
            if one_of_three and child.name not in taken:
                taken[child.name] = child
            else:
                rest.append(child)
        name, description = (
            taken[key].text.strip() if key in taken else "" for key in (NAME, MEANING)
        )
        file: File | str = "het bestand ontbreekt"
        if CONTENT in taken:
            file = self._unpacker.file(name, taken[CONTENT].text)
        return Attachment(
            name=harmless(name) or "Bestand zonder naam",
            description=harmless(description),
            file=file if isinstance(file, File) else None,
            problem=file if isinstance(file, str) else "",
            rest=self._beside(place, taken.values(), rest),
        )

    def _beside(self, place: Place, taken: Iterable[Place], rest: list[Place]) -> Body:
        """What an attachment holds beside name, description and file; normally nothing."""
        strays = [
            *self.strays(place),
            *(
                Row(name, (text,), known=False)
                for child in taken
                for name, text in self._reader.attributes(child)
            ),
        ]
        body = self.body(rest)
        return (Rows(tuple(strays)), *body) if strays else body

    def _flat(self, place: Place) -> Iterator[Row]:
        """Everything below a place that is too deep, one row for each element with a text."""
        for node in place.node.iter("*"):
            below = Place(node, None, (etree.QName(node).localname,))
            if text := below.text.strip():
                yield Row(harmless(below.name), (harmless(text) or EMPTY,), known=False)
            for name, text in self._reader.attributes(below):
                yield Row(name, (text,), known=False)


def _empty(label: str) -> Body:
    return (Rows((Row(label, (EMPTY,)),)),)


def _is_list(place: Place) -> bool:
    """Whether a block is only there to hold a number of the same, such as ``toetslijst``."""
    spec = place.spec
    return (
        spec is not None
        and not spec.repeats
        and len(spec.content) == 1
        and spec.content[0].repeats
        and spec.content[0].is_block
    )


def _runs(place: Place, reader: Reader) -> list[list[Place]]:
    """The content of a block whose sequence repeats, cut where it begins again."""
    order = {child.name: n for n, child in enumerate(place.spec.content)} if place.spec else {}
    runs: list[list[Place]] = []
    at = len(order)
    for child in reader.children(place):
        position = order.get(child.name, at)
        again = child.spec is not None and not child.spec.repeats and position == at
        if not runs or position < at or again:
            runs.append([])
        at = position
        runs[-1].append(child)
    return runs

"""The reading view of a document as data: heading, warnings, chapters, and what is not there.

The chapters are the categories of a release, in its order (``profiles.toml``); what belongs to none
of them comes in a last one. The form is in ``templates/dossier.html``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from lxml import etree

from oso_adapter.standard import lexical
from oso_adapter.standard.blocks import Body, Composer, Part, Row, Rows
from oso_adapter.standard.categories import SWITCHED_OFF, Profile
from oso_adapter.standard.pack import Pack
from oso_adapter.standard.places import Place, Reader

OTHER: Final = "Overige gegevens"

_INSPECTION: Final = "cat_ouderinzage"
_REASONS: Final = {
    SWITCHED_OFF: "uitgezet door de school",
    "VERBODEN": "niet toegestaan bij deze soort overdracht",
    "VERPLICHT": "geen gegevens, terwijl dit onderdeel verplicht is",
}
_NO_DATA: Final = "geen gegevens"


@dataclass(frozen=True)
class Banner:
    """What has to be seen at once."""

    kind: Literal["warning", "notice"]
    title: str
    text: str


@dataclass(frozen=True)
class Chapter:
    """A category with what it holds; note: when it should not be there."""

    id: str
    title: str
    body: Body
    note: str = ""


@dataclass(frozen=True)
class Absent:
    """A category that is not in the document, and why."""

    title: str
    reason: str


@dataclass(frozen=True)
class Section:
    """One dossier or terugkoppeling; id: unique in the view."""

    id: str
    title: str
    facts: tuple[Row, ...]
    banners: tuple[Banner, ...]
    chapters: tuple[Chapter, ...]
    absent: tuple[Absent, ...]


@dataclass(frozen=True)
class View:
    """A whole document: one section, or one for each dossier of a file with several."""

    title: str
    sections: tuple[Section, ...]
    digest: str | None


def view_of(root: etree._Element, pack: Pack | None, digest: str | None = None) -> View:
    """The view of a document, also of one that is not valid; it never raises for its content.

    pack: the release it is read by; None for one that is not known. digest: what parents can
    compare their copy with.
    """
    reader = Reader(pack)
    author = _Author(reader, pack)
    place = reader.root(root)
    several = [child for child in reader.children(place) if _is_root(child, pack)]
    if place.spec is None or not several:
        section = author.section(place, 1)
        return View(section.title, (section,), digest)
    sections = [author.section(child, n) for n, child in enumerate(several, 1)]
    strays = [child for child in reader.children(place) if not _is_root(child, pack)]
    if rest := (*author.strays(place), *author.composer.body(strays)):
        chapter = Chapter("overig", OTHER, rest)
        sections.append(Section("rest", OTHER, (), (), (chapter,), ()))
    return View(f"{reader.label(place)} ({len(several)})", tuple(sections), digest)


def _is_root(place: Place, pack: Pack | None) -> bool:
    return place.spec is not None and pack is not None and place.name in pack.structure.roots


class _Author:
    """Writes the sections of one document."""

    def __init__(self, reader: Reader, pack: Pack | None) -> None:
        self.composer = Composer(reader)
        self._reader = reader
        self._pack = pack

    def section(self, root: Place, number: int) -> Section:
        root = replace(root, names=(root.name,))
        section = Section(
            id=f"d{number}",
            title=self._title(root),
            facts=tuple(self._facts(root)),
            banners=(),
            chapters=(),
            absent=(),
        )
        if self._pack is None or root.spec is None:
            chapter = Chapter(f"d{number}-1", OTHER, self.composer.inside(root))
            return replace(section, banners=(_UNKNOWN,), chapters=(chapter,))
        if root.name != self._pack.carried:
            return replace(section, chapters=tuple(self._by_block(root, section.id)))
        return self._by_category(root, section, self._pack)

    def strays(self, place: Place) -> Body:
        """Text and attributes where none should be."""
        rows = tuple(self.composer.strays(place))
        return (Rows(rows),) if rows else ()

    def _title(self, root: Place) -> str:
        label = self._reader.label(root)
        name = " ".join(self._texts(root, "pupil"))
        return f"{label} van {name}" if name else label

    def _facts(self, root: Place) -> Iterator[Row]:
        """What the document is about: school, kind of transfer, and day."""
        if school := self._texts(root, "school"):
            yield Row("School", (", ".join(school),))
        kind = [*self._found(root, "overdrachtsoort"), *self._found(root, "metadata/overstap")]
        if kind:
            yield Row("Soort overdracht", tuple(kind))
        if day := self._found(root, "metadata/datum"):
            yield Row("Datum", (day[0],))

    def _texts(self, root: Place, what: Literal["pupil", "school"]) -> list[str]:
        if self._pack is None:
            return []
        heading = self._pack.labels.heading(root.name)
        paths = heading.pupil if what == "pupil" else heading.school
        return [text for path in paths for text in self._found(root, path)]

    def _found(self, root: Place, path: str) -> list[str]:
        return [self._reader.short(place) for place in self._reader.find(root, path)]

    def _by_block(self, root: Place, prefix: str) -> Iterator[Chapter]:
        """The chapters of a document that has no categories: each block is one."""
        loose = []
        number = 0
        for child in self._reader.children(root):
            if child.spec is not None and child.is_block:
                number += 1
                title = self._reader.label(child)
                yield Chapter(f"{prefix}-{number}", title, self.composer.inside(child))
            else:
                loose.append(child)
        if rest := (*self.strays(root), *self.composer.body(loose)):
            yield Chapter(f"{prefix}-overig", OTHER, rest)

    def _by_category(self, root: Place, section: Section, pack: Pack) -> Section:
        sorted_out = _Sorting(self._reader, self, pack.profiles.data)
        sorted_out.claim(root)
        declared = self._declared(root)
        profile = self._profile(root, pack)
        statuses = declared or (profile.statuses if profile else {})
        chapters, absent = [], []
        for number, (category, places) in enumerate(sorted_out.places.items(), 1):
            title = pack.labels.category(category)
            status = statuses.get(category, "")
            if not places:
                absent.append(Absent(title, _REASONS.get(status, _NO_DATA)))
                continue
            body = self._chapter(title, places, pack.profiles.data[category])
            chapters.append(Chapter(f"{section.id}-{number}", title, body, _note(status)))
        if rest := (*sorted_out.strays, *self.composer.body(sorted_out.rest)):
            chapters.append(Chapter(f"{section.id}-overig", OTHER, rest))
        return replace(
            section,
            banners=tuple(self._banners(root, profile)),
            chapters=tuple(chapters),
            absent=tuple(absent),
        )

    def _chapter(self, title: str, places: list[Place], paths: tuple[str, ...]) -> Body:
        """The body of a chapter; a block that is all of it needs no heading of its own."""
        flat = [place for place in places if self._is_chapter(place, title, paths)]
        if len(flat) != 1:
            return self.composer.body(places)
        at = places.index(flat[0])
        before, after = self.composer.body(places[:at]), self.composer.body(places[at + 1 :])
        return (*before, *self.composer.inside(flat[0]), *after)

    def _is_chapter(self, place: Place, title: str, paths: tuple[str, ...]) -> bool:
        if place.spec is None or not place.is_block or place.spec.repeats:
            return False
        return len(paths) == 1 or self._reader.label(place) == title

    def _declared(self, root: Place) -> Mapping[str, str]:
        """What the document says of its categories."""
        found = self._reader.find(root, "metadata/categorie_uitlevering")
        return {
            place.name: place.text.strip()
            for block in found
            for place in self._reader.children(block)
        }

    def _profile(self, root: Place, pack: Pack) -> Profile | None:
        kind = next((p.text.strip() for p in self._reader.find(root, "overdrachtsoort")), None)
        overstap = next(
            (p.text.strip() for p in self._reader.find(root, "metadata/overstap")), None
        )
        return pack.profiles.of(kind, overstap)

    def _banners(self, root: Place, profile: Profile | None) -> Iterator[Banner]:
        if self._true(root, "inzage/voorlopigdossier"):
            yield _PROVISIONAL
        if not self._true(root, "inzage/inzage"):
            needed = profile is None or profile.statuses.get(_INSPECTION) == "VERPLICHT"
            yield _NOT_SEEN if needed else _NOT_SEEN_ALLOWED

    def _true(self, root: Place, path: str) -> bool:
        found = next(iter(self._reader.find(root, path)), None)
        try:
            return found is not None and lexical.read(found.text, "boolean") is True
        except lexical.NoSuchValue:
            return False


class _Sorting:
    """Which places belong in which category; a block that several share is taken apart."""

    def __init__(
        self, reader: Reader, author: _Author, data: Mapping[str, tuple[str, ...]]
    ) -> None:
        self.places: dict[str, list[Place]] = {category: [] for category in data}
        self.rest: list[Place] = []
        self.strays: list[Part] = []
        self._reader = reader
        self._author = author
        paths = [(path, category) for category, found in data.items() for path in found]
        self._category = {tuple(path.strip("/").split("/")): name for path, name in paths}
        self._shared = {names[:n] for names in self._category for n in range(1, len(names))}

    def claim(self, place: Place) -> None:
        category = self._category.get(place.names) if place.spec is not None else None
        if category is not None:
            self.places[category].append(place)
        elif place.spec is not None and place.names in self._shared and place.is_block:
            self.strays.extend(self._author.strays(place))
            for child in self._reader.children(place):
                self.claim(child)
        else:
            self.rest.append(place)


def _note(status: str) -> str:
    if status == SWITCHED_OFF:
        return "Volgens het dossier is dit onderdeel uitgezet, maar er staan wel gegevens in."
    if status == "VERBODEN":
        return "Dit onderdeel is bij deze soort overdracht niet toegestaan."
    return ""


_UNKNOWN: Final = Banner(
    "warning",
    "Onbekende uitgave van de standaard",
    "Dit document hoort niet bij een uitgave die wij kennen. U ziet de namen die erin staan.",
)
_PROVISIONAL: Final = Banner(
    "warning",
    "Voorlopig dossier",
    "De school kan dit dossier nog aanvullen of veranderen.",
)
_NOT_SEEN: Final = Banner(
    "warning",
    "De ouders hebben dit dossier nog niet ingezien",
    "Er is geen inzage vastgelegd. Dat moet voordat het dossier naar een andere school mag.",
)
_NOT_SEEN_ALLOWED: Final = Banner(
    "notice",
    "De ouders hebben dit dossier nog niet ingezien",
    "Er is geen inzage vastgelegd. Bij deze soort overdracht is dat niet verplicht.",
)

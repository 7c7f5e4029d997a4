"""A document as places: a node with what the standard says of it, also where it says nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lxml import etree

from oso_adapter.standard.attachments import CONTENT
from oso_adapter.standard.codelists import CodeList
from oso_adapter.standard.pack import Pack
from oso_adapter.standard.shown import harmless, value, with_meaning
from oso_adapter.standard.structure import Element
from oso_adapter.standard.texts import text_of

MEANING: Final = "omschrijving"
"""The attribute that says in words what a code means."""

_TITLE: Final = 100
_INSTANCE: Final = "{http://www.w3.org/2001/XMLSchema-instance}"


@dataclass(frozen=True, eq=False)
class Place:
    """A node of a document. spec: None where the standard does not know it. names: its path."""

    node: etree._Element
    spec: Element | None
    names: tuple[str, ...]

    @property
    def name(self) -> str:
        """The local name of the element."""
        return self.names[-1]

    @property
    def text(self) -> str:
        """The text of the node itself; comments may stand in the middle of it."""
        return text_of(self.node)

    @property
    def is_block(self) -> bool:
        """Whether it holds elements, or should."""
        held = next(self.node.iterchildren("*"), None) is not None
        return held or (self.spec is not None and self.spec.is_block)

    @property
    def is_document(self) -> bool:
        """Whether it is an attachment; also one that the standard does not know there."""
        if self.spec is not None:
            return self.spec.is_document
        return any(etree.QName(child).localname == CONTENT for child in self.node.iterchildren("*"))


class Reader:
    """Reads a document by a release; without one every name is its own label."""

    def __init__(self, pack: Pack | None) -> None:
        self._pack = pack
        self._space = f"{{{pack.namespace}" if pack else None

    def root(self, node: etree._Element) -> Place:
        """The place of the root of a document."""
        name = etree.QName(node)
        known = self._pack is not None and name.namespace == self._pack.namespace
        roots = self._pack.structure.roots if self._pack and known else {}
        return Place(node, roots.get(name.localname), (name.localname,))

    def children(self, place: Place) -> Iterator[Place]:
        """The elements of a block, in the order of the document."""
        known = place.spec.children if place.spec is not None else {}
        for node in place.node.iterchildren("*"):
            space, _, name = str(node.tag).rpartition("}")
            spec = known.get(name) if space == self._space else None
            yield Place(node, spec, (*place.names, name))

    def find(self, place: Place, path: str) -> Iterator[Place]:
        """Every place below, by names with ``/`` between them."""
        first, _, rest = path.partition("/")
        spec = place.spec.children.get(first) if place.spec is not None else None
        if spec is None:
            return
        for node in place.node.iterchildren(f"{self._space}}}{first}"):
            child = Place(node, spec, (*place.names, first))
            yield from self.find(child, rest) if rest else (child,)

    def label(self, place: Place) -> str:
        """What the place is called in Dutch; what is not known, by its own name."""
        if self._pack is None or place.spec is None:
            return harmless(place.name)
        return self._pack.labels.of(place.names).text

    def title_paths(self, place: Place) -> tuple[str, ...]:
        """What tells this block from its neighbours."""
        if self._pack is None or place.spec is None:
            return ()
        return self._pack.labels.of(place.names).title

    def shown(self, place: Place) -> str:
        """The value of a place for a person; a code with its meaning, and what else is there."""
        extra = "".join(f" ({name}: {text})" for name, text in self.attributes(place))
        return with_meaning(self._value(place), self._meaning(place)) + extra

    def short(self, place: Place) -> str:
        """The value for a title: of a code its meaning alone, one line, not too long."""
        text = " ".join((self._meaning(place) or self._value(place)).split())
        return text if len(text) <= _TITLE else f"{text[:_TITLE]}…"

    def _value(self, place: Place) -> str:
        return value(place.text, place.spec.type if place.spec else "string")

    def _meaning(self, place: Place) -> str:
        named = place.node.get(MEANING) if self._names(place) else None
        if named is not None and named.strip():
            return harmless(named.strip())
        codes = self._codes(place)
        return codes.codes.get(place.text.strip(), "") if codes else ""

    def attributes(self, place: Place) -> Iterator[tuple[str, str]]:
        """Attributes beside the one that tells a meaning, name and value; seldom any."""
        for name, text in place.node.attrib.items():
            if not name.startswith(_INSTANCE) and not (name == MEANING and self._names(place)):
                yield harmless(etree.QName(name).localname), harmless(text)

    def _names(self, place: Place) -> bool:
        spec = place.spec
        return spec is not None and any(a.name == MEANING for a in spec.attributes)

    def _codes(self, place: Place) -> CodeList | None:
        if self._pack is None or place.spec is None:
            return None
        return self._pack.codelists.by_path.find(place.names)

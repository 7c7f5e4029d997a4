"""Reading XML from outside within bounds, counted while reading.

lxml limits a text node to about 10 MB, and attachments are larger, so ``huge_tree`` is on. That
takes libxml2's own brakes away, so size, depth and numbers are counted here, and a DOCTYPE, which
every entity trick needs, is refused before the parser sees it. Only UTF-8 is accepted
(Digikoppeling WUS 3.8.1, WS005-007).

What the parser makes of seven octets (``<!---->``) takes some 200 of memory. Whatever it makes is
begun by ``<``, or by ``=`` for an attribute or a namespace, so these two signs are counted in the
octets, before anything is made of them. Depth and attributes are then looked at once, in the tree.
"""

import codecs
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from lxml import etree

from oso_adapter.errors import OsoError

Reason = Literal[
    "too-large",
    "doctype",
    "encoding",
    "not-well-formed",
    "too-deep",
    "too-many-elements",
    "too-many-attributes",
]

_PIECE: Final = 64 * 1024
_PROLOG_ITEM: Final = re.compile(rb"\s+|<\?.*?\?>|<!--.*?-->", re.DOTALL)
_ENCODING: Final = re.compile(rb"""\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")

_MESSAGES: Final[dict[Reason, str]] = {
    "too-large": "the document is larger than the limit",
    "doctype": "a document type declaration (DOCTYPE) is not allowed",
    "encoding": "the document is not UTF-8",
    "not-well-formed": "the document is not well-formed XML",
    "too-deep": "the elements are nested deeper than the limit",
    "too-many-elements": "there are more elements or other markup than the limit",
    "too-many-attributes": "an element has more attributes than the limit",
}


@dataclass(frozen=True)
class Limits:
    """How much XML is read, whoever sends it.

    size: bytes; 50 MB takes a dossier with tens of MB of attachments (wire U13, assumed).
    depth: levels; the standard needs 13, and a SOAP envelope adds 3.
    markup: the signs ``<`` and ``=`` in the whole document; a full dossier of
        900 elements has about 2,000, and this many take at most some 60 MB, whatever they are.
    attributes: of one element; the standard has one, and namespaces do not count.
    """

    size: int = 50 * 2**20
    depth: int = 64
    markup: int = 200_000
    attributes: int = 32


DEFAULT_LIMITS: Final = Limits()


class XmlRefused(OsoError):
    """The XML was refused before anything was done with it."""

    def __init__(self, reason: Reason, line: int | None = None) -> None:
        super().__init__(_MESSAGES[reason])
        self.reason = reason
        self.line = line


class BoundedParser:
    """Feed it pieces as they arrive; it raises :class:`XmlRefused` at the first piece too much."""

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        self._limits = limits
        self._parser = etree.XMLParser(
            encoding="utf-8",
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=True,
        )
        self._prolog = b""
        self._in_prolog = True
        self._utf8 = codecs.getincrementaldecoder("utf-8")()
        self._size = self._markup = self._equals = 0

    def feed(self, piece: bytes) -> None:
        """Take the next piece of the document."""
        self._size += len(piece)
        if self._size > self._limits.size:
            raise XmlRefused("too-large")
        equals = piece.count(b"=")
        self._equals += equals
        self._markup += piece.count(b"<") + equals
        if self._markup > self._limits.markup:
            raise XmlRefused("too-many-elements")
        if self._in_prolog:
            self._prolog += piece
            if not self._prolog_passes():
                return
            piece, self._prolog = self._prolog, b""
        for start in range(0, len(piece), _PIECE):
            self._parse(piece[start : start + _PIECE])

    def close(self) -> etree._Element:
        """The root element, once all pieces were fed."""
        if self._in_prolog:
            raise XmlRefused("not-well-formed", 1)
        try:
            self._utf8.decode(b"", final=True)
            root: etree._Element = self._parser.close()
        except UnicodeDecodeError:
            raise XmlRefused("encoding") from None
        except etree.XMLSyntaxError as error:
            raise _refusal(error) from None
        if deep := _deeper_than(self._limits.depth)(root):
            raise XmlRefused("too-deep", deep[0].sourceline)
        # An attribute has a "=", so that most documents need not be searched for them.
        searched = self._equals > self._limits.attributes
        if searched and (crowded := _with_more_than(self._limits.attributes)(root)):
            raise XmlRefused("too-many-attributes", crowded[0].sourceline)
        return root

    def _prolog_passes(self) -> bool:
        """Whether the root element has begun; the parser sees nothing before that."""
        data = self._prolog.removeprefix(codecs.BOM_UTF8)
        if codecs.BOM_UTF8.startswith(data):
            return False
        if data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) or b"\0" in data[:4]:
            raise XmlRefused("encoding", 1)
        declared = _ENCODING.match(data)
        if declared and declared[1].lower() not in (b"utf-8", b"utf8"):
            raise XmlRefused("encoding", 1)
        at = 0
        while item := _PROLOG_ITEM.match(data, at):
            at = item.end()
        rest = data[at : at + 9]
        if rest.upper().startswith(b"<!D"):
            raise XmlRefused("doctype", data.count(b"\n", 0, at) + 1)
        unfinished = len(rest) < 2 or rest[:2] in (b"<!", b"<?")
        if at > _PIECE or (unfinished and len(data) > _PIECE + 1):
            raise XmlRefused("too-large", 1)
        self._in_prolog = unfinished
        return not unfinished

    def _parse(self, piece: bytes) -> None:
        try:
            self._utf8.decode(piece)
            self._parser.feed(piece)
        except UnicodeDecodeError:
            raise XmlRefused("encoding") from None
        except etree.XMLSyntaxError as error:
            raise _refusal(error) from None


def _refusal(error: etree.XMLSyntaxError) -> XmlRefused:
    """The limit of libxml2 itself that stays with huge_tree is one of depth."""
    deep = error.code == etree.ErrorTypes.ERR_RESOURCE_LIMIT
    return XmlRefused("too-deep" if deep else "not-well-formed", error.lineno or None)


@cache
def _deeper_than(depth: int) -> etree.XPath:
    """Selects the elements at the first level that is too deep; quick, since there are none."""
    return etree.XPath("/*" * (depth + 1))


@cache
def _with_more_than(attributes: int) -> etree.XPath:
    return etree.XPath(f"//*[@*[{attributes + 1}]]")


def parse_chunks(chunks: Iterable[bytes], limits: Limits = DEFAULT_LIMITS) -> etree._Element:
    """Parse a document that arrives in pieces; gives the root, or raises :class:`XmlRefused`."""
    parser = BoundedParser(limits)
    for chunk in chunks:
        parser.feed(chunk)
    return parser.close()


def parse(data: bytes, limits: Limits = DEFAULT_LIMITS) -> etree._Element:
    """Parse a whole document; gives the root, or raises :class:`XmlRefused`."""
    return parse_chunks([data], limits)

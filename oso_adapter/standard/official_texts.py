"""The fixed texts of a stylesheet, to show its messages without what it quotes from a dossier.

A message is a sentence of the stylesheet with, perhaps, values of the dossier put in: whole, cut,
in capitals, or as what a code means. So it is not searched for values; only what stands in the
stylesheet as a sentence is let through, and the names of elements. The rest becomes ``***``.
"""

import re
from collections.abc import Collection, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Final

from lxml import etree

from oso_adapter import bounded_xml
from oso_adapter.standard.official_files import LIMITS
from oso_adapter.standard.official_sources import modules_of
from oso_adapter.standard.texts import holds_elements, text_of

HIDDEN: Final = "***"

_XSL: Final = "{http://www.w3.org/1999/XSL/Transform}"
_LITERAL: Final = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_WORD: Final = re.compile(r"[\w.-]*\w")
_SHORTEST_VALUE: Final = 3
_LIST: Final = 3


@lru_cache(maxsize=16)
def sentences(stylesheet: Path) -> tuple[str, ...]:
    """Every text of two words or more in a stylesheet and its modules, the longest first.

    A single word may be a code or a name, which a message only has because the dossier has it.
    """
    found: set[str] = set()
    for module in modules_of(stylesheet):
        root = bounded_xml.parse(module.read_bytes(), LIMITS)
        for text in _texts(root):
            plain = " ".join(text.split())
            if " " in plain:
                found.add(plain)
    return tuple(sorted(found, key=lambda text: (-len(text), text)))


def _texts(root: etree._Element) -> Iterable[str]:
    """Texts to be written, and strings in expressions; not a list of codes with their meaning."""
    for node in root.iter("*"):
        if not _listed(node):
            yield node.text or ""
        for child in node:
            yield child.tail or ""
        if str(node.tag).startswith(_XSL):
            for expression in node.attrib.values():
                for single, double in _LITERAL.findall(str(expression)):
                    yield single or double


def _listed(node: etree._Element) -> bool:
    """Whether it is data, one of a row of elements of the same name."""
    parent = node.getparent()
    if parent is None or str(node.tag).startswith(_XSL):
        return False
    return len(list(parent.iterchildren(str(node.tag)))) >= _LIST


def shown(
    text: str, fixed: Iterable[str], names: Collection[str], values: Collection[str] = ()
) -> str:
    """A message without values: fixed sentences and names of elements stay.

    values: of the dossier; what a sentence has in common with one of them, from three characters
    on, goes too. Empty where no word is left.
    """
    plain = " ".join(text.split())
    kept = bytearray(len(plain))
    for sentence in fixed:
        at = plain.find(sentence)
        while at >= 0:
            kept[at : at + len(sentence)] = b"\1" * len(sentence)
            at = plain.find(sentence, at + 1)
    for word in _WORD.finditer(plain):
        if word[0] in names:
            kept[word.start() : word.end()] = b"\1" * len(word[0])
        elif not all(kept[word.start() : word.end()]):
            kept[word.start() : word.end()] = bytes(len(word[0]))
    for value in values:
        if _SHORTEST_VALUE <= len(value) <= len(plain) and value not in names:
            at = plain.find(value)
            while at >= 0:
                kept[at : at + len(value)] = bytes(len(value))
                at = plain.find(value, at + 1)
    pieces = "".join(
        letter if kept[n] or not (letter.isalnum() or letter == "_") else "\0"
        for n, letter in enumerate(plain)
    )
    told = re.sub(r"\0(?:[\0\W]*\0)?", HIDDEN, pieces)
    return told if _WORD.search(told.replace(HIDDEN, "")) else ""


def values_of(root: etree._Element) -> set[str]:
    """Every text and attribute of a document, as a message could quote it."""
    found: set[str] = set()
    for node in root.iter("*"):
        if not holds_elements(node) and (text := text_of(node)):
            found.add(" ".join(text.split()))
        found.update(" ".join(str(value).split()) for value in node.attrib.values())
    return found

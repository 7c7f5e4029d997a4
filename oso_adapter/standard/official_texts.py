"""The fixed texts of a stylesheet, to show its messages without what it quotes from a dossier.

A message is a sentence of the stylesheet with, perhaps, values of the dossier put in: whole, cut,
in capitals, or as what a code means. So it is not searched for values; only what the stylesheet
writes in a message whatever the dossier has is let through, and the names of elements. The rest
becomes ``***``.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final

from lxml import etree

from oso_adapter.standard.official_sources import modules_of, parsed
from oso_adapter.standard.texts import holds_elements, text_of

HIDDEN: Final = "***"

_XSL: Final = "{http://www.w3.org/1999/XSL/Transform}"
_MESSAGE: Final = "melding"
_SAYING: Final = frozenset(
    f"{_XSL}{name}"
    for name in ("attribute", "element", "sequence", "text", "value-of", "with-param")
)
"""Instructions that write what they have, without choosing."""

_LITERAL: Final = re.compile(r"'[^']*'|\"[^\"]*\"")
_CHOOSING: Final = re.compile(
    r"\b(?:if|then|else|for|let|return|some|every|satisfies|map|array)\b|[)\]}]\s*\[|!(?!=)|\?"
)
_JOINING: Final = re.compile(
    r"(?:(?:^|[^\w.-])(?:fn:)?(?:concat|string-join|normalize-space|string)|^|[(,|])\s*$"
)
_BEFORE: Final = ("(", ",", "||")
_AFTER: Final = (")", ",", "||")
_WORD: Final = re.compile(r"[\w.-]*\w")
_SHORTEST_VALUE: Final = 3


@lru_cache(maxsize=16)
def sentences(stylesheet: Path) -> tuple[str, ...]:
    """Every text of two words or more that a stylesheet has for a message, the longest first.

    A single word may be a code or a name, which a message only has because the dossier has it.
    """
    roots = [parsed(file.read_bytes()) for file in modules_of(stylesheet)]
    writing = _writing(roots)
    plain = (" ".join(text.split()) for root in roots for text in _texts(root, writing))
    found = {text for text in plain if " " in text}
    return tuple(sorted(found, key=lambda text: (-len(text), text)))


def _writing(roots: Collection[etree._Element]) -> frozenset[str]:
    """The named templates that write a message, themselves or by calling one that does."""
    named = [node for root in roots for node in root.iter(f"{_XSL}template") if node.get("name")]
    found: frozenset[str] = frozenset()
    while True:
        more = {
            str(template.get("name"))
            for template in named
            if any(_starts_message(node, found) for node in template.iter("*"))
        }
        if more <= found:
            return found
        found |= more


def _starts_message(node: etree._Element, writing: Collection[str]) -> bool:
    """Whether all that is written below it is for a message."""
    if node.tag == f"{_XSL}call-template":
        return node.get("name") in writing
    if node.tag == f"{_XSL}element":
        return (node.get("name") or "").rpartition(":")[2] == _MESSAGE
    return not _is_xsl(node) and etree.QName(node).localname == _MESSAGE


def _texts(root: etree._Element, writing: Collection[str]) -> Iterator[str]:
    """What messages say whatever the dossier has: not what is chosen by it, or looked up."""
    for start in root.iter("*"):
        if _starts_message(start, writing) and not _is_kept_for_later(start):
            yield from _said(start)


def _said(node: etree._Element) -> Iterator[str]:
    yield node.text or ""
    if node.tag in _SAYING:
        yield from _literals(node.get("select") or "")
    for child in node:
        yield child.tail or ""
        if isinstance(child.tag, str) and _says(child):
            yield from _said(child)


def _says(node: etree._Element) -> bool:
    """Whether it writes always the same; a row of elements of one name is a list to look in."""
    if _is_xsl(node):
        return node.tag in _SAYING
    parent = node.getparent()
    return parent is None or len(list(parent.iterchildren(str(node.tag)))) == 1


def _is_xsl(node: etree._Element) -> bool:
    return str(node.tag).startswith(_XSL)


def _is_kept_for_later(node: etree._Element) -> bool:
    return next(node.iterancestors(f"{_XSL}variable", f"{_XSL}param"), None) is not None


def _literals(expression: str) -> Iterator[str]:
    """The strings of an expression that are always in its result.

    A string that is compared, chosen (``if``, a predicate) or given to a function that may take a
    part of it, is no more than a value.
    """
    rest = _LITERAL.sub(lambda match: " " * len(match[0]), expression)
    if _CHOOSING.search(rest):
        return
    for match in _LITERAL.finditer(expression):
        before, after = rest[: match.start()].rstrip(), rest[match.end() :].lstrip()
        alone = (not before or before.endswith(_BEFORE)) and (not after or after.startswith(_AFTER))
        if alone and _only_joined(before):
            yield match[0][1:-1]


def _only_joined(before: str) -> bool:
    """Whether every function whose brackets are open here keeps its strings whole."""
    closed = 0
    for at in range(len(before) - 1, -1, -1):
        if before[at] in ")]}":
            closed += 1
        elif before[at] in "([{":
            if closed:
                closed -= 1
            elif before[at] != "(" or not _JOINING.search(before[:at]):
                return False
    return True


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

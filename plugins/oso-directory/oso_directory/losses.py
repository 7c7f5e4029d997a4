"""What of an XML document would be lost in the dict form: an element with a mistyped name, a second
one where there can be one, text between elements. A dossier without it would look whole.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Final

from lxml import etree

from oso_adapter.standard.findings import LIMIT, Finding
from oso_adapter.standard.pack import Pack
from oso_adapter.standard.paths import path_of
from oso_adapter.standard.structure import Element
from oso_adapter.standard.wording import of_supplier

_ABOUT_THE_SCHEMA: Final = "{http://www.w3.org/2001/XMLSchema-instance}"
_UNKNOWN: Final = "Dit element kent de standaard hier niet."
_TWICE: Final = "Dit element staat er meer dan één keer, en kan er één keer staan."
_TEXT: Final = "Hier staat tekst tussen de elementen."
_IN_TEXT: Final = "Hier staat een element in een tekst."
_ATTRIBUTE: Final = "Hier staat een attribuut dat de standaard niet kent."


def losses(root: etree._Element, name: str, pack: Pack) -> list[Finding]:
    """What is lost of the element ``name`` in a root element, at most LIMIT findings.

    root: ``dossier``. name: ``huidigeschool``, the only part that is used.
    """
    spec = pack.structure.roots[pack.carried].children[name]
    nodes = list(root.iterchildren(f"{{{pack.namespace}}}{name}"))
    found = [_finding(node, _TWICE, pack) for node in nodes[1:]]
    for node in nodes[:1]:
        found += islice(_below(node, spec, pack), LIMIT)
    return found[:LIMIT]


def _below(node: etree._Element, spec: Element, pack: Pack) -> Iterator[Finding]:
    known = {attribute.name for attribute in spec.attributes}
    if any(each not in known and not each.startswith(_ABOUT_THE_SCHEMA) for each in node.attrib):
        yield _finding(node, _ATTRIBUTE, pack)
    children = list(node.iterchildren("*"))
    if not spec.is_block:
        if children:
            yield _finding(node, _IN_TEXT, pack)
        return
    if any(text.strip() for text in (node.text or "", *(each.tail or "" for each in node))):
        yield _finding(node, _TEXT, pack)
    seen: set[str] = set()
    prefix = f"{{{pack.namespace}}}"
    for child in children:
        name = str(child.tag).removeprefix(prefix)
        below = spec.children.get(name) if str(child.tag).startswith(prefix) else None
        if below is None:
            yield _finding(child, _UNKNOWN, pack)
            continue
        if name in seen and not (below.repeats or spec.sequence_repeats):
            yield _finding(child, _TWICE, pack)
        seen.add(name)
        yield from _below(child, below, pack)


def _finding(node: etree._Element, message: str, pack: Pack) -> Finding:
    return of_supplier("XML.structure", path_of(node, pack), node.sourceline, message)

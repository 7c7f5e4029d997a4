"""A document against the schema, in our own words.

libxml2 gives the verdict and the place; its messages quote values, so the words are made from the
kind of error, the node and the structure.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from lxml import etree

from oso_adapter.standard.findings import LIMIT, Finding
from oso_adapter.standard.pack import Pack
from oso_adapter.standard.paths import (
    UNKNOWN,
    local_name,
    node_at,
    path_of,
    spec_of,
)
from oso_adapter.standard.structure import Element
from oso_adapter.standard.texts import text_of
from oso_adapter.standard.wording import conflict, expectation, missing, of_school, of_supplier

MAX_SIBLINGS: Final = 5000
"""libxml2 counts the siblings of every wrong node, so that a crowd of them takes quadratic time."""

MAX_VALUE: Final = 10_000
"""Characters of what metadata say: rules read the date in them again for every test."""

_MANY_NODES: Final = etree.XPath(f"boolean(/descendant::node()[{MAX_SIBLINGS + 1}])")
"""Whether a document has so many nodes that a block could; nearly none has."""

_CONTENT: Final = "SCHEMAV_ELEMENT_CONTENT"
_TEXT_IN_BLOCK: Final = "SCHEMAV_CVC_COMPLEX_TYPE_2_3"
_ELEMENTS_IN_TEXT: Final = frozenset({"SCHEMAV_CVC_TYPE_3_1_2", "SCHEMAV_CVC_COMPLEX_TYPE_2_2"})
_ATTRIBUTE: Final = (
    "SCHEMAV_CVC_COMPLEX_TYPE_3",
    "SCHEMAV_CVC_COMPLEX_TYPE_4",
    "SCHEMAV_CVC_TYPE_3_1_1",
    "SCHEMAV_CVC_ELT_3",
    "SCHEMAV_CVC_ELT_4",
)


def schema_findings(root: etree._Element, pack: Pack) -> list[Finding]:
    """What the schema has against a document, at most LIMIT findings, each place once per rule."""
    if (too_much := _beyond_bounds(root, pack)) is not None:
        return [too_much]
    found: dict[tuple[str, str], Finding] = {}
    for entry in pack.violations(root):
        for finding in list(_explain(root, entry, pack)) or [_refused(root, entry, pack)]:
            found.setdefault((finding.rule, finding.path), finding)
        if len(found) >= LIMIT:
            break
    return list(found.values())


def _beyond_bounds(root: etree._Element, pack: Pack) -> Finding | None:
    """What no dossier has and what would take endless time to judge."""
    for block in root.iter("*") if _MANY_NODES(root) else ():
        if len(block) > MAX_SIBLINGS:
            message = f"Er staan meer dan {MAX_SIBLINGS} elementen in dit blok."
            return of_supplier("XML.bounds", path_of(block, pack), block.sourceline, message)
    for element in root.iterfind(f"{{{pack.namespace}}}metadata/*"):
        if len(text_of(element)) > MAX_VALUE:
            message = f"Dit gegeven is langer dan {MAX_VALUE} tekens."
            return of_supplier("XML.bounds", path_of(element, pack), element.sourceline, message)
    return None


def _refused(root: etree._Element, entry: etree._LogEntry, pack: Pack) -> Finding:
    """A verdict of the schema that the table of the structure cannot explain; never passed over."""
    node = node_at(root, entry.path)
    message = "Het schema van de standaard staat dit hier niet toe."
    return of_supplier("XSD.structure", path_of(node, pack), node.sourceline, message)


def _explain(root: etree._Element, entry: etree._LogEntry, pack: Pack) -> Iterator[Finding]:
    node = node_at(root, entry.path)
    spec, path, line = spec_of(node, pack), path_of(node, pack), node.sourceline
    kind = entry.type_name
    if kind == _CONTENT:
        yield from _content(node, "Missing child" in entry.message, pack)
    elif kind.startswith(_ATTRIBUTE):
        message = "Bij dit element staat een attribuut dat hier niet mag."
        yield of_supplier("XSD.attribute", path, line, message)
    elif kind == _TEXT_IN_BLOCK:
        message = "In dit blok staat tekst; verwacht worden alleen elementen."
        yield of_supplier("XSD.text", path, line, message)
    elif kind in _ELEMENTS_IN_TEXT or spec is None or spec.is_block:
        wanted = expectation(spec) if spec else "een element van de standaard"
        yield of_supplier("XSD.structure", path, line, f"Hier wordt {wanted} verwacht.")
    else:
        message = f"De waarde voldoet niet: verwacht wordt {expectation(spec)}."
        yield of_school("XSD.value", path, line, message)


def _content(node: etree._Element, ends_early: bool, pack: Pack) -> Iterator[Finding]:
    """Why the elements of a block do not fit: at ``node``, or the block ``node`` ends early."""
    parent = node.getparent()
    block = node if ends_early or parent is None else parent
    spec = spec_of(block, pack)
    if spec is None:
        return
    names = Counter(local_name(child, pack) for child in block.iterchildren("*"))
    path, line = path_of(node, pack), node.sourceline
    absent = [
        missing("XSD.structure", path_of(block, pack), line, group)
        for group in lacking(spec, names)
    ]
    name = local_name(node, pack)
    here = spec.children.get(name)
    if ends_early:
        yield from absent
    elif here is None:
        known = "De standaard kent dit element niet." if name == UNKNOWN else ""
        message = known or f"Het element {name} hoort niet in {spec.name}."
        yield of_supplier("XSD.structure", path, line, message)
        yield from absent
    elif absent:
        yield from absent
    elif rivals := [rival for rival in alternatives(spec, here) if names[rival]]:
        yield conflict("XSD.structure", path, line, [name, *rivals])
    elif here.max is not None and names[name] > here.max and not spec.sequence_repeats:
        message = f"{name} mag hier ten hoogste {here.max} keer voorkomen."
        yield of_supplier("XSD.structure", path, line, message)
    else:
        order = ", ".join(child.name for child in spec.content)
        message = f"{name} staat niet op zijn plaats; de volgorde is: {order}."
        yield of_supplier("XSD.structure", path, line, message)


def lacking(spec: Element, names: Counter[str]) -> list[list[str]]:
    """What a block with these elements lacks: names, or the alternatives of a mandatory choice."""
    groups: dict[str, list[Element]] = {}
    for child in spec.content:
        groups.setdefault(child.choice or child.name, []).append(child)
    return [
        [child.name for child in group]
        for group in groups.values()
        if (group[0].choice_required if group[0].choice else group[0].min)
        and not any(names[child.name] for child in group)
    ]


def alternatives(spec: Element, element: Element) -> list[str]:
    """The other alternatives of the choice that an element of the block is in."""
    return [
        child.name
        for child in spec.content
        if element.choice and child.choice == element.choice and child is not element
    ]

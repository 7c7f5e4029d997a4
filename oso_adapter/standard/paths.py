"""The path of a node as findings name it, and back from the path that libxml2 gives."""

import re
from typing import Final
from unicodedata import normalize

from lxml import etree

from oso_adapter.identifiers import holds_number
from oso_adapter.standard.pack import Pack, pack_of
from oso_adapter.standard.shown import harmless
from oso_adapter.standard.structure import Element

UNKNOWN: Final = "*"
_SHOWN: Final = 80
_STEP: Final = re.compile(r"(?:([^:/\[]+):)?([^:/\[]+)(?:\[([0-9]+)\])?")


def local_name(node: etree._Element, pack: Pack) -> str:
    """The name of an element that the standard knows, else ``*``; a name may be personal."""
    space, _, name = str(node.tag).rpartition("}")
    known = name in pack.structure.names and space == f"{{{pack.namespace}"
    return name if known else UNKNOWN


def spec_of(node: etree._Element, pack: Pack) -> Element | None:
    """What the standard says about a node at this place; None where it does not belong."""
    root, *way = _way_to(node)
    spec = pack.structure.roots.get(local_name(root, pack))
    for step in way:
        if spec is None:
            break
        spec = spec.children.get(local_name(step, pack))
    return spec


def path_of(node: etree._Element, pack: Pack) -> str:
    """The path of a node: local names, with positions where an element can repeat, or does."""
    root, *way = _way_to(node)
    name = local_name(root, pack)
    path, spec, parent = f"/{name}", pack.structure.roots.get(name), root
    for step in way:
        name = local_name(step, pack)
        siblings = parent.iterchildren("*" if name == UNKNOWN else str(step.tag))
        position = next(n for n, sibling in enumerate(siblings, 1) if sibling is step)
        above, spec = spec, spec.children.get(name) if spec else None
        repeats = (
            above is not None and spec is not None and (spec.repeats or above.sequence_repeats)
        )
        counted = repeats or name == UNKNOWN or position > 1
        path += f"/{name}" + (f"[{position}]" if counted else "")
        parent = step
    return path


def _way_to(node: etree._Element) -> list[etree._Element]:
    """The elements on the way to a node, itself included; the root first."""
    return [node, *node.iterancestors()][::-1]


def node_at(root: etree._Element, path: str | None) -> etree._Element:
    """The node of a libxml2 error; it names elements without a prefix ``*``, and counts them."""
    node = root
    for step in (path or "").split("/")[2:]:
        match = _STEP.fullmatch(step)
        if match is None or step.startswith("@"):
            break
        prefix, name, position = match.groups()
        if name == UNKNOWN:
            found = list(node.iterchildren("*"))
        else:
            found = [
                child
                for child in node.iterchildren("*")
                if child.prefix == prefix and etree.QName(child).localname == name
            ]
        index = int(position or 1) - 1
        if index >= len(found):
            break
        node = found[index]
    return node


def element_at(root: etree._Element, path: str) -> etree._Element | None:
    """The element that a path of a finding means; None where there is none, or no name is known."""
    node: etree._Element | None = root
    space = etree.QName(root).namespace
    for step in path.strip("/").split("/")[1:]:
        match = _STEP.fullmatch(step)
        if node is None or match is None or match[2] == UNKNOWN:
            return None
        same = node.findall(f"{{{space}}}{match[2]}")
        index = int(match[3] or 1) - 1
        node = same[index] if index < len(same) else None
    return node


def shown_value(root: etree._Element, path: str) -> str | None:
    """The value at the path of a finding, when its label says that it tells nothing of a person.

    One line without hidden characters, cut off where it is long, since it is what somebody sent;
    None too where a personal number stands in the wrong place.
    """
    element = element_at(root, path)
    pack = pack_of(etree.QName(root).namespace or "")
    if element is None or pack is None or len(element) or not (element.text or "").strip():
        return None
    names = tuple(_STEP.sub(r"\2", step) for step in path.strip("/").split("/"))
    if pack.labels.of(names).privacy != "none":
        return None
    text = " ".join((element.text or "").split())
    if holds_number(normalize("NFKC", text)):
        return None
    return harmless(text[:_SHOWN] + "…" * (len(text) > _SHOWN))

"""Breaking a valid dossier in one named way, to see that it is found.

For tests, for suppliers who want to see a finding, and for judging other validators. What breaks a
business rule stands beside it in ``rules.toml``; what breaks the structure follows from the
structure.
"""

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from lxml import etree

from oso_adapter.bounded_xml import parse
from oso_adapter.errors import NotFound
from oso_adapter.standard.codec import to_dict, to_xml
from oso_adapter.standard.pack import Pack, pack_of
from oso_adapter.standard.paths import path_of, spec_of
from oso_adapter.standard.rules import Rule
from oso_adapter.standard.structure import Element

NO_CODE: Final = "99999"
"""On no code list, and an integer where the element asks for one."""

_WRONG: Final = {
    "boolean": "misschien",
    "date": "31-07-2019",
    "decimal": "zes",
    "int": "zes",
    "integer": "6,5",
}


@dataclass(frozen=True)
class Mutation:
    """One way to break one dossier.

    name: of the way, unique for the dossier. rule: id of the finding that tells it. path: where
    that finding is, None where it depends. apply: makes the broken document, from the valid one.
    """

    name: str
    rule: str
    path: str | None
    apply: Callable[[], bytes] = field(repr=False)


def mutations(xml: bytes) -> Iterator[Mutation]:
    """Every way to break this dossier, which has to be a valid one of a known release."""
    root = parse(xml)
    pack = pack_of(etree.QName(root).namespace or "")
    if pack is None:
        raise NotFound("there is no pack for the release of this document")
    yield from _of_rules(root, pack)
    yield from _of_codes(root, pack)
    yield from _of_structure(root, pack)


def mutation(xml: bytes, name: str) -> Mutation:
    """The way with this name; raises NotFound."""
    for found in mutations(xml):
        if found.name == name:
            return found
    raise NotFound("this dossier cannot be broken in a way of that name")


def change(data: Mapping[str, Any], changes: tuple[Mapping[str, Any], ...]) -> dict[str, Any]:
    """A copy of a dict form with changes of ``rules.toml``: ``remove`` a path, ``set`` one ``to``.

    A path is names below the root with positions from 1: ``huidigeschool/leerling/verzorger[1]``.
    Blocks on the way to what is set are made.
    """
    copy: dict[str, Any] = deepcopy(dict(data))
    for row in changes:
        *way, last = row.get("set", row.get("remove", "")).split("/")
        block: Any = copy
        for step in way:
            block = _step(block, step)
        if "set" in row:
            block[last] = deepcopy(row["to"])
        else:
            block.pop(last, None)
    return copy


def _step(block: Any, step: str) -> Any:
    name, _, position = step.rstrip("]").partition("[")
    below = block.setdefault(name, [{}] if position else {})
    return below[int(position) - 1] if position else below


def _of_rules(root: etree._Element, pack: Pack) -> Iterator[Mutation]:
    space = f"{{{pack.namespace}}}"
    kind = root.findtext(f"{space}overdrachtsoort")
    profile = pack.profiles.of(kind, root.findtext(f"{space}metadata/{space}overstap"))
    data = to_dict(root, pack)
    for rule in pack.rules.rules:
        if profile is None or rule.broken_in != profile.name:
            continue
        name = rule.id if rule.severity == "error" else f"{rule.id} ({rule.severity})"
        yield Mutation(name, rule.id, None, partial(_changed, data, rule, pack))


def _changed(data: Mapping[str, Any], rule: Rule, pack: Pack) -> bytes:
    return to_xml(change(data, rule.broken_by), pack)


def _of_codes(root: etree._Element, pack: Pack) -> Iterator[Mutation]:
    """The first element of each row of the code lists."""
    done = set()
    for element in root.iter("*"):
        path = path_of(element, pack)
        names = tuple(etree.QName(e).localname for e in [*element.iterancestors()][::-1])
        names = (*names, etree.QName(element).localname)
        found = pack.codelists.by_path.find(names)
        if found is None or (found.number, names) in done:
            continue
        done.add((found.number, names))
        rule = f"CL.{found.number}"
        yield _mutation(root, f"{rule} {path}", rule, path, element, _set_text(NO_CODE))


def _of_structure(root: etree._Element, pack: Pack) -> Iterator[Mutation]:
    for element in root.iter("*"):
        spec = spec_of(element, pack)
        parent = element.getparent()
        above = None if parent is None else spec_of(parent, pack)
        if spec is not None:
            yield from _of_element(root, element, spec, pack)
        if spec is not None and above is not None:
            yield from _of_place(root, element, spec, above, pack)


def _of_element(
    root: etree._Element, element: etree._Element, spec: Element, pack: Pack
) -> Iterator[Mutation]:
    """What can be wrong with an element itself."""
    path = path_of(element, pack)

    def broken(how: str, rule: str, do: Callable[[etree._Element], None]) -> Mutation:
        return _mutation(root, f"{how} {path}", rule, path, element, do)

    yield broken("attribute", "XSD.attribute", lambda e: e.set("kleur", "rood"))
    if spec.is_block:
        if len(element):
            yield broken("text", "XSD.text", _set_text("tekst"))
        return
    if (wrong := _wrong_value(spec)) is not None:
        yield broken("value", "XSD.value", _set_text(wrong))
    child = f"{{{pack.namespace}}}{spec.name}"
    yield broken("nested", "XSD.structure", lambda e: e.insert(0, etree.Element(child)))


def _of_place(
    root: etree._Element,
    element: etree._Element,
    spec: Element,
    above: Element,
    pack: Pack,
) -> Iterator[Mutation]:
    """What can be wrong with where an element stands in its block."""
    path, rule = path_of(element, pack), "XSD.structure"
    same = 0 if (parent := element.getparent()) is None else len(parent.findall(str(element.tag)))
    if spec.min and not spec.choice and same == 1 and not above.sequence_repeats:
        missing = path.partition("[")[0] if path.endswith("]") and spec.repeats else path
        at = f"{path.rpartition('/')[0]}/{spec.name}" if missing != path else path
        yield _mutation(root, f"missing {path}", rule, at, element, _remove)
    if not spec.repeats and not above.sequence_repeats:
        yield _mutation(root, f"twice {path}", rule, None, element, _repeat)
    unknown = f"{{{pack.namespace}}}bestaatniet"
    yield _mutation(root, f"unknown {path}", rule, None, element, _before(unknown))


def _mutation(
    root: etree._Element,
    name: str,
    rule: str,
    path: str | None,
    element: etree._Element,
    do: Callable[[etree._Element], None],
) -> Mutation:
    """A change of one element, made in a copy of the document."""
    place = element.getroottree().getelementpath(element)

    def apply() -> bytes:
        copy = deepcopy(root)
        found = copy if place == "." else copy.find(place)
        if found is not None:
            do(found)
        return etree.tostring(copy, xml_declaration=True, encoding="UTF-8")

    return Mutation(name, rule, path, apply)


def _wrong_value(spec: Element) -> str | None:
    """A text that the type or a facet of an element forbids; None where every text is allowed."""
    if spec.type in _WRONG:
        return _WRONG[spec.type]
    facets = spec.facets
    if "pattern" in facets:
        return "geen"
    if int(facets.get("minLength", 0)) > 0:
        return ""
    if "maxLength" in facets:
        return "x" * (int(facets["maxLength"]) + 1)
    return None


def _set_text(text: str) -> Callable[[etree._Element], None]:
    def do(element: etree._Element) -> None:
        element.text = text

    return do


def _before(tag: str) -> Callable[[etree._Element], None]:
    return lambda element: element.addprevious(etree.Element(tag))


def _remove(element: etree._Element) -> None:
    if (parent := element.getparent()) is not None:
        parent.remove(element)


def _repeat(element: etree._Element) -> None:
    element.addnext(deepcopy(element))

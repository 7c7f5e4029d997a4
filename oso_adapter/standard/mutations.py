"""Breaking a valid dossier in one named way, to see that it is found.

For tests, for suppliers who want to see a finding, and for judging other validators. What breaks a
business rule stands beside it in ``rules.toml``; what breaks the structure follows from the
structure. A way has a name that stays the same as long as the dossier does:

============ ================================================================================
OVa.LL01     a business rule, by its id; ``(warning)`` behind the second of two with one id
CL.13 /path  a code that is on no list; so too KIT.cat, PGN.elfproef and each ATT.*
XML.*, STD.* the document as a whole, or a date that no calendar has (``STD.value /path``)
word /path   the structure: attribute, text, value, nested, missing, twice, both, order, unknown
============ ================================================================================
"""

import re
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from lxml import etree

from oso_adapter.bounded_xml import parse
from oso_adapter.errors import NotFound
from oso_adapter.standard.attachments import CONTENT, NAME, AttachmentError, unpack
from oso_adapter.standard.checks import NUMBERS
from oso_adapter.standard.codec import serialised, to_dict, to_xml
from oso_adapter.standard.conformity import alternatives
from oso_adapter.standard.mutations_files import BROKEN
from oso_adapter.standard.pack import Pack, pack_of
from oso_adapter.standard.paths import path_of, spec_of
from oso_adapter.standard.rules import Rule
from oso_adapter.standard.structure import Element

NO_CODE: Final = "99999"
"""On no code list, and an integer where the element asks for one."""

NO_NUMBER: Final = "123456789"
"""Nine digits that fail both 11-tests."""

_YEAR: Final = re.compile("[0-9]{4}")
_NO_YEAR: Final = "1999"
"""Of no release of the standard."""

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
    yield from _of_document(root, pack)
    yield from _of_rules(root, pack)
    yield from _of_codes(root, pack)
    yield from _of_statuses(root, pack)
    yield from _of_numbers(root, pack)
    yield from _of_attachments(root, pack)
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


def _of_document(root: etree._Element, pack: Pack) -> Iterator[Mutation]:
    """What can be wrong with the document as a whole."""
    xml = serialised(root)
    start = xml.index(b"?>") + len("?>")
    elsewhere = _YEAR.sub(_NO_YEAR, pack.namespace)
    if elsewhere == pack.namespace:
        elsewhere = f"{pack.namespace}/{_NO_YEAR}"
    ways = {
        "XML.wellformed": xml[: xml.rindex(b"<")],
        "XML.doctype": xml[:start] + b"<!DOCTYPE dossier>" + xml[start:],
        "XML.encoding": xml.decode("utf-8").encode("utf-16"),
        "STD.release": xml.replace(pack.namespace.encode(), elsewhere.encode()),
    }
    for rule, broken in ways.items():
        yield Mutation(rule, rule, "/", partial(bytes, broken))


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
        names = tuple(etree.QName(e).localname for e in [*element.iterancestors()][::-1])
        names = (*names, etree.QName(element).localname)
        found = pack.codelists.by_path.find(names)
        if found is not None and (found.number, names) not in done:
            done.add((found.number, names))
            yield _told_there(root, f"CL.{found.number}", element, _set_text(NO_CODE), pack)


def _of_statuses(root: etree._Element, pack: Pack) -> Iterator[Mutation]:
    """A category declared as what the profile does not allow."""
    space = f"{{{pack.namespace}}}"
    for declared in root.iterfind(f"{space}metadata/{space}categorie_uitlevering/*"):
        other = "VERPLICHT" if (declared.text or "").startswith("OPT") else "OPTIONEEL"
        yield _told_there(root, "KIT.cat", declared, _set_text(other), pack)


def _of_numbers(root: etree._Element, pack: Pack) -> Iterator[Mutation]:
    for number in root.iter(*(f"{{{pack.namespace}}}{name}" for name in NUMBERS)):
        yield _told_there(root, "PGN.elfproef", number, _set_text(NO_NUMBER), pack)


def _of_attachments(root: etree._Element, pack: Pack) -> Iterator[Mutation]:
    for content in root.iter(f"{{{pack.namespace}}}{CONTENT}"):
        for rule in BROKEN:
            yield _told_there(root, rule, content, partial(_break_file, rule), pack)


def _break_file(rule: str, content: etree._Element) -> None:
    beside = content.getparent()
    name = None if beside is None else beside.find(str(content.tag).replace(CONTENT, NAME))
    if name is None:
        return
    try:
        file = unpack(content.text or "")[1]
    except AttachmentError:
        file = b""
    name.text, content.text = BROKEN[rule](name.text or "", file)


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
    if spec.type == "date" and "pattern" not in spec.facets:
        yield broken("STD.value", "STD.value", _set_text("2019-07-31Z"))
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
    block = path.rpartition("/")[0]

    def broken(how: str, do: Callable[[etree._Element], None], at: str | None = None) -> Mutation:
        return _mutation(root, f"{how} {path}", rule, at, element, do)

    yield broken("unknown", _before(f"{{{pack.namespace}}}bestaatniet"))
    if above.sequence_repeats:
        return  # there anything may come again, in any order
    if _needed(element, spec):
        yield broken("missing", _remove, block if spec.choice else f"{block}/{spec.name}")
    if not spec.repeats:
        yield broken("twice", _repeat)
    if rivals := alternatives(above, spec):
        yield broken("both", _before(f"{{{pack.namespace}}}{rivals[0]}"))
    following = element.getnext()
    if following is not None and following.tag != element.tag:
        yield broken("order", _move_on)


def _needed(element: etree._Element, spec: Element) -> bool:
    """Whether the block cannot do without this element."""
    parent = element.getparent()
    alone = parent is not None and len(parent.findall(str(element.tag))) == 1
    return alone and bool(spec.choice_required if spec.choice else spec.min)


def _told_there(
    root: etree._Element,
    rule: str,
    element: etree._Element,
    do: Callable[[etree._Element], None],
    pack: Pack,
) -> Mutation:
    """A change that its rule tells at the element that was changed."""
    path = path_of(element, pack)
    return _mutation(root, f"{rule} {path}", rule, path, element, do)


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
        return serialised(copy)

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


def _move_on(element: etree._Element) -> None:
    if (following := element.getnext()) is not None:
        following.addnext(element)


def _repeat(element: etree._Element) -> None:
    element.addnext(deepcopy(element))

"""The official rules of an imported release: its XSLT run by Saxon, its messages as findings.

The stylesheets of a release write a document ``meldingen`` in a namespace that ends in
``/schemas/Meldingen``, with a ``melding`` for each thing that is wrong: ``type`` (``Fout``),
``locatie`` (local names, each with its position) and ``tekst``. They give no rule ids.
"""

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from typing import Final

from lxml import etree

from oso_adapter import bounded_xml
from oso_adapter.bounded_xml import XmlRefused
from oso_adapter.standard import saxon
from oso_adapter.standard.findings import LIMIT, Finding
from oso_adapter.standard.official_texts import sentences, shown, values_of
from oso_adapter.standard.pack import Pack
from oso_adapter.standard.paths import path_of
from oso_adapter.standard.texts import text_of
from oso_adapter.standard.wording import of_school, of_supplier

RULE: Final = "OFFICIAL.rule"
NOT_JUDGED: Final = "OFFICIAL.run"

_WARNINGS: Final = frozenset(
    {"waarschuwing", "warning", "info", "informatie", "informatief", "opmerking"}
)
"""Types of messages, in small letters, that stop nothing; of any other we cannot know that."""

_STEP: Final = re.compile(r"(?:[^:/\[]+:)?([^:/\[@]+)(?:\[([0-9]+)\])?")
_WORD: Final = re.compile(r"\w+")
_HIDDEN: Final = (
    "De officiële controle keurt dit af; haar tekst haalt gegevens aan en is weggelaten."
)
_FAILURES: Final[dict[saxon.Reason, str]] = {
    "compile": "het stylesheet is niet te lezen",
    "access": "het stylesheet wil iets van buiten het dossier lezen of schrijven",
    "failed": "het stylesheet is afgebroken",
    "time": "het stylesheet deed er te lang over",
    "crashed": "het stylesheet liet Saxon stoppen, misschien door te veel geheugen",
}


_SEEN: Final = {
    "voorlopigdossier": "false",
    "inzage": "true",
    "inzagedatum": "",
    "akkoord": "Ja",
    "toestemming": "Ja",
}
"""A block inzage as it will be; the day is that of the dossier."""

_OF_INZAGE: Final = re.compile(r"/[^/]+/(?:[^:/\[]+:)?inzage(?:[\[/].*)?", re.DOTALL)


def official_findings(root: etree._Element, pack: Pack, *, inzage: bool = True) -> list[Finding]:
    """What the official rules have against a dossier: at most LIMIT findings, errors first.

    inzage: also about inzage. Official rules cannot be asked to leave that out; so without it they
    judge the dossier as if the parents had seen it, and what they still say of that is left out.

    Nothing for a release without stylesheets, and for another root than a dossier. Rules that give
    no verdict are an error finding. Raises ConfigurationError where the release has stylesheets and
    the extra ``official`` is not installed. Never a value of the dossier.
    """
    if not pack.stylesheets or etree.QName(root).localname != pack.carried:
        return []
    kind = text_of(root.find(f"{{{pack.namespace}}}overdrachtsoort")).strip()
    stylesheet = pack.stylesheets.get(kind)
    if stylesheet is None:
        return [_not_judged("er zijn geen officiële regels voor deze overdrachtsoort", pack)]
    saxon.required()
    judged = root if inzage else _as_seen(root, pack)
    try:
        xml = etree.tostring(judged, encoding="UTF-8", with_tail=False)
        told = saxon.transform(stylesheet, xml)
        messages = bounded_xml.parse(told)
    except saxon.SaxonFailed as failed:
        return [_not_judged(_FAILURES[failed.reason], pack)]
    except XmlRefused:
        return [_not_judged("het stylesheet gaf geen meldingen", pack)]
    if etree.QName(messages).localname != "meldingen":
        return [_not_judged("het stylesheet gaf geen meldingen", pack)]
    found: list[Finding] = []
    told_of = [said for said in _messages(messages) if inzage or not _is_of_inzage(*said)]
    fixed, words = sentences(stylesheet), _words(pack)
    values = values_of(root) if told_of else ()
    # Errors go first, so that many warnings never hide one.
    for type_, place, text in sorted(told_of, key=lambda told: told[0] in _WARNINGS):
        node = located(root, place)
        message = shown(text, fixed, words, values) or _HIDDEN
        finding = of_school(RULE, path_of(node, pack), node.sourceline, message)
        found.append(replace(finding, severity="warning") if type_ in _WARNINGS else finding)
        if len(found) == LIMIT:
            break
    return list(dict.fromkeys(found))


def located(root: etree._Element, place: str) -> etree._Element:
    """The node at a place such as ``/dossier[1]/huidigeschool[1]``, or the last one on the way.

    A position counts the elements of that name; prefixes are ignored.
    """
    node = root
    for step in place.strip().strip("/").split("/")[1:]:
        match = _STEP.fullmatch(step.strip())
        if match is None:
            break
        same = [each for each in node.iterchildren("*") if etree.QName(each).localname == match[1]]
        index = int(match[2] or 1) - 1
        if not 0 <= index < len(same):
            break
        node = same[index]
    return node


def _as_seen(root: etree._Element, pack: Pack) -> etree._Element:
    """The dossier with a block inzage that says that the parents saw it, where it can have one."""
    dossier = pack.structure.roots[pack.carried]
    block = dossier.children.get("inzage")
    if block is None:
        return root
    space = f"{{{pack.namespace}}}"
    seen = deepcopy(root)
    for old in seen.findall(f"{space}inzage"):
        seen.remove(old)
    filled = etree.Element(f"{space}inzage")
    day = text_of(root.find(f"{space}metadata/{space}datum"))
    for child in block.content:
        if child.name in _SEEN:
            etree.SubElement(filled, space + child.name).text = _SEEN[child.name] or day
    names = [child.name for child in dossier.content]
    before = {space + name for name in names[: names.index("inzage")]}
    seen.insert(sum(child.tag in before for child in seen), filled)
    return seen


def _is_of_inzage(_: str, place: str, text: str) -> bool:
    """Whether a message is about the block inzage; it may be missing, and then stands above it."""
    if place.strip().strip("/").count("/"):
        return _OF_INZAGE.fullmatch(place.strip()) is not None
    return "inzage" in _WORD.findall(text.lower())


def _messages(root: etree._Element) -> Iterator[tuple[str, str, str]]:
    """Type, place and text of each message, whether these are elements or attributes."""
    for message in root.iter("{*}melding"):
        parts = {str(name): str(value) for name, value in message.attrib.items()}
        for child in message.iterchildren("*"):
            parts[etree.QName(child).localname] = " ".join(map(str, child.itertext()))
        yield (
            parts.get("type", "").strip().lower(),
            parts.get("locatie", ""),
            parts.get("tekst", ""),
        )


def _words(pack: Pack) -> frozenset[str]:
    """What belongs to the release and to no pupil: names of elements, kinds of transfer."""
    kinds = pack.profiles.profiles.values()
    known = {word for kind in kinds for word in (kind.overdrachtsoort, kind.overstap or "")}
    return pack.structure.names | known | {pack.release, pack.validation_version}


def _not_judged(why: str, pack: Pack) -> Finding:
    message = f"De officiële regels van {pack.release} zijn niet toegepast: {why}."
    return of_supplier(NOT_JUDGED, "/", None, message)

"""What a valid structure still can have wrong: business rules, code lists, statuses, numbers.

========== ==================================================================================
official   the ids of the standard, such as ``OVa.LL01``: :mod:`oso_adapter.standard.rules`
CL.*       a code that is not on the code list with this number, such as ``CL.13``
KIT.cat    a category declared with a status that the profile does not allow
PGN.*      elfproef: a personal number that fails both 11-tests
SWV.*      nummer: a personal number where none may be; bijlage: a file that cannot be searched
           for one, which only what makes a dossier ready to leave the school refuses
========== ==================================================================================
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Final

from lxml import etree

from oso_adapter.errors import InvalidIdentifier
from oso_adapter.identifiers import Pgn
from oso_adapter.standard import lexical
from oso_adapter.standard.categories import SWITCHED_OFF, Profile
from oso_adapter.standard.codelists import CodeList
from oso_adapter.standard.findings import Finding, Severity
from oso_adapter.standard.number_search import TELLING, holds_any_number
from oso_adapter.standard.pack import Pack
from oso_adapter.standard.paths import path_of
from oso_adapter.standard.rules import Broken
from oso_adapter.standard.texts import holds_elements, text_of
from oso_adapter.standard.wording import STEPS, UNREADABLE, of_school

NUMBERS: Final = ("bsn", "onderwijsnummer")
"""Elements of a pupil that hold a personal number."""

HOLDS_NUMBER: Final = (
    "Hier staat een persoonlijk nummer van de leerling; dat mag in dit dossier niet."
)

Full = Callable[[Severity], bool]
"""Whether no more findings of this severity are told, so that none has to be made."""


def _never(_severity: Severity) -> bool:
    return False


def rule_findings(
    root: etree._Element,
    pack: Pack,
    profile: Profile | None,
    *,
    inzage: bool = True,
    full: Full = _never,
) -> Iterator[Finding]:
    """The business rules that the dossier breaks.

    profile: what it is judged as, None for what is none of the profiles. inzage: also the rules
    about inzage, which nobody can keep before the parents saw the dossier.
    """
    space = f"{{{pack.namespace}}}"
    kind = profile.overdrachtsoort if profile else text_of(root.find(f"{space}overdrachtsoort"))
    name = profile.name if profile else None
    for broken in pack.rules.broken(root, kind, name, inzage=inzage):
        if full(broken.rule.severity):
            continue
        yield broken.rule.finding(*_place(broken, pack))


def value_findings(root: etree._Element, pack: Pack) -> Iterator[Finding]:
    """The values that are valid to the schema and that no Python value can hold.

    A date with a time zone, or before the year 1. The text is kept as it came.
    """
    readable = _readable(pack)
    for element in root.iter(*readable):
        kind = readable[str(element.tag)]
        text = text_of(element)
        if _PLAIN[kind].fullmatch(text) or (len(element) and holds_elements(element)):
            continue  # a block may have the name of a value, as inzage has
        try:
            lexical.read(text, kind)
        except lexical.NoSuchValue:
            yield Finding(
                rule="STD.value",
                severity="warning",
                path=path_of(element, pack),
                line=element.sourceline,
                message=UNREADABLE,
                owner="leverancier",
                next_step="Laat de leverancier van de verzendende school de vorm aanpassen.",
            )


_PLAIN: Final = {
    "boolean": re.compile("true|false|0|1"),
    "date": re.compile("[12][0-9]{3}-[0-9]{2}-[0-9]{2}"),
    **dict.fromkeys(("int", "integer", "decimal"), re.compile("-?[0-9.]{1,40}")),
}
"""Forms in which a value that is valid to the schema can be read for sure: nearly all."""


@cache
def _readable(pack: Pack) -> Mapping[str, str]:
    """The elements with a Python value of their own, by tag."""
    kinds: dict[str, str] = {}
    for _, element in (pair for root in pack.structure.roots for pair in pack.structure.walk(root)):
        if element.type in lexical.KINDS:
            kinds.setdefault(f"{{{pack.namespace}}}{element.name}", element.type)
    return kinds


def code_findings(root: etree._Element, pack: Pack, *, full: Full = _never) -> Iterator[Finding]:
    """The values that are not on the code list of their element."""
    listed = _listed(pack)
    if not listed:
        return
    for element in root.iter(*listed):
        found = _list_of(element, listed[str(element.tag)])
        if found is None or text_of(element) in found.codes:
            continue
        if not full(found.severity):
            yield _not_on_list(element, found, pack)


_Rows = tuple[tuple[tuple[str, ...], CodeList], ...]


@cache
def _listed(pack: Pack) -> Mapping[str, _Rows]:
    """The elements that have a code list, by tag, with the tags above them that it asks for."""
    space = f"{{{pack.namespace}}}"
    return {
        space + name: tuple((tuple(space + step for step in above), row) for above, row in rows)
        for name, rows in pack.codelists.by_path.by_name().items()
    }


def _list_of(element: etree._Element, rows: _Rows) -> CodeList | None:
    for above, found in rows:
        node: etree._Element | None = element
        for tag in above:
            node = None if node is None else node.getparent()
            if node is None or node.tag != tag:
                break
        else:
            return found
    return None


def status_findings(root: etree._Element, pack: Pack, profile: Profile | None) -> Iterator[Finding]:
    """The categories that are declared with a status that the profile does not allow."""
    if profile is None:
        return
    space = f"{{{pack.namespace}}}"
    for declared in root.iterfind(f"{space}metadata/{space}categorie_uitlevering/*"):
        status = profile.statuses.get(etree.QName(declared).localname)
        allowed = {status, SWITCHED_OFF} if status == "OPTIONEEL" else {status}
        if status is not None and text_of(declared) not in allowed:
            yield Finding(
                rule="KIT.cat",
                severity="warning",
                path=path_of(declared, pack),
                line=declared.sourceline,
                message=f"Deze status kan niet in {profile.name}; daar is de categorie {status}.",
                owner="leverancier",
                next_step=STEPS["leverancier"],
            )


def number_findings(root: etree._Element, pack: Pack) -> Iterator[Finding]:
    """The personal numbers that are no numbers (Burgerservicenummer and onderwijsnummer, 11-test).

    A warning, since the published validator does not look.
    """
    for element in root.iter(*(f"{{{pack.namespace}}}{name}" for name in NUMBERS)):
        try:
            sound = Pgn(text_of(element).strip()).kind is not None
        except InvalidIdentifier:
            sound = False
        if not sound:
            yield Finding(
                rule="PGN.elfproef",
                severity="warning",
                path=path_of(element, pack),
                line=element.sourceline,
                message="Het nummer van de leerling voldoet niet aan de elfproef.",
                owner="verzendende school",
                next_step="Controleer het BSN of onderwijsnummer van de leerling.",
            )


def hidden_number_findings(
    root: etree._Element, pack: Pack, profile: Profile | None
) -> Iterator[Finding]:
    """The references and file names that hold a number, where no personal number may be.

    A warning, since the published validator does not look, and other numbers can look like one.
    """
    if profile is None or profile.name not in pack.profiles.without_number:
        return
    for element in root.iter(*(f"{{{pack.namespace}}}{name}" for name in TELLING)):
        if holds_any_number(text_of(element)):
            yield hidden_number(path_of(element, pack), element.sourceline)


def hidden_number(path: str, line: int | None) -> Finding:
    """A personal number may be where none may be."""
    return replace(of_school("SWV.nummer", path, line, HOLDS_NUMBER), severity="warning")


def _place(broken: Broken, pack: Pack) -> tuple[str, int | None]:
    """Path and line of what a rule is about, where one element is missing or too much."""
    node, names = broken.node, list(broken.rule.about)
    while names:
        below = node.find(f"{{{pack.namespace}}}{names[0]}")
        if below is None:
            break
        node = below
        names.pop(0)
    return "/".join([path_of(node, pack), *names]), node.sourceline


def _not_on_list(element: etree._Element, found: CodeList, pack: Pack) -> Finding:
    message = f"Deze code staat niet op codelijst {found.number} ({found.name})."
    return Finding(
        rule=f"CL.{found.number}",
        severity=found.severity,
        path=path_of(element, pack),
        line=element.sourceline,
        message=message,
        owner="verzendende school",
        next_step=f"Kies een code van lijst {found.number} en maak het dossier opnieuw.",
    )

"""What a valid structure still can have wrong: business rules, code lists, statuses, numbers.

========== ==================================================================================
official   the ids of the standard, such as ``OVa.LL01``: :mod:`oso_adapter.standard.rules`
CL.*       a code that is not on the code list with this number, such as ``CL.13``
KIT.cat    a category declared with a status that the profile does not allow
PGN.*      elfproef: a personal number that fails both 11-tests
========== ==================================================================================
"""

from collections.abc import Iterator
from typing import Final

from lxml import etree

from oso_adapter.errors import InvalidIdentifier
from oso_adapter.identifiers import Pgn
from oso_adapter.standard.categories import SWITCHED_OFF, Profile
from oso_adapter.standard.codelists import CodeList
from oso_adapter.standard.findings import Finding
from oso_adapter.standard.pack import Pack
from oso_adapter.standard.paths import path_of
from oso_adapter.standard.rules import Broken
from oso_adapter.standard.wording import STEPS

NUMBERS: Final = ("bsn", "onderwijsnummer")
"""Elements of a pupil that hold a personal number."""


def rule_findings(
    root: etree._Element, pack: Pack, profile: Profile | None, *, inzage: bool = True
) -> Iterator[Finding]:
    """The business rules that the dossier breaks.

    profile: what it is judged as, None for what is none of the profiles. inzage: also the rules
    about inzage, which nobody can keep before the parents saw the dossier.
    """
    space = f"{{{pack.namespace}}}"
    kind = profile.overdrachtsoort if profile else root.findtext(f"{space}overdrachtsoort")
    name = profile.name if profile else None
    for broken in pack.rules.broken(root, kind, name, inzage=inzage):
        yield broken.rule.finding(*_place(broken, pack))


def code_findings(root: etree._Element, pack: Pack) -> Iterator[Finding]:
    """The values that are not on the code list of their element."""
    lists = pack.codelists.by_path
    if not lists.names:
        return
    for element in root.iter(*(f"{{{pack.namespace}}}{name}" for name in sorted(lists.names))):
        found = lists.find(_names(element))
        if found is not None and (element.text or "") not in found.codes:
            yield _not_on_list(element, found, pack)


def status_findings(root: etree._Element, pack: Pack, profile: Profile | None) -> Iterator[Finding]:
    """The categories that are declared with a status that the profile does not allow."""
    if profile is None:
        return
    space = f"{{{pack.namespace}}}"
    for declared in root.iterfind(f"{space}metadata/{space}categorie_uitlevering/*"):
        status = profile.statuses.get(etree.QName(declared).localname)
        allowed = {status, SWITCHED_OFF} if status == "OPTIONEEL" else {status}
        if status is not None and declared.text not in allowed:
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
            sound = Pgn((element.text or "").strip()).kind is not None
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


def _names(element: etree._Element) -> tuple[str, ...]:
    names = [etree.QName(element).localname]
    names.extend(etree.QName(above).localname for above in element.iterancestors())
    return tuple(reversed(names))

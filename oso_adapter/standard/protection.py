"""What leaves no school, whatever a system gives: taken out before anything is stored.

What the law keeps out of a kind of transfer, secret addresses and numbers, and the personal
number on its way to a partnership (SWV), which may not receive it (Gegevensset 2019.1, rules LL06
to LL12 and OV03). What was taken out is told.
"""

from collections.abc import Collection, Iterator
from typing import Final

from lxml import etree

from oso_adapter.identifiers import Pgn
from oso_adapter.standard.attachments import CONTENT
from oso_adapter.standard.categories import Profile, Secret
from oso_adapter.standard.checks import NUMBERS
from oso_adapter.standard.findings import Finding
from oso_adapter.standard.number_search import NumberSearch, number_in, text_of, texts_of
from oso_adapter.standard.pack import Pack
from oso_adapter.standard.paths import path_of, spec_of
from oso_adapter.standard.wording import of_school

_TRUE: Final = frozenset({"true", "1"})
_NUMBER: Final = "hier staat een persoonlijk nummer van de leerling"


def protect(
    root: etree._Element, pack: Pack, profile: Profile, numbers: Collection[Pgn] = ()
) -> list[Finding]:
    """Take out of a dossier what may not leave the school in this profile; changes ``root``.

    numbers: personal numbers of the pupil, now and before, that the dossier itself may not tell.
    Gives an info finding for each thing taken out or masked. A personal number that stands where
    it cannot be taken out, in a dossier that may have none, is an error finding.
    """
    search = NumberSearch({*numbers, *_numbers_in(root, pack)})
    findings = [*_leave_out(root, pack, profile)]
    if pack.profiles.secret is not None:
        findings += _hide_addresses(root, pack, pack.profiles.secret)
        findings += _mask_contacts(root, pack, pack.profiles.secret)
    if search.any and profile.name in pack.profiles.without_number:
        findings += _take_numbers_out(root, pack, search)
    return findings


def _numbers_in(root: etree._Element, pack: Pack) -> Iterator[Pgn]:
    for element in root.iter(*(f"{{{pack.namespace}}}{name}" for name in NUMBERS)):
        if (number := number_in(text_of(element))) is not None:
            yield number


def _leave_out(root: etree._Element, pack: Pack, profile: Profile) -> Iterator[Finding]:
    for never in pack.profiles.never:
        if profile.name not in never.profiles:
            continue
        for path in never.data:
            steps = path.split("/")[2:]
            for element in root.findall("/".join(f"{{{pack.namespace}}}{step}" for step in steps)):
                yield _taken_out(element, pack, f"dit {never.why}")
                _remove(element)


def _hide_addresses(root: etree._Element, pack: Pack, secret: Secret) -> Iterator[Finding]:
    space = f"{{{pack.namespace}}}"
    for flag in list(root.iter(space + secret.address_flag)):
        block = flag.getparent()
        if block is None or not _is_true(flag):
            continue
        for name in secret.address:
            for address in block.findall(space + name):
                yield _taken_out(address, pack, "dit adres is geheim")
                _remove(address)


def _mask_contacts(root: etree._Element, pack: Pack, secret: Secret) -> Iterator[Finding]:
    space = f"{{{pack.namespace}}}"
    for contact in list(root.iter(space + secret.contact)):
        flag = contact.find(space + secret.contact_flag)
        value = contact.find(space + secret.contact_value)
        if flag is None or value is None or not _is_true(flag):
            continue
        kind = contact.find(space + secret.contact_kind)
        mask = secret.masks.get("" if kind is None else text_of(kind).strip())
        if mask is None:
            yield _taken_out(contact, pack, "dit is geheim, en er is geen afgesproken vervanging")
            _remove_with_list(contact)
        elif text_of(value) != mask or len(value):
            yield _told(value, pack, "Dit gegeven is geheim en is vervangen door het masker.")
            value[:] = []
            value.text = mask


def _take_numbers_out(root: etree._Element, pack: Pack, search: NumberSearch) -> Iterator[Finding]:
    """Search every text, attribute, comment and file name; ``leerlingid`` is where they hide.

    Comments go first: what stands on both sides of one becomes one text.
    """
    yield from _out_of_remarks(root, pack, search)
    for node in list(root.iter("*")):
        yield from _out_of_attributes(node, pack, search)
        if not _holds(node, pack, search):
            continue
        spec = spec_of(node, pack)
        if spec is not None and not spec.is_block and spec.min == 0 and not spec.choice:
            yield _taken_out(node, pack, _NUMBER)
            _remove(node)
        else:
            yield _not_taken_out(node, pack)
    yield from _out_of_namespaces(root, pack, search)


def _out_of_remarks(root: etree._Element, pack: Pack, search: NumberSearch) -> Iterator[Finding]:
    """Comments and instructions, also those beside the root."""
    beside = [*root.itersiblings(preceding=True), *root.itersiblings()]
    for node in [*beside, *root.iter(etree.Comment, etree.ProcessingInstruction)]:
        if search.found_in(node.text, getattr(node, "target", None)):
            parent = node.getparent()
            yield _taken_out(root if parent is None else parent, pack, _NUMBER)
            _remove_keeping_tail(node)


def _out_of_attributes(node: etree._Element, pack: Pack, search: NumberSearch) -> Iterator[Finding]:
    spec = spec_of(node, pack)
    required = {each.name for each in spec.attributes if each.required} if spec else set()
    for name, value in list(node.attrib.items()):
        if not search.found_in(str(name), str(value)):
            continue
        if name in required:
            yield _not_taken_out(node, pack)
        else:
            yield _taken_out(node, pack, _NUMBER)
            del node.attrib[name]


def _out_of_namespaces(root: etree._Element, pack: Pack, search: NumberSearch) -> Iterator[Finding]:
    """A declaration that nothing uses is valid, and a text like any other."""

    def declaring() -> Iterator[etree._Element]:
        found = False
        for _, what in etree.iterwalk(root, events=("start-ns", "start")):
            if isinstance(what, tuple):  # prefix and name, before the element they stand in
                found = found or search.found_in(*what)
            elif found and what is not None:
                found = False
                yield what

    told = list(declaring())
    if told:
        etree.cleanup_namespaces(root)
    left = list(declaring())
    yield from (_not_taken_out(node, pack) for node in left)
    yield from (_taken_out(node, pack, _NUMBER) for node in told if node not in left)


def _holds(node: etree._Element, pack: Pack, search: NumberSearch) -> bool:
    """Whether an element has a number in its name, its text or its file."""
    if node.tag == f"{{{pack.namespace}}}{CONTENT}":
        return search.found_in_file(text_of(node))
    return search.found_in(etree.QName(node).localname, *texts_of(node))


def _is_true(flag: etree._Element) -> bool:
    return text_of(flag).strip() in _TRUE


def _remove(node: etree._Element) -> None:
    if (parent := node.getparent()) is not None:
        parent.remove(node)


def _remove_keeping_tail(node: etree._Element) -> None:
    """Take a comment out of the text it stands in; lxml would take the text behind it as well."""
    parent, before = node.getparent(), node.getprevious()
    if parent is None:
        etree.Element("elsewhere").append(node)  # the only way out for what stands beside the root
    elif before is not None:
        before.tail = (before.tail or "") + (node.tail or "")
        parent.remove(node)
    else:
        parent.text = (parent.text or "") + (node.tail or "")
        parent.remove(node)


def _remove_with_list(node: etree._Element) -> None:
    """A list that held nothing else goes with its item, since it may not be empty."""
    parent = node.getparent()
    _remove(node)
    if parent is not None and not len(parent):
        _remove(parent)


def _taken_out(element: etree._Element, pack: Pack, why: str) -> Finding:
    return _told(element, pack, f"Deze gegevens gaan niet mee: {why}.")


def _not_taken_out(element: etree._Element, pack: Pack) -> Finding:
    message = "Hier staat een persoonlijk nummer van de leerling; dat mag in dit dossier niet."
    return of_school("SWV.nummer", path_of(element, pack), None, message)


def _told(element: etree._Element, pack: Pack, message: str) -> Finding:
    return Finding(
        rule="STD.protected",
        severity="info",
        path=path_of(element, pack),
        line=None,
        message=message,
        owner="verzendende school",
        next_step="Er is niets te doen; laat uw leverancier weten dat het in de gegevens stond.",
    )

"""What leaves no school, whatever a system gives: taken out before anything is stored.

What the law keeps out of a kind of transfer, secret addresses and numbers, and the personal
number on its way to a partnership (SWV), which may not receive it (Gegevensset 2019.1, rules LL06
to LL12 and OV03). What was taken out is told.
"""

import re
from collections.abc import Collection, Iterator
from typing import Final

from lxml import etree

from oso_adapter.errors import InvalidIdentifier
from oso_adapter.identifiers import Pgn
from oso_adapter.standard.attachments import CONTENT, AttachmentError, examine
from oso_adapter.standard.categories import Profile, Secret
from oso_adapter.standard.checks import NUMBERS
from oso_adapter.standard.findings import Finding
from oso_adapter.standard.pack import Pack
from oso_adapter.standard.paths import path_of, spec_of
from oso_adapter.standard.wording import of_school

_TRUE: Final = frozenset({"true", "1"})
_BETWEEN: Final = r"[\s.\-/]{0,2}"


def protect(
    root: etree._Element, pack: Pack, profile: Profile, numbers: Collection[Pgn] = ()
) -> list[Finding]:
    """Take out of a dossier what may not leave the school in this profile; changes ``root``.

    numbers: personal numbers of the pupil, now and before, that the dossier itself may not tell.
    Gives an info finding for each thing taken out or masked. A personal number that stands where
    it cannot be taken out, in a dossier that may have none, is an error finding.
    """
    own = {*numbers, *_numbers_in(root, pack)}
    findings = [*_leave_out(root, pack, profile)]
    if pack.profiles.secret is not None:
        findings += _hide_addresses(root, pack, pack.profiles.secret)
        findings += _mask_contacts(root, pack, pack.profiles.secret)
    if profile.name in pack.profiles.without_number:
        findings += _take_numbers_out(root, pack, own)
    return findings


def _numbers_in(root: etree._Element, pack: Pack) -> Iterator[Pgn]:
    for element in root.iter(*(f"{{{pack.namespace}}}{name}" for name in NUMBERS)):
        try:
            yield Pgn((element.text or "").strip())
        except InvalidIdentifier:
            continue


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
        mask = secret.masks.get((contact.findtext(space + secret.contact_kind) or "").strip())
        if mask is None:
            yield _taken_out(contact, pack, "dit is geheim, en er is geen afgesproken vervanging")
            _remove_with_list(contact)
        elif value.text != mask:
            yield _told(value, pack, "Dit gegeven is geheim en is vervangen door het masker.")
            value.text = mask


def _take_numbers_out(root: etree._Element, pack: Pack, numbers: set[Pgn]) -> Iterator[Finding]:
    """Search every text, attribute, comment and file name; ``leerlingid`` is where they hide."""
    if not numbers:
        return
    sought = re.compile("|".join(_written(number) for number in sorted_digits(numbers)))
    for node in list(root.iter()):
        if not isinstance(node.tag, str):
            if sought.search(node.text or ""):
                _remove(node)
            continue
        if not any(sought.search(text) for text in _texts(node, pack)):
            continue
        spec = spec_of(node, pack)
        if spec is not None and not spec.is_block and spec.min == 0 and not spec.choice:
            yield _taken_out(node, pack, "hier staat een persoonlijk nummer van de leerling")
            _remove(node)
        else:
            message = (
                "Hier staat een persoonlijk nummer van de leerling; dat mag in dit dossier niet."
            )
            yield of_school("SWV.nummer", path_of(node, pack), None, message)


def sorted_digits(numbers: set[Pgn]) -> list[str]:
    """The digits of numbers, in one order, for a pattern."""
    return sorted(number.reveal() for number in numbers)


def _written(digits: str) -> str:
    """A pattern for a number as people write it: with points or spaces, without leading zeros."""
    significant = digits.lstrip("0")
    zeros = f"0{{0,{len(digits) - len(significant)}}}{_BETWEEN}"
    return rf"(?<![0-9]){zeros}{_BETWEEN.join(significant)}(?![0-9])"


def _texts(node: etree._Element, pack: Pack) -> Iterator[str]:
    yield from (str(value) for value in node.attrib.values())
    yield from (child.tail or "" for child in node)
    if node.tag != f"{{{pack.namespace}}}{CONTENT}":
        yield node.text or ""
        return
    try:
        yield examine(node.text or "").name
    except AttachmentError:
        return


def _is_true(flag: etree._Element) -> bool:
    return (flag.text or "").strip() in _TRUE


def _remove(node: etree._Element) -> None:
    if (parent := node.getparent()) is not None:
        parent.remove(node)


def _remove_with_list(node: etree._Element) -> None:
    """A list that held nothing else goes with its item, since it may not be empty."""
    parent = node.getparent()
    _remove(node)
    if parent is not None and not len(parent):
        _remove(parent)


def _taken_out(element: etree._Element, pack: Pack, why: str) -> Finding:
    return _told(element, pack, f"Deze gegevens gaan niet mee: {why}.")


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

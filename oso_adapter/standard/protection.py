"""What leaves no school, whatever a system gives: taken out before anything is stored.

What the law keeps out of a kind of transfer, categories that it forbids or that the dossier says
are switched off, comments, which no reader sees, secret addresses and numbers, and the personal
number on its way to a partnership (SWV), which may not receive it (Gegevensset 2019.1, rules LL06
to LL12 and OV03). What was taken out is told.
"""

from collections.abc import Collection, Iterator
from typing import Final

from lxml import etree

from oso_adapter.identifiers import Pgn
from oso_adapter.standard.attachments import CONTENT, AttachmentError
from oso_adapter.standard.categories import SWITCHED_OFF, Profile, Secret
from oso_adapter.standard.checks import HOLDS_NUMBER, NUMBERS
from oso_adapter.standard.findings import LIMIT, Finding
from oso_adapter.standard.number_search import TELLING, NumberSearch, holds_any_number, number_in
from oso_adapter.standard.pack import Pack
from oso_adapter.standard.paths import path_of, spec_of
from oso_adapter.standard.profiles import left_out
from oso_adapter.standard.texts import holds_elements, text_of
from oso_adapter.standard.wording import of_school

_TRUE: Final = frozenset({"true", "1"})
_REMARKS: Final = (etree.Comment, etree.ProcessingInstruction)
_STEP: Final = "Er is niets te doen; laat uw leverancier weten dat het in de gegevens stond."
_NOT_READABLE: Final = (
    "Deze bijlage is niet te openen, zodat niet te zien is of er een persoonlijk nummer in staat."
)
_NUMBER: Final = "hier staat een persoonlijk nummer van de leerling"


def protect(
    root: etree._Element, pack: Pack, profile: Profile, numbers: Collection[Pgn] = ()
) -> list[Finding]:
    """Take out of a dossier what may not leave the school in this profile; changes ``root``.

    numbers: personal numbers of the pupil, now and before, that the dossier itself may not tell.
    Gives an info finding for each thing taken out or masked. In a dossier that may have no personal
    number, one that stands where it cannot be taken out is an error finding, and so is an
    attachment that cannot be searched. Of both kinds there are LIMIT at most.
    """
    told = _Told(pack)
    _strip_remarks(root, told)
    search = NumberSearch({*numbers, *_numbers_in(root, pack)})
    _leave_out(root, pack, profile, told)
    _leave_categories_out(root, pack, profile, told)
    if pack.profiles.secret is not None:
        _hide_addresses(root, pack, pack.profiles.secret, told)
        _mask_contacts(root, pack, pack.profiles.secret, told)
    if profile.name in pack.profiles.without_number:
        _take_numbers_out(root, pack, search, told)
        _clean_namespaces(root, search, told)
    return [*told.left, *told.gone]


class _Told:
    """The findings, at most LIMIT of a kind, since to find a path takes longer than to remove."""

    def __init__(self, pack: Pack) -> None:
        self.gone: list[Finding] = []
        self.left: list[Finding] = []
        self._pack = pack

    def taken_out(self, element: etree._Element, why: str) -> None:
        self.changed(element, f"Deze gegevens gaan niet mee: {why}.")

    def category_gone(self, path: str, category: str, allowed: str, profile: Profile) -> None:
        """One for each path, and so few."""
        status = allowed if allowed == "VERBODEN" else SWITCHED_OFF
        self.gone.append(left_out(path, category, status, profile))

    def changed(self, element: etree._Element, message: str) -> None:
        if len(self.gone) < LIMIT:
            self.gone.append(
                Finding(
                    rule="STD.protected",
                    severity="info",
                    path=path_of(element, self._pack),
                    line=None,
                    message=message,
                    owner="verzendende school",
                    next_step=_STEP,
                )
            )

    def not_taken_out(self, element: etree._Element) -> None:
        self._refused("SWV.nummer", element, HOLDS_NUMBER)

    def not_readable(self, element: etree._Element) -> None:
        self._refused("SWV.bijlage", element, _NOT_READABLE)

    def _refused(self, rule: str, element: etree._Element, message: str) -> None:
        if len(self.left) < LIMIT:
            self.left.append(of_school(rule, path_of(element, self._pack), None, message))


def _numbers_in(root: etree._Element, pack: Pack) -> Iterator[Pgn]:
    for element in root.iter(*(f"{{{pack.namespace}}}{name}" for name in NUMBERS)):
        if (number := number_in(text_of(element))) is not None:
            yield number


def _leave_out(root: etree._Element, pack: Pack, profile: Profile, told: _Told) -> None:
    for never in pack.profiles.never:
        if profile.name not in never.profiles:
            continue
        for path in never.data:
            steps = path.split("/")[2:]
            for element in root.findall("/".join(f"{{{pack.namespace}}}{step}" for step in steps)):
                told.taken_out(element, f"dit {never.why}")
                _remove(element)


def _leave_categories_out(root: etree._Element, pack: Pack, profile: Profile, told: _Told) -> None:
    """What a dossier declares of a category cannot allow what the profile forbids."""
    space = f"{{{pack.namespace}}}"
    for category, allowed in profile.statuses.items():
        declared = root.find(f"{space}metadata/{space}categorie_uitlevering/{space}{category}")
        status = text_of(declared).strip()
        if allowed == "VERBODEN":
            if declared is not None and text_of(declared) != allowed:
                told.changed(
                    declared,
                    f"De status is nu {allowed}: {category} is niet toegestaan in {profile.name}.",
                )
                declared[:] = []
                declared.text = allowed
        elif allowed != "OPTIONEEL" or status not in ("VERBODEN", SWITCHED_OFF):
            continue
        for path in pack.profiles.data[category]:
            found = root.findall("/".join(space + step for step in path.split("/")[2:]))
            if found:
                told.category_gone(path, category, allowed, profile)
            for element in found:
                _remove_with_block(element)


def _hide_addresses(root: etree._Element, pack: Pack, secret: Secret, told: _Told) -> None:
    space = f"{{{pack.namespace}}}"
    for flag in list(root.iter(space + secret.address_flag)):
        block = flag.getparent()
        if block is None or not _is_true(flag):
            continue
        for name in secret.address:
            for address in block.findall(space + name):
                told.taken_out(address, "dit adres is geheim")
                _remove(address)


def _mask_contacts(root: etree._Element, pack: Pack, secret: Secret, told: _Told) -> None:
    space = f"{{{pack.namespace}}}"
    for contact in list(root.iter(space + secret.contact)):
        flag = contact.find(space + secret.contact_flag)
        value = contact.find(space + secret.contact_value)
        if flag is None or value is None or not _is_true(flag):
            continue
        mask = secret.masks.get(text_of(contact.find(space + secret.contact_kind)).strip())
        if mask is None:
            told.taken_out(contact, "dit is geheim, en er is geen afgesproken vervanging")
            _remove_with_block(contact)
        elif text_of(value) != mask or len(value):
            told.changed(value, "Dit gegeven is geheim en is vervangen door het masker.")
            value[:] = []
            value.text = mask


def _strip_remarks(root: etree._Element, told: _Told) -> None:
    """Comments and instructions, also those beside the root; the text around them becomes one."""
    beside = [*root.itersiblings(preceding=True), *root.itersiblings()]
    if not beside and next(root.iter(*_REMARKS), None) is None:
        return
    for node in beside:  # the only way out for what stands there is elsewhere
        etree.Element("elsewhere").append(node)
    for parent in {remark.getparent() for remark in root.iter(*_REMARKS)}:
        if parent is not None:
            _join_texts(parent)
    etree.strip_elements(root, *_REMARKS)
    told.changed(
        root, "Opmerkingen in de XML zelf gaan niet mee: wie het dossier inziet, ziet ze niet."
    )


def _join_texts(block: etree._Element) -> None:
    """Put the text after a remark with that before it, at once: text in thousands of pieces, which
    is what stripping the tags alone leaves, takes quadratic time whenever it is read.
    """
    before: etree._Element | None = None
    pieces = [block.text or ""]
    for child in [*block, None]:
        if child is not None and child.tag in _REMARKS:
            pieces.append(child.tail or "")
            continue
        if len(pieces) > 1 and before is None:
            block.text = "".join(pieces) or None
        elif len(pieces) > 1 and before is not None:
            before.tail = "".join(pieces) or None
        if child is not None:
            before, pieces = child, [child.tail or ""]


def _take_numbers_out(root: etree._Element, pack: Pack, search: NumberSearch, told: _Told) -> None:
    """Search every text, attribute and file name; ``leerlingid`` is where they hide."""
    for node in list(root.iter("*")):
        for name, value in node.attrib.items():
            if search.found_in(str(name), str(value)):
                _take_attribute_out(node, name, pack, told)
        try:
            if _holds(node, pack, search):
                _take_text_out(node, pack, told)
        except AttachmentError:
            told.not_readable(node)


def _take_attribute_out(node: etree._Element, name: "str | bytes", pack: Pack, told: _Told) -> None:
    spec = spec_of(node, pack)
    if spec is not None and any(each.required for each in spec.attributes if each.name == name):
        told.not_taken_out(node)
    else:
        told.taken_out(node, _NUMBER)
        del node.attrib[name]


def _take_text_out(node: etree._Element, pack: Pack, told: _Told) -> None:
    spec = spec_of(node, pack)
    if spec is not None and not spec.is_block and spec.min == 0 and not spec.choice:
        told.taken_out(node, _NUMBER)
        _remove(node)
    else:
        told.not_taken_out(node)


def _clean_namespaces(root: etree._Element, search: NumberSearch, told: _Told) -> None:
    """A declaration that nothing uses is valid, and a text like any other."""

    def declaring() -> Iterator[etree._Element]:
        found = False
        for _, what in etree.iterwalk(root, events=("start-ns", "start")):
            if isinstance(what, tuple):  # prefix and name, before the element they stand in
                found = found or search.found_in(*what)
            elif found and what is not None:
                found = False
                yield what

    before = list(declaring())
    if not before:
        return
    etree.cleanup_namespaces(root)
    after = list(declaring())
    for node in after:
        told.not_taken_out(node)
    for node in before:
        if node not in after[:LIMIT]:
            told.taken_out(node, _NUMBER)


def _holds(node: etree._Element, pack: Pack, search: NumberSearch) -> bool:
    """Whether an element has a number in its name, its text or its file."""
    space, _, name = str(node.tag).rpartition("}")
    text = text_of(node)
    if (name == CONTENT or name in TELLING) and space == f"{{{pack.namespace}":
        if name == CONTENT and text.strip():
            return search.found_in_file(text)
        if name in TELLING and holds_any_number(text):
            return True
    return search.found_in(name, text)


def _is_true(flag: etree._Element) -> bool:
    return text_of(flag).strip() in _TRUE


def _remove(node: etree._Element) -> None:
    if (parent := node.getparent()) is not None:
        parent.remove(node)


def _remove_with_block(node: etree._Element) -> None:
    """A block that held nothing else goes with it, since a list, for one, may not be empty."""
    parent = node.getparent()
    _remove(node)
    if parent is not None and not holds_elements(parent):
        _remove(parent)

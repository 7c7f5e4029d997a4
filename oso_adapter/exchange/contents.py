"""The few things that the exchange itself reads from, or writes into, a dossier."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from lxml import etree

from oso_adapter.standard.codec import serialised
from oso_adapter.standard.pack import Pack
from oso_adapter.standard.texts import text_of

_RELEASE: Final = re.compile(r"20[0-9]{2}(\.[0-9]{1,2})?")
_YEAR: Final = re.compile(r"/oso_gegevensset/(20[0-9]{2})/")
_BEFORE_INZAGE = ("metadata", "overdrachtsoort")


@dataclass(frozen=True, repr=False)
class PupilIdentity:
    """By what a pupil is recognised; each is None where the dossier does not have it."""

    number: str | None
    surname: str | None
    birth_date: str | None
    reference: str | None


def identity_of(root: etree._Element) -> PupilIdentity:
    """Read the pupil from a dossier of any release; only the element names have to be the same."""
    space = etree.QName(root).namespace
    pupil = root.find(f"{{{space}}}huidigeschool/{{{space}}}leerling")

    def text(name: str) -> str | None:
        found = None if pupil is None else pupil.find(f"{{{space}}}{name}")
        return text_of(found).strip() or None

    return PupilIdentity(
        number=text("bsn") or text("onderwijsnummer"),
        surname=text("achternaam"),
        birth_date=text("geboortedatum"),
        reference=text("leerlingid"),
    )


def release_of(root: etree._Element) -> str | None:
    """Which release a dossier says it is of, also one that is unknown here: ``2016.1``, ``2016``.

    The year is that of its namespace (wire 2.12); its metadata say the rest (standaardversie).
    """
    space = etree.QName(root).namespace or ""
    said = text_of(root.find(f"{{{space}}}metadata/{{{space}}}standaardversie")).strip()
    found = _YEAR.search(space)
    year = found[1] if found else None
    if _RELEASE.fullmatch(said) and (year is None or said.startswith(f"{year}.")):
        return said
    return year


def transfer_of(root: etree._Element) -> tuple[str | None, str | None]:
    """overdrachtsoort and overstap of a dossier of any release."""
    space = etree.QName(root).namespace
    kind = root.find(f"{{{space}}}overdrachtsoort")
    overstap = root.find(f"{{{space}}}metadata/{{{space}}}overstap")
    return (
        None if kind is None else text_of(kind),
        None if overstap is None else text_of(overstap),
    )


def with_inzage(root: etree._Element, pack: Pack, inzage: Mapping[str, Any]) -> bytes:
    """The same dossier with another inzage block, as a document of its own.

    inzage: the fields of the block in the dict form. Nothing else changes: the canonical form of
    the rest stays as it was, which :func:`content_digest` proves.
    """
    space = pack.namespace
    old = root.find(f"{{{space}}}inzage")
    if old is not None:
        root.remove(old)
    block = etree.Element(f"{{{space}}}inzage", nsmap=None)
    structure = pack.structure.find("/dossier/inzage")
    for field in structure.content if structure else ():
        if field.name in inzage:
            etree.SubElement(block, f"{{{space}}}{field.name}").text = _text(inzage[field.name])
    before = root.iterchildren(*(f"{{{space}}}{name}" for name in _BEFORE_INZAGE))
    root.insert(max((root.index(child) + 1 for child in before), default=0), block)
    return serialised(root)


def content_digest(root: etree._Element) -> str:
    """SHA-256 over the canonical form of everything but the inzage block, in hexadecimal.

    It stays the same from collecting until delivery, so that what was sent can be compared with
    what the parents saw. Comments and instructions directly under the root do not count.
    """
    space = etree.QName(root).namespace
    digest = hashlib.sha256()
    for child in root.iterchildren("*"):  # libxml2 has no canonical form of a comment alone
        if child.tag != f"{{{space}}}inzage":
            digest.update(etree.tostring(child, method="c14n", exclusive=True))
    return digest.hexdigest()


def _text(value: bool | date | str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else value

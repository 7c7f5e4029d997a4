"""Whether what arrived is what was sent: canonical form and attachments, file by file."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from oso_adapter.bounded_xml import parse


@dataclass(frozen=True)
class Comparison:
    """dossiers and attachments that are the same on both sides; largest: bytes of one dossier."""

    same: bool
    dossiers: int
    attachments: int
    largest: int


def compare(folder: Path) -> Comparison:
    """Compare ``prepared/`` with ``received/``, by file name."""
    sent = sorted((folder / "prepared").glob("*.xml"))
    dossiers = attachments = largest = 0
    for file in sent:
        arrived = folder / "received" / file.name
        if not arrived.exists():
            continue
        before, after = parse(file.read_bytes()), parse(arrived.read_bytes())
        largest = max(largest, arrived.stat().st_size)
        if canonical(before) == canonical(after):
            dossiers += 1
        packed = _attachments(before)
        if packed == _attachments(after):
            attachments += len(packed)
    return Comparison(len(sent) == dossiers > 0, dossiers, attachments, largest)


def canonical(root: etree._Element) -> bytes:
    """The exclusive canonical form."""
    form: bytes = etree.tostring(root, method="c14n", exclusive=True)
    return form


def _attachments(root: etree._Element) -> list[str]:
    return [
        hashlib.sha256((element.text or "").encode()).hexdigest()
        for element in root.iter(f"{{{etree.QName(root).namespace}}}bestandsinhoud")
    ]

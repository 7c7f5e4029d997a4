"""Dossiers with something in them that may not leave the school."""

import base64
import re
from functools import cache

from lxml import etree

from oso_adapter.bounded_xml import parse
from oso_adapter.identifiers import Pgn
from oso_adapter.standard.attachments import unpack
from oso_adapter.standard.findings import Finding
from oso_adapter.standard.pack import load_pack
from oso_adapter.standard.protection import protect
from oso_adapter.standard.samples import sample_xml

PACK = load_pack("2019.1")
PROFILES = ("POPO", "POVO", "VOVO", "BB", "POSWV", "VOSWV")
SWV = ("POSWV", "VOSWV")
PUPIL = "/dossier/huidigeschool/leerling"
NUMBER = "999990019"
WITH_ZERO = "012345672"
FORMER = "100000009"
GONE = "STD.protected"
LEFT = "SWV.nummer"
FORMS = {
    "nine digits": lambda n: n,
    "points": lambda n: f"{n[:4]}.{n[4:6]}.{n[6:]}",
    "spaces": lambda n: f"{n[:3]} {n[3:6]} {n[6:]}",
    "no-break spaces": lambda n: f"{n[:3]}\xa0{n[3:6]}\xa0{n[6:]}",
    "dashes": lambda n: f"{n[:3]} - {n[3:6]} - {n[6:]}",
    "every digit apart": " ".join,
    "without the zero": lambda n: n.lstrip("0"),
    "without the zero, with points": lambda n: ".".join(n.lstrip("0")),
}


def dossier(profile: str, seed: int = 1) -> etree._Element:
    return parse(_xml(profile, seed))


@cache
def _xml(profile: str, seed: int) -> bytes:
    return sample_xml(profile, size="full", seed=seed)


def at(root: etree._Element, path: str) -> etree._Element:
    found = root.find("/".join(f"{{*}}{step}" for step in path.split("/")))
    assert found is not None
    return found


def protected(root: etree._Element, profile: str, *numbers: str) -> list[Finding]:
    return protect(root, PACK, PACK.profiles.named(profile), [Pgn(number) for number in numbers])


def told(findings: list[Finding]) -> list[tuple[str, str, str]]:
    return [(f.rule, f.severity, f.path) for f in findings]


def written(root: etree._Element) -> str:
    return etree.tostring(root.getroottree(), encoding="unicode")


def valid(root: etree._Element) -> bool:
    return not list(PACK.violations(parse(written(root).encode())))


def hidden(root: etree._Element, number: str) -> bool:
    """Whether the digits are in the document, whatever stands between them; or in a file of it."""
    texts = [written(root)]
    for content in root.iter("{*}bestandsinhoud"):
        name, file = unpack(content.text or "")
        packed = base64.b64decode(content.text or "")
        texts += [name, file.decode("latin-1"), packed.decode("latin-1")]
        texts[0] = texts[0].replace(content.text or "", "")
    return any(number.lstrip("0") in re.sub(r"[\W_]", "", text) for text in texts)

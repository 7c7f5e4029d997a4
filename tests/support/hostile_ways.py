"""What is done with hostile input: each way gives the rules that were told, or what refused it."""

from collections.abc import Callable
from typing import Any, Final

from lxml import etree

from oso_adapter import bounded_xml
from oso_adapter.bounded_xml import XmlRefused
from oso_adapter.identifiers import Pgn
from oso_adapter.standard import validate
from oso_adapter.standard.attachments import unpacked
from oso_adapter.standard.codec import CannotWrite, to_dict
from oso_adapter.standard.jsonform import JsonRefused, from_json, to_json
from oso_adapter.standard.pack import load_pack, pack_of
from oso_adapter.standard.protection import protect
from oso_adapter.standard.render import html
from oso_adapter.standard.samples import sample_xml
from support import hostile

DOCUMENTS: Final = hostile.documents()


GREEDY: Final = "takes too much memory"
"""A case that shows that the limits are there."""


def made(case: str) -> bytes:
    """The input of a case, made before the limits hold."""
    if case == GREEDY:
        return b""
    return DOCUMENTS[case][0]() if case in DOCUMENTS else hostile.JSON[case]().encode()


def ways_of(case: str) -> dict[str, Callable[[bytes], dict[str, Any]]]:
    """In what ways the octets of a case are judged; ``READERS`` are for its tree."""
    if case == GREEDY:
        return {"validate": lambda _: {"outcome": len(bytearray(2**31))}}
    return {"validate": _validate} if case in DOCUMENTS else {"from_json": _from_json}


def warm_up() -> None:
    """Load what is loaded once, so that it counts for no case."""
    xml = sample_xml("POSWV", seed=3)
    _validate(xml)
    for way in READERS.values():
        way(bounded_xml.parse(xml))
    _from_json(to_json(to_dict(bounded_xml.parse(xml), load_pack()), load_pack()).encode())


def _validate(xml: bytes) -> dict[str, Any]:
    report = validate(xml)
    return {"outcome": "found", "rules": sorted({f.rule for f in report.findings})}


def tree_of(xml: bytes) -> etree._Element | dict[str, Any]:
    """The root, or the outcome where it was refused."""
    try:
        return bounded_xml.parse(xml)
    except XmlRefused as refused:
        return {"outcome": "refused", "rules": [refused.reason]}


def _html(root: etree._Element) -> dict[str, Any]:
    page = html(root)
    return {
        "outcome": "done",
        "length": len(page),
        "files": page.count('href="data:'),
        "too large": page.count("het bestand is te groot om hier te tonen"),
    }


def _to_json(root: etree._Element) -> dict[str, Any]:
    pack = pack_of(etree.QName(root).namespace or "")
    if pack is None:
        return {"outcome": "refused"}
    try:
        data = to_dict(root, pack)
        unpacked(data, pack)
        return {"outcome": "done", "length": len(to_json(data, pack))}
    except CannotWrite:
        return {"outcome": "refused"}


def _protect(root: etree._Element) -> dict[str, Any]:
    pack = load_pack()
    told = protect(root, pack, pack.profiles.named("POSWV"), [Pgn("999990019")])
    return {"outcome": "done", "length": len(told)}


def _from_json(text: bytes) -> dict[str, Any]:
    try:
        from_json(text, load_pack())
    except JsonRefused as refused:
        return {"outcome": "refused", "rules": sorted({f.rule for f in refused.findings})}
    return {"outcome": "done"}


READERS: Final[dict[str, Callable[[etree._Element], dict[str, Any]]]] = {
    "html": _html,
    "to_json": _to_json,
    "protect": _protect,
}

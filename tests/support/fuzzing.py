"""Spoilt dossiers, JSON and ZIPs from a seed and a number, and everything that may meet them.

A case is made again by its seed and number: ``python tests/support/fuzzing.py xml 7 1234``.
"""

import base64
import io
import random
import sys
import zipfile
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Final

from lxml import etree

from oso_adapter import bounded_xml
from oso_adapter.bounded_xml import XmlRefused
from oso_adapter.identifiers import Pgn
from oso_adapter.standard import validate
from oso_adapter.standard.attachments import (
    AttachmentError,
    examine,
    unpack,
    unpacked,
    with_contents,
)
from oso_adapter.standard.codec import CannotWrite, serialised, to_dict, to_xml
from oso_adapter.standard.findings import Report
from oso_adapter.standard.jsonform import JsonRefused, from_json, to_json
from oso_adapter.standard.pack import Pack, load_pack, pack_of
from oso_adapter.standard.protection import protect
from oso_adapter.standard.render import html
from oso_adapter.standard.samples import Size, sample
from oso_adapter.standard.validation import LIMITS

PROFILES: Final = ("POPO", "POVO", "VOVO", "BB", "POSWV", "VOSWV")
_MOST: Final = 100_000
NUMBERS: Final = (Pgn("999990019"), Pgn("012345672"))
TEXTS: Final = (
    *("", " ", "\t\n", "true", "1", "TRUE", "-0", "+7", "NaN", "INF", "1e9", "9" * 5000, ".5", "٣"),
    *("2019-02-30", "0000-01-01", "2019-07-31Z", "-0044-03-15", "99999-01-01", "2019-13-01"),
    *("overstapdossier", "swv-dossier", "POVO", "VERBODEN", "OPT-UIT", "telefoon", "e-mail"),
    *("a@b", "@" * 300, "a." * 128 + "@", "geheim", "x" * 3000, "\u202egnp.exe", "\ufeff", "]]>"),
    *("999990019", "12.345.672", "../../etc/passwd", "UEsDBA==", "AAAA" * 50, "=", "<b>&amp;</b>"),
)
TOKENS: Final = (
    *(b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<?x", b"?>", b"<!DOCTYPE x [", b"<!ENTITY", b"&x;"),
    *(b"&#0;", b"&#xD800;", b"&#x10FFFF;", b"\0", b"\xff\xfe", b"\xc0\xaf", b"\xef\xbb\xbf", b"<"),
    *(b">", b"/>", b'"', b"=", b'xmlns="urn:x"', b'xmlns:a=""', b' xml:space="x"', b"<a:b>"),
    *(
        b'xsi:nil="true"',
        b' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="x"',
    ),
)


@cache
def valid(nth: int) -> bytes:
    """One of the valid dossiers that cases begin with: small and full ones of every profile."""
    pack = load_pack()
    size: Size = "full" if nth % 4 == 3 else "small"
    data = sample(PROFILES[nth % len(PROFILES)], size=size, seed=nth)
    return to_xml(with_contents(data, pack, lambda content: content[:200]), pack)


def spoilt_xml(seed: int, number: int) -> bytes:
    """A dossier that was changed in a few places, as a tree or as octets or both."""
    dice = random.Random(f"xml:{seed}:{number}")
    xml = valid(dice.randrange(24))
    if dice.random() < 0.7:
        xml = _spoilt_tree(xml, dice)
    if dice.random() < 0.5:
        xml = _spoilt_octets(xml, dice, TOKENS)
    return xml


def spoilt_json(seed: int, number: int) -> bytes:
    """The JSON form of a dossier, changed in a few places."""
    dice = random.Random(f"json:{seed}:{number}")
    pack = load_pack()
    data = unpacked(to_dict(bounded_xml.parse(valid(dice.randrange(24))), pack), pack)
    text = to_json(data, pack).encode()
    words = [b"null", b"{", b"}", b"[", b"]", b'"', b",", b":", b"1e999999999", b"-", b"NaN", b"7"]
    words += [b'"bestand":"', b'"bestandsinhoud":', b"\\ud800", b'"":', b"1e-9", b"true", b"\xff"]
    words += [f'"{text}"'.encode() for text in TEXTS]
    return _spoilt_octets(text, dice, words)


def spoilt_zip(seed: int, number: int) -> str:
    """The Base64 of a ZIP that was changed in a few places."""
    dice = random.Random(f"zip:{seed}:{number}")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for nth in range(dice.choice([0, 1, 1, 1, 1, 2, 5])):
            name = dice.choice(["a.txt", "map/", "../a", "é.pdf", "C:\\a", "x" * 99])
            info = zipfile.ZipInfo(f"{nth}{name}" if nth else name)
            info.comment = bytes(dice.randrange(3))
            kind = dice.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
            archive.writestr(info, dice.randbytes(nth * 50) + bytes(dice.randrange(9999)), kind)
    records = [
        b"PK\x01\x02",
        b"PK\x03\x04",
        b"PK\x05\x06",
        b"PK\x06\x06",
        b"PK\x06\x07",
        b"\xff" * 4,
    ]
    octets = packed.getvalue()
    if dice.random() < 0.95:
        octets = _spoilt_octets(octets, dice, records)
    text = base64.b64encode(octets)
    if dice.random() < 0.2:
        text = _spoilt_octets(text, dice, [b"=", b"==", b"\n", b" ", b"-_", b"\xc2\xa0"])
    return text.decode("utf-8", "replace")


def _spoilt_octets(
    octets: bytes, dice: random.Random, tokens: "list[bytes] | tuple[bytes, ...]"
) -> bytes:
    changed = bytearray(octets)
    for _ in range(dice.choice([1, 1, 1, 2, 3, 8])):
        at = dice.randrange(len(changed) + 1)
        end = min(len(changed), at + dice.choice([0, 1, 1, 2, 4, 16, 300, 5000]))
        match dice.randrange(6):
            case 0 if at < len(changed):
                changed[at] ^= 1 << dice.randrange(8)
            case 1:
                del changed[at:end]
            case 2:
                changed[at:at] = changed[at:end] * dice.choice([1, 2, 50])
            case 3:
                changed[at:at] = dice.choice(tokens)
            case 4:
                other = dice.randrange(len(changed) + 1)
                changed[at:end] = changed[other : other + end - at]
            case 5 if dice.random() < 0.3:
                del changed[at:]
    return bytes(changed)


def _spoilt_tree(xml: bytes, dice: random.Random) -> bytes:
    root = etree.fromstring(xml)
    for _ in range(dice.choice([1, 1, 2, 4, 10])):
        nodes = list(root.iter("*"))
        node, other = dice.choice(nodes), dice.choice(nodes)
        dice.choice(_TREE)(node, other, dice)
    return serialised(root)


def _move(node: etree._Element, other: etree._Element, dice: random.Random) -> None:
    if other is not node and node not in other.iterancestors() and node.getparent() is not None:
        other.insert(dice.randrange(len(other) + 1), node)


def _copy(node: etree._Element, other: etree._Element, dice: random.Random) -> None:
    copies = [etree.fromstring(etree.tostring(node, with_tail=False))]
    if len(copies[0]) < 30:
        copies *= dice.choice([1, 1, 1, 3])
    for copy in copies:
        other.insert(dice.randrange(len(other) + 1), copy)


def _remove(node: etree._Element, other: etree._Element, dice: random.Random) -> None:
    if (parent := node.getparent()) is not None:
        parent.remove(node)


def _set_text(node: etree._Element, other: etree._Element, dice: random.Random) -> None:
    node.text = dice.choice(TEXTS)


def _set_tail(node: etree._Element, other: etree._Element, dice: random.Random) -> None:
    if node.getparent() is not None:
        node.tail = dice.choice(TEXTS)


def _set_attribute(node: etree._Element, other: etree._Element, dice: random.Random) -> None:
    instance = "{http://www.w3.org/2001/XMLSchema-instance}"
    names = ["omschrijving", "x", f"{instance}nil", f"{instance}type", "{urn:x}y"]
    node.set(dice.choice([*names, f"{instance}schemaLocation"]), dice.choice(TEXTS))


def _rename(node: etree._Element, other: etree._Element, dice: random.Random) -> None:
    node.tag = dice.choice([str(other.tag), "{urn:x}naam", "naam", str(other.tag), f"{other.tag}x"])


def _remark(node: etree._Element, other: etree._Element, dice: random.Random) -> None:
    text = dice.choice(TEXTS).replace("--", "").removesuffix("-")
    made = etree.Comment(text) if dice.random() < 0.6 else etree.ProcessingInstruction("x", text)
    made.tail = dice.choice(TEXTS)
    node.insert(0, made)


def _wrap(node: etree._Element, other: etree._Element, dice: random.Random) -> None:
    if (parent := node.getparent()) is not None:
        wrapper = etree.Element(str(other.tag))
        parent.replace(node, wrapper)
        wrapper.append(node)


_TREE: Final = (
    *(_move, _copy, _remove, _remove, _set_text, _set_text, _set_text, _set_tail),
    *(_set_attribute, _rename, _remark, _wrap),
)


def try_xml(xml: bytes) -> str:
    """A document through everything that reads one; returns what came of it in a word."""
    report = validate(xml)
    _require_sound(report)
    try:
        root = bounded_xml.parse(xml, LIMITS)
    except XmlRefused:
        assert report.findings[0].rule.startswith("XML.")
        return "refused"
    html(root)
    pack = pack_of(etree.QName(root).namespace or "")
    if pack is None or etree.QName(root).localname != pack.carried:
        return "unknown"
    _try_forms(root, pack, sound=report.findings == ())
    for profile in pack.profiles.profiles.values():
        if profile.name in ("POVO", "POSWV"):
            copy = bounded_xml.parse(serialised(root))
            protect(copy, pack, profile, NUMBERS)
            again = protect(copy, pack, profile, NUMBERS)
            assert all(finding.severity == "error" for finding in again)
            _require_sound(validate(serialised(copy)))
    return "valid" if report.valid else "invalid"


def _require_sound(report: Report) -> None:
    for finding in report.findings:
        assert finding.path.startswith("/")
        assert finding.message
        assert finding.next_step


def _try_forms(root: etree._Element, pack: Pack, *, sound: bool) -> None:
    """Dict, JSON and XML again; of what has no finding nothing may be lost."""
    data = to_dict(root, pack)
    unpacked(data, pack)
    try:
        text = to_json(data, pack)
        read = from_json(text, pack)
        written = to_xml(read, pack)
    except (CannotWrite, JsonRefused):
        assert not sound
        return
    if sound:
        assert data == read
        assert () == validate(written).findings


def try_json(text: bytes) -> str:
    """JSON through the reader, and back when it takes it."""
    pack = load_pack()
    try:
        data = from_json(text, pack)
    except JsonRefused:
        return "refused"
    assert data == from_json(to_json(data, pack), pack)
    with suppress(CannotWrite):
        validate(to_xml(data, pack))
    return "read"


def try_zip(content: str) -> str:
    """An attachment through both of its readers, which have to agree."""
    reason = _reason(unpack, content)
    assert reason == _reason(examine, content)
    if reason:
        return reason
    name, file = unpack(content, _MOST)
    assert "/" not in name
    assert "\\" not in name
    assert len(file) == examine(content, _MOST).size
    return "unpacked"


def _reason(reader: Callable[[str, int], object], content: str) -> str | None:
    try:
        reader(content, _MOST)
    except AttachmentError as error:
        return error.reason
    return None


KINDS: Final[dict[str, tuple[Callable[[int, int], bytes | str], Callable[..., str]]]] = {
    "xml": (spoilt_xml, try_xml),
    "json": (spoilt_json, try_json),
    "zip": (spoilt_zip, try_zip),
}

if __name__ == "__main__":
    kind, seed, number = sys.argv[1:]
    made = KINDS[kind][0](int(seed), int(number))
    sys.stdout.buffer.write(made if isinstance(made, bytes) else made.encode())

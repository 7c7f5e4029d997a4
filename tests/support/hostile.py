"""Documents and attachments that were made to do harm, each by its name."""

import base64
import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from functools import partial
from typing import Final

from oso_adapter.standard.attachments import MAX_UNPACKED, pack_file
from oso_adapter.standard.samples import sample_xml

MB: Final = 2**20
ROOT: Final = b'<dossier xmlns="http://www.edustandaard.nl/oso_gegevensset/2019/dossier">'
PUPIL: Final = ROOT + b"<huidigeschool><leerling>%s</leerling></huidigeschool></dossier>"
SOME: Final = 30_000
"""Enough for what is quadratic to take its time."""
LONG: Final = 4 * MB
MANY: Final = 190_000
"""Signs of markup in what is just read; the limit is 200,000."""


def dossier(old: bytes, new: bytes) -> bytes:
    """A valid dossier with one thing in it that is not what it was."""
    xml = sample_xml("POVO", seed=3)
    assert old in xml
    return xml.replace(old, new, 1)


def text(name: str, value: bytes) -> bytes:
    """A valid dossier in which the first element of a name has another text."""
    xml = sample_xml("POVO", size="full", seed=3)
    start = xml.index(f"<{name}>".encode()) + len(name) + 2
    return xml[:start] + value + xml[xml.index(f"</{name}>".encode(), start) :]


def pupil(content: bytes) -> bytes:
    return PUPIL % content


def spread(element: bytes, block: bytes, each: int, signs: int) -> bytes:
    """Elements in blocks of a few thousand, so that no block alone is too much."""
    one = b"<%s>%s</%s>" % (block, element * each, block)
    return pupil(one * (SOME // (each * signs + 2)))


def namespaces(number: int) -> bytes:
    declared = b"".join(b' xmlns:n%d="u%d"' % (n, n) for n in range(number))
    return (
        ROOT[:-1]
        + declared
        + b">"
        + b"".join(b"<n%d:a/>" % n for n in range(number))
        + b"</dossier>"
    )


def attributes(number: int) -> bytes:
    return ROOT[:-1] + b"".join(b' a%d="x"' % n for n in range(number)) + b"/>"


def encoded(encoding: str, declared: str | None = None, bom: bytes = b"") -> bytes:
    xml = sample_xml("POVO", seed=3).decode()
    return bom + xml.replace("UTF-8", declared or encoding).encode(encoding, "xmlcharrefreplace")


XML: Final[dict[str, tuple[Callable[[], bytes], str | None]]] = {
    "deep": (lambda: b"<a>" * 180_000, "XML.bounds"),
    "deep and closed": (lambda: ROOT + b"<a>" * 65 + b"</a>" * 65 + b"</dossier>", "XML.bounds"),
    "just not too deep": (lambda: pupil(b"<leerling>" * 60 + b"</leerling>" * 60), None),
    "many just not too deep": (lambda: pupil((b"<a>" * 60 + b"</a>" * 60) * 500), None),
    "a million elements": (lambda: pupil(b"<voornaam>x</voornaam>" * 1_000_000), "XML.bounds"),
    "as many elements as are read": (lambda: pupil(b"<voornaam/>" * MANY), "XML.bounds"),
    "unknown elements everywhere": (lambda: spread(b"<a/>", b"toetslijst", 4900, 1), None),
    "wrong elements everywhere": (lambda: spread(b"<bsn/>", b"toetslijst", 4900, 1), None),
    "empty blocks everywhere": (lambda: spread(b"<toets/>", b"toetslijst", 4900, 1), None),
    "wrong values everywhere": (
        lambda: spread(b"<adresgeheim>x</adresgeheim>", b"verzorger", 2000, 2),
        None,
    ),
    "small blocks everywhere": (lambda: pupil(b"<verzorger/>" * 4900 + b"<a/>"), None),
    "100 MB of text": (lambda: text("naam", b"x" * (100 * MB)), "XML.size"),
    "100 MB of nothing": (lambda: b" " * (100 * MB), "XML.size"),
    "a long text": (lambda: text("naam", b"x" * (49 * MB)), None),
    "a long text of references": (lambda: text("naam", b"&#65;&amp;" * (LONG // 10)), None),
    "a long code": (lambda: text("soort", b"x" * LONG), "CL.4"),
    "a long date": (lambda: text("datum", b"2" * LONG), None),
    "a long number": (lambda: text("geslacht", b"1" * LONG), "STD.value"),
    "a long decimal": (lambda: text("tijd", b"1." + b"1" * LONG), "STD.value"),
    "a long date that all tests are compared with": (
        lambda: text("datum", b"2019-06-14" + b" " * LONG),
        "XML.bounds",
    ),
    "a long pattern": (lambda: text("brincode", b"00YY" * (LONG // 4)), "XSD.value"),
    "a long address": (lambda: text("nummer", b"a@" * (LONG // 2)), None),
    "a long status": (lambda: text("cat_verzuim", b"VERPLICHT" * (LONG // 9)), "KIT.cat"),
    "a long personal number": (lambda: text("onderwijsnummer", b"9" * LONG), "PGN.elfproef"),
    "a long blank": (lambda: dossier(b"<leerling>", b"<leerling>" + b" " * LONG), None),
    "long text in a block": (
        lambda: dossier(b"<leerling>", b"<leerling>" + b"x" * LONG),
        "XSD.text",
    ),
    "a long attribute": (lambda: dossier(b"<naam>", b'<naam x="' + b"x" * LONG + b'">'), None),
    "a long comment": (lambda: dossier(b"<naam>", b"<!--" + b"x" * LONG + b"--><naam>"), None),
    "a long instruction": (
        lambda: dossier(b"<naam>", b"<?x " + b"x" * LONG + b"?><naam>"),
        None,
    ),
    "a long name of an element": (lambda: b"<" + b"a" * LONG + b"/>", None),
    "a long name of an attribute": (lambda: b"<a " + b"b" * LONG + b'=""/>', None),
    "a long namespace": (lambda: b'<a xmlns="' + b"b" * LONG + b'"/>', None),
    "a long prefix": (lambda: b"<a xmlns:" + b"b" * LONG + b'="x"/>', None),
    "a long unfinished tag": (lambda: ROOT + b"<a " * 60_000 + b"b " * (20 * MB), None),
    "a long first comment": (lambda: b"<!--" + b"x" * LONG, "XML.size"),
    "many first comments": (lambda: b"<!---->" * (MANY - 1) + b"<a/>", "XML.size"),
    "many attributes": (lambda: attributes(MANY), "XML.bounds"),
    "many attributes of one name": (lambda: ROOT[:-1] + b' a="x"' * MANY + b"/>", "XML.wellformed"),
    "many namespaces": (lambda: namespaces(30_000), None),
    "many namespaces of one name": (
        lambda: ROOT[:-1] + b' xmlns:a="x"' * MANY + b"/>",
        "XML.wellformed",
    ),
    "many comments": (
        lambda: text("leerlingid", (b"x" * 40 + b"<!---->") * (MANY - 2000)),
        None,
    ),
    "many instructions": (lambda: text("leerlingid", b"x<?x?>" * (MANY - 2000)), None),
    "many comments with a number": (
        lambda: text("leerlingid", b"x<!--999990019-->" * (MANY - 2000)),
        None,
    ),
    "many pieces of text": (lambda: text("leerlingid", b"<![CDATA[x]]>" * (MANY - 2000)), None),
    "many bad addresses": (lambda: addresses(b"a." * 128), None),
    "many addresses of at-signs": (lambda: addresses(b"@" * 256), None),
    "many addresses of one letter": (lambda: addresses(b"a" * 256), None),
    "many addresses that nearly fit": (lambda: addresses(b"a@" + b"a-" * 127), None),
    "many addresses with many dots": (lambda: addresses(b"a@a" + b".a" * 126 + b"!"), None),
    "many secret numbers": (lambda: addresses(b"0612345678", b"<geheim>true</geheim>"), None),
    "many carers with a number": (
        lambda: pupil(b"<verzorger><achternaam>999990019</achternaam></verzorger>" * 12_000),
        None,
    ),
    "billion laughs": (lambda: laughs(b"<!ENTITY a 'ha'>", b"&a;"), "XML.doctype"),
    "an external entity": (
        lambda: laughs(b"<!ENTITY a SYSTEM 'file:///etc/passwd'>", b"&a;"),
        "XML.doctype",
    ),
    "a parameter entity": (
        lambda: laughs(b"<!ENTITY % a SYSTEM 'http://localhost/'>%a;", b""),
        "XML.doctype",
    ),
    "a doctype after comments": (
        lambda: b"<!-- a --><?b?>\n\n<!-- c --><!DOCTYPE a><a/>",
        "XML.doctype",
    ),
    "a doctype inside": (
        lambda: ROOT + b"<!DOCTYPE a [<!ENTITY b 'c'>]>&b;</dossier>",
        "XML.wellformed",
    ),
    "an entity that is nowhere": (lambda: dossier(b"<naam>", b"<naam>&a;"), "XML.wellformed"),
    "UTF-16 with a mark": (lambda: encoded("utf-16"), "XML.encoding"),
    "UTF-16 without": (lambda: encoded("utf-16-le", "UTF-16"), "XML.encoding"),
    "UTF-16 the other way round": (lambda: encoded("utf-16-be", "UTF-16"), "XML.encoding"),
    "UTF-32 with a mark": (lambda: encoded("utf-32"), "XML.encoding"),
    "UTF-32 without": (lambda: encoded("utf-32-be", "UTF-32"), "XML.encoding"),
    "latin-1": (lambda: encoded("latin-1", "ISO-8859-1"), "XML.encoding"),
    "latin-1 that says UTF-8": (lambda: text("naam", "é".encode("latin-1")), "XML.encoding"),
    "UTF-7": (lambda: encoded("ascii", "UTF-7"), "XML.encoding"),
    "EBCDIC": (lambda: encoded("cp500"), "XML.encoding"),
    "overlong UTF-8": (lambda: text("naam", b"\xc0\xbcnaam\xc0\xbe"), "XML.encoding"),
    "half a character": (lambda: text("naam", b"\xed\xa0\x80"), "XML.encoding"),
    "no character at all": (lambda: text("naam", "\uffff".encode()), "XML.wellformed"),
    "a NUL": (lambda: text("naam", b"a\0b"), "XML.wellformed"),
    "a reference to NUL": (lambda: text("naam", b"&#0;"), "XML.wellformed"),
    "nothing": (lambda: b"", "XML.wellformed"),
    "noise": (lambda: bytes(range(256)) * 4096, "XML.encoding"),
}
"""What makes it, and the rule that has to tell it, None where any or none may."""


def addresses(value: bytes, more: bytes = b"") -> bytes:
    one = b"<communicatie><soort>%s</soort><nummer>%s</nummer>%s</communicatie>"
    kind = b"telefoon" if more else b"e-mail"
    signs = 8 if more else 6
    block = b"<communicatielijst>%s</communicatielijst>" % (one % (kind, value, more) * 4900)
    blocks = max(1, SOME // (4900 * signs + 4))
    return pupil(b"<verzorger>%s</verzorger>" % block * blocks)


def laughs(entities: bytes, use: bytes) -> bytes:
    more = b"".join(b"<!ENTITY a%d '%s'>" % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10))
    return b"<!DOCTYPE dossier [" + entities + more + b"]>" + ROOT + use + b"</dossier>"


def packed(*names: str, content: bytes = b"een plan", kind: int = zipfile.ZIP_DEFLATED) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name in names:
            archive.writestr(zipfile.ZipInfo(name), content, kind, compresslevel=1)
    return written.getvalue()


def many_entries(number: int) -> bytes:
    """A directory of many files, none of them there."""
    entry = struct.pack("<4s4B4HL2L5H2L", b"PK\x01\x02", *[0] * 8, 0, 0, 0, 1, *[0] * 6) + b"a"
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, number, number, len(entry) * number, 0, 0)
    return entry * number + end


def overlapping(number: int) -> bytes:
    """Many names for one bomb (after D. Fifield), so that the whole is larger than its parts."""
    kernel = packed("a", content=bytes(MAX_UNPACKED))
    at = kernel.index(b"PK\x01\x02")
    entry = kernel[at : kernel.index(b"PK\x05\x06")]
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, number, number, len(entry) * number, at, 0)
    return kernel[:at] + entry * number + end


def lying(size: int) -> bytes:
    """A bomb whose headers say that it is small."""
    bomb = bytearray(packed("a.txt", content=bytes(2 * MAX_UNPACKED)))
    for at in (22, bomb.index(b"PK\x01\x02") + 24):
        bomb[at : at + 4] = size.to_bytes(4, "little")
    return bytes(bomb)


def zip64() -> bytes:
    written = io.BytesIO()
    with (
        zipfile.ZipFile(written, "w") as archive,
        archive.open("a.txt", "w", force_zip64=True) as file,
    ):
        file.write(b"een plan")
    whole = bytearray(written.getvalue())
    at = whole.index(b"PK\x05\x06")
    record = struct.pack(
        "<4sQ2H2L4Q", b"PK\x06\x06", 2**63, 45, 45, 0, 0, 2**63, 2**63, 2**63, 2**63
    )
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, at, 1)
    return bytes(
        whole[:at] + record + locator + whole[at:-22] + b"PK\x05\x06" + b"\xff" * 16 + b"\0\0"
    )


def nested(depth: int) -> bytes:
    inner = bytes(MAX_UNPACKED)
    for _ in range(depth):
        inner = packed("a.zip", content=inner)
    return packed("a.zip", content=inner)


def bomb_of_sizes(number: int) -> str:
    return pack_file(f"{number}.txt", bytes(MAX_UNPACKED - number))


ZIP: Final[dict[str, tuple[Callable[[], bytes], str | None]]] = {
    "a bomb": (lambda: packed("a.txt", content=bytes(2 * MAX_UNPACKED)), "ATT.size"),
    "a bomb that says it is small": (partial(lying, 10), "ATT.damaged"),
    "a bomb that says it is endless": (partial(lying, 2**32 - 1), "ATT.size"),
    "a bomb in a bomb": (partial(nested, 4), "ATT.kind"),
    "names for one bomb": (partial(overlapping, 9999), "ATT.files"),
    "zip64 that lies": (zip64, None),
    "65,535 files": (partial(many_entries, 65_535), "ATT.files"),
    "just as many files as are looked at": (partial(many_entries, 9_999), "ATT.files"),
    "a path upwards": (partial(packed, "../../../etc/passwd"), "ATT.name"),
    "a path from the root": (partial(packed, "/etc/passwd"), "ATT.name"),
    "a path on a drive": (partial(packed, "C:\\Windows\\a.txt"), None),
    "a device": (partial(packed, "CON.txt"), "ATT.name"),
    "a name with a NUL": (lambda: packed("aXexe").replace(b"X", b"\0"), None),
    "a name from right to left": (partial(packed, "a\u202etxt.exe"), "ATT.executable"),
    "a very long name": (partial(packed, "x" * 65_535), "ATT.name"),
    "a file that is a folder": (partial(packed, "a.txt/"), "ATT.files"),
    "damage": (
        lambda: packed("a.txt", content=b"x" * 999, kind=0).replace(b"xxx", b"yyy"),
        "ATT.damaged",
    ),
    "another compression": (partial(packed, "a.txt", kind=zipfile.ZIP_LZMA), "ATT.zip"),
    "only signatures": (lambda: b"PK\x05\x06" * 1_000_000, None),
    "noise": (lambda: zlib.compress(bytes(range(256)) * 999), "ATT.zip"),
}
"""Attachments: what makes the ZIP, and the rule that has to tell it."""

BASE64: Final[dict[str, tuple[Callable[[], bytes], str]]] = {
    "no sign of it": (lambda: b"!" * LONG, "ATT.base64"),
    "white space": (lambda: b"A \n" * LONG, "ATT.zip"),
    "only padding": (lambda: b"=" * MANY, "ATT.base64"),
    "padding everywhere": (lambda: b"A=" * MANY, "ATT.base64"),
    "padding far away": (lambda: b"AA" + b" " * LONG + b"==", "ATT.zip"),
    "one too many": (lambda: b"A" * (LONG + 1), "ATT.base64"),
    "other letters": (lambda: "é".encode() * (LONG // 2), "ATT.base64"),
}
"""What stands in the place of Base64, and the rule that has to tell it."""


def with_attachments(contents: list[str]) -> bytes:
    one = (
        "<document><bestandsnaam>a.txt</bestandsnaam><bestandsinhoud>{}</bestandsinhoud></document>"
    )
    documents = "".join(map(one.format, contents)).encode()
    return pupil(b"<overigdocumentlijst>%s</overigdocumentlijst>" % documents)


def documents() -> dict[str, tuple[Callable[[], bytes], str | None]]:
    """Every document, by name; attachments come in a dossier."""

    def attached(make: Callable[[], bytes]) -> bytes:
        return with_attachments([base64.b64encode(make()).decode()])

    def plain(make: Callable[[], bytes]) -> bytes:
        return with_attachments([make().decode()])

    made = dict(XML)
    made |= {f"ZIP: {name}": (partial(attached, zip_), rule) for name, (zip_, rule) in ZIP.items()}
    made |= {
        f"Base64: {name}": (partial(plain, text), rule) for name, (text, rule) in BASE64.items()
    }
    made["ZIP: 200 bombs"] = (
        lambda: with_attachments([pack_file("a.txt", bytes(MAX_UNPACKED - 1))] * 200),
        "ATT.size",
    )
    made["ZIP: 5 full directories"] = (
        lambda: with_attachments([base64.b64encode(many_entries(9_999)).decode()] * 5),
        "ATT.files",
    )
    made["ZIP: 4,000 attachments"] = (
        lambda: with_attachments([pack_file("a.txt", b"")] * 4_000),
        None,
    )
    return made


def nest(open_: str, close: str = "") -> str:
    return open_ * 150_000 + close * 150_000


JSON: Final[dict[str, Callable[[], str]]] = {
    "JSON: deep": partial(nest, "["),
    "JSON: deep and closed": lambda: "[" * 90_000 + "]" * 90_000,
    "JSON: deep objects": partial(nest, '{"a":'),
    "JSON: many values": lambda: "[" + "1," * 10_000_000 + "1]",
    "JSON: many keys": lambda: "{" + ",".join(f'"{n}":1' for n in range(90_000)) + "}",
    "JSON: many keys of one name": lambda: "{" + '"huidigeschool":1,' * 60_000 + '"a":1}',
    "JSON: a long text": lambda: '{"huidigeschool": {"naam": "' + "x" * (49 * MB) + '"}}',
    "JSON: a long number": lambda: '{"huidigeschool": ' + "9" * (49 * MB) + "}",
    "JSON: a large number": lambda: '{"huidigeschool": {"leerling": {"geslacht": 1e999999999}}}',
    "JSON: a long key": lambda: '{"' + "x" * (49 * MB) + '": 1}',
    "JSON: half a character": lambda: '{"huidigeschool": {"naam": "\\ud800"}}',
    "JSON: a NUL": lambda: '{"huidigeschool": {"naam": "\\u0000"}}',
    "JSON: too large": lambda: " " * (51 * MB),
    "JSON: nothing": lambda: "",
}

"""Small files of real kinds for synthetic dossiers: each can be opened with its own program.

``noise`` fills a file with random grey, since real attachments are scans that do not pack well.
"""

import io
import math
import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Final

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_UNIX: Final = 3
_WORD: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_DOCX_TYPE: Final = (
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
)
_XML: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_DOCX: Final = {
    "[Content_Types].xml": (
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{_DOCX_TYPE}"/></Types>'
    ),
    "_rels/.rels": (
        f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{_OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>'
    ),
    "word/document.xml": (
        f'{_XML}<w:document xmlns:w="{_WORD}"><w:body><w:p><w:r><w:t>TEXT</w:t></w:r></w:p>'
        "</w:body></w:document>"
    ),
}


def text_file(text: str, noise: int, dice: random.Random) -> bytes:
    """Plain text in UTF-8; it stays small."""
    return f"{text}\n".encode()


def pdf(text: str, noise: int, dice: random.Random) -> bytes:
    """A PDF of one page with a text without brackets, and with an image of ``noise`` bytes."""
    side = max(1, math.isqrt(noise))
    drawing = f"q 400 0 0 400 72 200 cm /I Do Q BT /F 14 Tf 72 780 Td ({text}) Tj ET"
    page = "/Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R"
    grey = f"/Subtype /Image /Width {side} /Height {side} /ColorSpace /DeviceGray"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< {page} /Resources << /Font << /F 4 0 R >> /XObject << /I 6 0 R >> >> >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        _stream("", drawing.encode("latin-1", "replace")),
        _stream(f"/Type /XObject {grey} /BitsPerComponent 8 ", dice.randbytes(side * side)),
    ]
    written, places = io.BytesIO(), []
    written.write(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    for number, content in enumerate(objects, 1):
        places.append(written.tell())
        written.write(b"%d 0 obj\n%b\nendobj\n" % (number, content))
    start = written.tell()
    written.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    written.writelines(b"%010d 00000 n \n" % place for place in places)
    written.write(b"trailer\n<< /Size %d /Root 1 0 R >>\n" % (len(objects) + 1))
    written.write(b"startxref\n%d\n%%%%EOF\n" % start)
    return written.getvalue()


def png(text: str, noise: int, dice: random.Random) -> bytes:
    """A square PNG in grey of about ``noise`` bytes, with the text as its title."""
    side = max(1, math.isqrt(noise))
    rows = b"".join(b"\0" + dice.randbytes(side) for _ in range(side))
    title = b"Title\0" + text.encode("latin-1", "replace")
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)),
        (b"tEXt", title),
        (b"IDAT", zlib.compress(rows, 1)),
        (b"IEND", b""),
    ]
    packed = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


def docx(text: str, noise: int, dice: random.Random) -> bytes:
    """A DOCX of one paragraph, the text without markup; it stays small."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, content in _DOCX.items():
            info = zipfile.ZipInfo(name, date_time=_EPOCH)
            info.create_system = _UNIX
            archive.writestr(info, content.replace("TEXT", text), zipfile.ZIP_DEFLATED)
    return written.getvalue()


def _stream(entries: str, content: bytes) -> bytes:
    head = f"<< {entries}/Length {len(content)} >>\nstream\n".encode()
    return head + content + b"\nendstream"


KINDS: Final[dict[str, Callable[[str, int, random.Random], bytes]]] = {
    "pdf": pdf,
    "docx": docx,
    "png": png,
    "txt": text_file,
}
"""What makes a file, by the extension of its name: text, bytes of noise, dice."""

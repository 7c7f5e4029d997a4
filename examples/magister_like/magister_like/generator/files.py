"""Attachments made in code: small, valid files of the kinds that schools attach."""

import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from magister_like.generator.maker import Maker
from magister_like.record import Record


def pdf(text: str, filling: bytes = b"") -> bytes:
    """A one-page PDF that shows a line of text; ``filling`` goes into a stream nobody looks at."""
    line = text.encode("latin-1", "replace").translate(None, b"()\\")
    page = b"BT /F1 12 Tf 72 720 Td (" + line + b") Tj ET"
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R"
        b" /Resources << /Font << /F1 4 0 R >> >> >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        _stream(page),
        _stream(filling),
    ]
    out = BytesIO()
    out.write(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(bodies, 1):
        offsets.append(out.tell())
        out.write(b"%d 0 obj\n%b\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % offset for offset in offsets))
    out.write(b"trailer << /Size %d /Root 1 0 R >>\n" % (len(bodies) + 1))
    out.write(b"startxref\n%d\n%%%%EOF\n" % start)
    return out.getvalue()


def _stream(content: bytes) -> bytes:
    return b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content)


def png(text: str) -> bytes:
    """A grey PNG of one pixel, with a comment."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    comment = b"Comment\0" + text.encode("latin-1", "replace")
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)),
            chunk(b"tEXt", comment),
            chunk(b"IDAT", zlib.compress(b"\0\x80")),
            chunk(b"IEND", b""),
        )
    )


def jpg(text: str) -> bytes:
    """A grey baseline JPEG of eight by eight pixels, with a comment."""

    def segment(kind: int, data: bytes) -> bytes:
        return struct.pack(">BBH", 0xFF, kind, len(data) + 2) + data

    one_code = bytes([1, *[0] * 15, 0])  # a Huffman table with one code of one bit, for symbol 0
    return b"".join(
        (
            b"\xff\xd8",
            segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
            segment(0xFE, text.encode("utf-8")),
            segment(0xDB, b"\0" + bytes([1] * 64)),
            segment(0xC0, b"\x08\0\x08\0\x08\x01\x01\x11\0"),
            segment(0xC4, b"\x00" + one_code),
            segment(0xC4, b"\x10" + one_code),
            segment(0xDA, b"\x01\x01\0\0\x3f\0"),
            b"\x3f\xff\xd9",
        )
    )


def txt(text: str) -> bytes:
    """Plain text."""
    return f"{text}\n".encode()


def docx(text: str) -> bytes:
    """A Word document of one paragraph."""
    schemas = "http://schemas.openxmlformats.org"
    word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{schemas}/package/2006/content-types">'
        '<Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{word}"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{schemas}/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{schemas}/officeDocument/2006/relationships/officeDocument"'
        ' Target="word/document.xml"/></Relationships>',
        "word/document.xml": f'<w:document xmlns:w="{schemas}/wordprocessingml/2006/main">'
        f"<w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body></w:document>",
    }
    out = BytesIO()
    with ZipFile(out, "w") as archive:
        for name, content in parts.items():
            entry = ZipInfo(name)  # the fixed date of ZipInfo keeps the bytes the same every time
            entry.compress_type = ZIP_DEFLATED
            archive.writestr(entry, f'<?xml version="1.0" encoding="UTF-8"?>{content}')
    return out.getvalue()


KINDS: Final[dict[str, Callable[[str], bytes]]] = {
    "pdf": pdf,
    "docx": docx,
    "jpg": jpg,
    "png": png,
    "txt": txt,
}


def attach(maker: Maker, record: Record, place: str, number: int, title: str) -> None:
    """Put a document at a place in a pupil's file."""
    kind = maker.pick(tuple(KINDS))
    record.add(
        "document",
        plaats=place,
        plaats_nr=number,
        bestandsnaam=maker.file_name(title.lower().replace(" ", "-"), kind),
        omschrijving=maker.text(title) if maker.maybe(0.7) else None,
        inhoud=KINDS[kind](maker.text(f"{title}, verzonnen voorbeeld")),
    )


def attach_large(maker: Maker, record: Record, size: int) -> None:
    """Put a PDF of at least ``size`` bytes, that does not get smaller in a ZIP, in the file."""
    record.add(
        "document",
        plaats="OVERIG",
        plaats_nr=0,
        bestandsnaam=maker.file_name("portfolio", "pdf"),
        omschrijving=maker.text("Portfolio groep 8"),
        inhoud=pdf(maker.text("Portfolio, verzonnen voorbeeld"), maker.random.randbytes(size)),
    )

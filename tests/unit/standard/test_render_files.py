"""Attachments in the reading view: their bytes, a type that is true, a name that does no harm."""

import base64
import io
import zipfile

import pytest
from lxml import etree, html
from support.reading import NAMESPACE, attachment, dossier, read, text

from oso_adapter.standard import render
from oso_adapter.standard.attachments import pack_file


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("plan.pdf", b"%PDF-1.7 ...", "application/pdf"),
        ("foto.JPG", b"\xff\xd8\xff\xe0 ...", "image/jpeg"),
        ("foto.jpeg", b"\xff\xd8\xff\xe0 ...", "image/jpeg"),
        ("foto.png", b"\x89PNG\r\n\x1a\n ...", "image/png"),
        ("plan.txt", "één".encode(), "text/plain;charset=utf-8"),
        ("plan.txt", "één".encode("cp1252"), "text/plain;charset=windows-1252"),
        ("plan.txt", b"<script>alert(1)</script>", "text/plain;charset=utf-8"),
        ("plan.docx", b"PK\x03\x04 ...", "application/octet-stream"),
        ("plan.txt", b"%PDF-1.7", "application/octet-stream"),
        ("plan.txt", b"a\x00b", "application/octet-stream"),
        ("plan.pdf", b"MZ", "application/octet-stream"),
        ("foto.png", b"\xff\xd8\xff\xe0", "application/octet-stream"),
        ("blad.html", b"<html>", "application/octet-stream"),
        ("plaat.svg", b"<svg/>", "application/octet-stream"),
        ("pdf", b"%PDF-1.7", "application/octet-stream"),
    ],
)
def test_an_attachment_is_a_link_with_its_bytes_and_its_real_type(
    name: str, content: bytes, media_type: str
) -> None:
    page = read(dossier(attachment(name, pack_file(name, content))))
    (link,) = page.cssselect("a[download]")
    assert f"data:{media_type};base64,{base64.b64encode(content).decode()}" == link.get("href")
    assert name == link.text_content()


def test_an_attachment_that_is_not_what_its_name_says_is_marked() -> None:
    page = read(dossier(attachment("plan.pdf", pack_file("plan.pdf", b"MZ"))))
    assert "Let op: volgens de naam is dit een PDF-bestand, maar de inhoud is dat niet." in text(
        page
    )


def test_another_name_inside_the_attachment_is_shown() -> None:
    page = read(dossier(attachment("plan.txt", pack_file("ander.txt", b"x"))))
    assert "In de bijlage heet het bestand ander.txt." in text(page)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("plan.pdf", "plan.pdf"),
        ("../../etc/passwd", "passwd.bin"),
        (r"C:\temp\plan.pdf", "plan.pdf"),
        ("virus.exe", "virus.exe.bin"),
        ("blad.html", "blad.html.bin"),
        ("factuur\u202efdp.exe", "factuur_fdp.exe.bin"),
        ("con.txt", "_con.txt"),
        ('a"b<c>.txt', "a_b_c_.txt"),
        (".verborgen", "verborgen.bin"),
        ("...", "bijlage.bin"),
        ("a\nb.txt", "a b.txt"),
        ("plan.pdf. ", "plan.pdf"),
        ("x" * 500 + ".pdf", "x" * 120 + ".pdf"),
    ],
)
def test_the_name_to_save_under_does_no_harm(name: str, safe: str) -> None:
    root = etree.fromstring(dossier(attachment("x", pack_file("x", b"inhoud"))))
    (node,) = root.iter(f"{{{NAMESPACE}}}bestandsnaam")
    node.text = name
    page = html.document_fromstring(render.html(root))
    assert safe == page.cssselect("a[download]")[0].get("download")


def test_attachments_with_the_same_name_are_saved_under_different_names() -> None:
    one = attachment("plan.txt", pack_file("plan.txt", b"x"))
    names = [a.get("download") for a in read(dossier(one + one)).cssselect("a[download]")]
    assert ["plan.txt", "plan (2).txt"] == names


def zipped(**files: bytes) -> str:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return base64.b64encode(packed.getvalue()).decode()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("%%%", "geen Base64"),
        ("bm8gemlw", "geen ZIP-bestand"),
        (zipped(a=b"1", b=b"2"), "niet precies één bestand"),
        (zipped(a=b"plan " * 1000)[:60], "een afgebroken ZIP-bestand"),
        ("", "geen ZIP-bestand"),
    ],
)
def test_a_damaged_attachment_is_named_with_the_reason(content: str, reason: str) -> None:
    page = read(dossier(attachment("plan.pdf", content)))
    assert [] == page.cssselect("a[download]")
    assert "plan.pdf Niet te openen:" in text(page)
    assert reason in text(page)


def test_an_attachment_without_a_file_is_named() -> None:
    alone = "<verzuim><documentLijst><document><bestandsnaam>a.txt</bestandsnaam></document>"
    page = read(dossier(f"{alone}</documentLijst></verzuim>"))
    assert "a.txt Niet te openen: het bestand ontbreekt." in text(page)

"""What is no proper message: a clear answer each time, and nothing changed or told of it."""

from collections.abc import Callable

import pytest
from lxml import etree
from support.asker import CONTRACT, MARKER, XML, Asker, element, forms, request
from support.dossiers import NUMBERS

from oso_adapter.wire.envelope import SOAP_11, wrap
from oso_adapter.wire.messages import Message, write

SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
NUMBER = NUMBERS[1]
SECRET = f"{MARKER} {NUMBER}".encode()

Make = Callable[[Asker], bytes]


def changed(change: Callable[[etree._Element], object]) -> Make:
    """A good documentRequest with one thing changed."""

    def make(asker: Asker) -> bytes:
        root = element(asker.good)
        change(root)
        return wrap(etree.tostring(root))

    return make


def replaced(old: bytes, new: bytes) -> Make:
    """A good documentRequest with some bytes replaced."""

    def make(asker: Asker) -> bytes:
        body = request(asker.good)
        assert old in body
        return body.replace(old, new)

    return make


def fixed(body: bytes) -> Make:
    return lambda _asker: body


def field(root: etree._Element, name: str) -> etree._Element:
    found = root.find(f"{{*}}{name}")
    assert found is not None
    return found


def add(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, name).text = text


NS = CONTRACT.namespace
BILLION = b"".join(
    b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10 if n else SECRET) for n in range(10)
)
ENVELOPE = b'<soap:Envelope xmlns:soap="' + SOAP_11.encode() + b'">'

NOT_SOAP: dict[str, tuple[Make, str, str]] = {
    "no XML": (fixed(SECRET), "Client", "not well-formed"),
    "nothing": (fixed(b""), "Client", "not well-formed"),
    "JSON": (fixed(b'{"pgn": "%s"}' % SECRET), "Client", "not well-formed"),
    "HTML": (fixed(b"<html>" + SECRET + b"</html>"), "Client", "not a SOAP message"),
    "half a document": (replaced(b"</soap:Body>", b""), "Client", "not well-formed"),
    "something behind it": (
        replaced(b"</soap:Envelope>", b"</soap:Envelope>" + SECRET),
        "Client",
        "not well-formed",
    ),
    "SOAP 1.2": (replaced(SOAP_11.encode(), SOAP_12.encode()), "VersionMismatch", "SOAP 1.1"),
    "no body": (fixed(ENVELOPE + b"</soap:Envelope>"), "Client", "one Body"),
    "two messages": (
        replaced(b"<soap:Body>", b"<soap:Body><x>" + SECRET + b"</x>"),
        "Client",
        "one Body",
    ),
    "a header that must be understood": (
        replaced(
            b"<soap:Body>",
            b'<soap:Header><x soap:mustUnderstand="1">' + SECRET + b"</x></soap:Header><soap:Body>",
        ),
        "MustUnderstand",
        "no SOAP header",
    ),
}

NOT_OSO: dict[str, tuple[Make, str, str]] = {
    "an unknown message": (
        fixed(wrap(f'<{MARKER} xmlns="{NS}">{NUMBER}</{MARKER}>'.encode())),
        "Client",
        "/: expected one of pingRequest, documentRequest",
    ),
    "a message of the Traffic Center": (
        lambda asker: wrap(
            write(
                Message(
                    "overdrachtRequest",
                    {k: v for k, v in asker.good.items() if k != "sessieId"},
                ),
                CONTRACT,
            )
        ),
        "Client",
        "/: expected one of pingRequest, documentRequest",
    ),
    "another year": (
        replaced(b"/20200910", b"/20180910"),
        "Client",
        f"/documentRequest: expected the namespace {NS}",
    ),
    "no namespace": (
        fixed(wrap(b"<documentRequest>" + SECRET + b"</documentRequest>")),
        "Client",
        f"/documentRequest: expected the namespace {NS}",
    ),
    "a missing element": (
        changed(lambda root: root.remove(field(root, "doelBrin"))),
        "Client",
        "/documentRequest/doelBrin: expected this element",
    ),
    "no zoeksleutel": (
        changed(lambda root: root.remove(field(root, "zoeksleutelPgnfrag"))),
        "Client",
        "/documentRequest: expected exactly one of zoeksleutelPgnfrag, koppelsleutel",
    ),
    "an extra element": (
        changed(lambda root: add(root, f"{{{NS}}}{MARKER}", NUMBER)),
        "Client",
        "expected only",
    ),
    "an element of elsewhere": (
        changed(lambda root: add(root, f"{{urn:{MARKER}}}bronBrin", NUMBER)),
        "Client",
        "expected only",
    ),
    "an element twice": (
        changed(lambda root: add(root, f"{{{NS}}}doelBrin", "99BB")),
        "Client",
        "/documentRequest/doelBrin: expected at most 1",
    ),
    "text between": (
        changed(lambda root: setattr(root, "text", SECRET.decode())),
        "Client",
        "/documentRequest: expected no text",
    ),
    "a sessieId that is none": (
        changed(lambda root: setattr(field(root, "sessieId"), "text", SECRET.decode())),
        "Client",
        "/documentRequest/sessieId: expected a value of this form",
    ),
    "a BRIN that is none": (
        changed(lambda root: setattr(field(root, "bronBrin"), "text", NUMBER)),
        "Client",
        "/documentRequest/bronBrin: expected a value of this form",
    ),
    "a whole number as fragment": (
        changed(lambda root: setattr(root.find(".//{*}pgnfrag"), "text", NUMBER)),
        "Client",
        "/documentRequest/zoeksleutelPgnfrag/pgnfrag: expected a value of this form",
    ),
    "a zoeksleutel that is no Base64": (
        changed(lambda root: setattr(root.find(".//{*}zoeksleutel"), "text", SECRET.decode())),
        "Client",
        "not Base64",
    ),
}

HOSTILE: dict[str, tuple[Make, str, str]] = {
    "DOCTYPE": (fixed(b"<!DOCTYPE a SYSTEM '" + SECRET + b"'><a/>"), "Client", "DOCTYPE"),
    "a DOCTYPE in small letters": (fixed(b"<!doctype html><a/>"), "Client", "DOCTYPE"),
    "an entity bomb": (
        fixed(b"<?xml version='1.0'?><!DOCTYPE a [" + BILLION + b"]><a>&a9;</a>"),
        "Client",
        "DOCTYPE",
    ),
    "an entity from a file": (
        fixed(b'<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]><a>&f;</a>'),
        "Client",
        "DOCTYPE",
    ),
    "an entity nobody declared": (
        replaced(b"99AA</oso:bronBrin>", b"&" + MARKER.encode() + b";</oso:bronBrin>"),
        "Client",
        "not well-formed",
    ),
    "a depth bomb": (fixed(b"<a>" * 100_000), "Client", "nested deeper"),
    "an element bomb": (
        fixed(ENVELOPE + b"<soap:Body>" + b"<a/>" * 250_000),
        "Client",
        "more elements",
    ),
    "an attribute bomb": (
        fixed(b"<a " + b" ".join(b"a%d='1'" % n for n in range(100_000)) + b"/>"),
        "Client",
        "more attributes",
    ),
    "bytes that are no UTF-8": (replaced(b"99AA", b"99\xc3\x28"), "Client", "not UTF-8"),
    "UTF-16": (
        lambda asker: request(asker.good).decode().replace("UTF-8", "UTF-16").encode("utf-16"),
        "Client",
        "not UTF-8",
    ),
    "ISO 8859-1": (replaced(b'"UTF-8"', b'"ISO-8859-1"'), "Client", "not UTF-8"),
    "a zero octet": (replaced(b"99AA", b"99\0A"), "Client", "not well-formed"),
}

BAD = {**NOT_SOAP, **NOT_OSO, **HOSTILE}


@pytest.mark.parametrize("kind", BAD)
def test_what_is_no_oso_message_gets_a_fault_that_says_why(asker: Asker, kind: str) -> None:
    make, code, sentence = BAD[kind]
    body, before = make(asker), asker.rows()

    answer = asker.post(body)

    assert code == answer.fault.code
    assert sentence in answer.sentence
    assert answer.fault.result_code is None
    asker.wait_for_event("endpoint.fault", fault_id=answer.fault.fault_id, code=code)
    assert before == asker.rows()
    assert MARKER.encode() not in answer.body
    assert NUMBER.encode() not in answer.body
    asker.assert_serves()


@pytest.mark.parametrize(
    ("how", "code", "sentence"),
    [
        ({"content_type": "application/soap+xml; charset=utf-8"}, "VersionMismatch", "SOAP 1.1"),
        ({"content_type": "text/xml; charset=iso-8859-1"}, "Client", "not UTF-8"),
        ({"headers": {"Content-Encoding": "gzip"}}, "Client", "Content-Encoding"),
        ({"headers": {"Content-Encoding": "deflate, gzip"}}, "Client", "Content-Encoding"),
    ],
)
def test_a_good_message_in_another_packing_gets_a_fault_that_says_why(
    asker: Asker, how: dict[str, object], code: str, sentence: str
) -> None:
    before = asker.rows()

    answer = asker.ask(asker.good, **how)

    assert code == answer.fault.code
    assert sentence in answer.sentence
    assert before == asker.rows()
    asker.assert_serves()


@pytest.mark.parametrize("content_type", ["text/xml", "text/xml;charset=UTF-8", XML, "text/plain"])
def test_a_good_message_is_taken_however_its_content_type_is_written(
    asker: Asker, content_type: str
) -> None:
    assert asker.ask(asker.good, content_type=content_type).message.dossier is not None


def test_prefixes_comments_and_white_space_do_not_matter(asker: Asker) -> None:
    body = request(asker.good).replace(b"oso:", b"o:").replace(b"xmlns:oso=", b"xmlns:o=")
    body = body.replace(b"<o:bronBrin>", b"\n <!-- bron -->\n<o:bronBrin>\t\n")

    assert asker.post(body).message.dossier is not None


def test_nothing_of_bad_messages_is_in_log_or_store(asker: Asker) -> None:
    for make, _, _ in BAD.values():
        fault_id = asker.post(make(asker)).fault.fault_id
        asker.wait_for_event("endpoint.fault", fault_id=fault_id)

    written = asker.written()
    assert [] == [form for text in (MARKER, NUMBER) for form in forms(text) if form in written]

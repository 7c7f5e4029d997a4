"""How the dossier sits in documentResponse.

What is written is the option ``dossier_form`` of the contract; every form is read (wire U4): a
child in a namespace of Edustandaard, or Base64 text of the document, gzipped or not.
"""

import base64
import binascii
import re
import zlib
from typing import Final

from lxml import etree

from oso_adapter.bounded_xml import DEFAULT_LIMITS, Limits, XmlRefused, parse
from oso_adapter.wire.contract import Contract

_EDUSTANDAARD: Final = "http://www.edustandaard.nl/"
_DECLARATION: Final = re.compile(rb"(?:\xef\xbb\xbf)?(?:\s*<\?xml\s[^>]*\?>)?\s*")
_GZIP: Final = b"\x1f\x8b"
_GZIP_WINDOW: Final = 16 + zlib.MAX_WBITS


class DossierUnreadable(Exception):
    """There is something in the place of the dossier that is none; the text says what belongs."""


def take(
    body: etree._Element, contract: Contract, limits: Limits = DEFAULT_LIMITS
) -> tuple[bytes | None, etree._Element | None]:
    """The dossier as a document of its own, and the element that carried it.

    The carrier is the dossier element, the element that the contract wraps it in, or the body
    itself when the dossier is Base64 text directly in it.

    :param limits: for a dossier that has to be unpacked.
    :raises DossierUnreadable: there is more than one, or it cannot be decoded or parsed.
    """
    wrapper = contract.option("dossier_element")
    wrapped = body.find(f"{{{contract.namespace}}}{wrapper}") if wrapper else None
    place = body if wrapped is None else wrapped
    inline = [
        child
        for child in place.iterchildren(etree.Element)
        if (etree.QName(child).namespace or "").startswith(_EDUSTANDAARD)
    ]
    if len(inline) > 1:
        raise DossierUnreadable("one dossier")
    if inline:
        return canonical(inline[0]), inline[0] if place is body else place
    packed = "".join("".join((place.text or "", *(c.tail or "" for c in place))).split())
    if not packed:
        return None, None if place is body else place
    return canonical(_unpacked(packed, limits)), place


def splice(message: etree._Element, dossier: bytes, contract: Contract) -> bytes:
    """The message with the dossier as its last content, in the form of the contract.

    :param message: the element with everything else in it.
    :param dossier: a document in UTF-8; its bytes are kept, but for an XML declaration.
    """
    declaration = _DECLARATION.match(dossier)
    content: bytes | memoryview = memoryview(dossier)[declaration.end() if declaration else 0 :]
    form = contract.option("dossier_form")
    if form == "base64":
        content = base64.b64encode(content)
    elif form == "base64-gzip":
        packer = zlib.compressobj(wbits=_GZIP_WINDOW)
        content = base64.b64encode(packer.compress(content) + packer.flush())
    place = message
    wrapper = contract.option("dossier_element")
    if wrapper:
        place = etree.SubElement(message, etree.QName(contract.namespace, wrapper))
    if len(place) == 0:
        place.text = ""  # so that it is written with an end tag, before which the content goes
    written = etree.tostring(message, encoding="utf-8")
    end = written.rindex(b"</", 0, written.rindex(b"</")) if wrapper else written.rindex(b"</")
    return b"".join((written[:end], content, written[end:]))


def canonical(element: etree._Element) -> bytes:
    """An element as a document of its own: exclusive C14N with comments, UTF-8.

    :raises DossierUnreadable: it has a namespace that canonical XML does not allow.
    """
    try:
        return etree.tostring(element, method="c14n", exclusive=True, with_comments=True)
    except etree.C14NError:
        raise DossierUnreadable("a dossier with absolute namespaces") from None


def _unpacked(packed: str, limits: Limits) -> etree._Element:
    """The document in Base64 text, gunzipped within the limit on a message."""
    try:
        data = base64.b64decode(packed, validate=True)
        if data.startswith(_GZIP):
            data = _gunzipped(data, limits.size)
        return parse(data, limits)
    except (binascii.Error, ValueError, zlib.error, XmlRefused):
        raise DossierUnreadable("a dossier, as an element or as Base64 of a document") from None


def _gunzipped(data: bytes, limit: int) -> bytes:
    unpacker = zlib.decompressobj(wbits=_GZIP_WINDOW)
    unpacked = unpacker.decompress(data, limit)
    if unpacker.unconsumed_tail or not unpacker.eof:
        raise XmlRefused("too-large")
    return unpacked

"""The forms of a dossier: as it is sent, as another program reads it, as a person reads it."""

from typing import Final

from lxml import etree

from oso_adapter.bounded_xml import parse
from oso_adapter.errors import NotAllowed
from oso_adapter.exchange.contents import content_digest
from oso_adapter.standard import codec
from oso_adapter.standard.attachments import unpacked
from oso_adapter.standard.codec import CannotWrite
from oso_adapter.standard.pack import pack_of

READING: Final = ("html", "pdf")


def shown(xml: bytes, form: str) -> bytes:
    """A dossier in one of the forms: xml, json, html or pdf.

    XML is byte for byte what it is. JSON has the files themselves where XML has a ZIP. The reading
    view has the digest over everything but the inzage block, so that a copy that parents were given
    can be compared with what was sent. Raises :class:`NotAllowed` where there is no such form of
    it, and ConfigurationError for a PDF without the extra ``pdf``.
    """
    if form == "xml":
        return xml
    root = parse(xml)
    if form == "json":
        return _json(root)
    from oso_adapter.standard import render  # noqa: PLC0415 - as for JSON

    digest = content_digest(root)
    if form == "pdf":
        return render.pdf(root, digest=digest)
    return render.html(root, digest=digest).encode()


def put_as_json(text: bytes) -> bytes:
    """The XML of a complete dossier that came in the JSON form; raises JsonRefused."""
    from oso_adapter.standard.jsonform import from_json, pack_for  # noqa: PLC0415 - as below

    pack = pack_for(text)
    return codec.to_xml(from_json(text, pack), pack)


def _json(root: etree._Element) -> bytes:
    pack = pack_of(etree.QName(root).namespace or "")
    if pack is None:
        raise NotAllowed(
            "dit dossier is van een versie die hier niet bekend is, en heeft daarom geen JSON; "
            "vraag het als XML, of om te lezen (html of pdf)"
        )
    # loaded where it is asked for: most commands make neither JSON nor a page
    from oso_adapter.standard.jsonform import to_json  # noqa: PLC0415

    try:
        return to_json(unpacked(codec.to_dict(root, pack), pack), pack).encode()
    except CannotWrite:
        raise NotAllowed(
            "dit dossier heeft waarden die geen JSON kunnen worden; "
            "vraag het als XML, of om te lezen (html of pdf)"
        ) from None

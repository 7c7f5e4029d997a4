"""The forms in which a dossier is shown: as it is sent, or as a person reads it."""

from typing import Final

import click

from oso_adapter.bounded_xml import parse
from oso_adapter.exchange.contents import content_digest
from oso_adapter.standard import render

READING: Final = ("html", "pdf")

view_format_option = click.option(
    "--format",
    "form",
    type=click.Choice(READING),
    default="html",
    show_default=True,
    help="HTML, to read and to print, or PDF (extra `pdf`).",
)
shown_format_option = click.option(
    "--format",
    "form",
    type=click.Choice(["xml", *READING]),
    default="xml",
    show_default=True,
    help="XML as it is sent; HTML or PDF (extra `pdf`) to read, with the controlegetal.",
)


def as_shown(xml: bytes, form: str) -> bytes:
    """A dossier in one of the forms.

    The reading view has the digest over everything but the inzage block, so that a copy that
    parents were given can be compared with what was sent.
    """
    if form == "xml":
        return xml
    root = parse(xml)
    digest = content_digest(root)
    if form == "pdf":
        return render.pdf(root, digest=digest)
    return render.html(root, digest=digest).encode()

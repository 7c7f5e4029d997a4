"""Dossiers as they go over the API: which media types there are, and how one is handed out."""

from typing import Any, Final

from flask import Response
from marshmallow import Schema, fields, validate

from oso_adapter.exchange.forms import shown

MEDIA: Final = {
    "xml": "application/xml",
    "json": "application/json",
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
}
PUT: Final = ("application/xml", "text/xml", "application/json")

_TEXT: Final = {"schema": {"type": "string"}}
_OBJECT: Final = {
    "schema": {
        "type": "object",
        "description": "The JSON form of a complete dossier; `oso-adapter standard schema --json`"
        " prints its JSON Schema.",
    }
}
_XML: Final = {"schema": {"type": "string", "description": "The dossier, an XML document."}}
_BINARY: Final = {"schema": {"type": "string", "format": "binary"}}

GIVEN: Final[dict[str, Any]] = {
    "200": {
        "description": "The dossier.",
        "content": {
            "application/xml": _XML,
            "application/json": _OBJECT,
            "text/html": _TEXT,
            "application/pdf": _BINARY,
        },
    }
}
"""The answer with a dossier, for OpenAPI."""

TAKEN: Final[dict[str, Any]] = {
    "required": True,
    "content": {"application/xml": _XML, "text/xml": _XML, "application/json": _OBJECT},
}
"""The body with a dossier, for OpenAPI."""


class ContentQuery(Schema):
    """In which form a dossier is asked for."""

    form = fields.String(
        validate=validate.OneOf(list(MEDIA)),
        load_default="xml",
        metadata={
            "description": "xml: byte for byte as it is sent or came; json: with the files"
            " themselves; html or pdf: to read, with the controlegetal."
        },
    )


def handed_out(xml: bytes, form: str) -> Response:
    """The answer with a dossier; in a browser nothing in it is run."""
    headers = {
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox",
    }
    return Response(shown(xml, form), 200, headers, content_type=MEDIA[form])

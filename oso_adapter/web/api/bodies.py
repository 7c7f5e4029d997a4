"""Reading a request: its body within bounds, its JSON strictly, and what is wrong in our words."""

import json
from collections.abc import Iterator
from io import BytesIO
from typing import Any, Final, NoReturn

import marshmallow as ma
from flask import Request, request
from webargs.flaskparser import FlaskParser

from oso_adapter.web.api.problems import Problem
from oso_adapter.web.api.values import Said

MOST: Final = 2 * 2**20
"""Bytes of a body that is not a dossier; a thousand orders take some 200 kB."""

_PIECE: Final = 64 * 1024
_UNKNOWN: Final = "Unknown field."
_STOCK: Final = {
    _UNKNOWN: "this field is not known here",
    "Missing data for required field.": "is required",
    "Field may not be null.": "may not be null",
    "Not a valid string.": "must be a text",
    "Not a valid integer.": "must be a whole number",
    "Not a valid boolean.": "must be true or false",
    "Not a valid list.": "must be a list",
    "Invalid input type.": "must be an object",
    "Not a valid date.": "must be a date that exists",
    "Not a valid aware datetime.": "must be a moment with its zone, as 2026-03-12T09:30:00+01:00",
}
"""Messages of marshmallow, in our words; whatever it says more is not passed on."""


class Parser(FlaskParser):
    """webargs, with bounds and without values in what it says."""

    DEFAULT_UNKNOWN_BY_LOCATION = {  # noqa: RUF012 - the form webargs reads
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "query": ma.RAISE,
    }

    def load_json(self, req: Request, schema: ma.Schema) -> Any:
        """The JSON of the body; nothing at all counts as an empty object."""
        return read_json(req.get_data()) if req.get_data() else {}

    def handle_error(
        self, error: ma.ValidationError, req: Request, schema: ma.Schema, **_: Any
    ) -> NoReturn:
        """Say which field is wrong."""
        found = [pair for part in error.messages_dict.values() for pair in _flat("", part)]
        raise Problem(422, errors=found)


def bound(limit: int = MOST) -> None:
    """Read the body, once and within the limit; whoever reads the request afterwards gets it.

    Werkzeug cuts a body without a length off silently, so that ours is counted here.
    """
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Problem(415, "a compressed body (Content-Encoding) is not read")
    length = request.content_length
    if length is not None and length > limit:
        raise Problem(413, f"at most {limit} bytes are read")
    stream, pieces, size = request.environ["wsgi.input"], [], 0
    chunked = request.environ.get("wsgi.input_terminated", False)
    while chunked or size < (length or 0):
        try:
            piece = stream.read(_PIECE if length is None else min(_PIECE, length - size))
        except Exception:  # errors of the server's own: bad chunks, a peer that is slow or gone
            raise Problem(400, "the body could not be read to its end") from None
        if not piece:
            break
        pieces.append(piece)
        size += len(piece)
        if size > limit:
            raise Problem(413, f"at most {limit} bytes are read")
    request.environ["wsgi.input"] = BytesIO(b"".join(pieces))
    request.environ["CONTENT_LENGTH"] = str(size)
    request.environ.pop("HTTP_TRANSFER_ENCODING", None)


def require_type(*kinds: str) -> None:
    """Raise 415 unless the body, if there is one, is of one of these kinds and in UTF-8."""
    plain = request.mimetype_params.get("charset", "utf-8").lower() in ("utf-8", "utf8")
    if request.get_data() and (request.mimetype not in kinds or not plain):
        raise Problem(415, f"Content-Type has to be {' or '.join(kinds)}, in UTF-8")


def read_json(body: bytes) -> Any:
    """What a JSON text says; raises a problem for what is none, or is nested too deep."""
    try:
        return json.loads(body.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Problem(400, "the body is no JSON in UTF-8, or is nested too deep") from None


def _no_constant(_: str) -> NoReturn:
    raise ValueError


def _flat(name: str, messages: Any) -> Iterator[tuple[str, str]]:
    """Each message with the place of its field: ``orders[0].pgn``."""
    if isinstance(messages, dict):
        for key, inner in messages.items():
            if inner == [_UNKNOWN]:
                key = "*"  # noqa: PLW2901 - a name that is not ours may be anything
            step = f"[{key}]" if isinstance(key, int) else f".{key}"
            yield from _flat(name if key == "_schema" else name + step, inner)
        return
    for message in messages if isinstance(messages, list) else [messages]:
        yield name.lstrip(".") or "body", _in_our_words(message)


def _in_our_words(message: Any) -> str:
    if isinstance(message, Said):
        return str(message)
    text = str(message)
    if text.startswith(("Must be one of:", "Length must be", "Must be greater", "Longer than")):
        return text[0].lower() + text[1:]
    return _STOCK.get(text, "is not valid")

"""Reading strictly what another side gave, and saying in our own words what is wrong with it."""

from collections.abc import Iterator
from typing import Any, Final

from marshmallow import Schema, ValidationError, fields

from oso_adapter.standard.jsonform import JsonRefused, parsed
from oso_adapter.standard.lexical import fits_xml
from oso_webhook.trouble import AnswerNotUnderstood

_UNKNOWN: Final = "Unknown field."
_STOCK: Final = {
    _UNKNOWN: "a key that is not known here",
    "Missing data for required field.": "is required",
    "Field may not be null.": "may not be null; leave the key away",
    "Not a valid string.": "has to be a text",
    "Not a valid list.": "has to be a list",
    "Not a valid date.": "has to be a date such as 2026-03-12",
    "Invalid input type.": "has to be an object",
    "Shorter than minimum length 1.": "may not be empty",
}
"""Messages of marshmallow in our words; of any other we only say that it is wrong."""


def answered(schema: Schema, body: bytes) -> dict[str, Any]:
    """The answer in ``body``; raises :class:`AnswerNotUnderstood` with all that is wrong."""
    try:
        read = parsed(body)
    except JsonRefused as refused:
        raise AnswerNotUnderstood(*((f.path, f.message) for f in refused.findings)) from None
    if unclear := list(_unclear(read, schema, "")):
        raise AnswerNotUnderstood(*unclear)
    try:
        found: dict[str, Any] = schema.load(read)
    except ValidationError as error:
        raise AnswerNotUnderstood(*problems(error)) from None
    return found


def _unclear(read: Any, field: Any, place: str) -> Iterator[tuple[str, str]]:
    """Keys that are there twice, and texts that nothing can keep; a dossier is judged apart."""
    if isinstance(field, fields.Nested):
        field = field.schema
    if isinstance(read, str) and not fits_xml(read):
        yield place or "/", "has characters that no text has"
    elif isinstance(read, list) and isinstance(field, fields.List):
        for position, each in enumerate(read):
            yield from _unclear(each, field.inner, f"{place}[{position}]")
    elif isinstance(read, dict) and isinstance(field, Schema):
        for name in sorted(getattr(read, "keys_twice", ())):
            known = name if name in field.fields else "*"
            yield f"{place}.{known}".lstrip("."), "is there more than once"
        for name, each in read.items():
            if name in field.fields:
                yield from _unclear(each, field.fields[name], f"{place}.{name}".lstrip("."))


def problems(error: ValidationError) -> list[tuple[str, str]]:
    """Each place, such as ``pupils[0].name``, with what is wrong there; never a value."""
    return list(_flat("", error.messages))


def _flat(place: str, messages: Any) -> Iterator[tuple[str, str]]:
    if isinstance(messages, dict):
        for key, inner in messages.items():
            # a name that is not ours may be anything, also that of a pupil
            name = "*" if inner == [_UNKNOWN] else key
            step = f"[{name}]" if isinstance(name, int) else f".{name}"
            yield from _flat(place if key == "_schema" else place + step, inner)
        return
    for message in messages if isinstance(messages, list) else [messages]:
        yield place.lstrip(".") or "/", _in_our_words(str(message))


def _in_our_words(message: str) -> str:
    if message.startswith("has to "):  # ours
        return message
    if message.startswith(("Must be one of:", "Length must be", "Longer than", "String does not")):
        return message[0].lower() + message[1:]
    return _STOCK.get(message, "is not valid")

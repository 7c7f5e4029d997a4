"""Documents: files in the database, attached to a place in the pupil's file."""

from collections.abc import Iterable
from typing import Any, Final

from magister_like.fields import Field, to_dict, to_row
from magister_like.record import Record

_DOCUMENT: Final = (
    Field("bestandsnaam", "bestandsnaam"),
    Field("omschrijving", "omschrijving"),
)


def documents(record: Record, place: str, number: int = 0) -> list[dict[str, Any]]:
    """The documents at a place, as the dossier carries them."""
    return [
        {
            **to_dict(row, _DOCUMENT),
            "bestandsinhoud": row["inhoud"] if row.get("verpakt") is None else row["verpakt"],
        }
        for row in record.of("document", plaats=place, plaats_nr=number)
    ]


def document(record: Record, place: str, number: int = 0) -> dict[str, Any] | None:
    """The one document at a place, or None."""
    return next(iter(documents(record, place, number)), None)


def keep_documents(
    record: Record, data: Iterable[dict[str, Any]], place: str, number: int = 0
) -> None:
    """Put received documents at a place.

    One that could not be unpacked comes as text; it is kept as it came (``verpakt``), so that
    nothing is lost and it can be passed on.
    """
    for each in data:
        content = each["bestandsinhoud"]
        column = "verpakt" if isinstance(content, str) else "inhoud"
        values = {**to_row(each, _DOCUMENT), column: content}
        record.add("document", plaats=place, plaats_nr=number, **values)


def keep_document(record: Record, block: dict[str, Any], place: str, number: int = 0) -> None:
    """Put the one document of a block, if it has one, at a place."""
    if "document" in block:
        keep_documents(record, [block["document"]], place, number)

"""The kinds of value in OSO messages: what form each has, and how it is normalised.

Forms are those of wire 1.2 and section 4. A value without the form of its kind raises
:class:`InvalidIdentifier`, whose text names the form and never the value.
"""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from oso_adapter.clock import AMSTERDAM
from oso_adapter.errors import InvalidIdentifier
from oso_adapter.identifiers import Brin, LinkKey, RoutingId, SessionId

XML_SPACE: Final = " \t\r\n"

_MOMENT: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})"
    r"(?:\.([0-9]{1,6})[0-9]*)?(Z|[+-][0-9]{2}:[0-9]{2})"
)
_SWV_SPELLINGS: Final = frozenset({"swv-dossier", "swvaanvraag", "swv-aanvraag"})


def format_moment(moment: datetime) -> str:
    """An aware moment as xs:dateTime in Dutch time, in seconds, with its offset (wire 4.7)."""
    return moment.astimezone(AMSTERDAM).isoformat(timespec="seconds")


def read_moment(text: str) -> datetime:
    """The aware moment in an xs:dateTime with a zone; raises InvalidIdentifier on another form."""
    match = _MOMENT.fullmatch(text)
    try:
        if match is None:
            raise ValueError
        moment = datetime.fromisoformat(f"{match[1]}.{match[2] or '0':0<6}{match[3]}")
        moment.astimezone(UTC)  # at either end of the calendar it may not exist there
        return moment
    except (ValueError, OverflowError):
        form = "a moment is an xs:dateTime with its offset, such as 2022-03-01T09:15:00+01:00"
        raise InvalidIdentifier(form) from None


def overdrachtsoort(text: str, swv: str) -> str:
    """A value of overdrachtsoort in the contract's spelling (wire 1.2).

    :param text: as received, in any case; for the SWV value three spellings are known.
    :param swv: how the contract writes the SWV value.
    """
    folded = text.lower()
    if folded in ("overstapdossier", "overdrachtbinnenbrin"):
        return folded
    if folded in _SWV_SPELLINGS or folded == swv.lower():
        return swv
    raise InvalidIdentifier(f"overdrachtsoort is overstapdossier, overdrachtbinnenbrin or {swv}")


def _moment(text: str) -> str:
    read_moment(text)
    return text


def _base64(text: str) -> str:
    packed = "".join(text.split())
    try:
        base64.b64decode(packed, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidIdentifier("this is not Base64") from None
    return packed


def _matching(pattern: str, form: str) -> Callable[[str], str]:
    compiled = re.compile(pattern)

    def check(text: str) -> str:
        if not compiled.fullmatch(text):
            raise InvalidIdentifier(form)
        return text

    return check


@dataclass(frozen=True)
class Kind:
    """A kind of value: how it is checked, and what an XML schema says of it."""

    check: Callable[[str], str]
    xsd: str = "string"
    pattern: str | None = None


_UUID = "[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
_CODE = "[A-Z][A-Za-z]{1,63}"
_URI = r"https?://\S{1,2000}"

KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "string": Kind(str),
        "brin": Kind(Brin, pattern="[0-9]{2}[A-Z]{2}"),
        "routing_id": Kind(RoutingId, pattern="[0-9A-Z]{20}"),
        "session_id": Kind(SessionId, pattern=_UUID),
        "link_key": Kind(LinkKey, pattern=_UUID),
        "moment": Kind(_moment, xsd="dateTime"),
        # xs:string, so that clients pass the key's text on and do not encode it a second time
        "base64": Kind(_base64),
        # exactly four: a longer fragment could be the number itself
        "pgnfrag": Kind(_matching("[0-9]{4}", "pgnfrag is four digits"), pattern="[0-9]{4}"),
        "doel": Kind(_matching("OV|SWV", "doel is OV or SWV"), pattern="OV|SWV"),
        # letters only, as all known codes: an unknown code is shown, so it may not hold a number
        "code": Kind(_matching(_CODE, "a result code is one word of letters"), pattern=_CODE),
        "uri": Kind(_matching(_URI, "a url begins with https:// and has no spaces"), "anyURI"),
        "overdrachtsoort": Kind(str),
    }
)


def normalise(kind: str, text: str, swv: str) -> str:
    """The value in the form of its kind.

    :param kind: a name in :data:`KINDS`.
    :param text: the value, with or without white space around it.
    :param swv: how the contract writes the SWV value of overdrachtsoort.
    :raises InvalidIdentifier: it does not have the form.
    """
    stripped = text.strip(XML_SPACE)
    if kind == "overdrachtsoort":
        return overdrachtsoort(stripped, swv)
    return str(KINDS[kind].check(stripped))

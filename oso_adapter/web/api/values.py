"""The values that a request may hold, each judged as strictly as the command line does.

A message of ours is a :class:`Said`; of the libraries' messages only those that are known to quote
no value are passed on (:mod:`oso_adapter.web.api.bodies`).
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any, Final

from marshmallow import ValidationError, fields, validate

from oso_adapter.clock import AMSTERDAM
from oso_adapter.errors import InvalidIdentifier
from oso_adapter.identifiers import Brin, Oin, Pgn, RoutingId, SessionId, plain_text
from oso_adapter.standard.pack import available, load_pack

_FIRST, _LAST = date(1900, 1, 1), date(2100, 1, 1)
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Said(str):
    """A message of our own, which quotes no value."""

    __slots__ = ()


def _judged(judge: Callable[[str], Any], text: str) -> Any:
    try:
        return judge(text)
    except InvalidIdentifier as error:
        raise ValidationError(Said(error)) from None


class Text(fields.String):
    """A text that somebody typed: no control characters, no personal number."""

    def __init__(self, longest: int, **more: Any) -> None:
        super().__init__(validate=validate.Length(1, longest), **more)
        self._longest = longest

    def _deserialize(self, value: Any, attr: Any, data: Any, **more: Any) -> Any:
        text = super()._deserialize(value, attr, data, **more)
        return _judged(lambda given: plain_text(given, self._longest), text)


class Surname(fields.String):
    """A name of a person, which no rule can judge but for its length."""

    def __init__(self, **more: Any) -> None:
        super().__init__(validate=validate.Length(1, 200), **more)


class Identifier(fields.String):
    """An identifier of the chain, read by its own class."""

    kind: Callable[[str], Any]
    pattern: str

    def __init__(self, **more: Any) -> None:
        super().__init__(validate=validate.Regexp(self.pattern), **more)

    def _validate(self, value: Any) -> None:
        """Its own class has judged it; the pattern is for the documentation."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **more: Any) -> Any:
        return _judged(type(self).kind, super()._deserialize(value, attr, data, **more))


class BrinField(Identifier):
    """BRIN4 of a school."""

    kind = Brin
    pattern = r"^[0-9]{2}[A-Z]{2}$"


class RoutingIdField(Identifier):
    """Routeringskenmerk of an administration."""

    kind = RoutingId
    pattern = r"^[0-9A-Z]{20}$"


class OinField(Identifier):
    """Organisatie-identificatienummer of a supplier."""

    kind = Oin
    pattern = r"^([0-9]{20}|00000007000[0-9]{2}[A-Z]{2}[0-9]{5})$"


class SessionIdField(Identifier):
    """sessieId of the Traffic Center."""

    kind = SessionId
    pattern = r"^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$"


class NumberField(Identifier):
    """BSN or onderwijsnummer: only ever in the body of a request."""

    kind = Pgn.checked
    pattern = r"^[0-9]{9}$"


class Category(fields.String):
    """A category of the standard, of any release that is known."""

    def __init__(self, **more: Any) -> None:
        super().__init__(validate=validate.Regexp(r"^cat_[a-z_]{1,40}$"), **more)

    def _deserialize(self, value: Any, attr: Any, data: Any, **more: Any) -> Any:
        name = super()._deserialize(value, attr, data, **more)
        if not any(name in load_pack(release).profiles.data for release in available()):
            raise ValidationError(Said("is no category of the standard, such as cat_verzuim"))
        return name


class Day(fields.Date):
    """A date as 2026-03-12, of this century or the one before."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **more: Any) -> Any:
        if not isinstance(value, str) or not _DAY.fullmatch(value):
            raise ValidationError(Said("a date is written as 2026-03-12"))
        found = super()._deserialize(value, attr, data, **more)
        if not _FIRST <= found <= _LAST:
            raise ValidationError(Said(f"a date lies between {_FIRST} and {_LAST}"))
        return found


class MomentField(fields.AwareDateTime):
    """A moment with its zone, as 2026-03-12T09:30:00+01:00; given in UTC."""

    def __init__(self, **more: Any) -> None:
        super().__init__(format="iso", **more)

    def _deserialize(self, value: Any, attr: Any, data: Any, **more: Any) -> Any:
        found: datetime = super()._deserialize(value, attr, data, **more)
        if not _FIRST < found.date() < _LAST:
            raise ValidationError(Said(f"a moment lies between {_FIRST} and {_LAST}"))
        return found.astimezone(UTC)


class Flag(fields.Boolean):
    """true or false in the address of a request, and nothing else."""

    def __init__(self, **more: Any) -> None:
        super().__init__(truthy={"true"}, falsy={"false"}, **more)


def beginning(day: date) -> datetime:
    """The first moment of a day in the Netherlands."""
    return datetime.combine(day, time(), AMSTERDAM)

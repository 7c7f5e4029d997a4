"""The identifiers of the OSO chain, each checked when it is made.

A value that does not have the form raises :class:`InvalidIdentifier`; its message names the form
and never the value, because what was typed in the wrong field may be a personal number.
"""

import re
from typing import Final, Literal, NoReturn, Self
from uuid import UUID

from oso_adapter.errors import InvalidIdentifier

_BRIN: Final = re.compile(r"[0-9]{2}[A-Z]{2}")
_OIN: Final = re.compile(r"[0-9]{20}|00000007000[0-9]{2}[A-Z]{2}[0-9]{5}")
_ROUTING_ID: Final = re.compile(r"00000007000([0-9]{2}[A-Z]{2})[0-9]{5}")
_TWENTY: Final = re.compile(r"[0-9A-Z]{20}")
_NINE_DIGITS: Final = re.compile(r"[0-9]{9}")
_WRITTEN_NUMBER: Final = re.compile(r"(?<![0-9])(?=([0-9](?:[ .-]?[0-9]){8})(?![0-9]))")
_UUID: Final = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_NO_TEXT: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold; among them what the shell gives that is not UTF-8."""
_WEIGHTS: Final = (9, 8, 7, 6, 5, 4, 3, 2)

TEST_OIN_PREFIX: Final = "00000099"


class Brin(str):
    """BRIN4 of a school: two digits and two capitals, such as ``00YY`` (wire 4.5)."""

    __slots__ = ()

    def __new__(cls, value: str) -> Self:
        if not _BRIN.fullmatch(value):
            raise InvalidIdentifier("a BRIN is two digits and two capitals, such as 00YY")
        return super().__new__(cls, value)

    @property
    def is_test(self) -> bool:
        """Whether this is the test school, or of the 99 range for synthetic schools (assumed)."""
        return self == "00YY" or self.startswith("99")


class Oin(str):
    """Organisatie-identificatienummer: 20 positions; a school's holds its BRIN (OIN-Stelsel)."""

    __slots__ = ()

    def __new__(cls, value: str) -> Self:
        if not _OIN.fullmatch(value):
            raise InvalidIdentifier("an OIN is 20 digits, or 00000007000 + BRIN + five digits")
        return super().__new__(cls, value)

    @classmethod
    def of_school(cls, brin: Brin) -> Self:
        """The OIN of a school, computed from its BRIN (osr-and-security 1.10)."""
        return cls(f"00000007000{brin}00000")

    @property
    def is_test(self) -> bool:
        """Whether the prefix is that of the test range (OIN-Stelsel: 00000099)."""
        return self.startswith(TEST_OIN_PREFIX)


class RoutingId(str):
    """Routeringskenmerk: 20 positions that address one administration of one school.

    The usual form is ``00000007000`` + BRIN + a serial of five digits, but that rule is stated
    nowhere, so another form of 20 capitals and digits is accepted and :attr:`conforms` is False.
    """

    __slots__ = ()

    def __new__(cls, value: str) -> Self:
        if not _TWENTY.fullmatch(value):
            raise InvalidIdentifier("a routeringskenmerk is 20 digits and capitals")
        return super().__new__(cls, value)

    @classmethod
    def of_school(cls, brin: Brin, serial: int) -> Self:
        """Build one from a BRIN and a serial of 0 to 99999."""
        return cls(f"00000007000{brin}{serial:05d}")

    @property
    def conforms(self) -> bool:
        """Whether it has the usual form."""
        return _ROUTING_ID.fullmatch(self) is not None

    @property
    def brin(self) -> Brin | None:
        """The BRIN inside, or None when it does not have the usual form."""
        match = _ROUTING_ID.fullmatch(self)
        return Brin(match[1]) if match else None


class SessionId(str):
    """sessieId of the Traffic Center: a UUID, kept exactly as received (wire 4.4)."""

    __slots__ = ()

    def __new__(cls, value: str) -> Self:
        _require_uuid(value, "a sessieId is a UUID")
        return super().__new__(cls, value)


class LinkKey(str):
    """Koppelsleutel: a GUID; sent back unchanged, compared without regard to case (wire 4.3)."""

    __slots__ = ()

    def __new__(cls, value: str) -> Self:
        _require_uuid(value, "a koppelsleutel is a GUID of 8-4-4-4-12 hexadecimal digits")
        return super().__new__(cls, value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and self.upper() == other.upper()

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self.upper())


def _require_uuid(value: str, message: str) -> None:
    try:
        well_formed = str(UUID(value)) == value.lower()
    except ValueError:
        well_formed = False
    if not well_formed:
        raise InvalidIdentifier(message)


class Pgn:
    """Persoonsgebonden nummer: a BSN or an onderwijsnummer, nine digits, leading zeros kept.

    It never prints itself: ``str``, ``repr``, ``format`` and pickling give ``***`` or an error.
    Only :meth:`reveal` gives the digits, so every place that uses them can be found.
    """

    __slots__ = ("_digits",)

    def __init__(self, digits: str) -> None:
        """Take nine digits as they are; use :meth:`checked` for what a person types."""
        if not _NINE_DIGITS.fullmatch(digits):
            raise InvalidIdentifier("a BSN or onderwijsnummer is nine digits")
        self._digits = digits

    @classmethod
    def checked(cls, digits: str) -> Self:
        """Take nine digits that pass the 11-test of BSN or onderwijsnummer (wire 4.1)."""
        pgn = cls(digits)
        if pgn.kind is None:
            raise InvalidIdentifier("this number fails the 11-test of BSN and onderwijsnummer")
        return pgn

    @property
    def kind(self) -> Literal["bsn", "onderwijsnummer"] | None:
        """Which 11-test it passes, or None."""
        digits = [int(d) for d in self._digits]
        total = sum(w * d for w, d in zip(_WEIGHTS, digits, strict=False))
        if self._digits != "000000000" and (total - digits[8]) % 11 == 0:
            return "bsn"
        if digits[0] == 1 and total % 11 == digits[8] + 5:
            return "onderwijsnummer"
        return None

    def reveal(self) -> str:
        """The nine digits. Not for logs, messages, file names or addresses."""
        return self._digits

    def __repr__(self) -> str:
        return "Pgn(***)"

    def __str__(self) -> str:
        return "***"

    def __format__(self, spec: str) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pgn) and self._digits == other._digits

    def __hash__(self) -> int:
        return hash(self._digits)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Pgn is not pickled")


def holds_number(text: str) -> bool:
    """Whether a BSN or onderwijsnummer is in a text, however it is written.

    Of nine digits that are no number of a person one in ten passes an 11-test too.
    """
    found = _WRITTEN_NUMBER.finditer(_UUID.sub("", text))
    return any(Pgn(re.sub("[ .-]", "", written[1])).kind is not None for written in found)


def without_number(text: str) -> str:
    """A text that is stored in the clear or printed (a reference, an account), as it is.

    Raises :class:`InvalidIdentifier` when it holds a personal number.
    """
    if holds_number(text):
        raise InvalidIdentifier(
            "this is or holds a BSN or onderwijsnummer, which is no reference and no name"
        )
    return text


def plain_text(text: str, longest: int) -> str:
    """A text that somebody types freely, without the blanks around it.

    longest: how many characters it may have; at least one is needed. Raises
    :class:`InvalidIdentifier`, which never quotes it, also when it holds a personal number.
    """
    found = text.strip()
    if not found:
        raise InvalidIdentifier("it is empty")
    if len(found) > longest:
        raise InvalidIdentifier(f"it has more than {longest} characters")
    if _NO_TEXT.search(found):
        raise InvalidIdentifier("it has a control character, or is not UTF-8")
    return without_number(found)

"""The source of all chance: seeded draws, personal texts with their markers, valid numbers."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, TypeVar

T = TypeVar("T")

MARKER_PREFIX: Final = "Qx7Zk9Wv"
"""Every marker starts with this, so one search finds them all; a serial of seven digits follows."""

_WEIGHTS: Final = (9, 8, 7, 6, 5, 4, 3, 2)


class Maker:
    """Draws values; two makers with the same arguments draw the same ones."""

    def __init__(self, seed: int, *, marked: bool, today: date) -> None:
        """``marked``: personal texts get a unique marker; ``today``: the day of the story."""
        self.random = random.Random(seed)  # noqa: S311
        self.today = today
        self.markers: list[str] = []
        self.numbers: list[str] = []
        self.everything = False
        self._marked = marked
        self._taken: set[str] = set()

    def maybe(self, chance: float) -> bool:
        """True with this chance; always for a pupil that shows everything."""
        drawn = self.random.random() < chance
        return self.everything or drawn

    def pick(self, choices: Sequence[T]) -> T:
        """One of these."""
        return self.random.choice(choices)

    def number(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return self.random.randint(low, high)

    def day(self, first: date, last: date) -> date:
        """A day, both ends included."""
        return first + timedelta(days=self.random.randint(0, max(0, (last - first).days)))

    def _mark(self) -> str:
        self.markers.append(f"{MARKER_PREFIX}{len(self.markers):07d}")
        return self.markers[-1]

    def text(self, plain: str) -> str:
        """A personal text; with markers on, one that occurs nowhere else."""
        return f"{plain} {self._mark()}" if self._marked else plain

    def file_name(self, stem: str, kind: str) -> str:
        """A personal file name."""
        return f"{stem}-{self._mark()}.{kind}" if self._marked else f"{stem}.{kind}"

    def mail(self, plain: str) -> str:
        """A personal e-mail address, at a domain that cannot exist."""
        local = f"{plain}.{self._mark()}" if self._marked else plain
        return f"{local}@voorbeeld.example"

    def phone(self) -> str:
        """A telephone number in a block that nobody has."""
        return self.text(f"06-000{self.number(0, 99999):05d}")

    def iban(self) -> str:
        """Something like an IBAN; its check digits 00 do not exist."""
        return self.text(f"NL00OSOX{self.number(0, 9999999999):010d}")

    def bsn(self, start: str = "999") -> str:
        """A number that passes the 11-test of the BSN and was not drawn before."""
        while True:
            digits = f"{start}{self.number(0, 99999):05d}"
            last = _weighed(digits) % 11
            if last <= 9 and self._is_new(number := f"{digits}{last}"):
                return number

    def onderwijsnummer(self) -> str:
        """A number that passes the 11-test of the onderwijsnummer and was not drawn before."""
        while True:
            digits = f"1{self.number(0, 9999999):07d}"
            last = _weighed(digits) % 11 - 5
            if last >= 0 and self._is_new(number := f"{digits}{last}"):
                return number

    def _is_new(self, number: str) -> bool:
        if number in self._taken:
            return False
        self._taken.add(number)
        self.numbers.append(number)
        return True

    @property
    def school_year(self) -> int:
        """The calendar year in which the present school year began."""
        return self.today.year - ((self.today.month, self.today.day) < (8, 1))

    @property
    def next_august(self) -> date:
        """The first day of the next school year."""
        return date(self.school_year + 1, 8, 1)


def _weighed(digits: str) -> int:
    return sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=True))


@dataclass(frozen=True)
class Case:
    """Which pupil: the sector (PO or VO), the year (1 to 8, 1 to 6), the place in that year.

    ``destination``: BRIN of the school that the pupil leaves for, or None.
    """

    sector: str
    brin: str
    year: int
    place: int
    destination: str | None

    @property
    def leaving(self) -> bool:
        """Whether the pupil leaves at the end of this school year."""
        return self.destination is not None

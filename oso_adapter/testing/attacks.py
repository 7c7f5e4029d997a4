"""What a plugin meets in the end: names, references and data that nobody expected."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

NAMES: Final[Mapping[str, Mapping[str, Any]]] = {
    "apostrophe": {"achternaam": "'t Hart-d'Hondt", "voornaam": ["D'Arcy", "Noëlle'"]},
    "diacritics": {"achternaam": "Šćepanović-Þórðardóttir", "voornaam": ["Zoë", "Çağla", "Łucja"]},
    "decomposed": {"achternaam": "Zoe\u0308lens", "voornaam": ["Rene\u0301e"]},
    "right to left": {"achternaam": "عبد الرحمن", "voornaam": ["يوسف"]},
    "other script": {"achternaam": "王小明", "voornaam": ["Ωμέγα", "Чайка"]},
    "one letter": {"achternaam": "O", "voornaam": ["I"]},
    "looks like nothing": {"achternaam": "Null", "voornaam": ["None", "NaN", "0"]},
    "looks like code": {"achternaam": '"); DROP TABLE x;--', "voornaam": ["%s {0} \\n $(id) <b>&"]},
    "beyond the first plane": {"achternaam": "𠮷田", "voornaam": ["😀"]},
    "very long": {"achternaam": "Wolfeschlegelsteinhausenbergerdorff" * 5, "voornaam": ["Ab"] * 20},
}
"""Names that people have, and some that only a test has; all of them are in order in a dossier."""

REFERENCES: Final = (
    "",
    " ",
    "0",
    "-1",
    "nobody-1",
    "NULL",
    "' OR '1'='1",
    '" OR ""="',
    "%",
    "*",
    "_" * 8,
    "../../etc/passwd",
    "/etc/passwd",
    "..",
    ".",
    "a\x00b",
    "a\nb",
    "9" * 5000,
    "𠮷😀",
)
"""References of pupils who are not there."""

ZERO: Final = "012345672"
"""A number that passes the 11-test and loses its first digit where it is kept as a number."""


class BrokenOff(RuntimeError):
    """What a dossier raises that cannot be read any further."""


class Countdown:
    """How often a dossier may still be read before it breaks off.

    broke: whether it did.
    """

    def __init__(self, reads: int) -> None:
        self.left = reads
        self.broke = False

    def read(self) -> None:
        """One more reading; raises BrokenOff when there are none left."""
        self.left -= 1
        if self.left < 0:
            self.broke = True
            raise BrokenOff


class Breaking(dict[str, Any]):
    """A block of a dossier that breaks off half way, with everything in it."""

    def __init__(self, block: Mapping[str, Any], countdown: Countdown) -> None:
        super().__init__({name: _breaking(value, countdown) for name, value in block.items()})
        self._countdown = countdown

    def __getitem__(self, name: str) -> Any:
        self._countdown.read()
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        """As of a dict; it counts as a reading."""
        self._countdown.read()
        return super().get(name, default)

    def __iter__(self) -> Iterator[str]:
        self._countdown.read()
        return super().__iter__()

    def items(self) -> Any:
        """As of a dict; it counts as a reading."""
        self._countdown.read()
        return super().items()


def _breaking(value: Any, countdown: Countdown) -> Any:
    if isinstance(value, Mapping):
        return Breaking(value, countdown)
    if isinstance(value, list):
        return [_breaking(one, countdown) for one in value]
    return value

"""What a change from one release to another is, and which comes first for a supplier."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

Kind = Literal[
    "element removed",
    "element renamed",
    "mandatory element added",
    "mandatory now",
    "value changed",
    "occurrence changed",
    "choice changed",
    "attribute mandatory now",
    "namespace changed",
    "validation version changed",
    "stylesheets changed",
    "rules not compared",
    "profile removed",
    "category data changed",
    "code removed",
    "code meaning changed",
    "profile status changed",
    "rule added",
    "rule changed",
    "code list added",
    "code list stricter",
    "order changed",
    "code list removed",
    "code list left",
    "code list less strict",
    "optional element added",
    "optional now",
    "attribute optional now",
    "code added",
    "profile added",
    "category added",
    "category removed",
    "rule removed",
]

_MOST_URGENT_FIRST: Final[tuple[Kind, ...]] = Kind.__args__  # type: ignore[attr-defined]
_BREAKING: Final = frozenset(_MOST_URGENT_FIRST[: _MOST_URGENT_FIRST.index("order changed")])


@dataclass(frozen=True)
class Change:
    """One difference.

    path: of the element; of a profile, rule or code list, what names it. old, new: what it was and
    is, as text; None where there was or is nothing. breaks: whether a dossier that was right can be
    wrong now. text: the difference as a sentence in English.
    """

    kind: Kind
    path: str
    old: str | None
    new: str | None
    breaks: bool
    text: str

    def as_dict(self) -> dict[str, Any]:
        """The form that is printed as JSON."""
        return asdict(self)


def change(kind: Kind, path: str, old: str | None, new: str | None, text: str) -> Change:
    """A change of this kind, which says whether it breaks."""
    return Change(kind, path, old, new, kind in _BREAKING, text)


def in_order(found: Iterable[Change]) -> list[Change]:
    """Each once, what breaks a dossier first."""
    rank = {kind: n for n, kind in enumerate(_MOST_URGENT_FIRST)}
    return sorted(dict.fromkeys(found), key=lambda each: (not each.breaks, rank[each.kind]))

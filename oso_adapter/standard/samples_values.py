"""The values of synthetic dossiers: one invented pupil, and makers for what depends on it.

A row of ``[values]`` in ``samples.toml`` names a maker, gives texts or booleans to go through, or a
range; without a row, or where the row does not fit, the value comes from code list and facets.
"""

import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import chain
from math import ceil, floor
from typing import Any, Final

from oso_adapter.identifiers import Brin, Pgn, RoutingId
from oso_adapter.standard import lexical, patterns
from oso_adapter.standard.pack import Pack
from oso_adapter.standard.samples_files import KINDS
from oso_adapter.standard.suffixes import Suffixes

_FIRST_NAMES: Final = {
    1: ("Daan", "Emre", "Sem", "Jayden", "Noud", "Bilal"),
    2: ("Sanne", "Noor", "Yara", "Lotte", "Chloë", "Meryem"),
}
_SURNAMES: Final = ("Voorbeeld", "Proefland", "Testhuis", "Yılmaz-Proef", "Bedachtsen", "'t Verzin")
_PREFIXES: Final = ("van", "de", "van der", "ten")
_GROUPS: Final = {"PO": ("8", "7", "6", "5", "4", "3", "2", "1")}
_GROUPS_VO: Final = ("12", "11", *_GROUPS["PO"])
_NO_VO: Final = frozenset({"POPO", "POVO", "POSWV"})
_MASKS: Final = {"telefoon": "9999999999", "e-mail": "geheim@geheim.geheim"}
_TEXT: Final = "Voorbeeldtekst van een verzonnen leerling. "
_BELOW_ZERO: Final = frozenset({"negativeInteger", "nonPositiveInteger"})
_SEARCHED_DAYS: Final = 800
_EXCLUSIVE: Final = {"minExclusive": 1, "maxExclusive": -1}


@dataclass
class World:
    """The pupil whom a dossier is about, and what all its values share.

    noise: bytes that an attachment is filled with. used: how often each row gave a value.
    """

    pack: Pack
    profile: str
    on: date
    dice: random.Random
    complete: bool
    noise: int
    used: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.start = self.dice.randrange(1000)
        self.sex = self.dice.choice((1, 2))
        self.first_names = tuple(self.dice.sample(_FIRST_NAMES[self.sex], 2))
        self.surname = self.dice.choice(_SURNAMES)
        self.prefix = self.dice.choice(_PREFIXES)
        years_before = len(self.groups) + 4
        first_day = date(self.school_year - years_before, 10, 1)
        self.born = first_day + timedelta(days=self.dice.randrange(364))

    @property
    def school_year(self) -> int:
        """The year in which the present school year began (1 August)."""
        return self.on.year if self.on.month >= 8 else self.on.year - 1

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """The groups or years of school, the present one first (code list 13)."""
        return _GROUPS["PO"] if self.profile in _NO_VO else _GROUPS_VO

    def next(self, key: str, values: Iterable[Any]) -> Any:
        """The next of the values, around and around; lists of one length go in step."""
        choice = list(values)
        self.used[key] += 1
        return choice[(self.start + self.used[key] - 1) % len(choice)]


@dataclass(frozen=True)
class Place:
    """Where a value goes: names from the root, position of what repeats, values beside it."""

    path: tuple[str, ...]
    position: int
    beside: Mapping[str, Any]


Maker = Callable[[World, Place], Any]


def value(
    kind: str,
    facets: Mapping[str, str],
    world: World,
    place: Place,
    rows: Suffixes[Any],
    values: Sequence[str] = (),
) -> Any:
    """A value of a built-in that the facets take; rows: ``[values]`` of the table.

    values: the only ones that the schema takes, where it lists them.
    """
    codes = allowed_codes(world.pack, place.path, kind, values)
    if "length" in facets:
        facets = {**facets, "minLength": facets["length"], "maxLength": facets["length"]}
    row = rows.find(place.path)
    try:
        made = None if row is None else _of_row(row, kind, world, place)
    except (TypeError, ValueError, ArithmeticError):
        # The row was written for another release, where the element had another type.
        made = None
    if made is not None and _fits(made, kind, facets) and (not codes or made in codes):
        return made
    if codes:
        return world.next("/".join(place.path[-2:]), codes)
    return _generic(kind, facets, world)


def allowed_codes(
    pack: Pack, path: tuple[str, ...], kind: str, values: Sequence[str] = ()
) -> list[Any]:
    """The only values of an element: those of its code list that the schema lists too, if it does.

    Nothing where any value is allowed. Where the two have nothing in common the schema is obeyed.
    """
    found = pack.codelists.by_path.find(path)
    codes = [code for code in found.codes if not values or code in values] if found else []
    try:
        return [lexical.read(code, kind) for code in codes or values]
    except lexical.NoSuchValue:
        return []


def _of_row(row: Any, kind: str, world: World, place: Place) -> Any:
    if isinstance(row, str):
        return MAKERS[row](world, place)
    if kind == "boolean":
        return row[place.position % len(row)]
    if kind == "date":
        return world.on - timedelta(days=world.dice.randint(*row))
    if kind in {"int", "integer"}:
        return world.dice.randint(*row)
    if kind == "decimal":
        return _decimal_between(Decimal(row[0]), Decimal(row[1]), world.dice)
    key = "/".join(place.path[-2:])
    return re.sub("#", lambda _: str(world.dice.randrange(10)), world.next(key, row))


def _decimal_between(low: Decimal, high: Decimal, dice: random.Random) -> Decimal:
    """A number with as many decimals as the bounds have."""
    exponent = int(low.as_tuple().exponent)
    steps = int((high - low).scaleb(-exponent))
    return low + Decimal(dice.randint(0, steps)).scaleb(exponent)


def _fits(made: Any, kind: str, facets: Mapping[str, str]) -> bool:
    if isinstance(made, bytes):
        return True
    try:
        text = lexical.write(made, kind)
        if "pattern" in facets and not patterns.compiled(facets["pattern"]).fullmatch(text):
            return False
    except (lexical.NoSuchValue, patterns.NoExample):
        return False
    if not int(facets.get("minLength", 0)) <= len(text) <= int(facets.get("maxLength", len(text))):
        return False
    if kind not in {"int", "integer", "decimal"}:
        return True
    number = Decimal(text)
    if Decimal(facets.get("minExclusive", "-Infinity")) >= number:
        return False
    if Decimal(facets.get("maxExclusive", "Infinity")) <= number:
        return False
    low, high = facets.get("minInclusive", number), facets.get("maxInclusive", number)
    return Decimal(low) <= number <= Decimal(high)


def _generic(kind: str, facets: Mapping[str, str], world: World) -> Any:
    """A value from type and facets alone, as for an element that a later release brings."""
    match kind:
        case "boolean":
            return world.dice.random() < 0.5
        case "date":
            return _some_day(facets, world.on)
        case "int" | "integer":
            bottom, top = _bounds(facets, kind)
            return world.dice.randint(ceil(bottom), floor(top))
        case "decimal":
            return _decimal_between(*_bounds(facets, kind), world.dice)
    if "pattern" in facets:
        return patterns.example(facets["pattern"], world.dice)
    return _text(kind, facets, world.on)


def _bounds(facets: Mapping[str, str], kind: str) -> tuple[Decimal, Decimal]:
    """From and to: what the facets say, else a range of 20 from 1 or beside the other bound."""
    step = _step(facets, kind)
    low = _inside(facets, "min", step)
    high = _inside(facets, "max", -step)
    if low is None:
        top = Decimal("21.0") if high is None else high
        return min(Decimal("1.0"), top - 20), top
    return low, low + 20 if high is None else high


def _inside(facets: Mapping[str, str], end: str, step: Decimal) -> Decimal | None:
    """The outermost number that a bound takes; one step inside where the bound itself is out."""
    if f"{end}Inclusive" in facets:
        return Decimal(facets[f"{end}Inclusive"])
    beyond = facets.get(f"{end}Exclusive")
    return None if beyond is None else Decimal(beyond) + step


def _step(facets: Mapping[str, str], kind: str) -> Decimal:
    """What is added to a bound that is out: 1, of a decimal one of a place more than the bounds."""
    if kind != "decimal":
        return Decimal(1)
    bounds = [Decimal(text) for name, text in facets.items() if name.endswith("clusive")]
    places = 1 - min((int(bound.as_tuple().exponent) for bound in bounds), default=0)
    return Decimal(1).scaleb(-min(places, int(facets.get("fractionDigits", places))))


def _some_day(facets: Mapping[str, str], on: date) -> date:
    """The day itself, or the first after it that the facets take, or before it."""
    low, high = facets.get("minInclusive", "0001-01-01"), facets.get("maxInclusive", "9999-12-31")
    around = (*range(_SEARCHED_DAYS), *range(0, -_SEARCHED_DAYS, -1))
    ends = [date.fromisoformat(text) for text in (low, high)]
    ends += [_beside(facets[name], by) for name, by in _EXCLUSIVE.items() if name in facets]
    for day in chain(_days(on, around), ends):
        text = day.isoformat()
        inside = facets.get("minExclusive", "") < text < facets.get("maxExclusive", "A")
        if inside and low <= text <= high and _fits(day, "date", facets):
            return day
    raise patterns.NoExample


def _days(on: date, around: Iterable[int]) -> Iterator[date]:
    """Days before and after one, as far as the calendar goes."""
    first, last = date.min.toordinal(), date.max.toordinal()
    for n in around:
        if first <= on.toordinal() + n <= last:
            yield date.fromordinal(on.toordinal() + n)


def _beside(day: str, by: int) -> date:
    return date.fromordinal(date.fromisoformat(day).toordinal() + by)


def _text(kind: str, facets: Mapping[str, str], on: date) -> str:
    examples = {
        "anyURI": "https://www.voorbeeld.example",
        "dateTime": f"{on}T12:00:00",
        "gYear": f"{on:%Y}",
        "gYearMonth": f"{on:%Y-%m}",
        "time": "12:00:00",
        "base64Binary": "AAAA",
    }
    numeric = kind.lower().endswith(("integer", "long", "short", "byte", "double", "float"))
    if numeric:
        bound = _inside(facets, "min", Decimal(1)) or _inside(facets, "max", Decimal(-1))
        return ("-1" if kind in _BELOW_ZERO else "1") if bound is None else str(bound)
    if kind in examples:
        return examples[kind]
    least = int(facets.get("minLength", 1))
    most = int(facets.get("maxLength", max(least, len(_TEXT))))
    return (_TEXT * (least // len(_TEXT) + 1))[: max(least, min(most, 14))]


def _pgn(world: World, kind: str) -> str:
    """Nine digits that pass the 11-test of this kind; a BSN begins with 9999."""
    first = "9999" if kind == "bsn" else "1"
    while True:
        digits = first + "".join(str(world.dice.randrange(10)) for _ in range(9 - len(first)))
        if Pgn(digits).kind == kind:
            return digits


def _contact(world: World, place: Place) -> str:
    """A number or address of this kind, masked when it is secret (OVa.LL08)."""
    kind = str(place.beside.get("soort"))
    if place.beside.get("geheim"):
        return _MASKS.get(kind, _MASKS["telefoon"])
    if kind == "e-mail":
        return f"{world.next('e-mail', ('info', 'b.voorbeeld'))}@school.example"
    return f"06-0000{world.dice.randrange(10_000):04d}"


def _contact_needed(world: World, place: Place) -> bool:
    # Whoever asks for contact names person and telephone (OVa.OA04, OVa.OA05).
    return world.complete


def _agreement(world: World, place: Place) -> str:
    # Only who does not agree gives a reason, and a complete dossier has one.
    return "Nee" if world.complete else "Ja"


def _delivery_point(world: World, place: Place) -> str:
    return str(RoutingId.of_school(Brin(place.beside.get("brincode", "99AA")), 1))


def _group(world: World, place: Place) -> str:
    years_ago = place.position if "schoolloopbaan" in place.path else 0
    return world.groups[years_ago % len(world.groups)]


def _class_name(world: World, place: Place) -> str:
    group = _group(world, place)
    return f"Groep {group}" if group in _GROUPS["PO"] else f"Klas {group[-1]}"


def _in_vo(world: World, place: Place) -> bool:
    return _group(world, place) not in _GROUPS["PO"]


def _year(world: World, place: Place) -> int:
    return world.school_year - place.position


def _enrolled(world: World, place: Place) -> date:
    in_vo = len(world.groups) - len(_GROUPS["PO"])
    return date(world.school_year - in_vo + 1, 8, 1) if in_vo else _school_start(world, place)


def _school_start(world: World, place: Place) -> date:
    """The day after the fourth birthday, which exists in every year."""
    return world.born.replace(year=world.born.year + 4, day=min(world.born.day, 28))


def _final_test_day(world: World, place: Place) -> date:
    """17 April of the year in group 8, or a year earlier when that day is still to come."""
    day = date(world.school_year + 1 - world.groups.index("8"), 4, 17)
    return day if day <= world.on else day.replace(year=day.year - 1)


def _file_name(world: World, place: Place) -> str:
    owner = next(name for name in reversed(place.path[:-2]) if not name.lower().endswith("lijst"))
    number = world.used["files"] = world.used["files"] + 1
    extension = list(KINDS)[(world.start + number) % len(KINDS)]
    return f"{owner.replace('_', '-')}-{number}.{extension}"


def _file_content(world: World, place: Place) -> bytes:
    name = str(place.beside.get("bestandsnaam", "voorbeeld.txt"))
    make = KINDS.get(name.rpartition(".")[2], KINDS["txt"])
    return make(f"Verzonnen bijlage: {name}", world.noise, world.dice)


MAKERS: Final[Mapping[str, Maker]] = {
    "agreement": _agreement,
    "born": lambda world, place: world.born,
    "born_reversed": lambda world, place: f"{world.born:%d-%m-%Y}",
    "bsn": lambda world, place: _pgn(world, "bsn"),
    "career_kind": lambda world, place: "VO" if _in_vo(world, place) else "BO",
    "career_name": lambda world, place: (
        "Voortgezet onderwijs" if _in_vo(world, place) else "Basisonderwijs"
    ),
    "contact": _contact,
    "contact_needed": _contact_needed,
    "delivery_point": _delivery_point,
    "end_of_year": lambda world, place: date(world.school_year + 1, 7, 31),
    "enrolled": _enrolled,
    "file_content": _file_content,
    "file_name": _file_name,
    "final_test_day": _final_test_day,
    "group": _group,
    "group_code": lambda world, place: f"{_group(world, place)}A",
    "group_name": lambda world, place: f"{_class_name(world, place)}A",
    "onderwijsnummer": lambda world, place: _pgn(world, "onderwijsnummer"),
    "pupil_call_name": lambda world, place: world.first_names[0],
    "pupil_first_name": lambda world, place: world.first_names[place.position % 2],
    "pupil_initials": lambda world, place: "".join(f"{name[0]}." for name in world.first_names),
    "pupil_prefix": lambda world, place: world.prefix,
    "pupil_sex": lambda world, place: world.sex,
    "pupil_surname": lambda world, place: world.surname,
    "school_kind": lambda world, place: "BO" if world.profile in _NO_VO else "VO",
    "school_start": _school_start,
    "school_year": lambda world, place: f"{_year(world, place)}-{_year(world, place) + 1}",
    "year": lambda world, place: world.on.year,
    "year_begins": lambda world, place: date(_year(world, place), 8, 1),
    "year_ends": lambda world, place: date(_year(world, place) + 1, 7, 31),
}

"""Synthetic dossiers, valid for their profile: for tests, and for suppliers to try with.

Driven by the structure and the code lists of a release. What these cannot tell (which values look
real, what the rules forbid) is in ``samples.toml`` of the pack; a pack without one borrows that of
the release we ship, whose rows hold for elements that still end so.
"""

import random
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Final, Literal

from oso_adapter.errors import NotFound
from oso_adapter.standard.categories import Profile
from oso_adapter.standard.codec import TEXT, to_xml
from oso_adapter.standard.pack import Pack, load_pack
from oso_adapter.standard.profiles import frame
from oso_adapter.standard.profiles import profile as profile_named
from oso_adapter.standard.samples_values import Place, World, value
from oso_adapter.standard.structure import Element
from oso_adapter.standard.suffixes import Suffixes

Size = Literal["small", "full", "huge"]

SIZES: Final[Mapping[str, int]] = {"small": 64, "full": 9_000, "huge": 815_000}
"""The sizes, and how many bytes of noise they put in an attachment that takes noise."""

_YEARS: Final = range(1900, 3000)
_USUAL_TIMES: Final = 2
_ALL: Final = "all"


@dataclass(frozen=True)
class _Table:
    """``samples.toml``; its own comments tell what each part means."""

    absent: Suffixes[list[str] | str]
    when: Suffixes[Mapping[str, bool]]
    small: Suffixes[bool]
    times: Suffixes[int]
    values: Suffixes[Any]


def sample(
    profile: str,
    *,
    size: Size = "small",
    seed: int = 1,
    pack: Pack | None = None,
    on: date | None = None,
) -> dict[str, Any]:
    """A dossier in the dict form, complete with metadata, overdrachtsoort and inzage.

    profile: POPO, POVO, VOVO, BB, POSWV or VOSWV; another name raises NotFound.
    size: small has what is mandatory and little else, full every element that the profile may
    carry (of alternatives that can stand in one place only, the seed chooses), huge is full with
    attachments of together about 12 MB as XML; another word raises NotFound.
    seed: the same seed gives the same dossier. on: the day it is made, ``metadata/datum``; 14 June
    of the year of the release where it is not given. A day before 1900 or after 2999, around which
    no pupil can be invented, raises NotFound. Attachments are bytes.
    """
    release = pack or load_pack()
    if on is not None and on.year not in _YEARS:
        raise NotFound(f"there are no samples of a day before {_YEARS[0]} or after {_YEARS[-1]}")
    if size not in SIZES:
        raise NotFound(f"there is no such size; the sizes are {', '.join(SIZES)}")
    kind = profile_named(profile, release)
    maker = _Sample(release, kind, size, seed, on or _usual_day(release))
    return maker.dossier()


def sample_xml(
    profile: str,
    *,
    size: Size = "small",
    seed: int = 1,
    pack: Pack | None = None,
    on: date | None = None,
) -> bytes:
    """The same dossier as an XML document in UTF-8; see :func:`sample`."""
    release = pack or load_pack()
    return to_xml(sample(profile, size=size, seed=seed, pack=release, on=on), release)


def may_carry(profile: str, pack: Pack | None = None) -> set[str]:
    """The paths of all elements that a dossier of this profile may carry, blocks included.

    Alternatives that exclude each other are both in it.
    """
    release = pack or load_pack()
    limits = _limits(release, profile)
    return {
        path
        for path, _ in release.structure.walk(release.carried)
        if not limits.forbids(tuple(path.split("/")[1:]))
    }


class _Limits:
    """What may not be in a dossier of a profile: forbidden categories, and what rules forbid."""

    def __init__(self, pack: Pack, profile: Profile, table: _Table) -> None:
        self._profile = profile.name
        self._absent = table.absent
        self._known: dict[tuple[str, ...], bool] = {(): False}
        self._closed = {
            path
            for category, status in profile.statuses.items()
            if status == "VERBODEN"
            for path in pack.profiles.data[category]
        }

    def forbids(self, path: tuple[str, ...]) -> bool:
        """Whether the element, or a block that it is in, is left out."""
        known = self._known.get(path)
        if known is None:
            known = self._known[path] = self.forbids(path[:-1]) or self._itself(path)
        return known

    def _itself(self, path: tuple[str, ...]) -> bool:
        profiles = self._absent.find(path) or ()
        named = profiles == _ALL or self._profile in profiles
        return named or "/" + "/".join(path) in self._closed


class _Sample:
    """Makes one dossier, walking the structure from the root.

    A position is that of the innermost element that repeats, from 0, or None where none does.
    """

    def __init__(self, pack: Pack, kind: Profile, size: Size, seed: int, on: date) -> None:
        self._pack = pack
        self._kind = kind
        self._seed = seed
        self._complete = size != "small"
        self._table = _load_table(pack)
        self._limits = _limits(pack, kind.name)
        # Dice that are seeded are the point: the same seed gives the same dossier.
        dice = random.Random(seed)  # noqa: S311
        self._world = World(pack, kind.name, on, dice, self._complete, SIZES[size])

    def dossier(self) -> dict[str, Any]:
        root = self._pack.structure.roots[self._pack.carried]
        made = self._run(root, (root.name,), None)
        ours = frame(
            self._pack,
            self._kind,
            package="Voorbeeldpakket",
            package_version="1.0",
            on=self._world.on,
        )
        metadata = {**made["metadata"], **ours["metadata"]}
        return {**made, **ours, "metadata": metadata}

    def _run(self, spec: Element, path: tuple[str, ...], position: int | None) -> dict[str, Any]:
        """The elements of a block, once."""
        made: dict[str, Any] = {}
        chosen = self._chosen(spec, path, position)
        # Booleans first: whether an address is secret decides what stands beside it.
        for child in sorted(chosen, key=lambda child: child.type != "boolean"):
            at = (*path, child.name)
            conditions = self._table.when.find(at) or {}
            if all(made.get(name, False) == wanted for name, wanted in conditions.items()):
                found = self._occurrences(child, at, position, made)
                if found not in ({}, []) or child.min:
                    made[child.name] = found
        return {child.name: made[child.name] for child in spec.content if child.name in made}

    def _chosen(
        self, spec: Element, path: tuple[str, ...], position: int | None
    ) -> Iterator[Element]:
        """What goes into a block; the alternatives of a choice go round with the position."""
        turn = self._seed - 1 if position is None else position
        for group in spec.groups:
            wanted = self._candidates(group, path)
            if wanted:
                yield wanted[turn % len(wanted)]

    def _candidates(self, group: tuple[Element, ...], path: tuple[str, ...]) -> list[Element]:
        needed = group[0].choice_required if group[0].choice else group[0].min > 0
        able = [child for child in group if not self._limits.forbids((*path, child.name))]
        if needed:
            # Where schema and rules contradict each other, the schema is obeyed.
            return able or list(group)
        return [
            child
            for child in able
            if self._complete or self._table.small.find((*path, child.name)) is not None
        ]

    def _occurrences(
        self, spec: Element, path: tuple[str, ...], position: int | None, beside: Mapping[str, Any]
    ) -> Any:
        if spec.repeats:
            return [self._one(spec, path, n, beside) for n in range(self._times(spec, path))]
        return self._one(spec, path, position, beside)

    def _one(
        self, spec: Element, path: tuple[str, ...], position: int | None, beside: Mapping[str, Any]
    ) -> Any:
        if spec.sequence_repeats:
            return [self._run(spec, path, n) for n in range(self._times(spec, path))]
        if spec.is_block:
            return self._run(spec, path, position)
        place = Place(path, position or 0, beside)
        made = value(spec.type, spec.facets, self._world, place, self._table.values, spec.values)
        if not spec.attributes:
            return made
        return {TEXT: made} | {
            attribute.name: value(
                attribute.type,
                {},
                self._world,
                Place((*path, f"@{attribute.name}"), position or 0, beside),
                self._table.values,
            )
            for attribute in spec.attributes
            if attribute.required or self._complete
        }

    def _times(self, spec: Element, path: tuple[str, ...]) -> int:
        """How often an element, or the content of a block, comes; each alternative has its turn."""
        usual = 1
        if self._complete:
            usual = max(self._table.times.find(path) or _USUAL_TIMES, self._widest(spec, path))
        at_most = spec.max if spec.repeats and spec.max is not None else usual
        return max(spec.min, min(usual, at_most))

    def _widest(self, spec: Element, path: tuple[str, ...]) -> int:
        """The most alternatives of a choice that go round with this element's position."""
        below = [1]
        for group in spec.groups:
            below.append(len(self._candidates(group, path)))
            below += [
                self._widest(child, (*path, child.name))
                for child in group
                if not child.repeats and not child.sequence_repeats
            ]
        return max(below)


def _usual_day(pack: Pack) -> date:
    """Late in the school year of the release, when dossiers go to another school.

    Of a release whose name is no year (a proof, a nickname) in that of the one we ship.
    """
    years = (
        int(number) for number in re.findall("[0-9]{4}", f"{pack.release} {load_pack().release}")
    )
    return date(next(year for year in years if year in _YEARS), 6, 14)


@cache
def _limits(pack: Pack, profile: str) -> _Limits:
    return _Limits(pack, profile_named(profile, pack), _load_table(pack))


@cache
def _load_table(pack: Pack) -> _Table:
    own = pack.table("samples.toml")
    file = own if own.exists() else load_pack().folder / "samples.toml"
    read = tomllib.loads(file.read_text(encoding="utf-8"))
    return _Table(
        absent=Suffixes(read["absent"]),
        when=Suffixes(read["when"]),
        small=Suffixes(dict.fromkeys(read["small"]["elements"], True)),
        times=Suffixes(read["times"]),
        values=Suffixes(read["values"]),
    )

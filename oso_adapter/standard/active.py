"""Which releases of the standard are in use around the summer, when one makes way for the next.

From the cut-over date dossiers are prepared in the new release. Schools do not all change on the
same day, so the old one is still accepted for a while, and the new one is from the start.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from oso_adapter.errors import ConfigurationError
from oso_adapter.standard.pack import Pack, available, load_pack


@dataclass(frozen=True)
class ActiveRelease:
    """One release in use.

    prepared_from: the day from which dossiers are made in it; None: from the beginning.
    accepted_until: the last day on which one that comes in may be in it; None: no end.
    """

    release: str
    prepared_from: date | None = None
    accepted_until: date | None = None


@dataclass(frozen=True)
class Releases:
    """The releases in use, in the order in which they follow each other.

    Judged when it is made, raising ConfigurationError: there is one that holds from the beginning,
    each next one has a later day, none is there twice, and none stops being accepted while it is
    still the one that is prepared.
    """

    active: tuple[ActiveRelease, ...]

    def __post_init__(self) -> None:
        names = [each.release for each in self.active]
        if not self.active or self.active[0].prepared_from is not None:
            raise ConfigurationError("the first active release holds from the beginning")
        if len(set(names)) < len(names):
            raise ConfigurationError("a release of the standard is active twice")
        for before, after in pairwise(self.active):
            day = after.prepared_from
            if day is None or (before.prepared_from is not None and day <= before.prepared_from):
                raise ConfigurationError(
                    f"release {after.release} has no cut-over date, or a past one"
                )
            last = before.accepted_until
            if last is not None and (day - last).days > 1:
                raise ConfigurationError(
                    f"release {before.release} is refused before it is followed"
                )
        if self.active[-1].accepted_until is not None:
            raise ConfigurationError(f"release {names[-1]} ends and no release follows it")

    def prepared_on(self, day: date) -> str:
        """The release that dossiers are made in on this day (a date in Europe/Amsterdam)."""
        started = [each for each in self.active if (each.prepared_from or date.min) <= day]
        return started[-1].release

    def accepted_on(self, day: date) -> tuple[str, ...]:
        """The releases that a dossier may be in that is received or judged on this day."""
        return tuple(
            each.release for each in self.active if day <= (each.accepted_until or date.max)
        )

    def pack_on(self, day: date) -> Pack:
        """The pack of the release that is prepared on this day; NotFound where there is none."""
        return load_pack(self.prepared_on(day))

    def check(self, known: Collection[str] | None = None) -> None:
        """Raise ConfigurationError where a release has no pack; known: instead of available()."""
        packs = available() if known is None else known
        for each in self.active:
            if each.release not in packs:
                raise ConfigurationError(f"there is no pack for release {each.release}")


def one(release: str) -> Releases:
    """A release alone, without a cut-over."""
    return Releases((ActiveRelease(release),))


def cut_over(old: str, new: str, on: date, old_accepted_until: date | None = None) -> Releases:
    """Two releases: from ``on`` the new one is prepared; the old one is accepted until the end."""
    return Releases((ActiveRelease(old, None, old_accepted_until), ActiveRelease(new, on)))


def in_order(active: Iterable[ActiveRelease]) -> Releases:
    """Releases given in any order, such as the rows of a configuration file."""
    return Releases(tuple(sorted(active, key=lambda each: each.prepared_from or date.min)))

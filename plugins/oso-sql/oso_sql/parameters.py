"""What every query may name: for whom, for which kind of transfer, on which day."""

from datetime import date
from typing import Any, Final

from oso_adapter.hookspecs import AdministrationRef
from oso_adapter.standard.pack import Pack
from oso_sql.mapping import SqlMapping

_AUGUST: Final = (8, 1)


class UnknownProfile(Exception):
    """A profile that is not collected for: unknown, or one where a personal number is forbidden."""


def given(
    mapping: SqlMapping, pupil: str, profile: str, school: AdministrationRef, on: date
) -> dict[str, Any]:
    """A value for each of :data:`oso_sql.mapping.GIVEN`; raises UnknownProfile.

    on: the day of collecting, which decides the school year.
    """
    if profile not in profiles(mapping.pack):
        raise UnknownProfile
    return {
        "pupil": pupil,
        "brin": school.brin,
        "routing_id": school.routing_id,
        "profile": profile,
        "release": mapping.pack.release,
        "today": on,
        "school_year": on.year - ((on.month, on.day) < _AUGUST),
    }


def profiles(pack: Pack) -> tuple[str, ...]:
    """The profiles that are collected for: those that may carry a personal number."""
    known = pack.profiles
    return tuple(name for name in known.profiles if name not in known.without_number)

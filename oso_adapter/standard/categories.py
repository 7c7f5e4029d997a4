"""Which category of data belongs in which kind of transfer: ``profiles.toml`` of a pack."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, get_args

from oso_adapter.errors import ConfigurationError, NotFound

Status = Literal["VERPLICHT", "OPTIONEEL", "VERBODEN"]
SWITCHED_OFF: Final = "OPT-UIT"
"""What a dossier declares of an optional category that it leaves out (code list 48)."""


@dataclass(frozen=True)
class Profile:
    """A kind of transfer: overdrachtsoort with, but for binnen BRIN, overstap (Gegevensset 2019.1).

    statuses: what each category of ``categorie_uitlevering`` is in this kind of transfer.
    """

    name: str
    overdrachtsoort: str
    overstap: str | None
    statuses: Mapping[str, Status]


@dataclass(frozen=True)
class Never:
    """Data that is taken out in these profiles, with the reason in Dutch."""

    profiles: frozenset[str]
    data: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class Secret:
    """How the standard says that an address or a number is secret, and what is done then.

    address_flag: element that says so; address: elements beside it that then stay out.
    contact: block of a number or address; its flag, kind and value. masks: the value by kind.
    """

    address_flag: str
    address: tuple[str, ...]
    contact: str
    contact_flag: str
    contact_kind: str
    contact_value: str
    masks: Mapping[str, str]


@dataclass(frozen=True)
class Categories:
    """The profiles of a release by name, and by category the paths of the data it stands for.

    never: data that stays out, whatever a system gives. without_number: profiles in which a
    personal number may stand nowhere. secret: None where the release has no secret data.
    """

    profiles: Mapping[str, Profile]
    data: Mapping[str, tuple[str, ...]]
    never: tuple[Never, ...] = ()
    without_number: frozenset[str] = frozenset()
    secret: Secret | None = None

    def named(self, name: str) -> Profile:
        """The profile POPO, POVO, VOVO, BB, POSWV or VOSWV; another name raises NotFound."""
        if name not in self.profiles:
            raise NotFound(f"there is no such profile; the profiles are {', '.join(self.profiles)}")
        return self.profiles[name]

    def of(self, overdrachtsoort: str | None, overstap: str | None) -> Profile | None:
        """The profile of a dossier that says this; binnen BRIN has one whatever overstap says."""
        for profile in self.profiles.values():
            if profile.overdrachtsoort == overdrachtsoort and profile.overstap in (None, overstap):
                return profile
        return None


def load_categories(table: Path) -> Categories:
    """Read the table of a pack; a status that does not exist is a ConfigurationError."""
    read = tomllib.loads(table.read_text(encoding="utf-8"))
    categories = read["categories"]
    for name, category in categories.items():
        if set(category["status"]) != set(read["profiles"]):
            raise ConfigurationError(f"{table.name}: {name} has no status for every profile")
        if not set(category["status"].values()) <= set(get_args(Status)):
            raise ConfigurationError(f"{table.name}: {name} has an unknown status")
    profiles = {
        name: Profile(
            name=name,
            overdrachtsoort=row["overdrachtsoort"],
            overstap=row.get("overstap"),
            statuses={key: category["status"][name] for key, category in categories.items()},
        )
        for name, row in read["profiles"].items()
    }
    secret = read.get("secret")
    return Categories(
        profiles,
        {key: tuple(row["data"]) for key, row in categories.items()},
        never=tuple(
            Never(frozenset(row["profiles"]), tuple(row["data"]), row["why"])
            for row in read.get("never", ())
        ),
        without_number=frozenset(read.get("without_number", {}).get("profiles", ())),
        secret=Secret(**{**secret, "address": tuple(secret["address"])}) if secret else None,
    )

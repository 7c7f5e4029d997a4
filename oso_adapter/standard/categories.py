"""Which category of data belongs in which kind of transfer: ``profiles.toml`` of a pack."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, get_args

from oso_adapter.errors import ConfigurationError

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
class Categories:
    """The profiles of a release by name, and by category the paths of the data it stands for."""

    profiles: Mapping[str, Profile]
    data: Mapping[str, tuple[str, ...]]

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
    return Categories(profiles, {key: tuple(row["data"]) for key, row in categories.items()})

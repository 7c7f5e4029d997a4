"""The test numbers that were published for test school 00YY, and what each gives (wire 6)."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from oso_adapter.identifiers import Pgn


@dataclass(frozen=True)
class Pupil:
    """One line of ``testschool.toml``, where the fields are explained."""

    number: Pgn
    year: int
    expect: str
    reply: str
    profile: str = ""
    variant: str = ""
    release: str | None = None

    @property
    def overdrachtsoort(self) -> str:
        """For which kind of hand-over the dossier has been made ready."""
        return "overdrachtbinnenbrin" if self.profile == "BB" else "overstapdossier"


@cache
def pupils() -> tuple[Pupil, ...]:
    """The published test numbers and what each gives."""
    table = tomllib.loads(
        files(__package__).joinpath("testschool.toml").read_text(encoding="utf-8")
    )
    return tuple(Pupil(**{**row, "number": Pgn(row["number"])}) for row in table["pupils"])

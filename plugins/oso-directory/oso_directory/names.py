"""Names of files and folders: what a reference of a pupil may be, and what is ours."""

import re
from typing import Final

from oso_adapter.hookspecs import AdministrationRef

OUT: Final = "out"
IN: Final = "in"
DONE: Final = "done"
NOTIFICATIONS: Final = "notifications"
ANSWER: Final = "answer.json"
NUMBERS: Final = ".former-numbers.txt"
FORMS: Final = (".json", ".xml")

SCHOOL: Final = re.compile(r"[0-9]{2}[A-Z]{2}-[0-9A-Z]{20}")
"""The folder of an administration: its BRIN and its routeringskenmerk."""

_MOST_OCTETS: Final = 200
_NEVER: Final = re.compile(r'[\x00-\x1f\x7f-\x9f\ud800-\udfff/\\:*?"<>|]')
"""Separators, control characters, and what a Windows share cannot hold."""
_DEVICE: Final = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)
_UNFINISHED: Final = (".tmp", ".part", ".swp", "~")


def is_file_name(name: str) -> bool:
    """Whether a name leads to a file in its folder and nowhere else, on every usual system."""
    return (
        name.strip() == name != ""
        and len(name.encode("utf-8", "replace")) <= _MOST_OCTETS
        and not name.startswith(".")
        and not name.endswith((".", *_UNFINISHED))
        and not _NEVER.search(name)
        and not _DEVICE.fullmatch(name)
    )


def of_school(administration: AdministrationRef) -> str:
    """The folder of an administration, such as ``99AA-0000000700099AA00001``."""
    return f"{administration.brin}-{administration.routing_id}"


def unfinished(name: str) -> bool:
    """Whether the name is one under which a file is written before it is renamed."""
    return name.startswith(".") or name.endswith(_UNFINISHED)

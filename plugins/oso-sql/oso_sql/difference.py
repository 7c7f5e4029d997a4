"""What taking a dossier over would change, element by element; nothing is kept."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oso_sql import database
from oso_sql.collect import collect
from oso_sql.database import Row
from oso_sql.mapping import SqlMapping
from oso_sql.taking import Decision, Received, take_over


@dataclass(frozen=True, repr=False)
class Change:
    """One element: what is collected now, and what would be; None where there is nothing."""

    path: str
    now: Any
    then: Any


def dry_run(
    url: str, mapping: SqlMapping, received: Received, given: Row
) -> tuple[Decision | None, list[Change]]:
    """The decision, and what a pupil's dossier would be afterwards against what it is now.

    It is really taken over, collected again, and then undone, so that what is shown is what would
    happen, with all that the database itself does.
    """
    with database.writing(url, keep=False) as connection:
        savepoint = connection.begin_nested()
        decision = take_over(connection, mapping, received, given)
        if decision is None or decision.reference is None:
            return decision, []
        told = {**given, "pupil": decision.reference}
        after = collect(connection, mapping, told)
        savepoint.rollback()
        before = collect(connection, mapping, told)
    return decision, changes(before.dossier if before else {}, after.dossier if after else {})


def changes(now: Mapping[str, Any], then: Mapping[str, Any]) -> list[Change]:
    """Every element that differs, by path, in the order of what would be."""
    old, new = dict(leaves(now)), dict(leaves(then))
    return [
        Change(path, old.get(path), new.get(path))
        for path in dict.fromkeys((*new, *old))
        if old.get(path) != new.get(path)
    ]


def leaves(data: Any, at: str = "/dossier") -> Iterator[tuple[str, Any]]:
    """Every value of a dict form with its path."""
    if isinstance(data, Mapping):
        for name, value in data.items():
            yield from leaves(value, f"{at}/{name}")
    elif isinstance(data, list):
        for position, each in enumerate(data, 1):
            yield from leaves(each, f"{at}[{position}]")
    else:
        yield at, data


def shown(value: Any) -> str:
    """A value in a line for whoever maps; of a document only how large it is."""
    match value:
        case None:
            return "-"
        case bytes():
            return f"<{len(value)} bytes>"
        case Path():
            return f"<{value.stat().st_size} bytes>"
        case bool():
            return str(value).lower()
    # what a terminal would obey, such as an escape, is shown as what it is
    return "".join(c if c.isprintable() else "\ufffd" for c in " ".join(str(value).split()))

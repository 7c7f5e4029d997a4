"""Who sent what to whom, and what came of it: told from what each party itself recorded."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from oso_adapter.clock import AMSTERDAM
from oso_adapter.demo.supplier import Supplier


@dataclass(frozen=True)
class Line:
    """One message of the chain, as the party that received it recorded it.

    result: for an afmelding the result that the session was signed off with. pupil: the reference
    of the order, which only the one who fetches knows.
    """

    moment: str
    sender: str
    receiver: str
    message: str
    result: str
    session: str | None
    pupil: str | None = None


STEPS: Final = {
    "overdracht": "overdracht",
    "sessiecontrole": "sessie-\ncontrole",
    "document": "document",
    "afmelding": "afmelding",
}
"""The messages of a session in their order (wire 1.3), and how each is headed."""

_DELIVERY: Final = {"request.delivered", "request.repeated", "request.refused"}
_SIMULATOR: Final = """
SELECT e.moment, e.sender, e.receiver, e.message,
  CASE WHEN e.message = 'afmeldingRequest' THEN coalesce(s.result, e.result) ELSE e.result END,
  e.session FROM events e LEFT JOIN sessions s ON s.id = e.session ORDER BY e.id
"""
_BRON: Final = "SELECT moment, counterpart, name, result, session_id FROM events ORDER BY id"


def gather(chain: Mapping[str, Any], po: Supplier, vo: Supplier) -> list[Line]:
    """What the Traffic Center, the OSR and the bronschool recorded, in order of time."""
    names = {str(school.oin): str(school.brin) for school in (po, vo)}
    central = [
        Line(_utc(moment), names.get(sender, sender), receiver.upper(), message, result, session)
        for moment, sender, receiver, message, result, session in _rows(
            Path(chain["state"]), _SIMULATOR
        )
    ]
    delivered = [
        Line(_utc(moment), asker.split()[0], str(po.brin), "documentRequest", result, session)
        for moment, asker, event, result, session in _rows(po.store, _BRON)
        if event in _DELIVERY
    ]
    return sorted([*central, *delivered], key=lambda line: line.moment)


def with_pupils(lines: Sequence[Line], store: Path, references: Mapping[str, str]) -> list[Line]:
    """The lines with the pupil's reference, known from the orders of the one who fetched.

    store: of the doelschool; references: by the id of the order.
    """
    pupils = {
        session: references.get(order)
        for order, session in _rows(store, "SELECT id, session_id FROM exchanges")
    }
    return [replace(line, pupil=pupils.get(line.session or "")) for line in lines]


def write(lines: Sequence[Line], file: Path) -> None:
    """The whole timeline as JSON."""
    file.write_text(json.dumps([asdict(line) for line in lines], indent=1), encoding="utf-8")


def sessions(lines: Sequence[Line]) -> dict[str, dict[str, Line]]:
    """The messages of each session by their name without ``Request``, sessions in order of time."""
    found: dict[str, dict[str, Line]] = {}
    for line in lines:
        if line.session is not None:
            found.setdefault(line.session, {})[line.message.removesuffix("Request")] = line
    return found


def show(lines: Sequence[Line], sizes: Mapping[str, int], console: Console) -> None:
    """One row for each session: its messages in their order, each with what was answered.

    sizes: bytes of the dossier that came, by the pupil's reference.
    """
    told = sessions(lines)
    first = next(iter(told.values()))
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0), pad_edge=False)
    for heading in ("tijd", "leerling"):
        table.add_column(heading, no_wrap=True)
    for name, heading in STEPS.items():
        line = first[name]
        table.add_column(f"{heading}\n{line.sender}→{line.receiver}", no_wrap=True)
    for messages in told.values():
        began = messages["overdracht"]
        size = sizes.get(began.pupil or "")
        cells = [_answer(name, messages, size) for name in STEPS]
        style = None if size is not None else "yellow"
        table.add_row(_local(began.moment), began.pupil or "", *cells, style=style)
    console.print(table)


def _answer(name: str, messages: Mapping[str, Line], size: int | None) -> str:
    """What was answered, in the room that a terminal has; what speaks for itself is a tick."""
    if name not in messages:
        return "-"
    result = messages[name].result
    if name == "document":
        return result if size is None else f"{result} {_size(size)}"
    same = "document" in messages and result == messages["document"].result
    granted = name == "overdracht" and result.endswith("aanleverpunt")
    return "✓" if same or granted else result


def _size(count: int) -> str:
    return f"{count / 2**20:.1f} MB" if count >= 2**20 else f"{count / 1024:.0f} kB"


def _local(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone(AMSTERDAM).strftime("%H:%M:%S")


def _rows(file: Path, query: str) -> list[tuple[str, ...]]:
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def _utc(text: str) -> str:
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()

"""Who sent what to whom, and what came of it: told from what each party itself recorded."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from oso_adapter.clock import AMSTERDAM


@dataclass(frozen=True)
class Line:
    """One message of the chain, as the party that received it recorded it."""

    moment: str
    sender: str
    receiver: str
    message: str
    result: str
    session: str | None


_DELIVERY: Final = {"request.delivered", "request.repeated", "request.refused"}


def of_simulator(state: Path, names: Mapping[str, str]) -> list[Line]:
    """What the simulated Traffic Center and OSR recorded; names: a word for each OIN."""
    query = "SELECT moment, sender, receiver, message, result, session FROM events ORDER BY id"
    return [
        Line(_utc(moment), names.get(sender, sender), receiver, message, result, session)
        for moment, sender, receiver, message, result, session in _rows(state, query)
    ]


def of_bron(store: Path, name: str) -> list[Line]:
    """What the bronschool's adapter recorded about requests for its dossiers."""
    query = "SELECT moment, counterpart, name, result, session_id FROM events ORDER BY id"
    return [
        Line(_utc(moment), counterpart.split()[0], name, "documentRequest", result, session)
        for moment, counterpart, event, result, session in _rows(store, query)
        if event in _DELIVERY
    ]


def write(lines: Sequence[Line], file: Path) -> None:
    """The whole timeline as JSON."""
    file.write_text(json.dumps([asdict(line) for line in lines], indent=1), encoding="utf-8")


def show(lines: Sequence[Line], console: Console) -> None:
    """The messages of each session in order, with the result of each."""
    known: dict[str, list[Line]] = {}
    for line in lines:
        if line.session is not None:
            known.setdefault(line.session, []).append(line)
    table = Table("tijd", "bericht", "van", "naar", "resultaat", title="Tijdlijn", box=None)
    for number, messages in enumerate(known.values(), 1):
        for line in messages:
            moment = datetime.fromisoformat(line.moment).astimezone(AMSTERDAM)
            table.add_row(
                moment.strftime("%H:%M:%S.%f")[:-3],
                line.message.removesuffix("Request"),
                line.sender,
                line.receiver,
                line.result,
            )
        if number < len(known):
            table.add_section()
    console.print(table)


def _rows(file: Path, query: str) -> list[tuple[str, ...]]:
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def _utc(text: str) -> str:
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()

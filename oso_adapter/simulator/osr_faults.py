"""A bad night of the simulated OSR, on demand: what a client has to come through unharmed."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from oso_adapter.simulator.osr_forms import OsrError
from oso_adapter.simulator.osr_visit import Request
from oso_adapter.simulator.state import State, instant, option

_OPTION: Final = "osr_faults"


@dataclass(frozen=True)
class Faults:
    """What is wrong.

    status: every call is answered with it. writes: after so many writes each gets 500; the first
    of those was carried out all the same. lists: paths of which only that part of the list is
    given, from 0 to 1. reads_a_second: more than that by one caller get 429.
    """

    status: int | None = None
    writes: int | None = None
    lists: Mapping[str, float] = field(default_factory=dict)
    reads_a_second: int | None = None

    def before(self, db: sqlite3.Connection, moment: datetime, request: Request) -> None:
        """Refuse what is not even looked at."""
        if self.status is not None:
            raise OsrError(self.status, "Not now")
        reads = request.method == "GET"
        if self.reads_a_second is not None and reads:
            since = instant(moment - timedelta(seconds=1))
            if _count(db, "GET %", since, request.peer) >= self.reads_a_second:
                raise OsrError(429, "Too many requests")
        if self.writes is not None and not reads and _written(db) > self.writes:
            raise OsrError(500, "Internal server error")

    def after(
        self, db: sqlite3.Connection, request: Request, answer: tuple[int, Any]
    ) -> tuple[int, Any]:
        """The answer as the caller gets it."""
        status, body = answer
        if self.writes is not None and request.method != "GET" and _written(db) == self.writes:
            return 500, {"message": "Internal server error"}
        if isinstance(body, list) and request.path in self.lists:
            return status, body[: int(len(body) * self.lists[request.path])]
        return answer


def make_ill(state: State, faults: Faults | None = None) -> None:
    """Let the register have these faults from now on; none at all makes it well again."""
    with state.read() as db:
        since = db.execute("SELECT max(id) AS last FROM events").fetchone()["last"] or 0
    ill = {"since": since, **asdict(faults)} if faults is not None else None
    state.set_option(_OPTION, json.dumps(ill) if ill else "")


def faults_of(db: sqlite3.Connection) -> Faults:
    """What is wrong now."""
    text = option(db, _OPTION)
    told = json.loads(text) if text else {}
    told.pop("since", None)
    return Faults(**told)


def _written(db: sqlite3.Connection) -> int:
    """How many writes came since the register fell ill, this one not counted."""
    since = json.loads(option(db, _OPTION))["since"]
    row = db.execute(
        "SELECT count(*) AS n FROM events WHERE receiver = 'osr' AND id > ?"
        " AND message NOT LIKE 'GET %'",
        (since,),
    ).fetchone()
    return int(row["n"])


def _count(db: sqlite3.Connection, message: str, since: str, peer: str) -> int:
    row = db.execute(
        "SELECT count(*) AS n FROM events WHERE receiver = 'osr' AND sender = ? AND moment > ?"
        " AND message LIKE ? AND result <> '429'",
        (peer, since, message),
    ).fetchone()
    return int(row["n"])

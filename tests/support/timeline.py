"""What each party of one session recorded, put together in order of time."""

from sqlalchemy import select

from oso_adapter.store.models import Event
from support.chain import Chain, School

Line = tuple[str, str, str]
"""Who recorded it, what happened, and with which result."""


def timeline(chain: Chain, session_id: str, *schools: School) -> list[Line]:
    """Every line about a session: of the central parties (``tc``), and of these schools."""
    lines: list[tuple[str, Line]] = []
    with chain.state.read() as db:
        rows = db.execute(
            "SELECT moment, receiver, message, result FROM events WHERE session = ?", (session_id,)
        )
        lines += [(row[0], (row[1], row[2], row[3])) for row in rows]
    for school in schools:
        adapter = school.adapter()
        with adapter.store.reading() as session:
            for event in session.scalars(select(Event).filter_by(session_id=session_id)):
                moment = event.moment.isoformat(timespec="microseconds")
                lines.append((moment, (str(school.brin), event.name, event.result or "")))
    return [line for _, line in sorted(lines, key=lambda pair: pair[0])]

"""Events as chains: what is changed, left out, moved, cut off or put back is found."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text
from support import writers
from support.started import ended, process
from support.stores import upgraded

from oso_adapter.errors import StoreUnavailable
from oso_adapter.store import event_chain, events
from oso_adapter.store.engine import Store
from oso_adapter.store.event_chain import Break, Head
from oso_adapter.store.models import Event

MOMENT = datetime(2026, 3, 12, 9, tzinfo=UTC)
GUARDS = ("events_stay", "events_remain")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "adapter.sqlite"


@pytest.fixture
def store(file: Path) -> Iterator[Store]:
    store = upgraded(file)
    yield store
    store.close()


def record(store: Store, *administrations: int | None) -> None:
    with store.writing() as session:
        for administration in administrations:
            events.record(
                session, "fetch.ordered", MOMENT, administration_id=administration, account="a"
            )


def breaks(store: Store, *kept: Head, term_began: datetime | None = None) -> list[Break]:
    with store.reading() as session:
        return list(event_chain.breaks(session, kept, term_began))


def heads(store: Store) -> dict[int, Head]:
    with store.reading() as session:
        return {head.chain: head for head in event_chain.heads(session)}


def tamper(file: Path, *statements: str) -> None:
    """As somebody does who has the file: without the guards of the database."""
    with closing(sqlite3.connect(file, isolation_level=None)) as db:
        for name in GUARDS:
            db.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            db.execute(statement)


def test_each_administration_has_a_chain_of_its_own_that_fits(store: Store) -> None:
    record(store, 1, 2, None, 1)
    record(store, 1)

    assert {0: 1, 1: 3, 2: 1} == {chain: head.count for chain, head in heads(store).items()}
    assert 3 == len({head.hash for head in heads(store).values()})
    assert [] == breaks(store, *heads(store).values())


def test_processes_and_threads_that_record_at_once_make_one_chain(file: Path, store: Store) -> None:
    processes = [process(writers.record, f"sqlite:///{file}", 25) for _ in range(2)]

    assert [0, 0] == ended(*processes)
    assert {0: 200, 1: 200} == {chain: head.count for chain, head in heads(store).items()}
    assert [] == breaks(store)


def test_what_was_not_stored_is_not_in_the_chain(store: Store) -> None:
    def work() -> None:
        with store.writing() as session:
            events.record(session, "fetch.ordered", MOMENT, administration_id=1)
            raise ZeroDivisionError

    record(store, 1)
    with pytest.raises(ZeroDivisionError):
        work()
    record(store, 1)

    assert 2 == heads(store)[1].count
    assert [] == breaks(store)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET account = 'b'",
        "UPDATE events SET number = 9 WHERE number = 2",
        "DELETE FROM events WHERE number = 3",
    ],
)
def test_the_database_refuses_to_change_or_delete_a_line(store: Store, statement: str) -> None:
    record(store, 1, 1, 1)

    with pytest.raises(StoreUnavailable), store.writing() as session:
        session.execute(text(statement))
    assert [] == breaks(store)


@pytest.mark.parametrize(
    ("statements", "found"),
    [
        (["UPDATE events SET account = 'b' WHERE number = 2"], [Break(1, "changed", 2)]),
        (["UPDATE events SET moment = '2026-03-12 10:00:00' WHERE number = 2"], [
            Break(1, "changed", 2)
        ]),
        (["DELETE FROM events WHERE number = 2"], [Break(1, "missing", 2)]),
        (["DELETE FROM events WHERE number = 1"], [Break(1, "missing", 1)]),
        (["DELETE FROM events WHERE number >= 3"], [Break(1, "cut-off", 3)]),
        (["DELETE FROM events"], [Break(1, "cut-off", 1)]),
        (
            [
                "UPDATE events SET number = 9 WHERE number = 2",
                "UPDATE events SET number = 2 WHERE number = 3",
                "UPDATE events SET number = 3 WHERE number = 9",
            ],
            [Break(1, "changed", 2), Break(1, "changed", 3), Break(1, "changed", 4)],
        ),
        (
            [
                "INSERT INTO events (moment, name, chain, number, hash)"
                " VALUES ('2026-03-12 10:00:00', 'fetch.ordered', 1, 5, 'x')"
            ],
            [Break(1, "loose", 5)],
        ),
        (["DELETE FROM event_chains"], [Break(1, "loose", 1)]),
        (["UPDATE event_chains SET hash = 'x'"], [Break(1, "changed", 4)]),
    ],
)  # fmt: skip
def test_what_was_done_to_the_lines_is_found(
    file: Path, store: Store, statements: list[str], found: list[Break]
) -> None:
    record(store, 1, 1, 1, 1)
    assert [] == breaks(store)

    tamper(file, *statements)

    assert found == breaks(store)


def test_a_chain_made_anew_is_found_by_a_head_that_was_kept(file: Path, store: Store) -> None:
    record(store, 1, 1, 1)
    kept = heads(store)[1]
    with store.reading() as session:
        rows = session.scalars(select(Event).order_by(Event.number)).all()
    previous, statements = event_chain.ORIGIN, []
    for row in rows:
        line = {name: getattr(row, name) for name in event_chain.FIELDS} | {"account": "b"}
        previous = event_chain.link(previous, line)
        statements.append(
            f"UPDATE events SET account = 'b', hash = '{previous}' WHERE number = {row.number}"
        )

    tamper(file, *statements, f"UPDATE event_chains SET hash = '{previous}'")

    assert [] == breaks(store)
    assert [Break(1, "other-head", 3)] == breaks(store, kept)


def test_a_database_put_back_is_found_by_a_head_that_was_kept(file: Path, store: Store) -> None:
    record(store, 1, 1)
    store.close()
    yesterday = file.read_bytes()
    early = heads(store)[1]
    record(store, 1, None)
    late = heads(store)
    store.close()

    file.write_bytes(yesterday)

    assert [] == breaks(store, early)
    assert [Break(0, "no-chain", 1), Break(1, "cut-off", 3)] == breaks(store, *late.values())


def test_lines_destroyed_in_the_way_of_the_adapter_but_too_early_are_found_by_a_head(
    store: Store,
) -> None:
    record(store, 1, 1)
    kept = replace(heads(store)[1], moment=MOMENT)
    record(store, 1, 1)
    latest = replace(heads(store)[1], moment=MOMENT)
    with store.writing() as session:
        events.destroy_until(session, 1, 4, MOMENT)

    an_hour = timedelta(hours=1)
    assert [] == breaks(store, latest, term_began=MOMENT - an_hour)
    assert [] == breaks(store, kept, latest, term_began=MOMENT + an_hour)
    assert [Break(1, "too-early", 5, MOMENT)] == breaks(
        store, kept, latest, term_began=MOMENT - an_hour
    )

"""The store on real SQLite files, with real processes beside it."""

import logging
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, func, insert, select
from support import writers
from support.started import ended, process
from support.stores import upgraded

from oso_adapter.errors import ConfigurationError, StoreUnavailable, WrongKey
from oso_adapter.store.engine import Store
from oso_adapter.store.keys import StaticKeys, new_keys, read_keys
from oso_adapter.store.models import EventOffset, Payload
from oso_adapter.store.sealing import Purpose, Sealer, check_key

HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "adapter.sqlite"


@pytest.fixture
def store(file: Path) -> Iterator[Store]:
    store = upgraded(file, timeout=0.05)
    yield store
    store.close()


def offsets(store: Store) -> dict[str, int]:
    with store.reading() as session:
        return {row.plugin: row.last_id for row in session.scalars(select(EventOffset))}


def test_no_update_is_lost_between_processes_and_threads(file: Path, store: Store) -> None:
    with store.writing() as session:
        session.add(EventOffset(plugin="counter", last_id=0))
    processes = [process(writers.count, f"sqlite:///{file}", 50) for _ in range(3)]
    assert [0, 0, 0] == ended(*processes)
    assert {"counter": 3 * 4 * 50} == offsets(store)


def test_a_reading_session_cannot_write(store: Store) -> None:
    with store.reading() as session:
        session.add(EventOffset(plugin="x", last_id=1))
    with pytest.raises(StoreUnavailable), store.reading() as session:
        session.execute(insert(EventOffset).values(plugin="x", last_id=1))
    assert {} == offsets(store)


def test_what_raises_leaves_nothing_behind(store: Store) -> None:
    def work() -> None:
        with store.writing() as session:
            session.execute(insert(EventOffset).values(plugin="x", last_id=1))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        work()
    assert {} == offsets(store)


def test_a_process_that_dies_in_a_transaction_leaves_what_was_committed(
    file: Path, store: Store
) -> None:
    assert [-signal.SIGKILL] == ended(process(writers.die, f"sqlite:///{file}"))
    assert {"committed": 1} == offsets(store)


def test_a_full_disk_is_said_and_loses_nothing_that_was_there(store: Store) -> None:
    with store.writing() as session:
        session.add(EventOffset(plugin="before", last_id=1))

    def limit(connection: Connection) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}")

    event.listen(store.engine(), "begin", limit)
    with pytest.raises(StoreUnavailable) as raised, store.writing() as session:
        session.add(Payload(id="1", key_id="k1", wrapped_key=b"", box=os.urandom(100_000)))
    assert "full" == raised.value.reason
    event.remove(store.engine(), "begin", limit)
    store.close()
    with store.writing() as session:
        session.add(Payload(id="1", key_id="k1", wrapped_key=b"", box=os.urandom(100_000)))
    assert {"before": 1} == offsets(store)


def test_a_lock_held_too_long_is_said(file: Path, store: Store) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert b"held\n" == holder.stdout.readline()
        with pytest.raises(StoreUnavailable) as raised, store.writing() as session:
            session.add(EventOffset(plugin="x", last_id=1))
        assert "locked" == raised.value.reason
        assert {} == offsets(store)


def test_a_long_write_elsewhere_hinders_neither_reading_nor_the_health_check(
    file: Path, store: Store
) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        store.check_ready()
        assert {} == offsets(store)


def test_a_file_that_is_no_database_is_said(file: Path) -> None:
    file.write_bytes(b"this is no database, " * 100)
    store = Store(f"sqlite:///{file}")
    with pytest.raises(StoreUnavailable) as raised:
        store.check_ready()
    assert "damaged" == raised.value.reason
    store.close()


def test_a_store_without_tables_says_what_to_run(file: Path) -> None:
    store = Store(f"sqlite:///{file}")
    with pytest.raises(ConfigurationError, match="oso-adapter db upgrade"):
        store.check_ready()
    store.close()


def test_another_kind_of_database_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="sqlite"):
        Store("postgresql://localhost/x").engine()
    with pytest.raises(ConfigurationError, match="not a database URL"):
        Store("nonsense")


def test_an_error_does_not_tell_statement_or_value(store: Store) -> None:
    with store.writing() as session:
        session.add(EventOffset(plugin="geheim-123456782", last_id=1))
    with pytest.raises(StoreUnavailable) as raised, store.writing() as session:
        session.add(EventOffset(plugin="geheim-123456782", last_id=1))
    assert "geheim" not in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__


def test_the_log_of_statements_has_no_parameters(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="sqlalchemy"), store.writing() as session:
        session.add(EventOffset(plugin="geheim-123456782", last_id=1))
    assert "INSERT INTO event_offsets" in caplog.text
    assert "geheim" not in caplog.text


def test_a_store_used_after_a_fork_has_connections_of_its_own(store: Store) -> None:
    assert {} == offsets(store)
    child = os.fork()
    if child == 0:
        try:
            with store.writing() as session:
                session.add(EventOffset(plugin="child", last_id=os.getpid()))
            os._exit(0)
        except BaseException:
            os._exit(1)
    assert 0 == os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    with store.writing() as session:
        session.add(EventOffset(plugin="parent", last_id=1))
    assert {"child": child, "parent": 1} == offsets(store)


def test_a_store_belongs_to_the_keys_it_was_made_with(store: Store) -> None:
    text = new_keys()
    check_key(store, Sealer(read_keys(text)))
    check_key(store, Sealer(read_keys(text)))
    with pytest.raises(WrongKey, match="key file that belongs to this database"):
        check_key(store, Sealer(read_keys(new_keys())))


def test_another_look_up_key_is_noticed_at_once(store: Store) -> None:
    keys = read_keys(new_keys())
    check_key(store, Sealer(keys))
    with pytest.raises(WrongKey, match=r"look-up key .* key file that belongs to this database"):
        check_key(store, Sealer(StaticKeys(keys.keys, keys.current_id, bytes(32))))


def test_nothing_sealed_is_readable_in_the_files(file: Path, store: Store) -> None:
    sealer = Sealer(read_keys(new_keys()))
    sealed = sealer.seal(b"Kenmerkend-Woord", Purpose.PAYLOAD)
    with store.writing() as session:
        session.add(
            Payload(id="1", key_id=sealed.key_id, wrapped_key=sealed.wrapped_key, box=sealed.box)
        )
    files = {path.suffix: path.read_bytes() for path in file.parent.iterdir()}
    assert {".sqlite", ".sqlite-wal", ".sqlite-shm"} == set(files)
    assert sealed.box in files[".sqlite-wal"]
    assert [] == [suffix for suffix, content in files.items() if b"Kenmerkend" in content]
    with store.reading() as session:
        assert 1 == session.scalar(select(func.count()).select_from(Payload))


def test_commits_are_on_the_disk_and_deleted_things_overwritten(store: Store) -> None:
    with store.engine().connect() as connection:
        read = connection.exec_driver_sql
        assert "wal" == read("PRAGMA journal_mode").scalar_one()
        assert 2 == read("PRAGMA synchronous").scalar_one()
        assert 1 == read("PRAGMA foreign_keys").scalar_one()
        assert 1 == read("PRAGMA secure_delete").scalar_one()


def test_a_database_in_use_is_one_file_for_sqlite_itself(file: Path, store: Store) -> None:
    with sqlite3.connect(file) as other:
        assert ("ok",) == other.execute("PRAGMA integrity_check").fetchone()
    other.close()

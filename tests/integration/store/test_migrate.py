"""Migrations on real files."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from support import writers
from support.started import ended, process

from oso_adapter.errors import ConfigurationError, StoreUnavailable
from oso_adapter.store import event_chain, events, migrate
from oso_adapter.store.engine import Store
from oso_adapter.store.models import Base

MOMENT = "2026-03-12 09:00:00.000000"


def upgrade_to(store: Store, revision: str) -> None:
    """As it was when that revision was the newest."""
    config = migrate._config()
    with store.engine().begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def add_received(store: Store, state: str, **more: object) -> None:
    """A received dossier; what it refers to is left out."""
    values: dict[str, object] = {
        **dict.fromkeys(("id", "exchange_id", "payload_id", "state"), state),
        "administration_id": 1,
        "bron_brin": "99AA",
        "findings": 0,
        "handed_over": 0,
        "received_at": MOMENT,
        "changed_at": MOMENT,
        **more,
    }
    places = ", ".join("?" * len(values))
    with closing(sqlite3.connect(str(store.engine().url.database))) as db:
        db.execute(
            f"INSERT INTO received ({', '.join(values)}) VALUES ({places})", tuple(values.values())
        )
        db.commit()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path}/adapter.sqlite")
    yield store
    store.close()


def test_the_migrated_tables_are_those_of_the_models(store: Store) -> None:
    store.upgrade()
    with store.engine().connect() as connection:
        assert [] == compare_metadata(MigrationContext.configure(connection), Base.metadata)


def test_the_numbers_of_the_migrations_are_their_order() -> None:
    script = ScriptDirectory.from_config(migrate._config())
    assert [step.revision for step in script.walk_revisions()][::-1] == migrate.REVISIONS


def test_a_second_upgrade_does_nothing(store: Store) -> None:
    assert migrate.head() == store.upgrade()[-1]
    assert [] == store.upgrade()
    assert migrate.head() == migrate.current(store.engine())
    store.check_ready()


def test_a_store_of_a_newer_version_is_refused_in_words(store: Store) -> None:
    store.upgrade()
    with store.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for step in (store.check_ready, store.upgrade):
        with pytest.raises(ConfigurationError, match="newer version of the adapter"):
            step()


def test_what_waited_before_it_was_kept_when_to_offer_it_may_be_offered_now(store: Store) -> None:
    upgrade_to(store, "0001")
    for state in ("wacht", "apart"):
        add_received(store, state)
    store.upgrade()
    with store.reading() as session:
        offered = session.execute(text("SELECT state, offer_at FROM received")).all()
    assert {("wacht", MOMENT), ("apart", None)} == {tuple(row) for row in offered}


def test_what_was_said_in_the_clear_is_destroyed(store: Store) -> None:
    upgrade_to(store, "0004")
    add_received(store, "geweigerd", reason="Merkteken7Qx", categories="Merkteken7Qx")
    store.upgrade()
    store.close()
    file = Path(str(store.engine().url.database))
    files = [file for file in file.parent.iterdir() if file.name.startswith("adapter.sqlite")]
    assert [] == [file for file in files if b"Merkteken7Qx" in file.read_bytes()]


def test_events_from_before_the_chains_are_chained_as_they_stand(store: Store) -> None:
    upgrade_to(store, "0005")
    with closing(sqlite3.connect(str(store.engine().url.database))) as db:
        for administration in (1, None, 1):
            db.execute(
                "INSERT INTO events (moment, name, administration_id) VALUES (?, ?, ?)",
                (MOMENT, "fetch.ordered", administration),
            )
        db.commit()
    store.upgrade()
    with store.writing() as session:
        events.record(session, "fetch.ordered", datetime.now(UTC), administration_id=1)
    with store.reading() as session:
        assert [(0, 1), (1, 3)] == [(h.chain, h.count) for h in event_chain.heads(session)]
        assert [] == list(event_chain.breaks(session))


def test_a_migration_that_fails_leaves_nothing_half_done(store: Store) -> None:
    with store.engine().begin() as connection:
        connection.exec_driver_sql("CREATE TABLE requests (id INTEGER)")
    with pytest.raises(StoreUnavailable):
        store.upgrade()
    assert ["requests"] == inspect(store.engine()).get_table_names()


def test_an_upgrade_leaves_the_log_of_the_process_alone(store: Store) -> None:
    ours, root = logging.getLogger("supplier"), logging.getLogger()
    before = (root.level, list(root.handlers))
    store.upgrade()
    assert before == (root.level, root.handlers)
    assert not ours.disabled


def test_processes_that_upgrade_at_once_do_not_hinder_each_other(tmp_path: Path) -> None:
    url, files = f"sqlite:///{tmp_path}/adapter.sqlite", [tmp_path / f"{n}.txt" for n in range(3)]
    processes = [process(writers.upgrade, url, file) for file in files]
    assert [0, 0, 0] == ended(*processes)
    told = sorted((file.read_text() for file in files), key=len, reverse=True)
    assert ["[]", "[]"] == told[1:]
    assert f"'{migrate.head()}'" in told[0]

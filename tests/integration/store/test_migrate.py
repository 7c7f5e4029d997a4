"""Migrations on real files."""

import subprocess
import sys
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from oso_adapter.store import migrate
from oso_adapter.store.engine import Store
from oso_adapter.store.models import Base

UPGRADE = """
import sys
from oso_adapter.store.engine import Store
store = Store(sys.argv[1])
print(store.upgrade())
store.close()
"""


def test_the_migrated_tables_are_those_of_the_models(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/adapter.sqlite")
    store.upgrade()
    with store.engine().connect() as connection:
        assert [] == compare_metadata(MigrationContext.configure(connection), Base.metadata)
    store.close()


def test_a_second_upgrade_does_nothing(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/adapter.sqlite")
    assert ["0001"] == store.upgrade()
    assert [] == store.upgrade()
    assert migrate.head() == migrate.current(store.engine())
    store.check_ready()
    store.close()


def test_processes_that_upgrade_at_once_do_not_hinder_each_other(tmp_path: Path) -> None:
    command = [sys.executable, "-c", UPGRADE, f"sqlite:///{tmp_path}/adapter.sqlite"]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    printed = sorted(process.communicate()[0].strip() for process in processes)
    assert [0, 0, 0] == [process.returncode for process in processes]
    assert ["['0001']", "[]", "[]"] == printed

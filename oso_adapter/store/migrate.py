"""Bringing a database to the tables of this version, with alembic and without its ini file."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from oso_adapter.errors import ConfigurationError

_SCRIPTS: Final = Path(__file__).parent / "migrations"


def upgrade(engine: Engine) -> list[str]:
    """Apply what is missing, in one transaction; gives the revisions that were applied.

    Raises :class:`ConfigurationError` when the database is of a newer version.
    """
    config = _config()
    with engine.begin() as connection:
        before = _revision(connection)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    script = ScriptDirectory.from_config(config)
    steps = script.iterate_revisions("head", before or "base")
    return [step.revision for step in steps][::-1]


def current(engine: Engine) -> str | None:
    """The revision that the database has, or None when it has no tables.

    Raises :class:`ConfigurationError` when the database is of a newer version.
    """
    with engine.connect() as connection:
        return _revision(connection)


def head() -> str:
    """The newest revision."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def _revision(connection: Connection) -> str | None:
    revision = MigrationContext.configure(connection).get_current_revision()
    script = ScriptDirectory.from_config(_config())
    if revision is not None and revision not in {r.revision for r in script.walk_revisions()}:
        raise ConfigurationError(
            "the store is of a newer version of the adapter; run that version, "
            "or restore a backup from before it"
        )
    return revision


def _config() -> Config:
    config = Config()
    # a per cent sign is special to the reader of alembic's settings
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    return config

"""Bringing a database to the tables of this version, with alembic and without its ini file."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

_SCRIPTS: Final = Path(__file__).parent / "migrations"


def upgrade(engine: Engine) -> list[str]:
    """Apply what is missing, in one transaction; gives the revisions that were applied."""
    config = _config()
    with engine.begin() as connection:
        before = MigrationContext.configure(connection).get_current_revision()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    script = ScriptDirectory.from_config(config)
    steps = script.iterate_revisions("head", before or "base")
    return [step.revision for step in steps][::-1]


def current(engine: Engine) -> str | None:
    """The revision that the database has, or None when it has no tables."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str:
    """The newest revision."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    return config

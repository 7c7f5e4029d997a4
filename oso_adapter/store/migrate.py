"""Bringing a database to the tables of this version, with alembic and without its ini file."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, Engine, inspect, text

from oso_adapter.errors import ConfigurationError

if TYPE_CHECKING:
    from alembic.config import Config

_SCRIPTS: Final = Path(__file__).parent / "migrations"
REVISIONS: Final = sorted(file.name[:4] for file in (_SCRIPTS / "versions").glob("[0-9]*_*.py"))
"""Every revision, oldest first: each is named by its number, and follows the one before it.

Known by their names alone, since alembic itself takes long to load and only ``upgrade`` needs it.
"""


def upgrade(engine: Engine) -> list[str]:
    """Apply what is missing, in one transaction; gives the revisions that were applied.

    Raises :class:`ConfigurationError` when the database is of a newer version.
    """
    from alembic import command  # noqa: PLC0415 - see REVISIONS

    with engine.begin() as connection:
        before = _revision(connection)
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return [revision for revision in REVISIONS if before is None or revision > before]


def current(engine: Engine) -> str | None:
    """The revision that the database has, or None when it has no tables.

    Raises :class:`ConfigurationError` when the database is of a newer version.
    """
    with engine.connect() as connection:
        return _revision(connection)


def head() -> str:
    """The newest revision."""
    return REVISIONS[-1]


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    if revision is not None and revision not in REVISIONS:
        raise ConfigurationError(
            "the store is of a newer version of the adapter; run that version, "
            "or restore a backup from before it"
        )
    return revision


def _config() -> "Config":
    from alembic.config import Config  # noqa: PLC0415 - see REVISIONS

    config = Config()
    # a per cent sign is special to the reader of alembic's settings
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    return config

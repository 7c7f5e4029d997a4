"""The plugin: the hooks of the OSO adapter, answered by the mapping.

Configuration: ``[plugins.oso-sql]``; see :class:`SettingsSchema`.
"""

import os
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from marshmallow import RAISE, Schema, ValidationError, fields, validate
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from oso_adapter.clock import school_date
from oso_adapter.hookspecs import (
    CollectedDossier,
    HookContext,
    ImportAnswer,
    ReceivedDossier,
    hookimpl,
)
from oso_sql import database, reading
from oso_sql.collect import collect
from oso_sql.mapping import SqlMapping
from oso_sql.parameters import given
from oso_sql.taking import Received, take_over

NAME: Final = "oso-sql"
OSO_API: Final = (1, 1)
VARIABLE: Final = "OSO_SQL_DATABASE"


def _address(text: str) -> None:
    try:
        make_url(text)
    except (ArgumentError, ValueError):
        raise ValidationError(
            "has to be an address such as postgresql+psycopg://las@db/las"
        ) from None


class SettingsSchema(Schema):
    """The keys of ``[plugins.oso-sql]``."""

    class Meta:
        """Strict: a key that is written wrongly would be left out in silence."""

        unknown = RAISE

    mapping = fields.String(
        required=True,
        validate=validate.Length(min=1),
        metadata={"help": "the mapping, a TOML file"},
    )
    database = fields.String(
        validate=_address,
        metadata={
            "help": f"address of the database, as SQLAlchemy has it; with a password in it leave "
            f"this out and give it in the environment variable {VARIABLE}",
            "secret": True,
        },
    )


OSO_SETTINGS: Final = SettingsSchema


class NotConfigured(Exception):
    """A key of ``[plugins.oso-sql]`` that is needed is not there, or its file is not."""


@hookimpl
def oso_collect_dossier(context: HookContext, pupil: str, profile: str) -> CollectedDossier | None:
    """Collect the pupil that the query of ``[pupil]`` finds, or None when it finds nobody."""
    if context.administration is None:
        return None
    mapping = mapping_of(context)
    parameters = given(
        mapping, pupil, profile, context.administration, school_date(context.clock())
    )
    with database.reading(address(context.settings(NAME))) as connection:
        found = collect(connection, mapping, parameters)
    return None if found is None else CollectedDossier(found.dossier, found.former)


@hookimpl
def oso_import_dossier(context: HookContext, received: ReceivedDossier) -> ImportAnswer | None:
    """Take over a received dossier in one transaction.

    None where the mapping has no [import], or does not know the school.
    """
    mapping = mapping_of(context)
    if context.administration is None or mapping.taking is None:
        return None
    parameters = given(mapping, "", "BB", context.administration, school_date(context.clock()))
    taken = Received(received.id, received.dossier, received.bron_brin, received.former_numbers)
    with database.writing(address(context.settings(NAME))) as connection:
        decision = take_over(connection, mapping, taken, parameters)
    if decision is None:
        return None
    return ImportAnswer(decision.outcome, decision.categories, decision.reason)


def mapping_of(context: HookContext) -> SqlMapping:
    """The mapping of the configuration, read once per state of the file."""
    path = Path(_said(context.settings(NAME), "mapping"))
    try:
        changed = path.stat().st_mtime_ns
    except OSError:
        raise NotConfigured(f"[plugins.{NAME}] mapping: there is no file {path}") from None
    return _read(path, changed, context.release)


@lru_cache(maxsize=8)
def _read(path: Path, _changed: int, release: str) -> SqlMapping:
    return reading.read(path, release)


def address(section: Any) -> str:
    """The address of the database, from the configuration or the environment."""
    return str(section.get("database") or os.environ.get(VARIABLE) or _said(section, "database"))


def _said(section: Any, key: str) -> str:
    if key not in section:
        more = f", and {VARIABLE} is not set" if key == "database" else ""
        raise NotConfigured(f"[plugins.{NAME}] has no {key}{more}")
    return str(section[key])

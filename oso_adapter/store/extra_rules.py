"""The rules that plugins add, as they gave them last."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from oso_adapter.store.models import ExtraRules


def keep(
    session: Session,
    key: tuple[str, str, str],
    rules: list[dict[str, Any]] | None,
    trouble: str | None,
    moment: datetime,
) -> None:
    """Keep what a plugin gave; key: plugin, release and profile; rules: None leaves the former."""
    row = session.get(ExtraRules, key)
    if row is None:
        plugin, release, profile = key
        row = ExtraRules(plugin=plugin, release=release, profile=profile, rules=[])
        session.add(row)
    if rules is not None:
        row.rules = rules
    row.trouble = trouble
    row.given_at = moment


def found(
    session: Session, plugins: Collection[str], release: str, profile: str
) -> Sequence[ExtraRules]:
    """What these plugins gave for a release and a profile, by the name of the plugin."""
    query = select(ExtraRules).filter_by(release=release, profile=profile)
    query = query.where(ExtraRules.plugin.in_(plugins))
    return session.scalars(query.order_by(ExtraRules.plugin)).all()

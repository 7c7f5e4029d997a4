"""Which calls of plugins went wrong, so that it can be told later and by another process."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from oso_adapter.store.models import PluginFailure

FORGOTTEN: Final = timedelta(days=30)
"""After how long without another one a failure is no longer told."""


def remember(session: Session, plugin: str, hook: str, code: str, now: datetime) -> None:
    """Count one more failure; what is long past is forgotten."""
    row = session.get(PluginFailure, (plugin, hook, code))
    if row is not None and row.last_at > now - FORGOTTEN:
        row.last_at, row.count = now, row.count + 1
        return
    session.execute(delete(PluginFailure).where(PluginFailure.last_at <= now - FORGOTTEN))
    session.expire_all()
    session.add(
        PluginFailure(plugin=plugin, hook=hook, code=code, first_at=now, last_at=now, count=1)
    )


def listed(session: Session, now: datetime) -> Sequence[PluginFailure]:
    """The failures of the last thirty days, the newest first."""
    query = (
        select(PluginFailure)
        .where(PluginFailure.last_at > now - FORGOTTEN)
        .order_by(PluginFailure.last_at.desc(), PluginFailure.plugin, PluginFailure.hook)
    )
    return session.scalars(query).all()

"""That calls of plugins went wrong: which, how and how often; nothing of a pupil."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from oso_adapter.store.models.base import Base


class PluginFailure(Base):
    """How often a hook of a plugin went wrong in one way.

    code: of the catalogue of problems. first_at and last_at: the first and the last time; count:
    how often between them.
    """

    __tablename__ = "plugin_failures"

    plugin: Mapped[str] = mapped_column(String(100), primary_key=True)
    hook: Mapped[str] = mapped_column(String(50), primary_key=True)
    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    count: Mapped[int]

"""Rules that plugins add to those of the standard."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from oso_adapter.store.models.base import Base


class ExtraRules(Base):
    """What a plugin gave last for a release and a profile, for processes that may call none.

    rules: a list of rules as data. trouble: what could not be used of them, in a few words; when
    the plugin failed altogether the rules are those that it gave before.
    """

    __tablename__ = "extra_rules"

    plugin: Mapped[str] = mapped_column(String(100), primary_key=True)
    release: Mapped[str] = mapped_column(String(20), primary_key=True)
    profile: Mapped[str] = mapped_column(String(10), primary_key=True)
    rules: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    trouble: Mapped[str | None] = mapped_column(String(200))
    given_at: Mapped[datetime]

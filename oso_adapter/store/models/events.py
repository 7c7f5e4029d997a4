"""What happened, and who has been told."""

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from oso_adapter.store.models.base import Base


class Event(Base):
    """What happened: append only, and never a number, a name or content."""

    __tablename__ = "events"
    __table_args__ = (Index("ix_events_session", "session_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    moment: Mapped[datetime]
    name: Mapped[str] = mapped_column(String(60))
    administration_id: Mapped[int | None] = mapped_column(index=True)
    account: Mapped[str | None] = mapped_column(String(200))
    subject: Mapped[str | None] = mapped_column(String(36))
    session_id: Mapped[str | None] = mapped_column(String(36))
    counterpart: Mapped[str | None] = mapped_column(String(64))
    result: Mapped[str | None] = mapped_column(String(64))
    fault_id: Mapped[str | None] = mapped_column(String(36))
    reason: Mapped[str | None] = mapped_column(String(40))


class EventOffset(Base):
    """Up to which event a plugin has been told; each plugin has its own."""

    __tablename__ = "event_offsets"

    plugin: Mapped[str] = mapped_column(String(100), primary_key=True)
    last_id: Mapped[int]

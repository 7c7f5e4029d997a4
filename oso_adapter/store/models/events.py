"""What happened, and who has been told."""

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from oso_adapter.store.models.base import Base


class Event(Base):
    """What happened: append only, and never a number, a name or content.

    chain: the administration whose chain it is in, 0 for what concerns none; number: its place
    there, from 1; hash: over the line before it and what stands in this one.
    """

    __tablename__ = "events"
    __table_args__ = (
        Index("ix_events_session", "session_id"),
        Index("ix_events_subject", "subject"),
        Index("ix_events_fault", "fault_id"),
        Index("ix_events_chain", "chain", "number", unique=True),
    )

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
    chain: Mapped[int]
    number: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))


class EventChain(Base):
    """The head of the events of one administration: how many there were, and the last hash.

    id: the administration, or 0. first, first_hash: number and hash of the last line that was
    destroyed at the end of its term; what is kept begins after it.
    """

    __tablename__ = "event_chains"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    count: Mapped[int] = mapped_column(default=0)
    hash: Mapped[str] = mapped_column(String(64))
    first: Mapped[int] = mapped_column(default=0)
    first_hash: Mapped[str] = mapped_column(String(64))


class EventOffset(Base):
    """Up to which event a plugin has been told; each plugin has its own."""

    __tablename__ = "event_offsets"

    plugin: Mapped[str] = mapped_column(String(100), primary_key=True)
    last_id: Mapped[int]

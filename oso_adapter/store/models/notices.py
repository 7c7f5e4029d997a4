"""Notifications that we send: orders to tell a system that a dossier is ready now."""

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from oso_adapter.store.models.base import Base
from oso_adapter.store.models.requests import Request


class NoticeState(enum.StrEnum):
    """How far an order to notify has come; each state is durable before the next step begins."""

    ORDERED = "besteld"
    ANNOUNCING = "aan-het-melden"
    SENDING = "aan-het-versturen"
    BROKEN_OFF = "afgebroken"
    DONE = "klaar"


class Notice(Base):
    """One order to notify the system that made a request; each of its two messages is sent once.

    prepared_id: the version that was ready then. lease_owner: the process that carries it out. url:
    where the Traffic Center said that the endpoint is, so there once it was announced.
    """

    __tablename__ = "notices"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    request_id: Mapped[int] = mapped_column(
        ForeignKey("requests.id", ondelete="CASCADE"), index=True
    )
    administration_id: Mapped[int] = mapped_column(ForeignKey("administrations.id"), index=True)
    prepared_id: Mapped[str] = mapped_column(String(36))
    account: Mapped[str] = mapped_column(String(200))
    ordered_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(20), index=True)
    lease_owner: Mapped[str | None] = mapped_column(String(64))
    lease_until: Mapped[datetime | None]
    url: Mapped[str | None] = mapped_column(String(2000))
    result: Mapped[str | None] = mapped_column(String(64))
    fault_id: Mapped[str | None] = mapped_column(String(36))
    finished_at: Mapped[datetime | None]

    request: Mapped[Request] = relationship(lazy="joined")

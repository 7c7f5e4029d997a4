"""Notifications that came: a school that we asked says that the dossier is ready now."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from oso_adapter.store.models.base import Base
from oso_adapter.store.models.exchanges import Exchange


class Notification(Base):
    """What one endpoint said of one session of ours; said again it is the same row.

    exchange: the order in whose session that endpoint was asked. Whether it still has to be fetched
    is not kept: a dossier of that school for that pupil has come since, or it has not.
    """

    __tablename__ = "notifications"
    __table_args__ = (UniqueConstraint("administration_id", "session_id", "bron_routing_id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    administration_id: Mapped[int] = mapped_column(ForeignKey("administrations.id"))
    exchange_id: Mapped[str] = mapped_column(
        ForeignKey("exchanges.id", ondelete="CASCADE"), index=True
    )
    session_id: Mapped[str] = mapped_column(String(36))
    bron_brin: Mapped[str] = mapped_column(String(4))
    bron_routing_id: Mapped[str] = mapped_column(String(20))
    peer_oin: Mapped[str] = mapped_column(String(20))
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    times: Mapped[int]

    exchange: Mapped[Exchange] = relationship(lazy="joined")


class NotificationOffer(Base):
    """That a plugin was offered a notification; due_at: when again, None once it took note."""

    __tablename__ = "notification_offers"

    notification_id: Mapped[str] = mapped_column(
        ForeignKey("notifications.id", ondelete="CASCADE"), primary_key=True
    )
    plugin: Mapped[str] = mapped_column(String(100), primary_key=True)
    times: Mapped[int]
    due_at: Mapped[datetime | None]

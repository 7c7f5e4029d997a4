"""Dossiers that came."""

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from oso_adapter.store.models.base import Base
from oso_adapter.store.models.exchanges import Exchange
from oso_adapter.store.models.prepared import Payload


class ReceivedState(enum.StrEnum):
    """What became of a received dossier."""

    PENDING = "wacht"
    APART = "apart"
    INVALID = "onjuist"
    POSTPONED = "uitgesteld"
    ACCEPTED = "overgenomen"
    REJECTED = "geweigerd"


class Received(Base):
    """A dossier that came, kept as it came.

    offer_at: from when on the plugin may be offered it; None when it waits for a person, or was
    decided.
    """

    __tablename__ = "received"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    exchange_id: Mapped[str] = mapped_column(ForeignKey("exchanges.id"), unique=True)
    administration_id: Mapped[int] = mapped_column(ForeignKey("administrations.id"), index=True)
    payload_id: Mapped[str] = mapped_column(ForeignKey("payloads.id"))
    bron_brin: Mapped[str] = mapped_column(String(4))
    release: Mapped[str | None] = mapped_column(String(20))
    profile: Mapped[str | None] = mapped_column(String(5))
    findings: Mapped[int]
    received_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(12))
    reason_sealed: Mapped[bytes | None]
    categories_sealed: Mapped[bytes | None]
    handed_over: Mapped[int] = mapped_column(default=0)
    offer_at: Mapped[datetime | None]
    account: Mapped[str | None] = mapped_column(String(200))
    changed_at: Mapped[datetime]

    payload: Mapped[Payload] = relationship(lazy="raise")
    exchange: Mapped[Exchange] = relationship(lazy="raise")

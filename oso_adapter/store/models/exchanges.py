"""Orders to fetch, and the endpoints that were asked."""

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from oso_adapter.store.models.administrations import Administration
from oso_adapter.store.models.base import Base


class ExchangeState(enum.StrEnum):
    """How far an order to fetch has come; each state is durable before the next step begins."""

    ORDERED = "besteld"
    OPEN = "sessie-open"
    CLOSING = "af-te-melden"
    HANDING_OVER = "over-te-dragen"
    DONE = "klaar"

    @property
    def is_open(self) -> bool:
        """Whether there is still something to do."""
        return self is not ExchangeState.DONE


class Exchange(Base):
    """An order to fetch one dossier: the row is the job (state, attempt, due time, lease)."""

    __tablename__ = "exchanges"
    __table_args__ = (Index("ix_exchanges_due", "state", "due_at"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    administration_id: Mapped[int] = mapped_column(ForeignKey("administrations.id"))
    account: Mapped[str] = mapped_column(String(200))
    order_sealed: Mapped[bytes]
    pgn_hmac: Mapped[bytes] = mapped_column(index=True)
    bron_brin: Mapped[str] = mapped_column(String(4))
    bron_routing_id: Mapped[str | None] = mapped_column(String(20))
    overdrachtsoort: Mapped[str] = mapped_column(String(30))
    asked_after: Mapped[datetime | None]
    ordered_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(20))
    attempt: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    lease_owner: Mapped[str | None] = mapped_column(String(64))
    session_id: Mapped[str | None] = mapped_column(String(36))
    session_at: Mapped[datetime | None]
    key_sealed: Mapped[bytes | None]
    result: Mapped[str | None] = mapped_column(String(64))
    fault_id: Mapped[str | None] = mapped_column(String(36))
    signed_off_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    administration: Mapped[Administration] = relationship(lazy="joined")


class Attempt(Base):
    """One endpoint that the Traffic Center named for the session, and what it answered."""

    __tablename__ = "attempts"

    exchange_id: Mapped[str] = mapped_column(ForeignKey("exchanges.id"), primary_key=True)
    session_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    routing_id: Mapped[str] = mapped_column(String(20))
    url: Mapped[str] = mapped_column(String(2000))
    result: Mapped[str | None] = mapped_column(String(64))
    answered_at: Mapped[datetime | None]

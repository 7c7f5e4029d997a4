"""Requests for a dossier that came in."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from oso_adapter.store.models.base import Base


class Request(Base):
    """A documentRequest that came in, also for a pupil unknown here or not ready; six months.

    look_up_at: from when on a plugin may be asked whom it means, None when there is nothing to ask
    any more; looked_up: how often one was. pupil_sealed: the supplier's reference, once known.
    """

    __tablename__ = "requests"
    __table_args__ = (
        UniqueConstraint("administration_id", "session_id"),
        Index("ix_requests_candidates", "administration_id", "fragment_hmac"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    administration_id: Mapped[int] = mapped_column(ForeignKey("administrations.id"))
    session_id: Mapped[str] = mapped_column(String(36))
    peer_oin: Mapped[str] = mapped_column(String(20))
    doel_brin: Mapped[str] = mapped_column(String(4))
    doel_routing_id: Mapped[str] = mapped_column(String(20))
    overdrachtsoort: Mapped[str] = mapped_column(String(30))
    asked_after: Mapped[datetime | None]
    fragment_hmac: Mapped[bytes]
    key_sealed: Mapped[bytes]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    times: Mapped[int]
    result: Mapped[str | None] = mapped_column(String(64))
    pupil_sealed: Mapped[bytes | None]
    look_up_at: Mapped[datetime | None] = mapped_column(index=True)
    looked_up: Mapped[int] = mapped_column(default=0)
    prepared_id: Mapped[str | None] = mapped_column(ForeignKey("prepared.id"))

"""What stays when a dossier is destroyed, what may not be, and when that was last done."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from oso_adapter.store.models.base import Base


class PupilLink(Base):
    """Whom an event was about, once the row that said so is destroyed: by digest, never a number.

    subject: as in the event; order_id: of a received dossier and its order, the id of the order.
    """

    __tablename__ = "pupil_links"

    subject: Mapped[str] = mapped_column(String(36), primary_key=True)
    pgn_hmac: Mapped[bytes] = mapped_column(primary_key=True, index=True)
    order_id: Mapped[str | None] = mapped_column(String(36), index=True)
    linked_at: Mapped[datetime]


class Hold(Base):
    """Something that may not be destroyed: a pupil, a dossier or order, or an administration.

    Exactly one of the three is given; the pupil by digest to be found, sealed to be compared.
    """

    __tablename__ = "holds"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    administration_id: Mapped[int | None] = mapped_column(ForeignKey("administrations.id"))
    subject: Mapped[str | None] = mapped_column(String(36))
    pgn_hmac: Mapped[bytes | None]
    pgn_sealed: Mapped[bytes | None]
    account: Mapped[str] = mapped_column(String(200))
    reason_sealed: Mapped[bytes]
    placed_at: Mapped[datetime]


class PurgeMemory(Base):
    """One row: when purging was last looked at, by a clock that could be believed."""

    __tablename__ = "purge_memory"

    id: Mapped[int] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime]

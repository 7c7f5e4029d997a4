"""Dossiers prepared for other schools, and the sealed payloads."""

import enum
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from oso_adapter.store.models.administrations import Administration
from oso_adapter.store.models.base import Base


class PreparedState(enum.StrEnum):
    """Life of a prepared dossier, in the words schools use (service, How schools work with it)."""

    COLLECTED = "verzameld"
    SEEN = "ingezien"
    READY = "klaargezet"
    FETCHED = "opgehaald"
    WITHDRAWN = "ingetrokken"
    SUPERSEDED = "vervallen"


class Payload(Base):
    """A sealed dossier, in a table of its own; without its wrapped key nothing can open it."""

    __tablename__ = "payloads"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    key_id: Mapped[str] = mapped_column(String(64))
    wrapped_key: Mapped[bytes | None]
    box: Mapped[bytes]


class Prepared(Base):
    """A snapshot of one pupil's dossier, prepared for an overstap."""

    __tablename__ = "prepared"
    __table_args__ = (
        UniqueConstraint("administration_id", "pupil_hmac", "profile", "version"),
        Index("ix_prepared_state", "administration_id", "state"),
        Index("ix_prepared_last_day", "state", "ready_until"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    administration_id: Mapped[int] = mapped_column(ForeignKey("administrations.id"))
    pupil_hmac: Mapped[bytes]
    pupil_sealed: Mapped[bytes]
    profile: Mapped[str] = mapped_column(String(5))
    release: Mapped[str] = mapped_column(String(20))
    version: Mapped[int]
    state: Mapped[str] = mapped_column(String(12))
    account: Mapped[str] = mapped_column(String(200))
    collected_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    content_digest: Mapped[str] = mapped_column(String(64))
    seen: Mapped[bool] = mapped_column(default=False)
    consent: Mapped[bool] = mapped_column(default=False)
    ready_until: Mapped[date | None]
    payload_id: Mapped[str] = mapped_column(ForeignKey("payloads.id"))

    payload: Mapped[Payload] = relationship(lazy="raise")
    administration: Mapped[Administration] = relationship(lazy="raise")
    schools: Mapped[list["PreparedSchool"]] = relationship(
        lazy="selectin", cascade="all, delete-orphan"
    )


class PreparedSchool(Base):
    """A school (BRIN4) that may fetch the dossier."""

    __tablename__ = "prepared_schools"

    prepared_id: Mapped[str] = mapped_column(ForeignKey("prepared.id"), primary_key=True)
    brin: Mapped[str] = mapped_column(String(4), primary_key=True)


class PreparedNumber(Base):
    """A number (present or former) under which the pupil's dossier can be asked for."""

    __tablename__ = "prepared_numbers"
    __table_args__ = (
        Index("ix_prepared_numbers_candidates", "administration_id", "fragment_hmac"),
    )

    prepared_id: Mapped[str] = mapped_column(ForeignKey("prepared.id"), primary_key=True)
    pgn_hmac: Mapped[bytes] = mapped_column(primary_key=True)
    administration_id: Mapped[int] = mapped_column(ForeignKey("administrations.id"))
    fragment_hmac: Mapped[bytes]
    pgn_sealed: Mapped[bytes]

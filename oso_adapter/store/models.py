"""The tables of the adapter.

Nothing personal stands here in the clear: dossiers are sealed payloads with a key of their own,
numbers and the supplier's pupil references are sealed fields, and look-ups go through an HMAC.
Moments are naive-free: every ``Moment`` column holds an aware datetime in UTC.
"""

import enum
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Moment(TypeDecorator[datetime]):
    """An aware moment, kept in UTC; SQLite has no zones, so they are put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError("a moment must be an aware datetime")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Names of constraints are fixed, so that migrations can find them again."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - the form SQLAlchemy reads
        datetime: Moment,
        bytes: LargeBinary,
        dict[str, Any]: JSON,
        str: String,
    }


class AdministrationKind(enum.StrEnum):
    """What kind of system the administration is (wire 1.1)."""

    LAS = "LAS"
    RIS = "RIS"
    SWV = "SWV"


class PreparedState(enum.StrEnum):
    """Life of a prepared dossier, in the words schools use (service, How schools work with it)."""

    COLLECTED = "verzameld"
    SEEN = "ingezien"
    READY = "klaargezet"
    FETCHED = "opgehaald"
    WITHDRAWN = "ingetrokken"
    SUPERSEDED = "vervallen"


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


class ReceivedState(enum.StrEnum):
    """What became of a received dossier."""

    PENDING = "wacht"
    APART = "apart"
    INVALID = "onjuist"
    POSTPONED = "uitgesteld"
    ACCEPTED = "overgenomen"
    REJECTED = "geweigerd"


class Administration(Base):
    """A school administration that this adapter speaks for: data, not configuration.

    sector: PO, VO or SO, which decides between which schools a profile is used; None is unknown.
    """

    __tablename__ = "administrations"

    id: Mapped[int] = mapped_column(primary_key=True)
    routing_id: Mapped[str] = mapped_column(String(20), unique=True)
    brin: Mapped[str] = mapped_column(String(4), index=True)
    kind: Mapped[str] = mapped_column(String(3))
    name: Mapped[str] = mapped_column(String(200))
    tenant: Mapped[str] = mapped_column(String(100))
    sector: Mapped[str | None] = mapped_column(String(2))
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]

    def is_valid(self, on: date) -> bool:
        """Whether the administration takes part on that date; the last day counts."""
        return self.valid_from <= on and (self.valid_until is None or on <= self.valid_until)


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


class Request(Base):
    """A documentRequest that came in, also for a pupil unknown here or not ready; six months."""

    __tablename__ = "requests"
    __table_args__ = (UniqueConstraint("administration_id", "session_id"),)

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
    prepared_id: Mapped[str | None] = mapped_column(ForeignKey("prepared.id"))


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


class KeyCheck(Base):
    """One sealed constant: whether the keys belong to this store is known before anything else."""

    __tablename__ = "key_check"

    id: Mapped[int] = mapped_column(primary_key=True)
    sealed: Mapped[bytes]


class EventOffset(Base):
    """Up to which event a plugin has been told; each plugin has its own."""

    __tablename__ = "event_offsets"

    plugin: Mapped[str] = mapped_column(String(100), primary_key=True)
    last_id: Mapped[int]

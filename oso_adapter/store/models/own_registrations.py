"""Our own mandates and endpoints as the OSR last showed them, so that a bad answer is noticed."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from oso_adapter.store.models.base import Base


class OwnMandate(Base):
    """A school's mandate for our system, by days in the Netherlands.

    href: the link to the school by which the OSR named it, known so that it need not be followed
    again. end_date: the last day that the OSR gave when it last showed the mandate. gone_since: the
    day on which it was first missed; None as long as it is there.
    """

    __tablename__ = "own_mandates"

    brin: Mapped[str] = mapped_column(String(4), primary_key=True)
    href: Mapped[str] = mapped_column(String(300))
    first_seen: Mapped[date]
    last_seen: Mapped[date]
    end_date: Mapped[date | None]
    gone_since: Mapped[date | None]


class OwnEndpoint(Base):
    """An endpoint that was as it should be, when it was last looked at."""

    __tablename__ = "own_endpoints"

    routing_id: Mapped[str] = mapped_column(String(20), primary_key=True)
    namespace: Mapped[str] = mapped_column(String(300), primary_key=True)
    seen_on: Mapped[date]


class Connection(Base):
    """Whether an administration was connected when the OSR was last looked at.

    endpoint: ``goed``, ``anders`` or ``ontbreekt``; None where it was not judged. mandate_seen_at,
    endpoint_seen_at: the last look that showed the mandate, and the endpoint as it should be; None
    when none did. said: the codes of what was told (``exchange.osr_texts``), each with its detail.
    """

    __tablename__ = "connections"

    administration_id: Mapped[int] = mapped_column(
        ForeignKey("administrations.id"), primary_key=True
    )
    connected: Mapped[bool]
    mandated: Mapped[bool]
    endpoint: Mapped[str | None] = mapped_column(String(10))
    said: Mapped[dict[str, Any]]
    looked_at: Mapped[datetime]
    mandate_seen_at: Mapped[datetime | None]
    endpoint_seen_at: Mapped[datetime | None]

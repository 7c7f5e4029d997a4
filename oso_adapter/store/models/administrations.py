"""The school administrations that this adapter speaks for."""

import enum
from datetime import date

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from oso_adapter.store.models.base import Base


class AdministrationKind(enum.StrEnum):
    """What kind of system the administration is (wire 1.1)."""

    LAS = "LAS"
    RIS = "RIS"
    SWV = "SWV"


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

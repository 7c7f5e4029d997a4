"""What the OSR said of systems that ask us: whether a school has mandated them."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from oso_adapter.store.models.base import Base


class MandateCheck(Base):
    """Whether a system may speak for a school.

    oin: of the system; brin: of the school it speaks for. mandated: what the OSR said at
    checked_at, None when it never said anything. asked_at: when the system last asked us something,
    to a day.
    """

    __tablename__ = "mandate_checks"

    oin: Mapped[str] = mapped_column(String(20), primary_key=True)
    brin: Mapped[str] = mapped_column(String(4), primary_key=True)
    mandated: Mapped[bool | None]
    checked_at: Mapped[datetime | None]
    asked_at: Mapped[datetime]

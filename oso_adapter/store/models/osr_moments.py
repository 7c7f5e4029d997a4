"""The moments by which the processes of an adapter agree on who asks the OSR, and when."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from oso_adapter.store.models.base import Base


class OsrMoment(Base):
    """A moment with a name: from when on something may be done."""

    __tablename__ = "osr_moments"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    at: Mapped[datetime]

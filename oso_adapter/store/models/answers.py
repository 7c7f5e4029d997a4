"""Answers of the JSON API that are kept for a caller who asks again."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from oso_adapter.store.models.base import Base


class KeptAnswer(Base):
    """What was answered to a request with an Idempotency-Key.

    request: a digest of the whole request, by which the same one is known; status and
    answer_sealed: None while it is still being carried out.
    """

    __tablename__ = "api_answers"

    token_id: Mapped[int] = mapped_column(ForeignKey("api_tokens.id"), primary_key=True)
    key: Mapped[bytes] = mapped_column(primary_key=True)
    request: Mapped[bytes]
    asked_at: Mapped[datetime] = mapped_column(index=True)
    status: Mapped[int | None]
    answer_sealed: Mapped[bytes | None]

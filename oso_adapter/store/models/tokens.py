"""The tokens with which the LAS calls the JSON API."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from oso_adapter.store.models.base import Base


class ApiToken(Base):
    """A token of the JSON API; of the token itself only a digest is kept.

    tenant: it is for every administration of this tenant, also those that are added later; None
    where the administrations are named one by one. scopes: with a blank between them.
    """

    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    digest: Mapped[bytes] = mapped_column(unique=True)
    tenant: Mapped[str | None] = mapped_column(String(100))
    scopes: Mapped[str] = mapped_column(String(500))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]

    named: Mapped[list["TokenAdministration"]] = relationship(
        lazy="selectin", cascade="all, delete-orphan"
    )


class TokenAdministration(Base):
    """An administration that a token is for."""

    __tablename__ = "api_token_administrations"

    token_id: Mapped[int] = mapped_column(ForeignKey("api_tokens.id"), primary_key=True)
    administration_id: Mapped[int] = mapped_column(
        ForeignKey("administrations.id"), primary_key=True
    )

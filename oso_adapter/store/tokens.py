"""The tokens of the JSON API: which there are, and which administrations each is for."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from oso_adapter.errors import NotFound
from oso_adapter.store.models import Administration, ApiToken


def by_digest(session: Session, digest: bytes) -> ApiToken | None:
    """The token with that digest, or None."""
    return session.scalar(select(ApiToken).filter_by(digest=digest))


def by_name(session: Session, name: str) -> ApiToken:
    """The token with that name; raises :class:`NotFound`."""
    found = session.scalar(select(ApiToken).filter_by(name=name))
    if found is None:
        raise NotFound("there is no such token; see: oso-adapter token list")
    return found


def listed(session: Session) -> Sequence[ApiToken]:
    """All tokens, oldest first, also those that were revoked."""
    return session.scalars(select(ApiToken).order_by(ApiToken.created_at, ApiToken.id)).all()


def covered(session: Session, token: ApiToken) -> Sequence[Administration]:
    """The administrations that a token is for, by routing id."""
    query = select(Administration).where(_covers(token))
    return session.scalars(query.order_by(Administration.routing_id)).all()


def covered_ids(session: Session, token: ApiToken) -> Sequence[int]:
    """Their ids alone, which is what every call needs."""
    return session.scalars(select(Administration.id).where(_covers(token))).all()


def _covers(token: ApiToken) -> ColumnElement[bool]:
    if token.tenant is not None:
        return Administration.tenant == token.tenant
    return Administration.id.in_([row.administration_id for row in token.named])

"""Tokens of the JSON API: who may do what for which administrations.

A token is random and is shown once; the store keeps its SHA-256, which is enough for 32 random
octets. It is for administrations that are named, or for all of a tenant, and for some scopes.
"""

import hashlib
import hmac
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from oso_adapter.errors import NotAllowed
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.store import administrations, events, tokens
from oso_adapter.store.models import ApiToken, TokenAdministration

SCOPES: Final[Mapping[str, str]] = {
    "administrations:read": "see the administrations",
    "administrations:write": "add administrations of the tenant, change and end them",
    "dossiers:read": "list prepared dossiers, and read what is in them",
    "dossiers:write": "collect, put or judge dossiers, record inzage, make ready, withdraw",
    "orders:read": "see the orders and their results",
    "orders:write": "order dossiers at other schools",
    "received:read": "list received dossiers, and read what is in them",
    "received:write": "accept, postpone, reject or destroy received dossiers",
    "notifications:read": "see who asked in vain, who was told, and who told us",
    "notifications:write": "tell systems that asked in vain that a dossier is ready",
    "events:read": "see what was done, by whose order",
    "audit:read": "ask what was done, also with a pupil",
    "holds:read": "see what may not be destroyed, whatever its term",
    "holds:write": "place and release such a hold",
}
"""What a token may be for."""

_PREFIX: Final = "oso_"
_USED_AGAIN: Final = timedelta(minutes=1)
"""That a token was used is written no more often than this."""


@dataclass(frozen=True)
class Caller:
    """Whoever calls with a token that is in force.

    administrations: the ids of those that the token is for. tenant: None where they are named.
    """

    token_id: int
    scopes: frozenset[str]
    administrations: frozenset[int]
    tenant: str | None


def create(
    adapter: Adapter,
    account: str,
    name: str,
    scopes: Collection[str],
    *,
    named: Collection[str] = (),
    tenant: str | None = None,
    expires_at: datetime | None = None,
) -> str:
    """Make a token; gives the token itself, which nobody can see again.

    named: administrations (routing id or BRIN); tenant: or else all of a tenant. Raises
    :class:`NotAllowed` for a name that is taken, and NotFound for an unknown administration.
    """
    if bool(named) == (tenant is not None):
        raise NotAllowed("a token is either for administrations that are named or for a tenant")
    moment = adapter.clock()
    if expires_at is not None and expires_at <= moment:
        raise NotAllowed("a token cannot end in the past")
    token = _PREFIX + secrets.token_urlsafe(32)
    with adapter.store.writing() as session:
        if any(row.name == name for row in tokens.listed(session)):
            raise NotAllowed("there is a token with this name already; choose another")
        found = {administrations.named(session, each).id for each in named}
        row = ApiToken(
            name=name,
            digest=_digest(token),
            tenant=tenant,
            scopes=" ".join(sorted(scopes)),
            created_at=moment,
            expires_at=expires_at,
            named=[TokenAdministration(administration_id=each) for each in sorted(found)],
        )
        session.add(row)
        session.flush()
        events.record(session, "token.created", moment, account=account, subject=str(row.id))
    return token


def revoke(adapter: Adapter, account: str, name: str) -> None:
    """Revoke a token, for good; raises NotFound, and NotAllowed when it was revoked before."""
    moment = adapter.clock()
    with adapter.store.writing() as session:
        token = tokens.by_name(session, name)
        if token.revoked_at is not None:
            raise NotAllowed("this token was revoked before")
        token.revoked_at = moment
        events.record(session, "token.revoked", moment, account=account, subject=str(token.id))


def caller(adapter: Adapter, token: str) -> Caller | None:
    """Who calls with this token; None when it is not known, has ended or was revoked.

    It is looked up by its digest, which nobody can steer, so that the time that it takes tells
    nothing of the tokens that there are.
    """
    digest, moment = _digest(token), adapter.clock()
    with adapter.store.reading() as session:
        row = tokens.by_digest(session, digest)
        if row is None or not hmac.compare_digest(row.digest, digest) or not in_force(row, moment):
            return None
        covered = frozenset(tokens.covered_ids(session, row))
    if row.last_used_at is None or moment - row.last_used_at > _USED_AGAIN:
        with adapter.store.writing() as session:
            session.get_one(ApiToken, row.id).last_used_at = moment
    return Caller(row.id, frozenset(row.scopes.split()), covered, row.tenant)


def in_force(token: ApiToken, moment: datetime) -> bool:
    """Whether a token can be used at that moment."""
    ended = token.expires_at is not None and token.expires_at <= moment
    return token.revoked_at is None and not ended


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()

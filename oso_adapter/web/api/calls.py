"""A call: who makes it, with which token, by whose order."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from flask import current_app, request

from oso_adapter.errors import InvalidIdentifier
from oso_adapter.exchange import tokens
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.tokens import Caller
from oso_adapter.identifiers import plain_text
from oso_adapter.results import View, Viewer, result
from oso_adapter.store import administrations
from oso_adapter.store.models import Administration
from oso_adapter.web.api.problems import Problem

ACCOUNT: Final = "X-OSO-Account"
EXTENSION: Final = "oso-adapter"
_SCHEME: Final = "bearer "


@dataclass(frozen=True)
class Call:
    """A call that was let in.

    account: the school employee by whose order it is made; empty where none is needed.
    """

    adapter: Adapter
    caller: Caller
    account: str

    def administration(self, routing_id: str) -> Administration:
        """An administration that the token is for; another is as if it were not there."""
        with self.adapter.store.reading() as session:
            found = administrations.by_routing_id(session, routing_id)
        if found is None or not self.covers(found.id):
            raise Problem(404, "er is geen administratie met dit kenmerk voor dit token")
        return found

    def covers(self, administration_id: int) -> bool:
        """Whether the token is for this administration."""
        return administration_id in self.caller.administrations

    def chosen(self, routing_id: str | None) -> Collection[int]:
        """The ids of what a list is about: one administration, or all that the token is for."""
        if routing_id is None:
            return self.caller.administrations
        return [self.administration(routing_id).id]

    @cached_property
    def routing_ids(self) -> dict[int, str]:
        """The routing id of each administration that the token is for."""
        query = administrations.of_ids(self.caller.administrations)
        with self.adapter.store.reading() as session:
            return {row.id: row.routing_id for row in session.scalars(query)}

    def explained(self, code: str | None, viewer: Viewer) -> View | None:
        """What a result code means to a viewer, in Dutch; None where there is none yet."""
        if code is None:
            return None
        return result(code).view(viewer, self.adapter.settings.service_desk.reached)

    def require(self, scope: str) -> None:
        """Raise 403 unless the token has this scope."""
        if scope not in self.caller.scopes:
            raise Problem(403, f"this needs a token with the scope {scope}")


def admitted(scope: str | None, *, by_account: bool) -> Call:
    """Let the request in, or raise the problem that says why not."""
    adapter: Adapter = current_app.extensions[EXTENSION]
    given = request.headers.get("Authorization", "")
    token = given[len(_SCHEME) :].strip() if given.lower().startswith(_SCHEME) else ""
    caller = tokens.caller(adapter, token) if token else None
    if caller is None:
        detail = "geef een token mee dat geldig is (Authorization: Bearer ...)"
        raise Problem(401, detail, headers={"WWW-Authenticate": "Bearer"})
    call = Call(adapter, caller, "")
    if scope is not None:
        call.require(scope)
    return Call(adapter, caller, _account()) if by_account else call


def _account() -> str:
    """Who gave the order. A header comes as Latin-1, and what clients mean by it is UTF-8."""
    given = request.headers.get(ACCOUNT, "").encode("latin-1", errors="replace")
    try:
        return plain_text(given.decode("utf-8"), 200)
    except (UnicodeDecodeError, InvalidIdentifier) as error:
        said = str(error) if isinstance(error, InvalidIdentifier) else "it is not UTF-8"
        raise Problem(422, errors=[(ACCOUNT, said)]) from None

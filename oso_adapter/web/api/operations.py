"""An operation of the API: what it needs, what it gives, and how OpenAPI tells of it.

Everything that all operations share is here: the token and its scope, the account that gave the
order, the bounds of the body, the key by which a POST is done once, and the refusals.
"""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, Final

from flask import Response, g, request
from flask_smorest import Blueprint  # type: ignore[import-untyped]
from marshmallow import Schema

from oso_adapter.web.api import bodies
from oso_adapter.web.api.answers import once
from oso_adapter.web.api.calls import Call, admitted

JSON: Final = "application/json"
ALWAYS: Final = (401, 403, 422, 500, 503)

View = Callable[..., Any]


class Resource(Blueprint):  # type: ignore[misc]
    """The operations on one resource."""

    ARGUMENTS_PARSER = bodies.Parser()

    def operation(
        self,
        method: str,
        rule: str,
        name: str,
        *,
        scope: str | None,
        answer: type[Schema] | None = None,
        status: int = 200,
        query: type[Schema] | None = None,
        body: type[Schema] | None = None,
        raw: Sequence[str] = (),
        account: bool = False,
        refusals: Sequence[int] = (),
        **documented: Any,
    ) -> Callable[[View], View]:
        """Make a function an operation; it gets the call, then query, body and path.

        name: operationId. scope: that the token needs; None where the function decides. raw: media
        types of a body that the function reads itself. account: whether somebody has to be named
        who gave the order; always so for what changes something. refusals: statuses beside those
        that every operation may have. documented: more of the OpenAPI operation.
        """
        changes = method != "GET"

        def decorate(view: View) -> View:
            @wraps(view)
            def called(*loaded: Any, **path: Any) -> Any:
                return view(g.call, *loaded, **path)

            inner = called
            if body is not None:
                inner = self.arguments(body)(inner)
            if query is not None:
                inner = self.arguments(query, location="query")(inner)
            if answer is not None:
                inner = self.response(status, answer)(inner)

            @wraps(inner)
            def guarded(**path: Any) -> Response:
                g.call = call = admitted(scope, by_account=account or changes)
                _read_body(call, raw)
                answered = once if method == "POST" else _done
                response = answered(call, lambda: _answered(inner, path))
                response.headers["Cache-Control"] = "no-store"
                return response

            _document(guarded, changes=changes, method=method, account=account)
            more = {400, 413, 415} if body is not None or raw else set[int]()
            for refusal in sorted({*ALWAYS, *more, *refusals}):
                guarded = self.alt_response(refusal, response=f"PROBLEM_{refusal}")(guarded)
            told = {"operationId": name, "security": [{"token": []}], **documented}
            if scope is not None:
                told["x-oso-scope"] = scope
            guarded = self.doc(**told)(guarded)
            self.add_url_rule(rule, name, guarded, methods=[method])
            return view

        return decorate


def _read_body(call: Call, raw: Sequence[str]) -> None:
    if request.method == "GET":
        return
    bodies.bound(call.adapter.settings.limits.message_size if raw else bodies.MOST)
    bodies.require_type(*(raw or (JSON,)))


def _done(call: Call, work: Callable[[], Response]) -> Response:
    return work()


def _answered(view: View, path: dict[str, Any]) -> Response:
    response: Response = view(**path)
    return response


def _document(view: Any, *, changes: bool, method: str, account: bool) -> None:
    """Name the headers that belong to the operation; smorest knows strings as references."""
    headers = ["account"] if account or changes else []
    headers += ["idempotency"] if method == "POST" else []
    told = dict(getattr(view, "_apidoc", {}))
    arguments = dict(told.get("arguments", {}))
    arguments["parameters"] = [*arguments.get("parameters", []), *headers]
    view._apidoc = {**told, "arguments": arguments}

"""The JSON API for the LAS, ``/api/v1`` on the internal listener."""

from typing import Any, Final

from flask import Flask, Response, request
from flask_smorest import Api  # type: ignore[import-untyped]
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BaseConverter

from oso_adapter.exchange.adapter import Adapter
from oso_adapter.web.api import (
    administrations,
    audit,
    dossiers,
    events,
    finding,
    holds,
    jobs,
    judging,
    notifications,
    orders,
    preparing,
    received,
    waiting,
)
from oso_adapter.web.api.answers import HEADER as KEY
from oso_adapter.web.api.calls import ACCOUNT, EXTENSION
from oso_adapter.web.api.problems import PROBLEM, TITLES, ProblemSchema, answer

PREFIX: Final = "/api/v1"
RESOURCES: Final = (
    *(administrations, finding, dossiers, preparing, orders, received, notifications, waiting),
    *(jobs, judging, events, audit, holds),
)

_HEADERS: Final = {
    "account": {
        "name": ACCOUNT,
        "required": True,
        "description": "The school employee by whose order this is done; it is recorded.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 200},
        "example": "medewerker@school.example",
    },
    "idempotency": {
        "name": KEY,
        "required": False,
        "description": "The same request with the same key is carried out once, and gets the same"
        " answer; kept for 24 hours.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    },
}


class RoutingIdConverter(BaseConverter):
    """A routeringskenmerk in an address."""

    regex = "[0-9A-Z]{20}"


class _Api(Api):  # type: ignore[misc]
    """flask-smorest, with refusals as problem+json and none by default."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_responses(self) -> None:
        for status, title in TITLES.items():
            content = {PROBLEM: {"schema": ProblemSchema}}
            told = {"description": title, "content": content}
            self.spec.components.response(f"PROBLEM_{status}", told, lazy=True)

    def _register_pagination_header(self) -> None:
        """Pages have a cursor of their own."""

    def _register_error_handlers(self) -> None:
        """The rest of the application has its own."""


def register(app: Flask, adapter: Adapter | None) -> Any:
    """Add the API to an application; gives what describes it.

    adapter: None for an application that only describes itself.
    """
    app.extensions[EXTENSION] = adapter
    app.config |= {
        "API_TITLE": "OSO adapter",
        "API_VERSION": "v1",
        "OPENAPI_VERSION": "3.0.3",
        "OPENAPI_URL_PREFIX": PREFIX,
    }
    app.url_map.converters["routing_id"] = RoutingIdConverter
    api = _Api(
        app,
        spec_kwargs={
            "info": {"description": "Prepare, order and take over pupil dossiers from a LAS."},
            "servers": [{"url": "http://127.0.0.1:8080"}],
        },
    )
    api.register_converter(
        RoutingIdConverter, lambda _: {"type": "string", "pattern": f"^{RoutingIdConverter.regex}$"}
    )
    api.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    for name, told in _HEADERS.items():
        api.spec.components.parameter(name, "header", told)
    for resource in RESOURCES:
        api.register_blueprint(resource.resource, url_prefix=PREFIX)
    app.register_error_handler(Exception, _refused)  # type: ignore[arg-type]
    return api


def document() -> dict[str, Any]:
    """The OpenAPI document."""
    found: dict[str, Any] = register(Flask(__name__), None).spec.to_dict()
    return found


def _refused(error: Exception) -> Response | Exception:
    """A problem where the API was asked; what the rest was asked stays as it is."""
    if isinstance(error, HTTPException) and not request.path.startswith(f"{PREFIX}/"):
        return error
    return answer(error)

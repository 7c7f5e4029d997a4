"""What the API says when the answer is no: problem+json (RFC 9457), in our own words.

No value of a request is repeated: a field, a rule and a path are named, and nothing else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from http import HTTPStatus
from typing import Any, Final
from uuid import uuid4

from flask import Response, json
from marshmallow import Schema, fields, validate
from werkzeug.exceptions import HTTPException

from oso_adapter.bounded_xml import XmlRefused
from oso_adapter.errors import (
    ConfigurationError,
    InvalidIdentifier,
    NotAllowed,
    NotFound,
    OsoError,
    StoreUnavailable,
)
from oso_adapter.exchange.snapshot import NotPrepared
from oso_adapter.logs import event as log_event
from oso_adapter.standard.findings import Finding
from oso_adapter.standard.jsonform import JsonRefused
from oso_adapter.standard.render import TooLargeForPdf

PROBLEM: Final = "application/problem+json"

TITLES: Final[Mapping[int, str]] = {
    400: "De aanvraag is niet te lezen.",
    401: "Er is geen geldig token meegegeven.",
    403: "Dit token mag dit niet.",
    404: "Dit is er niet, of niet voor dit token.",
    405: "Dit kan hier niet met deze methode.",
    409: "Dit kan nu niet.",
    413: "De aanvraag is te groot.",
    415: "Deze soort inhoud wordt hier niet gelezen.",
    422: "De aanvraag klopt niet.",
    500: "Er ging hier iets mis.",
    501: "Dit kan deze installatie niet.",
    503: "Het kan even niet; probeer het zo opnieuw.",
}
"""The title of a problem, by status."""

_STATUSES: Final[Sequence[tuple[type[OsoError], int]]] = (
    (NotPrepared, 422),
    (JsonRefused, 422),
    (InvalidIdentifier, 422),
    (NotFound, 404),
    (NotAllowed, 409),
    (TooLargeForPdf, 409),
    (StoreUnavailable, 503),
)
_UNREADABLE: Final[Mapping[str, int]] = {"too-large": 413}


class FindingSchema(Schema):
    """One thing that is wrong, or worth knowing, about one place in a dossier."""

    rule = fields.String(required=True)
    severity = fields.String(required=True, validate=validate.OneOf(["error", "warning", "info"]))
    path = fields.String(required=True)
    line = fields.Integer(required=True, allow_none=True)
    message = fields.String(required=True, metadata={"description": "In Dutch."})
    owner = fields.String(required=True, metadata={"description": "Who can mend it."})
    next_step = fields.String(required=True)


class FieldProblemSchema(Schema):
    """What is wrong with one field of the request."""

    field = fields.String(required=True, metadata={"example": "orders[0].pgn"})
    message = fields.String(required=True)


class ProblemSchema(Schema):
    """Why the answer is no (RFC 9457)."""

    type = fields.String(required=True, metadata={"example": "about:blank"})
    title = fields.String(required=True, metadata={"description": "In Dutch."})
    status = fields.Integer(required=True)
    detail = fields.String(metadata={"description": "What is wrong, and what to do first."})
    errors = fields.List(fields.Nested(FieldProblemSchema))
    findings = fields.List(fields.Nested(FindingSchema))
    fault_id = fields.String(metadata={"description": "Under this number it is in the log."})


class Problem(Exception):
    """The answer is no, with the status that says which no."""

    def __init__(
        self,
        status: int,
        detail: str | None = None,
        *,
        errors: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """detail: a sentence; errors: fields of the request, each with what is wrong."""
        super().__init__(detail)
        self.status, self.detail, self.errors = status, detail, errors
        self.headers = headers or {}


def answer(error: Exception) -> Response:
    """The answer for an error; one that was not foreseen is logged under its fault id."""
    if isinstance(error, Problem):
        errors = [{"field": name, "message": text} for name, text in error.errors]
        return _response(error.status, error.headers, detail=error.detail, errors=errors)
    if isinstance(error, HTTPException):
        status = error.code if error.code in TITLES else 400
        allowed = error.get_response().headers.get("Allow")
        return _response(status or 400, {"Allow": allowed} if allowed else {})
    if isinstance(error, XmlRefused):
        return _response(_UNREADABLE.get(error.reason, 400), {}, detail=str(error))
    for kind, status in _STATUSES:
        if isinstance(error, kind):
            headers = {"Retry-After": "5"} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
            return _response(status, headers, detail=str(error), findings=_findings(error))
    return _unforeseen(error)


def _unforeseen(error: Exception) -> Response:
    fault_id = str(uuid4())
    log_event("api.failed", fault_id=fault_id, reason=type(error).__name__)
    if isinstance(error, ConfigurationError):
        return _response(501, {}, detail=str(error), fault_id=fault_id)
    return _response(500, {}, fault_id=fault_id)


def _findings(error: OsoError) -> list[dict[str, Any]]:
    found: Sequence[Finding] = getattr(error, "findings", ())
    return [asdict(finding) for finding in found]


def _response(status: int, headers: Mapping[str, str], **more: Any) -> Response:
    told = {"type": "about:blank", "title": TITLES[status], "status": status}
    told |= {name: value for name, value in more.items() if value}
    kept = {"Cache-Control": "no-store", **headers}
    return Response(json.dumps(told), status, kept, content_type=PROBLEM)

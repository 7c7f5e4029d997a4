"""What is wrong with a dossier: one that came, or one that is not put yet."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from flask import request
from marshmallow import Schema, fields, validate

from oso_adapter.bounded_xml import Limits
from oso_adapter.exchange import receive
from oso_adapter.exchange.forms import put_as_json
from oso_adapter.exchange.policy import BETWEEN_SCHOOLS
from oso_adapter.standard import validate as judge
from oso_adapter.web.api.calls import Call
from oso_adapter.web.api.content import PUT, TAKEN
from oso_adapter.web.api.operations import JSON, Resource
from oso_adapter.web.api.problems import FindingSchema
from oso_adapter.web.api.received import ID, found
from oso_adapter.web.api.values import Flag

resource = Resource("judging", __name__, description="What is wrong with a dossier.")


class ReportSchema(Schema):
    """The verdict on a dossier; it holds no value of it."""

    valid = fields.Boolean(
        required=True, metadata={"description": "Whether no finding is an error."}
    )
    version = fields.String(
        required=True, allow_none=True, metadata={"description": "Release; null when unknown."}
    )
    profile = fields.String(required=True, allow_none=True)
    findings = fields.List(fields.Nested(FindingSchema), required=True)


class JudgeQuery(Schema):
    """How a dossier is judged."""

    profile = fields.String(
        validate=validate.OneOf(BETWEEN_SCHOOLS),
        metadata={"description": "For which profile, or else that of the dossier itself."},
    )
    strict = Flag(load_default=False, metadata={"description": "Warnings are errors too."})


@resource.operation(
    "POST",
    "/dossiers/validate",
    "validateDossier",
    scope="dossiers:write",
    query=JudgeQuery,
    raw=PUT,
    answer=ReportSchema,
    requestBody=TAKEN,
)
def check(call: Call, how: dict[str, Any]) -> dict[str, Any]:
    """Judge a dossier, as XML or JSON, without putting it; nothing of it is kept."""
    body = request.get_data()
    return _told(call, put_as_json(body) if request.mimetype == JSON else body, **how)


@resource.operation(
    "GET",
    f"{ID}/findings",
    "getReceivedFindings",
    scope="received:read",
    answer=ReportSchema,
    refusals=(404,),
)
def of_received(call: Call, received: UUID) -> dict[str, Any]:
    """Show what is wrong with a dossier that came: where, who can mend it, what to do next."""
    return _told(call, receive.opened(call.adapter, found(call, received)))


def _told(call: Call, xml: bytes, **how: Any) -> dict[str, Any]:
    report = judge(xml, limits=Limits(size=call.adapter.settings.limits.message_size), **how)
    return {
        "valid": report.valid,
        "version": report.version,
        "profile": report.profile,
        "findings": [asdict(finding) for finding in report.findings],
    }

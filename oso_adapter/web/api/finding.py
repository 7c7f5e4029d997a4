"""``/pupils/find``: which pupils there are in the supplier's own system."""

from typing import Any

from marshmallow import Schema, fields, validate

from oso_adapter.exchange import jobs
from oso_adapter.exchange.find import MOST
from oso_adapter.hookspecs import PupilQuery
from oso_adapter.web.api.calls import Call
from oso_adapter.web.api.jobs import JobSchema, told
from oso_adapter.web.api.operations import Resource
from oso_adapter.web.api.values import BrinField, Day, RoutingIdField, Text

resource = Resource("pupils", __name__, description="The pupils of the supplier's own system.")


class FindSchema(Schema):
    """Which pupils are looked for; what is left out does not matter."""

    administration = RoutingIdField(required=True)
    name = Text(100, metadata={"description": "A part of the name."})
    group = Text(50, metadata={"description": "As your own system calls it.", "example": "8a"})
    leaving_before = Day(metadata={"description": "Who leave before this day."})
    destination = BrinField(
        metadata={"description": "BRIN of the school that they go to.", "example": "99BB"}
    )
    limit = fields.Integer(
        strict=True,
        load_default=100,
        validate=validate.Range(1, MOST),
        metadata={"description": "How many pupils at most."},
    )


@resource.operation(
    "POST",
    "/pupils/find",
    "findPupils",
    scope="dossiers:read",
    body=FindSchema,
    answer=JobSchema,
    status=202,
    refusals=(404,),
)
def find(call: Call, asked: dict[str, Any]) -> dict[str, Any]:
    """Find pupils through the plugin: a job that the runner carries out, and records.

    The pupils stand in its one item, `found`, for an hour after it was done; then they are
    destroyed.
    """
    school = call.administration(asked.pop("administration"))
    return told(call, jobs.find(call.adapter, school, call.account, PupilQuery(**asked)))

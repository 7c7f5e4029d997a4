"""``/holds``: what may not be destroyed, whatever its term (bewaarplicht).

On a dossier, an order or an administration. A hold on a pupil is about every administration at
once, and is placed by the command line alone.
"""

from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import Schema, fields

from oso_adapter.exchange import holds as use_case
from oso_adapter.exchange.holds import Target
from oso_adapter.store import holds
from oso_adapter.store.models import Hold
from oso_adapter.web.api.calls import Call
from oso_adapter.web.api.operations import Resource
from oso_adapter.web.api.pages import ListQuery, Page, page
from oso_adapter.web.api.problems import Problem
from oso_adapter.web.api.values import RoutingIdField, Text

resource = Resource("holds", __name__, description="What may not be destroyed (bewaarplicht).")


class HoldSchema(Schema):
    """Something that may not be destroyed."""

    id = fields.String(required=True)
    administration = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Routing id, where all of it is held."},
    )
    subject = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Id of the dossier or the order that is held."},
    )
    reason = fields.String(required=True)
    account = fields.String(required=True)
    placed_at = fields.AwareDateTime(required=True, format="iso")


class HoldPageSchema(Page):
    """Holds, oldest first."""

    items = fields.List(fields.Nested(HoldSchema), required=True)


class NewHoldSchema(Schema):
    """What is held: one of the two."""

    administration = RoutingIdField(metadata={"description": "All of it."})
    subject = fields.UUID(metadata={"description": "A prepared or received dossier, or an order."})
    reason = Text(500, required=True)


@resource.operation(
    "GET",
    "/holds",
    "listHolds",
    scope="holds:read",
    query=ListQuery,
    answer=HoldPageSchema,
    refusals=(404,),
)
def list_(call: Call, asked: dict[str, Any]) -> dict[str, Any]:
    """List the holds on what the token is for, oldest first."""
    query = holds.of_administrations(call.chosen(asked.get("administration")))
    with call.adapter.store.reading() as session:
        found = page(session, query, (Hold.placed_at, Hold.id), asked)
    return {**found, "items": [_told(call, row) for row in found["items"]]}


@resource.operation(
    "POST",
    "/holds",
    "addHold",
    scope="holds:write",
    body=NewHoldSchema,
    answer=HoldSchema,
    status=201,
    refusals=(404,),
)
def add(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """Place a hold: nothing of it is destroyed until the hold is released."""
    if ("administration" in given) == ("subject" in given):
        raise Problem(422, errors=[("body", "give one of administration and subject")])
    if "administration" in given:
        target = Target(administration=call.administration(given["administration"]))
    else:
        target = Target(dossier=_ours(call, str(given["subject"])))
    hold_id = use_case.add(call.adapter, target, account=call.account, reason=given["reason"])
    return _told(call, _found(call, hold_id))


@resource.operation(
    "DELETE",
    "/holds/<uuid:hold>",
    "releaseHold",
    scope="holds:write",
    refusals=(404,),
    responses={"204": {"description": "It is released."}},
)
def release(call: Call, hold: UUID) -> Response:
    """Release a hold: what was held is destroyed when its term is over."""
    use_case.release(call.adapter, _found(call, str(hold)).id, account=call.account)
    return Response(status=204)


def _ours(call: Call, subject: str) -> str:
    with call.adapter.store.reading() as session:
        owner = holds.administration_of(session, subject)
    if owner is None or not call.covers(owner):
        raise Problem(404, "er is geen dossier met dit nummer voor dit token")
    return subject


def _found(call: Call, hold_id: str) -> Hold:
    query = holds.of_administrations(call.caller.administrations)
    with call.adapter.store.reading() as session:
        found: Hold | None = session.scalar(query.filter_by(id=hold_id))
    if found is None:
        raise Problem(404, "er is geen bewaarplicht met dit nummer voor dit token")
    return found


def _told(call: Call, row: Hold) -> dict[str, Any]:
    owner = row.administration_id
    return {
        "id": row.id,
        "administration": call.routing_ids[owner] if owner is not None else None,
        "subject": row.subject,
        "reason": use_case.reason_of(call.adapter, row),
        "account": row.account,
        "placed_at": row.placed_at,
    }

"""``/received``: the dossiers that came; polled, read, and answered when the LAS is ready."""

from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import Schema, fields, validate
from sqlalchemy import select

from oso_adapter.exchange import purge, receive
from oso_adapter.hookspecs import ImportAnswer
from oso_adapter.store.models import Received, ReceivedState
from oso_adapter.web.api.calls import Call
from oso_adapter.web.api.content import GIVEN, ContentQuery, handed_out
from oso_adapter.web.api.operations import Resource
from oso_adapter.web.api.pages import ListQuery, Page, page
from oso_adapter.web.api.problems import Problem
from oso_adapter.web.api.values import Category, MomentField, Text

resource = Resource("received", __name__, description="The dossiers that came.")

ID = "/received/<uuid:received>"
_STATES = validate.OneOf([str(state) for state in ReceivedState])


class ReceivedSchema(Schema):
    """A dossier that came, and what was decided about it."""

    id = fields.String(required=True)
    administration = fields.String(required=True, metadata={"description": "Routing id."})
    order = fields.String(required=True, metadata={"description": "Id of the order."})
    reference = fields.String(required=True, metadata={"description": "Your name for the order."})
    bron_brin = fields.String(required=True)
    release = fields.String(required=True, allow_none=True)
    profile = fields.String(required=True, allow_none=True)
    state = fields.String(
        required=True,
        validate=_STATES,
        metadata={
            "description": "wacht: to be taken over; apart: it differs from the order; onjuist: it"
            " is not valid; uitgesteld; overgenomen; geweigerd."
        },
    )
    reason = fields.String(required=True, allow_none=True, metadata={"description": "In Dutch."})
    findings = fields.Integer(required=True, metadata={"description": "How many there are."})
    received_at = fields.AwareDateTime(required=True, format="iso")
    changed_at = fields.AwareDateTime(required=True, format="iso")
    account = fields.String(required=True, allow_none=True)


class ReceivedPageSchema(Page):
    """Received dossiers, oldest first."""

    items = fields.List(fields.Nested(ReceivedSchema), required=True)


class ReceivedQuery(ListQuery):
    """Which received dossiers are asked for."""

    state = fields.String(validate=_STATES)
    since = MomentField(metadata={"description": "Only what came at or after this moment."})


class CategoriesSchema(Schema):
    """What was taken over, where your own system did so and no plugin."""

    categories = fields.List(
        Category(),
        load_default=list,
        validate=validate.Length(0, 50),
        metadata={"description": "Only these; none means all.", "example": ["cat_verzuim"]},
    )


class PostponedSchema(Schema):
    """Why it is left for later."""

    reason = Text(500, metadata={"description": "For your colleagues."})


class RejectedSchema(Schema):
    """Why it is not taken over."""

    reason = Text(500, required=True)


@resource.operation(
    "GET",
    "/received",
    "listReceived",
    scope="received:read",
    query=ReceivedQuery,
    answer=ReceivedPageSchema,
    refusals=(404,),
)
def list_(call: Call, asked: dict[str, Any]) -> dict[str, Any]:
    """List received dossiers, oldest first.

    Ask regularly for state=wacht: each comes, with the same id, until it was answered.
    """
    chosen = call.chosen(asked.get("administration"))
    query = select(Received).where(Received.administration_id.in_(chosen))
    if "state" in asked:
        query = query.filter_by(state=asked["state"])
    if "since" in asked:
        query = query.where(Received.received_at >= asked["since"])
    with call.adapter.store.reading() as session:
        rows = page(session, query, (Received.received_at, Received.id), asked)
    return {**rows, "items": [shown(call, row) for row in rows["items"]]}


@resource.operation(
    "GET", ID, "getReceived", scope="received:read", answer=ReceivedSchema, refusals=(404,)
)
def get(call: Call, received: UUID) -> dict[str, Any]:
    """Show a received dossier, without its content."""
    return shown(call, found(call, received))


@resource.operation(
    "GET",
    f"{ID}/content",
    "getReceivedContent",
    scope="received:read",
    query=ContentQuery,
    account=True,
    refusals=(404, 409, 501),
    responses=GIVEN,
)
def content(call: Call, asked: dict[str, Any], received: UUID) -> Response:
    """Read a received dossier: exactly as it came, or for a person to read."""
    xml = receive.show(call.adapter, found(call, received), call.account)
    return handed_out(xml, asked["form"])


@resource.operation(
    "POST",
    f"{ID}/accept",
    "acceptReceived",
    scope="received:write",
    body=CategoriesSchema,
    answer=ReceivedSchema,
    refusals=(404, 409),
)
def accept(call: Call, taken: dict[str, Any], received: UUID) -> dict[str, Any]:
    """Accept a dossier: it counts as taken over.

    Where a plugin takes over it is offered to that, by the runner; until then it still waits.
    """
    row = found(call, received)
    if taken["categories"] and receive.goes_to_plugin(call.adapter, row):
        raise Problem(409, "uw eigen systeem zegt wat het overnam; laat categories weg")
    return _decided(call, row, ImportAnswer("accepted", tuple(taken["categories"])))


@resource.operation(
    "POST",
    f"{ID}/postpone",
    "postponeReceived",
    scope="received:write",
    body=PostponedSchema,
    answer=ReceivedSchema,
    refusals=(404, 409),
)
def postpone(call: Call, given: dict[str, Any], received: UUID) -> dict[str, Any]:
    """Leave a dossier for later."""
    answer = ImportAnswer("postponed", reason=given.get("reason"))
    return _decided(call, found(call, received), answer)


@resource.operation(
    "POST",
    f"{ID}/reject",
    "rejectReceived",
    scope="received:write",
    body=RejectedSchema,
    answer=ReceivedSchema,
    refusals=(404, 409),
)
def reject(call: Call, given: dict[str, Any], received: UUID) -> dict[str, Any]:
    """Do not take a dossier over; it stays as it came."""
    answer = ImportAnswer("rejected", reason=given["reason"])
    return _decided(call, found(call, received), answer)


@resource.operation(
    "DELETE",
    ID,
    "destroyReceived",
    scope="received:write",
    refusals=(404, 409),
    responses={"204": {"description": "It is destroyed."}},
)
def destroy(call: Call, received: UUID) -> Response:
    """Destroy a received dossier with its order now, before its term; nobody can bring it back."""
    purge.destroy_received(call.adapter, found(call, received).id, account=call.account)
    return Response(status=204)


def _decided(call: Call, row: Received, said: ImportAnswer) -> dict[str, Any]:
    receive.answer(call.adapter, row, said, account=call.account)
    with call.adapter.store.reading() as session:
        return shown(call, session.get_one(Received, row.id))


def found(call: Call, received: UUID) -> Received:
    """A dossier that came for an administration of the token; raises a problem."""
    with call.adapter.store.reading() as session:
        row = session.get(Received, str(received))
    if row is None or not call.covers(row.administration_id):
        raise Problem(404, "er is geen ontvangen dossier met dit nummer voor dit token")
    return row


def shown(call: Call, row: Received) -> dict[str, Any]:
    """A received dossier as it is listed."""
    return {
        "id": row.id,
        "administration": call.routing_ids[row.administration_id],
        "order": row.exchange_id,
        "reference": receive.reference_of(call.adapter, row),
        "bron_brin": row.bron_brin,
        "release": row.release,
        "profile": row.profile,
        "state": row.state,
        "reason": receive.reason_of(call.adapter, row),
        "findings": row.findings,
        "received_at": row.received_at,
        "changed_at": row.changed_at,
        "account": row.account,
    }

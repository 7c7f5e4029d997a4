"""``/events``: what was done, by whose order."""

from typing import Any

from marshmallow import Schema, fields, validate
from sqlalchemy import select

from oso_adapter.exchange.audit import meaning
from oso_adapter.store.models import Event
from oso_adapter.web.api.calls import Call
from oso_adapter.web.api.operations import Resource
from oso_adapter.web.api.pages import ListQuery, Page, page

resource = Resource("events", __name__, description="What was done, by whose order.")


class EventSchema(Schema):
    """Something that happened; never a number, a name or content."""

    id = fields.Integer(required=True)
    moment = fields.AwareDateTime(required=True, format="iso")
    name = fields.String(required=True)
    administration = fields.String(required=True, metadata={"description": "Routing id."})
    account = fields.String(required=True, allow_none=True)
    subject = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Id of the dossier or the order."},
    )
    session_id = fields.String(required=True, allow_none=True)
    counterpart = fields.String(
        required=True, allow_none=True, metadata={"description": "BRIN or OIN of the other side."}
    )
    result = fields.String(required=True, allow_none=True)
    text = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "What the result means, in Dutch, to the side of this school."},
    )
    fault_id = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)


class EventPageSchema(Page):
    """Events, oldest first."""

    items = fields.List(fields.Nested(EventSchema), required=True)


class EventQuery(ListQuery):
    """Which events are asked for."""

    name = fields.String(
        validate=validate.Regexp(r"^[a-z_]{1,30}\.[a-z_]{1,30}$"),
        metadata={"description": "Only these, such as dossier.ready; docs/events.md has them all."},
    )
    subject = fields.UUID(metadata={"description": "Only about this dossier or order."})


@resource.operation(
    "GET",
    "/events",
    "listEvents",
    scope="events:read",
    query=EventQuery,
    answer=EventPageSchema,
    refusals=(404,),
)
def list_(call: Call, asked: dict[str, Any]) -> dict[str, Any]:
    """List what happened, oldest first; ask from the last cursor on for what is new."""
    query = select(Event).where(
        Event.administration_id.in_(call.chosen(asked.get("administration")))
    )
    for name in ("name", "subject"):
        if name in asked:
            query = query.filter_by(**{name: str(asked[name])})
    with call.adapter.store.reading() as session:
        found = page(session, query, (Event.id,), asked)
    return {**found, "items": [told(call, row) for row in found["items"]]}


def told(call: Call, row: Event) -> dict[str, Any]:
    """An event of an administration as it is listed."""
    owner = row.administration_id
    fields_of_row = EventSchema().fields.keys() - {"administration", "text"}
    return {
        **{name: getattr(row, name) for name in fields_of_row},
        "text": meaning(row),
        "administration": call.routing_ids[owner] if owner is not None else None,
    }

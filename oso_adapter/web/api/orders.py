"""``/orders``: dossiers that are asked of other schools, and what became of each."""

from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validate
from sqlalchemy import select

from oso_adapter.exchange import jobs
from oso_adapter.exchange.orders import Order, order_of
from oso_adapter.store import dossiers
from oso_adapter.store.models import Exchange, ExchangeState, Received
from oso_adapter.web.api.calls import Call
from oso_adapter.web.api.jobs import JobSchema, told
from oso_adapter.web.api.operations import Resource
from oso_adapter.web.api.pages import ListQuery, Page, page
from oso_adapter.web.api.problems import Problem
from oso_adapter.web.api.values import (
    BrinField,
    Day,
    Flag,
    MomentField,
    NumberField,
    RoutingIdField,
    Surname,
    Text,
    beginning,
)

resource = Resource("orders", __name__, description="Dossiers that are asked of other schools.")

MOST = 1000
_SOORTEN = validate.OneOf(["overstapdossier", "overdrachtbinnenbrin"])


class NewOrderSchema(Schema):
    """One dossier to fetch; name and date of birth are compared with what comes."""

    pgn = NumberField(
        required=True,
        load_only=True,
        metadata={"description": "BSN or onderwijsnummer.", "example": "123456782"},
    )
    surname = Surname(required=True)
    birth_date = Day(required=True)
    bron_brin = BrinField(required=True, metadata={"description": "The old school."})
    reference = Text(200, required=True, metadata={"description": "Your own name for this order."})
    bron_routing_id = RoutingIdField(metadata={"description": "Ask only this endpoint."})
    overdrachtsoort = fields.String(validate=_SOORTEN, load_default="overstapdossier")
    asked_after = MomentField(
        metadata={"description": "Only a dossier collected after this moment (aanvraagdatum)."}
    )


class NewOrdersSchema(Schema):
    """Orders that are placed together, all or none."""

    administration = RoutingIdField(required=True)
    orders = fields.List(
        fields.Nested(NewOrderSchema), required=True, validate=validate.Length(1, MOST)
    )


class OrderSchema(Schema):
    """An order, and what became of it."""

    id = fields.String(required=True)
    administration = fields.String(required=True, metadata={"description": "Routing id."})
    reference = fields.String(required=True)
    bron_brin = fields.String(required=True)
    overdrachtsoort = fields.String(required=True, validate=_SOORTEN)
    state = fields.String(
        required=True, validate=validate.OneOf([str(state) for state in ExchangeState])
    )
    result = fields.String(
        required=True, allow_none=True, metadata={"description": "Result code of OSO."}
    )
    text = fields.String(
        required=True, allow_none=True, metadata={"description": "What it means, in Dutch."}
    )
    owner = fields.String(
        required=True, allow_none=True, metadata={"description": "Who can mend it."}
    )
    next_step = fields.String(required=True, allow_none=True)
    received = fields.String(
        required=True, allow_none=True, metadata={"description": "Id of the dossier that came."}
    )
    fault_id = fields.String(required=True, allow_none=True)
    account = fields.String(required=True)
    ordered_at = fields.AwareDateTime(required=True, format="iso")
    finished_at = fields.AwareDateTime(required=True, allow_none=True, format="iso")


class OrderPageSchema(Page):
    """Orders, oldest first."""

    items = fields.List(fields.Nested(OrderSchema), required=True)


class OrderQuery(ListQuery):
    """Which orders are asked for."""

    open = Flag(metadata={"description": "Only what is not done, or only what is."})
    before = Day(metadata={"description": "Only what was ordered before this day."})


@resource.operation(
    "GET",
    "/orders",
    "listOrders",
    scope="orders:read",
    query=OrderQuery,
    answer=OrderPageSchema,
    refusals=(404,),
)
def list_(call: Call, asked: dict[str, Any]) -> dict[str, Any]:
    """List orders with their results, oldest first."""
    chosen = call.chosen(asked.get("administration"))
    query = select(Exchange).where(Exchange.administration_id.in_(chosen))
    if "open" in asked:
        done = Exchange.state == ExchangeState.DONE
        query = query.where(~done if asked["open"] else done)
    if "before" in asked:
        query = query.where(Exchange.ordered_at < beginning(asked["before"]))
    with call.adapter.store.reading() as session:
        found = page(session, query, (Exchange.ordered_at, Exchange.id), asked)
        came = dossiers.received_for(session, [row.id for row in found["items"]])
    return {**found, "items": [shown(call, row, came.get(row.id)) for row in found["items"]]}


@resource.operation(
    "POST",
    "/orders",
    "placeOrders",
    scope="orders:write",
    body=NewOrdersSchema,
    answer=JobSchema,
    status=202,
    refusals=(404, 409),
)
def place(call: Call, asked: dict[str, Any]) -> dict[str, Any]:
    """Order one dossier or many, all or none: a job that the runner carries out.

    The same order again, while the first is not done, is that first one.
    """
    school = call.administration(asked["administration"])
    orders = [Order(**given) for given in asked["orders"]]
    return told(call, jobs.fetch(call.adapter, school, call.account, orders))


@resource.operation(
    "GET",
    "/orders/<uuid:order>",
    "getOrder",
    scope="orders:read",
    answer=OrderSchema,
    refusals=(404,),
)
def get(call: Call, order: UUID) -> dict[str, Any]:
    """Show an order, and what became of it."""
    with call.adapter.store.reading() as session:
        found = session.get(Exchange, str(order))
        came = dossiers.received_for(session, [str(order)])
    if found is None or not call.covers(found.administration_id):
        raise Problem(404, "er is geen bestelling met dit nummer voor dit token")
    return shown(call, found, came.get(found.id))


def shown(call: Call, row: Exchange, received: Received | None) -> dict[str, Any]:
    """An order as it is listed."""
    known = call.explained(row.result, "asking")
    return {
        "id": row.id,
        "administration": row.administration.routing_id,
        "reference": order_of(call.adapter, row).reference,
        "bron_brin": row.bron_brin,
        "overdrachtsoort": row.overdrachtsoort,
        "state": row.state,
        "result": row.result,
        "text": known.text if known else None,
        "owner": known.owner if known else None,
        "next_step": known.next_step if known else None,
        "received": received.id if received else None,
        "fault_id": row.fault_id,
        "account": row.account,
        "ordered_at": row.ordered_at,
        "finished_at": row.finished_at,
    }

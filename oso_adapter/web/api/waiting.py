"""What waits for somebody: dossiers and orders that are not done, and what came undecided."""

from datetime import date
from hashlib import sha256
from typing import Any

from marshmallow import Schema, fields

from oso_adapter.clock import school_date
from oso_adapter.exchange import unfinished
from oso_adapter.exchange.pending import Waiting, waiting
from oso_adapter.exchange.unfinished import Unfinished
from oso_adapter.store import dossiers
from oso_adapter.store.models import Exchange
from oso_adapter.store.unfinished import open_orders
from oso_adapter.web.api.calls import Call
from oso_adapter.web.api.operations import Resource
from oso_adapter.web.api.orders import OrderPageSchema
from oso_adapter.web.api.orders import shown as order
from oso_adapter.web.api.pages import Page, PageQuery, of_moment, part
from oso_adapter.web.api.received import ReceivedSchema, shown
from oso_adapter.web.api.values import Day, RoutingIdField

resource = Resource("waiting", __name__, description="What waits for somebody.")


class WaitingQuery(PageQuery):
    """Of which administration it is asked."""

    administration = RoutingIdField(required=True)


class UnfinishedQuery(WaitingQuery):
    """What of it is asked for."""

    before = Day(metadata={"description": "Only what stands still since a day before this one."})


class UnfetchedQuery(WaitingQuery):
    """What of it is asked for."""

    before = Day(metadata={"description": "Only what was ordered before this day."})


class UnfinishedSchema(Schema):
    """One thing that is still to do before a school has what it waits for."""

    pupil = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Your own reference; null for a pupil who is unknown here."},
    )
    profile = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True, allow_none=True)
    missing = fields.String(required=True, metadata={"description": "In Dutch."})
    destination = fields.String(
        required=True, allow_none=True, metadata={"description": "BRIN of the school that waits."}
    )
    since = fields.AwareDateTime(required=True, format="iso")
    account = fields.String(required=True, allow_none=True)


class UnfinishedPageSchema(Page):
    """What is still to do, oldest first."""

    items = fields.List(fields.Nested(UnfinishedSchema), required=True)


class PendingSchema(ReceivedSchema):
    """A dossier that came and waits for a decision, and how long it stays."""

    days = fields.Integer(required=True, metadata={"description": "Since it came."})
    until = fields.Date(
        required=True,
        allow_none=True,
        metadata={"description": "Then it is destroyed; null while a hold keeps it."},
    )
    soon = fields.Boolean(required=True, metadata={"description": "Whether that was warned of."})


class PendingPageSchema(Page):
    """What waits for a decision; first what has to go first."""

    items = fields.List(fields.Nested(PendingSchema), required=True)


@resource.operation(
    "GET",
    "/dossiers/unfinished",
    "listUnfinished",
    scope="dossiers:read",
    query=UnfinishedQuery,
    answer=UnfinishedPageSchema,
    refusals=(404,),
)
def to_do(call: Call, asked: dict[str, Any]) -> dict[str, Any]:
    """List what is not collected, not seen, not ready or not fetched, oldest first."""
    school = call.administration(asked["administration"])
    found = unfinished.listed(call.adapter, school)
    before = asked.get("before")
    chosen = [item for item in found if before is None or school_date(item.since) < before]
    return part(chosen, _place, asked)


@resource.operation(
    "GET",
    "/orders/unfinished",
    "listUnfetched",
    scope="orders:read",
    query=UnfetchedQuery,
    answer=OrderPageSchema,
    refusals=(404,),
)
def not_fetched(call: Call, asked: dict[str, Any]) -> dict[str, Any]:
    """List the orders that brought no dossier yet, by school, oldest first.

    Those that are not done, and those that ended without a dossier and were not given again.
    """
    school, before = call.administration(asked["administration"]), asked.get("before")
    with call.adapter.store.reading() as session:
        orders = open_orders(session, school.id)
        chosen = [o for o in orders if before is None or school_date(o.ordered_at) < before]
        rows = part(chosen, _by_school, asked)
        came = dossiers.received_for(session, [row.id for row in rows["items"]])
    return {**rows, "items": [order(call, row, came.get(row.id)) for row in rows["items"]]}


@resource.operation(
    "GET",
    "/received/pending",
    "listPending",
    scope="received:read",
    query=WaitingQuery,
    answer=PendingPageSchema,
    refusals=(404,),
)
def pending(call: Call, asked: dict[str, Any]) -> dict[str, Any]:
    """List what came and waits for a decision, and when it will be destroyed without one."""
    found = waiting(call.adapter, call.administration(asked["administration"]))
    rows = part(found, _turn, asked)
    return {
        **rows,
        "items": [
            {**shown(call, i.received), "days": i.days, "until": i.until, "soon": i.soon}
            for i in rows["items"]
        ],
    }


def _place(item: Unfinished) -> str:
    """Where it is in the list, oldest first."""
    what = (item.pupil, item.profile, item.version, item.missing, item.destination)
    return f"{of_moment(item.since)} {sha256(repr(what).encode()).hexdigest()[:32]}"


def _by_school(row: Exchange) -> str:
    """Where it is in the list: by the school that was asked, oldest first."""
    return f"{row.bron_brin} {of_moment(row.ordered_at)} {row.id}"


def _turn(item: Waiting) -> str:
    """Where it is in the list: first what has to go first."""
    received = item.received
    return f"{item.until or date.max} {of_moment(received.received_at)} {received.id}"

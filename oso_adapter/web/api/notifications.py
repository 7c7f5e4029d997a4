"""``/notifications``: whom we can tell that a dossier is ready now, and who told us so.

Nothing is sent by itself: telling a system is an order of somebody (PvE-10).
"""

from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validate
from sqlalchemy import select

from oso_adapter.exchange import asked as in_vain
from oso_adapter.exchange import jobs, notified, notify
from oso_adapter.exchange.orders import order_of
from oso_adapter.store import notifications
from oso_adapter.store.models import Notice, NoticeState, Notification, PreparedState, Request
from oso_adapter.web.api.calls import Call
from oso_adapter.web.api.jobs import JobSchema, told
from oso_adapter.web.api.operations import Resource
from oso_adapter.web.api.pages import ListQuery, Page, PageQuery, by_number, page, part
from oso_adapter.web.api.problems import Problem
from oso_adapter.web.api.values import Flag, RoutingIdField

resource = Resource("notifications", __name__, description="Telling that a dossier is ready.")


class AskedSchema(Schema):
    """The last request of one system for one pupil, which got no dossier that is current."""

    id = fields.Integer(required=True)
    pupil = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Your own reference; null for a pupil who is unknown here."},
    )
    state = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": f"Of the newest dossier: {', '.join(PreparedState)}."},
    )
    doel_brin = fields.String(required=True)
    doel_routing_id = fields.String(required=True)
    asked_at = fields.AwareDateTime(required=True, format="iso")
    result = fields.String(required=True, allow_none=True)
    text = fields.String(required=True, allow_none=True, metadata={"description": "In Dutch."})
    ready = fields.Boolean(
        required=True, metadata={"description": "Whether that system can fetch it now."}
    )
    told_at = fields.AwareDateTime(required=True, allow_none=True, format="iso")


class AskedPageSchema(Page):
    """Requests that got no dossier, oldest first."""

    items = fields.List(fields.Nested(AskedSchema), required=True)


class AskedQuery(PageQuery):
    """Which requests are asked for."""

    administration = RoutingIdField(required=True)
    all = Flag(
        load_default=False,
        metadata={"description": "Also where nothing is ready yet, and those that were told."},
    )


class NoticeSchema(Schema):
    """An order to tell a system, and what came of it."""

    id = fields.String(required=True)
    administration = fields.String(required=True, metadata={"description": "Routing id."})
    request = fields.Integer(required=True)
    doel_brin = fields.String(required=True)
    doel_routing_id = fields.String(required=True)
    state = fields.String(
        required=True, validate=validate.OneOf([str(state) for state in NoticeState])
    )
    result = fields.String(required=True, allow_none=True)
    text = fields.String(required=True, allow_none=True, metadata={"description": "In Dutch."})
    next_step = fields.String(required=True, allow_none=True)
    fault_id = fields.String(required=True, allow_none=True)
    account = fields.String(required=True)
    ordered_at = fields.AwareDateTime(required=True, format="iso")
    finished_at = fields.AwareDateTime(required=True, allow_none=True, format="iso")


class NoticePageSchema(Page):
    """Orders to tell a system, oldest first."""

    items = fields.List(fields.Nested(NoticeSchema), required=True)


class NotificationSchema(Schema):
    """A school that was asked says that the dossier can be fetched now."""

    id = fields.String(required=True)
    administration = fields.String(required=True, metadata={"description": "Routing id."})
    reference = fields.String(required=True, metadata={"description": "Your name for the order."})
    order = fields.String(required=True, metadata={"description": "Id of the order."})
    bron_brin = fields.String(required=True)
    bron_routing_id = fields.String(required=True)
    open = fields.Boolean(
        required=True, metadata={"description": "Whether it was not fetched since."}
    )
    received_at = fields.AwareDateTime(required=True, format="iso")


class NotificationPageSchema(Page):
    """Notifications that came, oldest first."""

    items = fields.List(fields.Nested(NotificationSchema), required=True)


class NotificationQuery(ListQuery):
    """Which notifications are asked for."""

    open = Flag(load_default=False, metadata={"description": "Only what was not fetched since."})


class FetchSchema(Schema):
    """Notifications whose dossiers are ordered."""

    administration = RoutingIdField(required=True)
    notifications = fields.List(fields.UUID(), required=True, validate=validate.Length(1, 1000))


@resource.operation(
    "GET",
    "/notifications",
    "listNotifications",
    scope="notifications:read",
    query=NotificationQuery,
    answer=NotificationPageSchema,
    refusals=(404,),
)
def list_(call: Call, asked: dict[str, Any]) -> dict[str, Any]:
    """List the notifications of schools that you asked, oldest first."""
    chosen = call.chosen(asked.get("administration"))
    query = notifications.of_administrations(chosen, only_open=asked["open"])
    with call.adapter.store.reading() as session:
        found = page(session, query, (Notification.first_at, Notification.id), asked)
        still = notifications.open_among(session, [row.id for row in found["items"]])
    items = [
        {
            "id": row.id,
            "administration": row.exchange.administration.routing_id,
            "reference": order_of(call.adapter, row.exchange).reference,
            "order": row.exchange_id,
            "bron_brin": row.bron_brin,
            "bron_routing_id": row.bron_routing_id,
            "open": row.id in still,
            "received_at": row.last_at,
        }
        for row in found["items"]
    ]
    return {**found, "items": items}


@resource.operation(
    "POST",
    "/notifications/fetch",
    "fetchNotified",
    scope="orders:write",
    body=FetchSchema,
    answer=JobSchema,
    status=202,
    refusals=(404, 409),
)
def fetch(call: Call, asked: dict[str, Any]) -> dict[str, Any]:
    """Order the dossiers that notifications tell of: the same pupils, asked once more."""
    school = call.administration(asked["administration"])
    orders = notified.orders(call.adapter, school, [str(n) for n in asked["notifications"]])
    return told(call, jobs.fetch(call.adapter, school, call.account, orders))


@resource.operation(
    "GET",
    "/notifications/requests",
    "listAsked",
    scope="notifications:read",
    query=AskedQuery,
    answer=AskedPageSchema,
    refusals=(404,),
)
def asked_in_vain(call: Call, asked: dict[str, Any]) -> dict[str, Any]:
    """List the systems that asked in vain, and can be told that the dossier is ready now."""
    school = call.administration(asked["administration"])
    found = in_vain.of_administration(call.adapter, school)
    items = [_asked(call, item) for item in found if asked["all"] or item.waits]
    return part(items, by_number, asked)


@resource.operation(
    "POST",
    "/notifications/requests/<int(max=9223372036854775807):request>/send",
    "sendNotification",
    scope="notifications:write",
    answer=NoticeSchema,
    status=202,
    refusals=(404, 409),
)
def send(call: Call, request: int) -> dict[str, Any]:
    """Order that the system which made this request is told that the dossier is ready.

    It gets one message, which its user sees and may act on; it holds nothing of the pupil or the
    dossier. Your school is responsible for it. It is sent once, by the runner.
    """
    with call.adapter.store.reading() as session:
        found = session.get(Request, request)
    if found is None or not call.covers(found.administration_id):
        raise Problem(404, "er is geen aanvraag met dit nummer voor dit token")
    school = call.administration(call.routing_ids[found.administration_id])
    return _notice(call, notify.order(call.adapter, school, call.account, request))


@resource.operation(
    "GET",
    "/notifications/sent",
    "listSent",
    scope="notifications:read",
    query=ListQuery,
    answer=NoticePageSchema,
    refusals=(404,),
)
def sent(call: Call, asked: dict[str, Any]) -> dict[str, Any]:
    """List the orders to tell a system, and what came of each."""
    notify.give_up_left_behind(call.adapter)
    chosen = call.chosen(asked.get("administration"))
    query = select(Notice).where(Notice.administration_id.in_(chosen))
    with call.adapter.store.reading() as session:
        found = page(session, query, (Notice.ordered_at, Notice.id), asked)
    return {**found, "items": [_told(call, row) for row in found["items"]]}


@resource.operation(
    "GET",
    "/notifications/sent/<uuid:notice>",
    "getSent",
    scope="notifications:read",
    answer=NoticeSchema,
    refusals=(404,),
)
def get_sent(call: Call, notice: UUID) -> dict[str, Any]:
    """Show what came of an order to tell a system."""
    notify.give_up_left_behind(call.adapter)
    return _notice(call, str(notice))


def _notice(call: Call, notice_id: str) -> dict[str, Any]:
    with call.adapter.store.reading() as session:
        found = session.get(Notice, notice_id)
    if found is None or not call.covers(found.administration_id):
        raise Problem(404, "er is geen melding met dit nummer voor dit token")
    return _told(call, found)


def _told(call: Call, row: Notice) -> dict[str, Any]:
    known = call.explained(row.result, "sending")
    return {
        "id": row.id,
        "administration": call.routing_ids[row.administration_id],
        "request": row.request_id,
        "doel_brin": row.request.doel_brin,
        "doel_routing_id": row.request.doel_routing_id,
        "state": row.state,
        "result": row.result,
        "text": known.text if known else None,
        "next_step": known.next_step if known else None,
        "fault_id": row.fault_id,
        "account": row.account,
        "ordered_at": row.ordered_at,
        "finished_at": row.finished_at,
    }


def _asked(call: Call, item: in_vain.Asked) -> dict[str, Any]:
    request, newest = item.request, item.newest
    known = call.explained(request.result, "sending")
    return {
        "id": request.id,
        "pupil": in_vain.pupil_of(call.adapter, item),
        "state": newest.state if newest else None,
        "doel_brin": request.doel_brin,
        "doel_routing_id": request.doel_routing_id,
        "asked_at": request.last_at,
        "result": request.result,
        "text": known.text if known else None,
        "ready": item.ready is not None,
        "told_at": item.told_at,
    }

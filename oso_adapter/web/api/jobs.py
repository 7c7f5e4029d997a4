"""``/jobs``: how far long work has come, and what became of each pupil in it."""

from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validate
from sqlalchemy import select

from oso_adapter.exchange import jobs as use_case
from oso_adapter.exchange.fetch import DELIVERED
from oso_adapter.store.jobs import state_of_order
from oso_adapter.store.models import Exchange, ItemState, Job, JobItem, JobKind
from oso_adapter.web.api.calls import Call
from oso_adapter.web.api.operations import Resource
from oso_adapter.web.api.pages import Page, PageQuery, page
from oso_adapter.web.api.problems import FindingSchema, Problem

resource = Resource("jobs", __name__, description="Long work, and how far it has come.")

_SCOPES = {
    JobKind.COLLECT: "dossiers:read",
    JobKind.FETCH: "orders:read",
    JobKind.FIND: "dossiers:read",
}


class JobSchema(Schema):
    """Work for many pupils."""

    id = fields.String(required=True)
    administration = fields.String(required=True, metadata={"description": "Routing id."})
    kind = fields.String(required=True, validate=validate.OneOf([str(k) for k in JobKind]))
    state = fields.String(required=True, validate=validate.OneOf(["bezig", "klaar"]))
    total = fields.Integer(required=True)
    done = fields.Integer(required=True)
    failed = fields.Integer(required=True)
    waiting = fields.Integer(required=True)
    account = fields.String(required=True)
    ordered_at = fields.AwareDateTime(required=True, format="iso")


class FoundPupilSchema(Schema):
    """A pupil in the supplier's own system."""

    pupil = fields.String(required=True, metadata={"description": "Your own reference."})
    name = fields.String(required=True)
    group = fields.String(required=True, allow_none=True)
    date_of_birth = fields.String(required=True, allow_none=True, metadata={"format": "date"})
    destination = fields.String(required=True, allow_none=True)
    leaving_on = fields.String(required=True, allow_none=True, metadata={"format": "date"})


class JobItemSchema(Schema):
    """One pupil of a job."""

    position = fields.Integer(required=True)
    pupil = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Your own reference; null once what it is about was destroyed."},
    )
    state = fields.String(required=True, validate=validate.OneOf([str(s) for s in ItemState]))
    subject = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Id of the order, or of the dossier that was made."},
    )
    result = fields.String(metadata={"description": "Result code of an order that is done."})
    error = fields.String(metadata={"description": "Why it failed; in Dutch where a school acts."})
    fault_id = fields.String()
    findings = fields.List(fields.Nested(FindingSchema))
    found = fields.List(
        fields.Nested(FoundPupilSchema),
        metadata={"description": "Of a job that finds pupils, for an hour after it was done."},
    )


class JobItemPageSchema(Page):
    """The items of a job, as they were ordered."""

    items = fields.List(fields.Nested(JobItemSchema), required=True)


@resource.operation(
    "GET", "/jobs/<uuid:job>", "getJob", scope=None, answer=JobSchema, refusals=(404,)
)
def get(call: Call, job: UUID) -> dict[str, Any]:
    """Show how far a job has come; it is kept for 30 days ([retention] jobs).

    Needs the scope dossiers:read for collecting and finding, orders:read for fetching.
    """
    return told(call, _found(call, job))


@resource.operation(
    "GET",
    "/jobs/<uuid:job>/items",
    "listJobItems",
    scope=None,
    query=PageQuery,
    answer=JobItemPageSchema,
    refusals=(404,),
)
def items(call: Call, asked: dict[str, Any], job: UUID) -> dict[str, Any]:
    """List what became of each pupil of a job."""
    found = _found(call, job)
    with call.adapter.store.reading() as session:
        rows = page(session, select(JobItem).filter_by(job_id=found.id), (JobItem.position,), asked)
        ids = [row.subject for row in rows["items"]]
        orders = {e.id: e for e in session.scalars(select(Exchange).where(Exchange.id.in_(ids)))}
    items = [_item(call, row, orders) for row in rows["items"]]
    if found.kind == JobKind.FETCH:
        for item in items:
            if item["subject"] not in orders:  # it was done, or it would still be there
                item["state"] = ItemState.DONE
    return {**rows, "items": items}


def told(call: Call, job: Job) -> dict[str, Any]:
    """A job as it is shown."""
    progress = use_case.progress(call.adapter, job)
    return {
        "id": job.id,
        "administration": call.routing_ids[job.administration_id],
        "kind": job.kind,
        "state": "bezig" if progress.waiting else "klaar",
        "total": progress.total,
        "done": progress.done,
        "failed": progress.failed,
        "waiting": progress.waiting,
        "account": job.account,
        "ordered_at": job.ordered_at,
    }


def _found(call: Call, job: UUID) -> Job:
    with call.adapter.store.reading() as session:
        found = session.get(Job, str(job))
    if found is None or not call.covers(found.administration_id):
        raise Problem(404, "er is geen taak met dit nummer voor dit token")
    call.require(_SCOPES[JobKind(found.kind)])
    return found


def _item(call: Call, row: JobItem, orders: dict[str, Exchange]) -> dict[str, Any]:
    shown = {
        "position": row.position,
        "pupil": use_case.pupil_of(call.adapter, row),
        "state": row.state,
        "subject": row.subject,
        **use_case.outcome_of(call.adapter, row),
    }
    order = orders.get(row.subject or "")
    if order is not None:
        shown["state"] = state_of_order(order.state, order.result, DELIVERED)
        if order.result is not None:
            shown["result"] = order.result
        known = call.explained(order.result, "asking")
        if shown["state"] == ItemState.FAILED and known is not None:
            shown["error"] = f"{known.text} {known.next_step}"
    return shown

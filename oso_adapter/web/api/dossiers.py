"""``/dossiers``: what is prepared for other schools, by the supplier's own pupil reference."""

from typing import Any, Final

from flask import Response, request
from marshmallow import Schema, fields, validate
from sqlalchemy import select

from oso_adapter.exchange import prepare, versions
from oso_adapter.exchange.forms import put_as_json
from oso_adapter.exchange.policy import BETWEEN_SCHOOLS
from oso_adapter.exchange.snapshot import Outcome
from oso_adapter.identifiers import plain_text
from oso_adapter.store.models import Prepared, PreparedState
from oso_adapter.web.api.calls import Call
from oso_adapter.web.api.content import GIVEN, PUT, TAKEN, ContentQuery, handed_out
from oso_adapter.web.api.operations import JSON, Resource
from oso_adapter.web.api.pages import ListQuery, Page, page
from oso_adapter.web.api.problems import FindingSchema
from oso_adapter.web.api.values import Day, beginning

resource = Resource("dossiers", __name__, description="Dossiers for other schools.")

PUPIL: Final = "/dossiers/<routing_id:administration>/<string(maxlength=200):pupil>"
_STATES = validate.OneOf([str(state) for state in PreparedState])


class DossierSchema(Schema):
    """A version of a pupil's dossier that was prepared."""

    id = fields.String(required=True)
    administration = fields.String(required=True, metadata={"description": "Routing id."})
    pupil = fields.String(required=True, metadata={"description": "Your own reference."})
    profile = fields.String(required=True)
    version = fields.Integer(required=True)
    release = fields.String(required=True, metadata={"description": "Of the standard."})
    state = fields.String(required=True, validate=_STATES)
    schools = fields.List(
        fields.String(), required=True, metadata={"description": "BRINs that may fetch it."}
    )
    until = fields.Date(
        required=True,
        allow_none=True,
        attribute="ready_until",
        metadata={"description": "The last day on which it can be fetched."},
    )
    inzage = fields.Boolean(required=True, attribute="seen")
    toestemming = fields.Boolean(required=True, attribute="consent")
    controlegetal = fields.String(required=True, attribute="content_digest")
    collected_at = fields.AwareDateTime(required=True, format="iso")
    changed_at = fields.AwareDateTime(required=True, format="iso")
    account = fields.String(required=True)


class DossierPageSchema(Page):
    """Prepared dossiers, oldest first."""

    items = fields.List(fields.Nested(DossierSchema), required=True)


class DossierQuery(ListQuery):
    """Which prepared dossiers are asked for."""

    state = fields.String(validate=_STATES)
    before = Day(metadata={"description": "Only what last changed before this day."})


class VersionQuery(Schema):
    """Which version of a pupil's dossier is meant; the newest when nothing is said."""

    version = fields.Integer(validate=validate.Range(1, 1_000_000))
    profile = fields.String(
        validate=validate.OneOf(BETWEEN_SCHOOLS),
        metadata={"description": "Of which profile, or else that of the newest dossier."},
    )


class VersionContentQuery(VersionQuery, ContentQuery):
    """Which version, in which form."""


class PreparedSchema(Schema):
    """What was done with a dossier, and what the preparer should know of it."""

    id = fields.String(required=True)
    version = fields.Integer(required=True)
    state = fields.String(required=True, validate=_STATES)
    findings = fields.List(fields.Nested(FindingSchema), required=True)


@resource.operation(
    "GET",
    "/dossiers",
    "listDossiers",
    scope="dossiers:read",
    query=DossierQuery,
    answer=DossierPageSchema,
    refusals=(404,),
)
def list_(call: Call, asked: dict[str, Any]) -> dict[str, Any]:
    """List prepared dossiers, oldest first, every version."""
    chosen = call.chosen(asked.get("administration"))
    query = select(Prepared).where(Prepared.administration_id.in_(chosen))
    if "state" in asked:
        query = query.filter_by(state=asked["state"])
    if "before" in asked:
        query = query.where(Prepared.changed_at < beginning(asked["before"]))
    with call.adapter.store.reading() as session:
        found = page(session, query, (Prepared.collected_at, Prepared.id), asked)
    names = call.routing_ids
    return {**found, "items": [_told(call, row, names) for row in found["items"]]}


@resource.operation(
    "PUT",
    PUPIL,
    "putDossier",
    scope="dossiers:write",
    raw=PUT,
    answer=PreparedSchema,
    refusals=(404, 409),
    requestBody=TAKEN,
)
def put(call: Call, administration: str, pupil: str) -> Outcome:
    """Put a complete dossier that your own software made, as XML or JSON.

    It becomes the next version of the pupil. XML is kept byte for byte, unless something in it may
    not leave the school. The reference in the address may hold no BSN or onderwijsnummer.
    """
    school = call.administration(administration)
    body = request.get_data()
    xml = put_as_json(body) if request.mimetype == JSON else body
    return prepare.put(call.adapter, school, call.account, xml, _reference(pupil))


@resource.operation(
    "GET",
    PUPIL,
    "getDossier",
    scope="dossiers:read",
    query=VersionQuery,
    answer=DossierSchema,
    refusals=(404,),
)
def get(call: Call, asked: dict[str, Any], administration: str, pupil: str) -> dict[str, Any]:
    """Show how far a pupil's dossier is: the newest version, or the one that is named."""
    school = call.administration(administration)
    row = versions.found(call.adapter, school, _reference(pupil), **asked)
    return _told(call, row, {school.id: school.routing_id})


@resource.operation(
    "GET",
    f"{PUPIL}/content",
    "getDossierContent",
    scope="dossiers:read",
    query=VersionContentQuery,
    account=True,
    refusals=(404, 409, 501),
    responses=GIVEN,
)
def content(call: Call, asked: dict[str, Any], administration: str, pupil: str) -> Response:
    """Read a prepared dossier: exactly as it will be sent, or for the parents to read."""
    school = call.administration(administration)
    form = asked.pop("form")
    xml = versions.show(call.adapter, school, call.account, _reference(pupil), **asked)
    return handed_out(xml, form)


def _reference(pupil: str) -> str:
    return plain_text(pupil, 200)


def _told(call: Call, row: Prepared, names: dict[int, str]) -> dict[str, Any]:
    told = {name: getattr(row, name, None) for name in Prepared.__table__.columns.keys()}  # noqa: SIM118
    return {
        **told,
        "administration": names[row.administration_id],
        "pupil": prepare.pupil_of(call.adapter, row),
        "schools": sorted(school.brin for school in row.schools),
    }

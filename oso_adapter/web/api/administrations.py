"""``/administrations``: the schools that the adapter speaks for."""

from typing import Any

from marshmallow import Schema, fields, validate

from oso_adapter.errors import ConfigurationError
from oso_adapter.exchange import administrations as use_case
from oso_adapter.exchange import osr_connections
from oso_adapter.exchange.osr_connections import RIGHT, STATES
from oso_adapter.exchange.osr_texts import TEXTS, told
from oso_adapter.store import administrations
from oso_adapter.store.models import Administration, AdministrationKind
from oso_adapter.web.api.calls import Call
from oso_adapter.web.api.operations import Resource
from oso_adapter.web.api.pages import Page, PageQuery, page
from oso_adapter.web.api.problems import Problem
from oso_adapter.web.api.values import BrinField, Day, RoutingIdField, Text

resource = Resource("administrations", __name__, description="The schools; they are data.")

_KINDS = validate.OneOf([str(kind) for kind in AdministrationKind])
_SECTORS = validate.OneOf(use_case.SECTORS)


class AdministrationSchema(Schema):
    """A school administration that the adapter speaks for."""

    routing_id = fields.String(required=True, metadata={"description": "Routeringskenmerk."})
    brin = fields.String(required=True)
    kind = fields.String(required=True, validate=_KINDS)
    name = fields.String(required=True)
    tenant = fields.String(required=True)
    sector = fields.String(required=True, allow_none=True)
    valid_from = fields.Date(required=True)
    valid_until = fields.Date(required=True, allow_none=True)


class RemarkSchema(Schema):
    """What there is to say of a connection, and who has to do what."""

    code = fields.String(required=True, validate=validate.OneOf(sorted(TEXTS)))
    text = fields.String(required=True, metadata={"description": "In Dutch."})
    who = fields.String(
        required=True,
        validate=validate.OneOf(sorted({who for _, who, _ in TEXTS.values()})),
        metadata={"description": "Who can mend it."},
    )
    next_step = fields.String(required=True, metadata={"description": "Who clicks what, where."})


class ConnectionSchema(Schema):
    """Whether an administration is connected, as the last look at the OSR showed it."""

    connected = fields.Boolean(
        required=True,
        allow_none=True,
        metadata={"description": "Null when nobody looked yet, as in the other fields."},
    )
    looked_at = fields.AwareDateTime(required=True, allow_none=True)
    mandated = fields.Boolean(
        required=True,
        allow_none=True,
        metadata={"description": "Whether the school has given our system a mandate."},
    )
    mandate_seen_at = fields.AwareDateTime(
        required=True,
        allow_none=True,
        metadata={"description": "The last look that showed the mandate."},
    )
    endpoint = fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf([RIGHT, *sorted(STATES.values())]),
        metadata={"description": "Our endpoint; null also where it was not judged."},
    )
    endpoint_seen_at = fields.AwareDateTime(
        required=True,
        allow_none=True,
        metadata={"description": "The last look that showed our endpoint as it should be."},
    )
    remarks = fields.List(fields.Nested(RemarkSchema), required=True)


class AdministrationPageSchema(Page):
    """Administrations, by BRIN and routing id."""

    items = fields.List(fields.Nested(AdministrationSchema), required=True)


class NewAdministrationSchema(Schema):
    """An administration to add; it gets the tenant of the token."""

    routing_id = RoutingIdField(required=True)
    brin = BrinField(required=True)
    kind = fields.String(validate=_KINDS, load_default="LAS")
    name = Text(200, required=True)
    sector = fields.String(validate=_SECTORS, load_default=None)
    valid_from = Day(load_default=None)
    valid_until = Day(load_default=None)


class ChangedAdministrationSchema(Schema):
    """What changes; what is left out stays."""

    name = Text(200)
    sector = fields.String(validate=_SECTORS)
    valid_until = Day(metadata={"description": "The last day on which it takes part."})


@resource.operation(
    "GET",
    "/administrations",
    "listAdministrations",
    scope="administrations:read",
    query=PageQuery,
    answer=AdministrationPageSchema,
)
def list_(call: Call, asked: dict[str, Any]) -> dict[str, Any]:
    """List the administrations that the token is for."""
    with call.adapter.store.reading() as session:
        query = administrations.of_ids(call.caller.administrations)
        return page(session, query, (Administration.id,), asked)


@resource.operation(
    "POST",
    "/administrations",
    "addAdministration",
    scope="administrations:write",
    body=NewAdministrationSchema,
    answer=AdministrationSchema,
    status=201,
    refusals=(409,),
)
def add(call: Call, new: dict[str, Any]) -> Administration:
    """Add an administration to the tenant of the token.

    A token that is for administrations by name cannot add one.
    """
    if call.caller.tenant is None:
        raise Problem(403, "only a token of a tenant can add administrations")
    try:
        return use_case.add(call.adapter, call.account, {**new, "tenant": call.caller.tenant})
    except ConfigurationError:
        wrong = "this school does not belong to the environment of this adapter"
        raise Problem(422, errors=[("brin", wrong)]) from None


@resource.operation(
    "GET",
    "/administrations/<routing_id:administration>",
    "getAdministration",
    scope="administrations:read",
    answer=AdministrationSchema,
    refusals=(404,),
)
def get(call: Call, administration: str) -> Administration:
    """Show one administration."""
    return call.administration(administration)


@resource.operation(
    "PATCH",
    "/administrations/<routing_id:administration>",
    "changeAdministration",
    scope="administrations:write",
    body=ChangedAdministrationSchema,
    answer=AdministrationSchema,
    refusals=(404, 409),
)
def change(call: Call, changes: dict[str, Any], administration: str) -> Administration:
    """Change an administration, or end it by giving it a last day; nothing is deleted."""
    found = call.administration(administration)
    return use_case.change(call.adapter, call.account, found, changes)


@resource.operation(
    "GET",
    "/administrations/<routing_id:administration>/connection",
    "getConnection",
    scope="administrations:read",
    answer=ConnectionSchema,
    refusals=(404,),
)
def connection(call: Call, administration: str) -> dict[str, Any]:
    """Show whether an administration is connected, and if not who has to do what, where.

    The OSR is not asked: this is what the adapter saw when it last looked.
    """
    found = osr_connections.of(call.adapter, call.administration(administration))
    remarks = [
        {"code": each["code"], "text": each["tekst"], "who": each["wie"],
         "next_step": each["volgende_stap"]}
        for each in map(told, found.remarks)
    ]  # fmt: skip
    return {**vars(found), "remarks": remarks}

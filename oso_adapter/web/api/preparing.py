"""What is done with a prepared dossier: collected, shown to the parents, made ready, withdrawn."""

from typing import Any

from marshmallow import Schema, fields, validate

from oso_adapter.exchange import former, jobs, prepare
from oso_adapter.exchange.policy import BETWEEN_SCHOOLS
from oso_adapter.exchange.snapshot import Outcome
from oso_adapter.identifiers import plain_text
from oso_adapter.web.api.calls import Call
from oso_adapter.web.api.dossiers import PUPIL, PreparedSchema
from oso_adapter.web.api.jobs import JobSchema, told
from oso_adapter.web.api.operations import Resource
from oso_adapter.web.api.values import BrinField, Category, Day, NumberField, RoutingIdField, Text

resource = Resource("dossier steps", __name__, description="From collecting until withdrawing.")

MOST = 1000
_ANSWERS = validate.OneOf(["Ja", "Nee", "Onbekend"])
_PROFILE = {"description": "Of which dossier; needed when a pupil has them of more than one."}


class CollectSchema(Schema):
    """Pupils whose dossiers are collected through the plugin."""

    administration = RoutingIdField(required=True)
    profile = fields.String(required=True, validate=validate.OneOf(BETWEEN_SCHOOLS))
    pupils = fields.List(
        Text(200),
        required=True,
        validate=validate.Length(1, MOST),
        metadata={"description": "Your own references, never a number."},
    )
    without = fields.List(
        Category(),
        load_default=list,
        validate=validate.Length(0, 50),
        metadata={"description": "Optional categories that stay out.", "example": ["cat_verzuim"]},
    )


class InzageSchema(Schema):
    """What the school records after the parents saw the dossier."""

    on = Day(required=True, metadata={"description": "The day of the inzage."})
    akkoord = fields.String(required=True, validate=_ANSWERS)
    reason = Text(500, metadata={"description": "Why not; a remark, never a veto."})
    toestemming = fields.String(
        validate=_ANSWERS, metadata={"description": "Consent; needed from vo to vo."}
    )
    controlegetal = Text(
        100, metadata={"description": "Of what they saw; refused when the dossier is another."}
    )
    profile = fields.String(validate=validate.OneOf(BETWEEN_SCHOOLS), metadata=_PROFILE)


class FormerNumbersSchema(Schema):
    """Numbers that the pupil had before."""

    numbers = fields.List(
        NumberField(),
        required=True,
        validate=validate.Length(1, 10),
        load_only=True,
        metadata={"description": "BSN or onderwijsnummer.", "example": ["111222333"]},
    )


class ReadySchema(Schema):
    """The schools that may fetch the dossier."""

    schools = fields.List(
        BrinField(), required=True, validate=validate.Length(1, 50), metadata={"example": ["99BB"]}
    )
    until = Day(metadata={"description": "The last day on which it can be fetched."})
    profile = fields.String(validate=validate.OneOf(BETWEEN_SCHOOLS), metadata=_PROFILE)


@resource.operation(
    "POST",
    "/dossiers/collect",
    "collectDossiers",
    scope="dossiers:write",
    body=CollectSchema,
    answer=JobSchema,
    status=202,
    refusals=(404, 409),
)
def collect(call: Call, asked: dict[str, Any]) -> dict[str, Any]:
    """Collect (verzamelen) dossiers through the plugin: a job that the runner carries out."""
    school = call.administration(asked["administration"])
    job = jobs.collect(
        *(call.adapter, school, call.account),
        *(asked["pupils"], asked["profile"], asked["without"]),
    )
    return told(call, job)


@resource.operation(
    "POST",
    f"{PUPIL}/inzage",
    "recordInzage",
    scope="dossiers:write",
    body=InzageSchema,
    answer=PreparedSchema,
    refusals=(404, 409),
)
def inzage(call: Call, seen: dict[str, Any], administration: str, pupil: str) -> Outcome:
    """Record that the parents have seen the dossier."""
    recorded = prepare.Inzage(
        seen["on"], seen["akkoord"], seen.get("reason"), seen.get("toestemming")
    )
    return prepare.record_inzage(
        *(call.adapter, call.administration(administration), call.account, plain_text(pupil, 200)),
        recorded,
        seen.get("controlegetal"),
        profile=seen.get("profile"),
    )


@resource.operation(
    "POST",
    f"{PUPIL}/former-numbers",
    "addFormerNumbers",
    scope="dossiers:write",
    body=FormerNumbersSchema,
    answer=PreparedSchema,
    refusals=(404, 409),
)
def former_numbers(call: Call, given: dict[str, Any], administration: str, pupil: str) -> Outcome:
    """Let the dossier, and what is put next, be found by former numbers of the pupil too."""
    school = call.administration(administration)
    reference = plain_text(pupil, 200)
    return former.add(call.adapter, school, call.account, reference, given["numbers"])


@resource.operation(
    "POST",
    f"{PUPIL}/ready",
    "makeDossierReady",
    scope="dossiers:write",
    body=ReadySchema,
    answer=PreparedSchema,
    refusals=(404, 409),
)
def ready(call: Call, asked: dict[str, Any], administration: str, pupil: str) -> Outcome:
    """Make a dossier ready (klaarzetten) for one or more schools; only now they can fetch it.

    A school that it was ready for before and that is not named now can no longer fetch it.
    """
    return prepare.make_ready(
        *(call.adapter, call.administration(administration), call.account, plain_text(pupil, 200)),
        asked["schools"],
        asked.get("until"),
        profile=asked.get("profile"),
    )


@resource.operation(
    "POST",
    f"{PUPIL}/withdraw",
    "withdrawDossier",
    scope="dossiers:write",
    answer=PreparedSchema,
    refusals=(404, 409),
)
def withdraw(call: Call, administration: str, pupil: str) -> Outcome:
    """Withdraw (intrekken) a dossier: nobody can fetch it any more."""
    school = call.administration(administration)
    return prepare.withdraw(call.adapter, school, call.account, plain_text(pupil, 200))

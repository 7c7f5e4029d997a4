"""``/audit``: questions about what was done, of one administration at a time.

A question is a POST, since it may hold a number, and asking it is an event itself.
"""

from typing import Any, Final

from marshmallow import Schema, fields, validate

from oso_adapter.exchange import audit
from oso_adapter.exchange.audit import Question
from oso_adapter.web.api.calls import Call
from oso_adapter.web.api.events import EventPageSchema, told
from oso_adapter.web.api.operations import Resource
from oso_adapter.web.api.pages import MOST, by_number, part
from oso_adapter.web.api.problems import Problem
from oso_adapter.web.api.values import (
    MomentField,
    NumberField,
    OinField,
    RoutingIdField,
    SessionIdField,
)

resource = Resource("audit", __name__, description="Questions about what was done.")

_ABOUT: Final = ("dossier", "session", "fault_id", "pgn", "to_oin")


class QuestionSchema(Schema):
    """What is asked: one of dossier, session, fault_id, pgn and to_oin."""

    administration = RoutingIdField(required=True)
    dossier = fields.UUID(metadata={"description": "Id of a dossier or an order."})
    session = SessionIdField(metadata={"description": "sessieId of the Traffic Center."})
    fault_id = fields.UUID(metadata={"description": "As it was told to somebody."})
    pgn = NumberField(
        load_only=True,
        metadata={
            "description": "Everything about a pupil, also after the dossiers were destroyed.",
            "example": "123456782",
        },
    )
    to_oin = OinField(metadata={"description": "What was delivered to systems of this supplier."})
    begin = MomentField(metadata={"description": "Only from this moment on."})
    end = MomentField(metadata={"description": "Only before this moment."})
    after = fields.String(validate=validate.Length(1, 200))
    limit = fields.Integer(load_default=50, strict=True, validate=validate.Range(1, MOST))


@resource.operation(
    "POST",
    "/audit",
    "askAudit",
    scope="audit:read",
    body=QuestionSchema,
    answer=EventPageSchema,
    refusals=(404,),
)
def ask(call: Call, asked: dict[str, Any]) -> dict[str, Any]:
    """Ask what was done: with a dossier, in a session, with a pupil, under a fault number.

    The answer is the events of this administration, oldest first.
    """
    about = [name for name in _ABOUT if name in asked]
    if len(about) != 1:
        raise Problem(422, errors=[("body", f"give one of {', '.join(_ABOUT)}")])
    if ("begin" in asked) != ("end" in asked):
        raise Problem(422, errors=[("body", "begin and end belong together")])
    school = call.administration(asked["administration"])
    question = Question(
        dossier=str(asked["dossier"]) if "dossier" in asked else None,
        session=asked.get("session"),
        fault=str(asked["fault_id"]) if "fault_id" in asked else None,
        pupil=asked.get("pgn"),
        to_oin=asked.get("to_oin"),
        between=(asked["begin"], asked["end"]) if "begin" in asked else None,
        administration=school,
    )
    found = audit.ask(call.adapter, question, account=call.account)
    return part([told(call, event) for event in found], by_number, asked)

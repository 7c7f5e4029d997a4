"""The JSON of every hook: what is asked, and what may be answered.

A request says for which hook it is, because the signature is over the body and not over the
address. A dossier is in the JSON form (:mod:`oso_adapter.standard.jsonform`).
"""

import re
from dataclasses import dataclass
from typing import Any, Final

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from oso_adapter.standard.jsonform import MAX_SIZE

_SMALL: Final = 2**20
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _text(longest: int = 200, **more: Any) -> fields.String:
    return fields.String(validate=validate.Length(1, longest), **more)


def _exactly(pattern: str, length: int) -> list[validate.Validator]:
    # to Python, a $ also stands before a new line at the end
    return [validate.Length(equal=length), validate.Regexp(pattern)]


def _about(description: str) -> dict[str, Any]:
    return {"metadata": {"description": description}}


class Day(fields.Date):
    """A date as 2026-03-12, and in no other way that Python could read."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **more: Any) -> Any:
        if not isinstance(value, str) or not _DAY.fullmatch(value):
            raise ValidationError("has to be a date such as 2026-03-12")
        return super()._deserialize(value, attr, data, **more)


class DossierField(fields.Raw):
    """A dossier in the JSON form; the standard judges it, not this form."""


class Form(Schema):
    """A JSON object of which every key is known."""

    class Meta:
        """A key that nobody knows is a mistake of somebody."""

        unknown = RAISE


class AdministrationForm(Form):
    """The administration for which it is asked."""

    brin = fields.String(required=True, metadata={"example": "99AA"})
    routing_id = fields.String(required=True, **_about("Routeringskenmerk."))
    kind = fields.String(required=True, metadata={"example": "LAS"})
    name = fields.String(required=True)
    tenant = fields.String(required=True)


class ContextForm(Form):
    """For whom, by whose order, why, and until when the answer is of use."""

    administration = fields.Nested(AdministrationForm, required=True, allow_none=True)
    account = fields.String(
        required=True,
        allow_none=True,
        **_about("The school employee by whose order it is; null for background work."),
    )
    release = fields.String(required=True, **_about("Of the dossier standard, such as 2019.1."))
    contract = fields.String(required=True, **_about("Of the wire, such as 20200910."))
    deadline = fields.AwareDateTime(
        required=True, format="iso", **_about("Nobody waits for the answer after this moment.")
    )
    reason = fields.String(required=True, **_about("Why it is asked, in a Dutch word."))


class Request(Form):
    """What every request has."""

    hook = fields.String(required=True)
    context = fields.Nested(ContextForm, required=True)


class PingRequest(Form):
    """Are you there, do we have the same secret, and which hooks do you answer?"""

    hook = fields.String(required=True)


class PingAnswer(Form):
    """The hooks that the LAS answers."""

    hooks = fields.List(fields.String(), required=True)


class CollectRequest(Request):
    """Collect (verzamelen) the data of one pupil."""

    pupil = fields.String(required=True, **_about("Your own reference (leerlingid)."))
    profile = fields.String(required=True, metadata={"example": "POVO"})


class CollectAnswer(Form):
    """The data of one pupil, and numbers under which the pupil was known before."""

    dossier = DossierField(required=True)
    former_numbers = fields.List(
        fields.String(validate=_exactly("^[0-9]{9}$", 9)), load_default=list
    )


class ReceivedForm(Form):
    """A dossier that was fetched from another school; id stays the same however often it comes."""

    id = fields.String(required=True)
    dossier = DossierField(required=True)
    release = fields.String(required=True)
    profile = fields.String(required=True, allow_none=True)
    bron_brin = fields.String(required=True)
    former_numbers = fields.List(
        fields.String(),
        required=True,
        **_about("Other numbers of this pupil; look for the pupil under these too."),
    )


class ImportRequest(Request):
    """Take over a received dossier; it may come again with the same id."""

    received = fields.Nested(ReceivedForm, required=True)


class ImportAnswer(Form):
    """What was done with it; postponed: offer it again in a day, with the same id."""

    outcome = fields.String(
        required=True, validate=validate.OneOf(["accepted", "postponed", "rejected"])
    )
    categories = fields.List(
        fields.String(validate=validate.Regexp(r"^cat_[a-z_]{1,40}$")),
        load_default=list,
        **_about("Which were taken over (cat_verzuim); none means all."),
    )
    reason = _text(
        500, load_default=None, **_about("In Dutch, for the user; without personal data.")
    )


class NotificationForm(Form):
    """A school says that there is a (newer) dossier; it does not come with it."""

    id = fields.String(required=True)
    reference = fields.String(required=True)
    order_id = fields.String(required=True)
    bron_brin = fields.String(required=True)
    bron_routing_id = fields.String(required=True)
    received_at = fields.AwareDateTime(required=True, format="iso")


class NotificationRequest(Request):
    """Show the user that a dossier can be fetched now; it may come again with the same id."""

    notification = fields.Nested(NotificationForm, required=True)


class EventForm(Form):
    """Something that happened, without personal data."""

    id = fields.Integer(required=True)
    moment = fields.AwareDateTime(required=True, format="iso")
    name = fields.String(required=True, metadata={"example": "dossier.delivered"})
    account = fields.String(required=True, allow_none=True)
    subject = fields.String(required=True, allow_none=True)
    session_id = fields.String(required=True, allow_none=True)
    counterpart = fields.String(required=True, allow_none=True)
    result = fields.String(required=True, allow_none=True)
    fault_id = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)


class EventRequest(Request):
    """Something happened; it may come again with the same id."""

    event = fields.Nested(EventForm, required=True)


class FindRequest(Request):
    """Find pupils whose dossier a user wants to collect; what is null does not matter."""

    name = fields.String(
        required=True, allow_none=True, **_about("Part of a name, as it was typed.")
    )
    group = fields.String(required=True, allow_none=True, **_about("Of the school, such as 8a."))
    leaving_before = fields.Date(required=True, allow_none=True)
    destination = fields.String(
        required=True, allow_none=True, **_about("BRIN of the school that they go to.")
    )
    limit = fields.Integer(required=True, **_about("How many pupils are of use."))


class FoundForm(Form):
    """A pupil as a user recognises one."""

    pupil = _text(required=True, **_about("Your own reference, never a personal number."))
    name = _text(required=True)
    group = _text(load_default=None)
    date_of_birth = Day(load_default=None)
    destination = fields.String(
        load_default=None, validate=_exactly("^[0-9]{2}[A-Z]{2}$", 4), **_about("BRIN.")
    )
    leaving_on = Day(load_default=None)


class FindAnswer(Form):
    """The pupils that fit; none when nobody does."""

    pupils = fields.List(fields.Nested(FoundForm), required=True)


class CandidatesRequest(Request):
    """Who can be meant: pupils whose number ends with these digits."""

    pgnfrag = fields.String(required=True)


class CandidateForm(Form):
    """A pupil who may be the one; a pupil with two numbers is given twice."""

    pupil = _text(required=True, **_about("Your own reference."))
    pgn = fields.String(
        required=True,
        validate=_exactly("^[0-9]{9}$", 9),
        **_about("BSN or onderwijsnummer; it is compared and then forgotten."),
    )


class CandidatesAnswer(Form):
    """The pupils whose number ends so; none when nobody's does."""

    candidates = fields.List(fields.Nested(CandidateForm), required=True)


class EnrichRequest(CollectRequest):
    """Add the part of a second system (LVS, test system) to what the first one gave."""

    dossier = DossierField(required=True)


class EnrichAnswer(Form):
    """The part that this system adds."""

    dossier = DossierField(required=True)


class MatchForm(Form):
    """By what the pupil may be known here; what is null was not in the dossier."""

    pgn = fields.String(required=True, allow_none=True)
    former_pgns = fields.List(fields.String(), required=True)
    leerlingid = fields.String(
        required=True, allow_none=True, **_about("Of the school that sent it.")
    )
    koppelsleutel = fields.String(required=True, allow_none=True)
    achternaam = fields.String(required=True, allow_none=True)
    voorvoegsel = fields.String(required=True, allow_none=True)
    voornamen = fields.String(required=True, allow_none=True)
    roepnaam = fields.String(required=True, allow_none=True)
    date_of_birth = fields.Date(required=True, allow_none=True)


class KnownRequest(Request):
    """What is known here of the pupil of a received dossier, to be shown beside what came."""

    match = fields.Nested(MatchForm, required=True)


class KnownAnswer(Form):
    """What is known now; what is left out is not compared."""

    pupil = _text(required=True, **_about("Your own reference."))
    dossier = DossierField(required=True)


class RulesRequest(Request):
    """Agreements beyond the standard by which a dossier is judged before it leaves."""

    pack = fields.String(required=True, **_about("The release, such as 2019.1."))
    profile = fields.String(required=True)


class RuleForm(Form):
    """One agreement: the assertion holds at every node of the context (XPath 1.0, prefix od)."""

    id = _text(required=True, **_about("In your own words, without blanks."))
    context = _text(2000, required=True, metadata={"example": "//od:leerling"})
    assertion = _text(2000, required=True, metadata={"example": "od:roepnaam"})
    message = _text(1000, required=True, **_about("In Dutch: what is wrong, how to mend it."))
    severity = fields.String(
        load_default="warning", validate=validate.OneOf(["error", "warning", "info"])
    )


class RulesAnswer(Form):
    """The agreements; none when there are none."""

    rules = fields.List(fields.Nested(RuleForm), required=True)


@dataclass(frozen=True)
class Call:
    """One hook as a call over HTTP.

    about: what is asked, for the description. once: whether the LAS may answer a ``webhook-id``
    once only; where not, the same id may come again and has to be answered as before. size: bytes
    of an answer that are read.
    """

    name: str
    about: str
    request: type[Schema]
    answer: type[Schema] | None
    once: bool = True
    size: int = _SMALL


CALLS: Final = {
    call.name: call
    for call in (
        Call("ping", "Tell which hooks you answer.", PingRequest, PingAnswer),
        Call(
            "collect_dossier",
            "Give the data of one pupil, as the JSON form says.",
            CollectRequest,
            CollectAnswer,
            size=MAX_SIZE,
        ),
        Call(
            "import_dossier",
            "Take over a dossier that was received from another school.",
            ImportRequest,
            ImportAnswer,
            once=False,
        ),
        Call(
            "notification_received",
            "Show the user that a dossier can be fetched now.",
            NotificationRequest,
            None,
            once=False,
        ),
        Call("event", "Something happened in the adapter.", EventRequest, None, once=False),
        Call("find_pupils", "Find pupils by name, group or leaving.", FindRequest, FindAnswer),
        Call(
            "candidates",
            "Give the pupils whose number has this end.",
            CandidatesRequest,
            CandidatesAnswer,
        ),
        Call(
            "enrich_dossier",
            "Add the part of a second system to a dossier.",
            EnrichRequest,
            EnrichAnswer,
            size=MAX_SIZE,
        ),
        Call(
            "known_pupil",
            "Tell what is known here of the pupil of a received dossier.",
            KnownRequest,
            KnownAnswer,
            size=MAX_SIZE,
        ),
        Call(
            "extra_rules",
            "Give agreements by which a dossier is judged before it leaves.",
            RulesRequest,
            RulesAnswer,
        ),
    )
}
"""Every call, by the name of its hook without ``oso_``; ``ping`` is of ``oso-webhook check``."""

HOOKS: Final = tuple(name for name in CALLS if name != "ping")
"""The hooks that a LAS can answer."""

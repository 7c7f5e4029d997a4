"""Delivering a dossier: what happens when another school's system asks for one (flow a, bron).

The steps are those of the OSO wiki, Opvragen dossier 2018 (wire 1.3, steps 5 to 8): the session
check comes before everything else, then whether the asking system is mandated by its school; the
request is remembered, and only then is looked for. No database of the supplier is touched: what is
sent was judged and sealed when it was prepared.
"""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from oso_adapter import results
from oso_adapter.clock import school_date
from oso_adapter.errors import Refused
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.authorisation import UNAUTHORISED, require_mandated
from oso_adapter.exchange.matching import matching
from oso_adapter.exchange.policy import fits
from oso_adapter.exchange.supplier_check import require_no_objection
from oso_adapter.hookspecs import DeliveryRequest
from oso_adapter.identifiers import Brin, Oin, RoutingId, SessionId
from oso_adapter.store import administrations, dossiers, events, requests
from oso_adapter.store.models import Administration, Prepared, PreparedState, Request
from oso_adapter.store.sealing import Purpose
from oso_adapter.wire.messages import Message, read_moment
from oso_adapter.wire.search_key import SearchKey

DELIVERED = "OverdrachtGeslaagd"
UNAVAILABLE = "LeerlinginfoNietBeschikbaar"
TECHNICAL = "TechnischeFout"
OTHER_PROFILE = "other-profile"
"""What is ready is for another kind of transfer, or between schools of other sectors."""
OVERDRACHT_BINNEN_BRIN = "overdrachtbinnenbrin"
OVERDRACHTSOORTEN = ("overstapdossier", OVERDRACHT_BINNEN_BRIN)
PASSED_ON = (
    "SessieAfwijkend",
    "OnbekendAanleverpunt",
    "GeenRelatieMetDoel",
    "SessieReedsAfgemeld",
    "SessieOnbekend",
    "VerstrekkerNietBekend",
    "VerstrekkerAanleverpuntNietActief",
    "AanvragerNietBekend",
    "KoppelsleutelOnbekend",
)
"""What the Traffic Center says of the asker's request; any other code is about us, or no answer."""


@dataclass(frozen=True)
class Question:
    """A documentRequest, read."""

    bron_brin: Brin
    bron_routing_id: RoutingId
    doel_brin: Brin
    doel_routing_id: RoutingId
    key: SearchKey = field(repr=False)
    overdrachtsoort: str
    session_id: SessionId
    asked_after: datetime | None
    sector: str
    peer: Oin


def deliver(adapter: Adapter, request: Message, peer: Oin) -> bytes:
    """Answer a documentRequest; the sessiecontrole goes before every other check (PvE-8).

    peer: the OIN in the certificate of the asking system. Gives the dossier as it was prepared;
    raises Refused with the code that the asker gets, and Unreachable or MalformedAnswer when the
    Traffic Center does not confirm the session, for without that nothing is delivered.
    """
    try:
        sector = _checked(adapter, request)
        question = read_question(request, sector, peer)
        require_mandated(adapter, peer, question.doel_brin)
        administration = _addressed(adapter, question)
        remembered = _remember(adapter, administration, question)
    except Refused as refusal:
        _record_refusal(adapter, request, peer, refusal.code)
        raise
    try:
        if remembered.prepared_id is not None:
            return _repeat(adapter, administration, question, remembered)
        prepared = _find(adapter, administration, question)
        require_no_objection(adapter, administration, _for_plugins(question), prepared)
        return _hand_out(adapter, question, remembered, prepared)
    except Refused as refusal:
        _refuse(adapter, question, remembered, refusal)
        raise


def _checked(adapter: Adapter, request: Message) -> str:
    """The sector of the doelschool, when the Traffic Center confirms the session."""
    try:
        return adapter.traffic_center.check_session(request.values)
    except Refused as refusal:
        if refusal.code in PASSED_ON:
            raise
        said = f"the Traffic Center answered {refusal.code}"
        raise Refused(TECHNICAL, said, refusal.fault_id) from None


def read_question(request: Message, sector: str, peer: Oin) -> Question:
    """Read a documentRequest; raises Refused for a flow that this endpoint does not have.

    sector: of the doelschool, as the Traffic Center gave it.
    """
    values = request.values
    if "koppelsleutel" in values:
        raise Refused("KoppelsleutelOnbekend")
    if values["overdrachtsoort"] not in OVERDRACHTSOORTEN:  # a dossier for an SWV has no PGN
        raise Refused(UNAVAILABLE)
    wrapper = values["zoeksleutelPgnfrag"]
    asked_after = values.get("aanvraagdatum")
    return Question(
        bron_brin=Brin(values["bronBrin"]),
        bron_routing_id=RoutingId(values["bronRouteringsKenmerk"]),
        doel_brin=Brin(values["doelBrin"]),
        doel_routing_id=RoutingId(values["doelRouteringsKenmerk"]),
        key=SearchKey(wrapper["zoeksleutel"], wrapper["pgnfrag"]),
        overdrachtsoort=values["overdrachtsoort"],
        session_id=SessionId(values["sessieId"]),
        asked_after=read_moment(asked_after) if asked_after else None,
        sector=sector.strip().upper(),
        peer=peer,
    )


def _addressed(adapter: Adapter, question: Question) -> Administration:
    """The administration that is asked, as long as it takes part."""
    today = school_date(adapter.clock())
    with adapter.store.reading() as session:
        administration = administrations.by_routing_id(session, question.bron_routing_id)
    if administration is None or administration.brin != question.bron_brin:
        raise Refused("VerstrekkerNietBekend")
    if not administration.is_valid(today):
        raise Refused("VerstrekkerAanleverpuntNietActief")
    return administration


def _remember(adapter: Adapter, administration: Administration, question: Question) -> Request:
    """Keep the request, also for a pupil who is unknown here or not ready (PvE-9).

    A session belongs to the system that asked in it first: from another one it is refused.
    """
    key = f"{question.key.fragment} {question.key.key}".encode()
    new = Request(
        administration_id=administration.id,
        session_id=str(question.session_id),
        peer_oin=str(question.peer),
        doel_brin=str(question.doel_brin),
        doel_routing_id=str(question.doel_routing_id),
        overdrachtsoort=question.overdrachtsoort,
        asked_after=question.asked_after,
        fragment_hmac=adapter.sealer.digest(Purpose.FRAGMENT, question.key.fragment),
        key_sealed=adapter.sealer.seal_field(key, Purpose.SEARCH_KEY),
    )
    with adapter.store.writing() as session:
        remembered = requests.remember(session, new, adapter.clock())
        if remembered.peer_oin != new.peer_oin:
            raise Refused(UNAUTHORISED)
        return remembered


def _find(adapter: Adapter, administration: Administration, question: Question) -> Prepared:
    """The newest version of the pupil's dossier that may be delivered on this request.

    Only a profile for the sectors of both schools counts. When there is none, the best of the
    reasons is the answer: a version that is ready goes before a newer one that is not, and a
    version for this school before one for another.
    """
    ids = matching(adapter, administration, question.key)
    with adapter.store.reading() as session:
        found = dossiers.of_ids(session, ids)
    within_brin = question.overdrachtsoort == OVERDRACHT_BINNEN_BRIN
    objections = []
    for prepared in found:
        fitting = fits(prepared.profile, administration.sector, question.sector)
        if fitting and (prepared.profile == "BB") == within_brin:
            reason = objection(adapter, question, prepared)
            if reason is None:
                return prepared
            objections.append(reason)
    if not objections:
        ready = any(prepared.state in dossiers.DELIVERABLE for prepared in found)
        raise Refused(UNAVAILABLE, OTHER_PROFILE if ready else None)
    raise Refused(objections[results.best(objections)])


def objection(adapter: Adapter, question: Question | Request, prepared: Prepared) -> str | None:
    """Why this version is not delivered: inzage and consent, ready, this doelschool, newer than
    asked, and of a release in use; None when nothing is against it.

    question: what is asked now, or was asked before.
    """
    if prepared.state not in (*dossiers.UNFINISHED, *dossiers.DELIVERABLE):
        return UNAVAILABLE
    if adapter.what_is_missing(prepared):
        return "LeerlinginfoNietOpvraagbaar"
    if prepared.state not in dossiers.DELIVERABLE:
        return UNAVAILABLE
    if (reason := _not_for_asker(adapter, question, prepared)) is not None:
        return reason
    if not adapter.accepts(prepared.release):
        return "DossierVersieOnjuist"
    return None


def _not_for_asker(
    adapter: Adapter, question: Question | Request, prepared: Prepared
) -> str | None:
    """Why a version that is ready is not for this asker, today and with this aanvraagdatum."""
    today = school_date(adapter.clock())
    if prepared.ready_until is not None and prepared.ready_until < today:
        return UNAVAILABLE
    if question.doel_brin not in {school.brin for school in prepared.schools}:
        return "LeerlinginfoNietVoorDoel"
    if question.asked_after is not None and prepared.collected_at <= question.asked_after:
        return "LeerlinginfoNietGewijzigd"
    return None


def _hand_out(adapter: Adapter, question: Question, request: Request, prepared: Prepared) -> bytes:
    """Open the sealed dossier, and record the delivery before the first byte leaves.

    What the school ordered meanwhile counts: withdrawn, or ready for other schools than this one.
    """
    xml = _opened(adapter, prepared)
    moment = adapter.clock()
    with adapter.store.writing() as session:
        row = session.get_one(Prepared, prepared.id)
        if row.payload_id != prepared.payload_id:
            raise Refused(UNAVAILABLE)
        if (reason := objection(adapter, question, row)) is not None:
            raise Refused(reason)
        row.state, row.changed_at = PreparedState.FETCHED, moment
        first = requests.answered(session, request, DELIVERED, prepared.id)
        name = "request.delivered" if first else "request.repeated"
        _record(adapter, session, question, request, name, DELIVERED, prepared.id)
    return xml


def _repeat(
    adapter: Adapter, administration: Administration, question: Question, request: Request
) -> bytes:
    """The same request in its open session: the same bytes, and one more event."""
    with adapter.store.reading() as session:
        prepared = session.get_one(Prepared, request.prepared_id)
    if prepared.state == PreparedState.WITHDRAWN:
        raise Refused(UNAVAILABLE)
    if (reason := _not_for_asker(adapter, question, prepared)) is not None:
        raise Refused(reason)
    require_no_objection(adapter, administration, _for_plugins(question), prepared)
    xml = _opened(adapter, prepared)
    with adapter.store.writing() as session:
        _record(adapter, session, question, request, "request.repeated", DELIVERED, prepared.id)
    return xml


def _for_plugins(question: Question) -> DeliveryRequest:
    return DeliveryRequest(
        session_id=str(question.session_id),
        doel_brin=str(question.doel_brin),
        doel_routing_id=str(question.doel_routing_id),
        peer_oin=str(question.peer),
        sector=question.sector,
        overdrachtsoort=question.overdrachtsoort,
        asked_after=question.asked_after,
    )


def _opened(adapter: Adapter, prepared: Prepared) -> bytes:
    with adapter.store.reading() as session:
        sealed = dossiers.sealed_payload(session, prepared.payload_id)
    if sealed is None:
        raise Refused(UNAVAILABLE)
    return adapter.sealer.open(sealed, Purpose.PAYLOAD)


def _refuse(adapter: Adapter, question: Question, request: Request, why: Refused) -> None:
    with adapter.store.writing() as session:
        requests.answered(session, request, why.code, None)
        _record(adapter, session, question, request, "request.refused", why.code, None, why.text)


def _record(
    adapter: Adapter,
    session: Session,
    question: Question,
    request: Request,
    name: str,
    result: str,
    subject: str | None,
    reason: str | None = None,
) -> None:
    events.record(
        session,
        name,
        adapter.clock(),
        administration_id=request.administration_id,
        subject=subject,
        session_id=request.session_id,
        counterpart=f"{question.doel_brin} {question.peer}",
        result=result,
        reason=reason,
    )


def _record_refusal(adapter: Adapter, request: Message, peer: Oin, code: str) -> None:
    """A request that did not get past the session check is an event, not a remembered request."""
    with adapter.store.writing() as session:
        events.record(
            session,
            "request.refused",
            adapter.clock(),
            session_id=request.values.get("sessieId"),
            counterpart=f"{request.values.get('doelBrin', '')} {peer}",
            result=code,
        )

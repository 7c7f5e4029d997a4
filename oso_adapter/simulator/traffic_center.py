"""The simulated Traffic Center: grants, checks and closes sessions, and never sees a dossier.

Strictly by wire 1.3, 1.4 and 2: what the public pages leave open (the order of the checks, and the
codes marked assumed in the results) is decided here and said where it is.
"""

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final, Literal
from uuid import uuid4

from oso_adapter.clock import Clock, school_date
from oso_adapter.errors import Refused
from oso_adapter.identifiers import Oin
from oso_adapter.simulator.register import Endpoint, School, digest, endpoints, school_of
from oso_adapter.simulator.sessions import Session, find, grant, sign_off
from oso_adapter.simulator.state import State, add_event
from oso_adapter.wire.contract import Contract
from oso_adapter.wire.envelope import SoapFault
from oso_adapter.wire.messages import Message

PARTY: Final = "tc"
WITHIN_BRIN: Final = "overdrachtbinnenbrin"


@dataclass(frozen=True)
class Desk:
    """One request at the counter: who asks, when, and the open transaction."""

    db: sqlite3.Connection
    contract: Contract
    moment: datetime
    peer: Oin
    values: Mapping[str, Any]

    def own_endpoint(self, side: Literal["bron", "doel"]) -> Endpoint | None:
        """The active endpoint for which the caller says it speaks.

        None when it is not there, not active or of another school than the BRIN of the message.
        Raises CertificaatNietGeautoriseerd when it belongs to another party than the caller.
        """
        endpoint = self.endpoint(self.values[f"{side}RouteringsKenmerk"])
        if endpoint is None or endpoint.brin != self.values[f"{side}Brin"]:
            return None
        if endpoint.supplier != self.peer:
            raise Refused("CertificaatNietGeautoriseerd")
        return endpoint

    def endpoint(self, routing_id: str) -> Endpoint | None:
        """The endpoint with that routing id that may be used today."""
        return next(iter(self.active(routing_id=routing_id)), None)

    def active(self, *, brin: str | None = None, routing_id: str | None = None) -> list[Endpoint]:
        """The endpoints for this version of OSO that may be used today."""
        namespace, today = self.contract.namespace, school_date(self.moment)
        found = endpoints(self.db, namespace=namespace, brin=brin, routing_id=routing_id)
        return [endpoint for endpoint in found if endpoint.is_active_on(today)]

    def known_school(self, side: Literal["bron", "doel"], otherwise: str) -> School:
        """The school of the message; raises the given code when it is not known."""
        school = school_of(self.db, self.values[f"{side}Brin"])
        if school is None:
            raise Refused(otherwise)
        return school


def answer(
    request: Message, peer: Oin, *, state: State, contract: Contract, clock: Clock
) -> Message:
    """Handle one request and record it.

    request: as the contract reads it; peer: OIN of the caller's certificate.
    Returns the response. Raises :class:`Refused` with a code of the results, and
    :class:`SoapFault` (Client) for a message that this Traffic Center does not handle.
    """
    with state.write() as db:
        desk = Desk(db, contract, clock(), peer, request.values)
        values: dict[str, Any] = {}
        problem: Refused | SoapFault | None = None
        try:
            values = _COUNTERS.get(request.name, _unsupported)(desk)
            result = _outcome(values)
        except Refused as refused:
            problem, result = refused, refused.code
        except SoapFault as fault:
            problem, result = fault, fault.code
        add_event(
            db,
            desk.moment,
            sender=peer,
            receiver=PARTY,
            message=request.name,
            result=result,
            session=values.get("sessieId") or request.values.get("sessieId"),
        )
    if problem is not None:
        raise problem
    return Message(response_name(request.name), values)


def response_name(request_name: str) -> str:
    """Every request is answered by the response of the same name (wire 2)."""
    return request_name.removesuffix("Request") + "Response"


def _ping(desk: Desk) -> dict[str, Any]:
    return {}


def _open_session(desk: Desk) -> dict[str, Any]:
    """Wire 1.3 step 3, 1.4, and 2.1."""
    values = desk.values
    desk.known_school("doel", otherwise="AanvragerNietBekend")
    doel = desk.own_endpoint("doel")
    if doel is None:
        raise Refused("AanvragerNietBekend")
    if "koppelsleutel" in values:
        raise Refused("KoppelsleutelOnbekend")
    if values["overdrachtsoort"] == desk.contract.option("swv_overdrachtsoort"):
        raise SoapFault("Client", "this overdrachtsoort needs a koppelsleutel")
    desk.known_school("bron", otherwise="VerstrekkerNietBekend")
    if values["overdrachtsoort"] == WITHIN_BRIN and values["bronBrin"] != values["doelBrin"]:
        raise Refused("GeenRelatieMetDoel")
    asked = values.get("bronRouteringsKenmerk")
    listed = [
        endpoint
        for endpoint in desk.active(brin=values["bronBrin"], routing_id=asked)
        if endpoint.routing_id != doel.routing_id
    ]
    if not listed:
        raise Refused("VerstrekkerAanleverpuntNietActief")
    session_id = str(uuid4())
    lifetime = timedelta(minutes=int(desk.contract.option("session_minutes")))
    grant(
        desk.db,
        Session(
            id=session_id,
            granted=desk.moment,
            expires=desk.moment + lifetime,
            owner=desk.peer,
            doel_brin=values["doelBrin"],
            doel_routing_id=doel.routing_id,
            bron_brin=values["bronBrin"],
            overdrachtsoort=values["overdrachtsoort"],
            key_digest=_key_digest(values),
            endpoints=frozenset(endpoint.routing_id for endpoint in listed),
        ),
    )
    return {
        "sessieId": session_id,
        "aanleverpunt": [{"routeringsKenmerk": e.routing_id, "url": e.url} for e in listed],
    }


def _check_session(desk: Desk) -> dict[str, Any]:
    """Wire 1.3 step 6 and 2.2. The caller's own standing is judged first, so that nobody learns
    of a session that is not his; then the session; then what the message says of it.
    """
    values = desk.values
    desk.known_school("bron", otherwise="VerstrekkerNietBekend")
    bron = desk.own_endpoint("bron")
    if bron is None:
        raise Refused("VerstrekkerAanleverpuntNietActief")
    session = _open(desk)
    if values["overdrachtsoort"] == WITHIN_BRIN and values["bronBrin"] != values["doelBrin"]:
        raise Refused("GeenRelatieMetDoel")
    asked = (session.bron_brin, session.doel_brin, session.overdrachtsoort, session.key_digest)
    given = (values["bronBrin"], values["doelBrin"], values["overdrachtsoort"], _key_digest(values))
    if given != asked or bron.routing_id not in session.endpoints:
        raise Refused("SessieAfwijkend")
    if values["doelRouteringsKenmerk"] != session.doel_routing_id:
        raise Refused("OnbekendAanleverpunt")
    return {"sector": desk.known_school("doel", otherwise="AanvragerNietBekend").sector}


def _sign_off(desk: Desk) -> dict[str, Any]:
    """Wire 1.3 step 10 and 2.4; only the party to which the session was granted can close it."""
    values = desk.values
    session = _open(desk, owner=desk.peer)
    if (values["bronBrin"], values["doelBrin"]) != (session.bron_brin, session.doel_brin):
        raise Refused("SessieAfwijkend")
    if values["doelRouteringsKenmerk"] != session.doel_routing_id:
        raise Refused("OnbekendAanleverpunt")
    if values.get("bronRouteringsKenmerk") not in {None, *session.endpoints}:
        raise Refused("SessieAfwijkend")
    sign_off(desk.db, session.id, values["resultaat"], desk.moment)
    return {"resultaat": "OverdrachtGeslaagd"}


def _announce(desk: Desk) -> dict[str, Any]:
    """Wire 1.5 step 4 and 2.5: where the endpoint that asked is reached now.

    The session need not be open, only known: a notification comes days after it. Registered is
    what is recorded of every request.
    """
    values = desk.values
    desk.known_school("bron", otherwise="VerstrekkerNietBekend")
    bron = desk.own_endpoint("bron")
    if bron is None:
        raise Refused("VerstrekkerAanleverpuntNietActief")
    if values["doel"] != "OV":
        raise SoapFault("Client", "this Traffic Center registers notifications with doel OV only")
    session = find(desk.db, values.get("sessieId", ""))
    if session is None:
        raise Refused("SessieOnbekend")
    asked = (session.bron_brin, session.doel_brin)
    if (
        values["bronBrin"],
        values["doelBrin"],
    ) != asked or bron.routing_id not in session.endpoints:
        raise Refused("SessieAfwijkend")
    if values["doelRouteringsKenmerk"] != session.doel_routing_id:
        raise Refused("OnbekendAanleverpunt")
    doel = desk.endpoint(session.doel_routing_id)
    if doel is None or _doel_of(doel) != "OV":
        raise Refused("DoelAanleverpuntOngeschikt")
    return {"url": doel.url}


def _list_endpoints(desk: Desk) -> dict[str, Any]:
    """Wire 2.8: every active endpoint that fits the filters."""
    values = desk.values
    found = desk.active(brin=values.get("brin"), routing_id=values.get("routeringsKenmerk"))
    listed = [endpoint for endpoint in found if values.get("doel") in (None, _doel_of(endpoint))]
    return {"aanleverpunt": [{"routeringsKenmerk": e.routing_id, "url": e.url} for e in listed]}


def _doel_of(endpoint: Endpoint) -> str:
    """An endpoint with the attribute SWV has doel SWV, every other one OV (assumed)."""
    return "SWV" if endpoint.attributes == "SWV" else "OV"


def _unsupported(desk: Desk) -> dict[str, Any]:
    raise SoapFault("Client", "this Traffic Center does not handle this message")


_COUNTERS: Final[Mapping[str, Callable[[Desk], dict[str, Any]]]] = MappingProxyType(
    {
        "pingRequest": _ping,
        "overdrachtRequest": _open_session,
        "sessiecontroleRequest": _check_session,
        "afmeldingRequest": _sign_off,
        "meldenNotificatieRequest": _announce,
        "overzichtAanleverpuntRequest": _list_endpoints,
    }
)


def _open(desk: Desk, owner: Oin | None = None) -> Session:
    """The session of the message, when it can still be used."""
    session = find(desk.db, desk.values["sessieId"])
    if session is None or session.has_expired(desk.moment):
        raise Refused("SessieOnbekend")
    if owner is not None and session.owner != owner:
        raise Refused("CertificaatNietGeautoriseerd")
    if session.signed_off is not None:
        raise Refused("SessieReedsAfgemeld")
    return session


def _key_digest(values: Mapping[str, Any]) -> str:
    """What is compared of the subject: the zoeksleutel or the koppelsleutel, never its text."""
    if "koppelsleutel" in values:
        return digest(values["koppelsleutel"].upper())
    return digest("".join(values["zoeksleutelPgnfrag"]["zoeksleutel"].split()))


def _outcome(values: Mapping[str, Any]) -> str:
    """What the event says of a request that was granted."""
    if "aanleverpunt" in values:
        return f"{len(values['aanleverpunt'])} aanleverpunt"
    return str(values.get("sector") or values.get("resultaat") or "ok")

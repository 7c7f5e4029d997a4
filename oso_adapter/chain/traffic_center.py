"""The Traffic Center: gives out, checks and closes sessions; it never sees a dossier (wire 1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from oso_adapter import results
from oso_adapter.chain.soap import SoapCaller
from oso_adapter.errors import MalformedAnswer, Refused
from oso_adapter.identifiers import Brin, RoutingId, SessionId
from oso_adapter.wire.messages import Message, format_moment
from oso_adapter.wire.search_key import SearchKey

PARTY: Final = "Traffic Center"


@dataclass(frozen=True)
class Parties:
    """Bron and doel of one transaction; the bron's address is unknown until the TC names it."""

    bron_brin: Brin
    doel_brin: Brin
    doel_routing_id: RoutingId
    bron_routing_id: RoutingId | None = None

    def values(self) -> dict[str, Any]:
        """The four address fields as the messages carry them; all that are known (PvE-5)."""
        values = {
            "bronBrin": str(self.bron_brin),
            "bronRouteringsKenmerk": self.bron_routing_id and str(self.bron_routing_id),
            "doelBrin": str(self.doel_brin),
            "doelRouteringsKenmerk": str(self.doel_routing_id),
        }
        return {name: value for name, value in values.items() if value is not None}


@dataclass(frozen=True)
class Endpoint:
    """An endpoint of the bronschool that can be asked."""

    routing_id: str
    url: str


@dataclass(frozen=True)
class Grant:
    """A session, and the endpoints to ask in it."""

    session_id: SessionId
    endpoints: tuple[Endpoint, ...]


def subject(key: SearchKey) -> dict[str, Any]:
    """The zoeksleutel with its pgnfrag, as the messages carry it (wire 2, table of fields)."""
    return {"zoeksleutelPgnfrag": {"zoeksleutel": key.key, "pgnfrag": key.fragment}}


def notification(
    parties: Parties, session: SessionId, asked_after: datetime | None
) -> dict[str, Any]:
    """What both messages of a notification for an overstap carry (wire 2.5 and 2.6)."""
    moment = {"aanvraagdatum": format_moment(asked_after)} if asked_after else {}
    return {**parties.values(), "sessieId": str(session), **moment, "doel": "OV"}


@dataclass(frozen=True)
class TrafficCenter:
    """Client of the Traffic Center. Every method raises Unreachable, MalformedAnswer or Refused."""

    soap: SoapCaller
    url: str

    def ping(self) -> None:
        """Whether the TC answers (PvE-1)."""
        self._call("pingRequest", {})

    def open_session(self, parties: Parties, key: SearchKey, overdrachtsoort: str) -> Grant:
        """Ask for a session (overdracht): flow (a) step 2 and 3 of wire 1.3.

        Raises :class:`Refused` with the TC's code when it does not grant one. An answer with a
        sessieId grants one, whatever result stands beside it, and one of which only the sessieId
        can be read is a session without endpoints: it can be signed off, while asking again would
        open another beside it.
        """
        values = {**parties.values(), **subject(key), "overdrachtsoort": overdrachtsoort}
        try:
            answer = self._asked("overdrachtRequest", values)
        except MalformedAnswer as malformed:
            if malformed.session is None:
                raise
            return Grant(SessionId(malformed.session), ())
        session, listed = answer.values.get("sessieId"), answer.values.get("aanleverpunt", [])
        if session is None:
            _accepted(answer)
            raise MalformedAnswer("the Traffic Center granted a session without a sessieId")
        endpoints = tuple(Endpoint(e["routeringsKenmerk"], e["url"]) for e in listed)
        return Grant(SessionId(session), endpoints)

    def check_session(self, asked: Mapping[str, Any]) -> str:
        """Check a session (sessiecontrole) as bron; gives the sector of the doelschool.

        asked: the values of the documentRequest, passed on as they came. Raises :class:`Refused`
        with the code that is passed on to the doel (wire 1.3 step 5-6).
        """
        compared = {name: value for name, value in asked.items() if name != "aanvraagdatum"}
        answer = self._call("sessiecontroleRequest", compared)
        sector: str | None = answer.values.get("sector")
        if sector is None:
            raise MalformedAnswer("the Traffic Center confirmed a session without a sector")
        return sector

    def sign_off(self, parties: Parties, session: SessionId, result: str) -> None:
        """Sign off (afmelding) with the best result of the session (wire 1.3 step 10)."""
        self._call(
            "afmeldingRequest",
            {**parties.values(), "sessieId": str(session), "resultaat": result},
        )

    def announce(self, parties: Parties, session: SessionId, asked_after: datetime | None) -> str:
        """Announce a notification (meldenNotificatie, doel OV): flow (c) step 3 and 4 of wire 1.5.

        session: in which the doel asked; asked_after: the aanvraagdatum to give, None for none.
        Gives the address at which exactly that endpoint is reached now.
        """
        answer = self._call("meldenNotificatieRequest", notification(parties, session, asked_after))
        url: str | None = answer.values.get("url")
        if url is None:
            raise MalformedAnswer("the Traffic Center took a notification without giving a url")
        return url

    def _asked(self, name: str, values: dict[str, Any]) -> Message:
        return self.soap.call(self.url, Message(name, values), party=PARTY)

    def _call(self, name: str, values: dict[str, Any]) -> Message:
        return _accepted(self._asked(name, values))


def _accepted(answer: Message) -> Message:
    """A ``resultaat`` that is not of the class normal is a refusal, wherever it stands."""
    code = answer.values.get("resultaat")
    if code is not None and results.result(code).cls != "normal":
        raise Refused(code)
    return answer

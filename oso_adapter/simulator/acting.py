"""Test school 00YY, when it begins itself: it asks for a dossier, and notifies who asked it.

So a supplier tries both ends of both flows without a second system. What a published number gives
stays what was published, also after a notification.
"""

from collections.abc import Mapping
from typing import Any

from oso_adapter import results
from oso_adapter.errors import MalformedAnswer, NotFound, Refused, Unreachable
from oso_adapter.identifiers import Brin, Pgn
from oso_adapter.simulator.school import TC_URL, Bron
from oso_adapter.simulator.seed import TEST_SCHOOL, TEST_SCHOOL_ROUTING_ID
from oso_adapter.simulator.sessions import Session, last_of
from oso_adapter.simulator.traffic_center import response_name
from oso_adapter.wire.envelope import SoapFault, read_answer, wrap
from oso_adapter.wire.kinds import format_moment
from oso_adapter.wire.messages import Message, write
from oso_adapter.wire.search_key import SimulationSearchKey

DELIVERED = "OverdrachtGeslaagd"
NO_ANSWER = "GeenAntwoord"


def ask(school: Bron, number: Pgn, brin: Brin) -> str:
    """Ask the endpoints of a school for a pupil (flow a, doel); gives the best result.

    Raises Refused when the Traffic Center grants no session, and Unreachable when it is not there.
    """
    key = SimulationSearchKey().make(number)
    parties = {"bronBrin": brin, "doelBrin": TEST_SCHOOL}
    own = {**parties, "doelRouteringsKenmerk": TEST_SCHOOL_ROUTING_ID}
    subject = {
        "zoeksleutelPgnfrag": {"zoeksleutel": key.key, "pgnfrag": key.fragment},
        "overdrachtsoort": "overstapdossier",
    }
    granted = _call(school, _center(school), "overdrachtRequest", {**own, **subject}).values
    session = {"sessieId": granted["sessieId"]}
    found = []
    for endpoint in granted.get("aanleverpunt", []):
        address = {**own, "bronRouteringsKenmerk": endpoint["routeringsKenmerk"]}
        found.append(
            (_document(school, endpoint["url"], {**address, **subject, **session}), address)
        )
        if found[-1][0] == DELIVERED:
            break
    codes = [code for code, _ in found] or [NO_ANSWER]
    best = results.best(codes)
    address = found[best][1] if found else own
    closing = "TechnischeFout" if codes[best] == NO_ANSWER else codes[best]
    _call(school, _center(school), "afmeldingRequest", {**address, **session, "resultaat": closing})
    return codes[best]


def notify(school: Bron, session_id: str | None = None) -> str:
    """Tell the system that asked in this session, or last of all, that there is a dossier now
    (flow c, bron); gives what it answered.

    Raises NotFound when nobody asked, Refused, and Unreachable.
    """
    with school.state.read() as db:
        asked = last_of(db, TEST_SCHOOL_ROUTING_ID, session_id)
    if asked is None:
        raise NotFound("nobody has asked the test school for a dossier (in that session)")
    values = _notification(asked)
    url = _call(school, _center(school), "meldenNotificatieRequest", values).values["url"]
    return str(_call(school, url, "notificatieRequest", values).values["resultaat"])


def _notification(asked: Session) -> dict[str, Any]:
    return {
        "bronBrin": TEST_SCHOOL,
        "bronRouteringsKenmerk": TEST_SCHOOL_ROUTING_ID,
        "doelBrin": asked.doel_brin,
        "doelRouteringsKenmerk": asked.doel_routing_id,
        "sessieId": asked.id,
        "aanvraagdatum": format_moment(asked.granted),
        "doel": "OV",
    }


def _document(school: Bron, url: str, values: Mapping[str, Any]) -> str:
    """The result of one documentRequest."""
    try:
        answer = _call(school, url, "documentRequest", values)
    except Refused as refused:
        return refused.code
    except (Unreachable, MalformedAnswer, SoapFault):
        return NO_ANSWER
    return DELIVERED if answer.dossier is not None else NO_ANSWER


def _center(school: Bron) -> str:
    url = school.state.option(TC_URL)
    if not url:
        raise NotFound("the Traffic Center of this simulation does not run")
    return url


def _call(school: Bron, url: str, name: str, values: Mapping[str, Any]) -> Message:
    """One call; a ``resultaat`` that is not of the class normal is a refusal."""
    body = wrap(write(Message(name, values), school.contract))
    root = school.client.post_xml(url, body, party="the other side")
    answer = read_answer(root, school.contract, response_name(name), school.client.limits)
    code = answer.values.get("resultaat")
    if code is not None and results.result(code).cls != "normal":
        raise Refused(code)
    return answer

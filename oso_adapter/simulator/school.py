"""Test school 00YY, when it is called: it answers the published test numbers (testschool.toml).

The numbers are those of wire 6; what the school does of itself is in :mod:`.acting`.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final
from uuid import uuid4

from oso_adapter.clock import Clock
from oso_adapter.errors import MalformedAnswer, Refused, Unreachable
from oso_adapter.identifiers import Oin
from oso_adapter.simulator.dossiers import COLLECTED, COLLECTED_AGAIN, dossier
from oso_adapter.simulator.pupils import Pupil, pupils
from oso_adapter.simulator.seed import TEST_SCHOOL_ROUTING_ID
from oso_adapter.simulator.sessions import find
from oso_adapter.simulator.state import State, add_event, instant
from oso_adapter.transport.client import HttpsClient
from oso_adapter.wire.contract import Contract
from oso_adapter.wire.envelope import SoapFault, read_answer, wrap
from oso_adapter.wire.kinds import read_moment
from oso_adapter.wire.messages import Message, write
from oso_adapter.wire.search_key import SimulationSearchKey

PARTY: Final = "school"
TC_URL: Final = "url.tc"
"""Name of the option in the state that holds the address of the Traffic Center."""

_NOT_COMPARED: Final = {"aanvraagdatum"}


@dataclass(frozen=True)
class Bron:
    """What the school works with as bron: its memory, and the way to the Traffic Center."""

    state: State
    contract: Contract
    client: HttpsClient
    clock: Clock


def answer(request: Message, peer: Oin, school: Bron) -> Message:
    """Answer a documentRequest or a notificatieRequest, and record it.

    Raises :class:`Refused` with the code of the Traffic Center or of the school, and
    :class:`SoapFault` for another message (Client) or a silent Traffic Center (Server).
    """
    try:
        given = _HANDLERS.get(request.name, _unsupported)(request, school)
    except Refused as refused:
        _record(school, request, peer, refused.code, None)
        raise
    except SoapFault as fault:
        _record(school, request, peer, fault.result_code or fault.code, None)
        raise
    result = given.values.get("resultaat", "OverdrachtGeslaagd")
    _record(school, request, peer, result, given.dossier)
    return given


def _deliver(request: Message, school: Bron) -> Message:
    """Wire 1.3, steps 5 to 8: the session first, before anything else."""
    _check_session(request.values, school)
    pupil = _wanted(request.values)
    if pupil.reply != "dossier":
        raise Refused(pupil.reply)
    if pupil.overdrachtsoort != request.values["overdrachtsoort"]:
        raise Refused("LeerlinginfoNietBeschikbaar")
    asked = request.values.get("aanvraagdatum")
    xml = dossier(pupil, _collected(pupil, read_moment(asked) if asked else None))
    return Message("documentResponse", {}, xml)


def _take_note(request: Message, school: Bron) -> Message:
    """Wire 1.5, step 5: the session is one in which this school asked that endpoint."""
    values = request.values
    with school.state.read() as db:
        asked = find(db, values.get("sessieId", ""))
    if asked is None or asked.doel_routing_id != TEST_SCHOOL_ROUTING_ID:
        raise Refused("SessieOnbekend")
    if values["bronRouteringsKenmerk"] not in asked.endpoints:
        raise Refused("SessieAfwijkend")
    return Message("notificatieResponse", {"resultaat": "NotificatieOntvangen"})


def _unsupported(request: Message, school: Bron) -> Message:
    raise SoapFault("Client", "this school handles requests for a dossier and notifications only")


_HANDLERS: Final[Mapping[str, Callable[[Message, Bron], Message]]] = MappingProxyType(
    {"documentRequest": _deliver, "notificatieRequest": _take_note}
)


def _check_session(values: Mapping[str, Any], school: Bron) -> None:
    """Ask the Traffic Center (sessiecontrole), and pass its refusal on."""
    compared = {name: value for name, value in values.items() if name not in _NOT_COMPARED}
    question = wrap(write(Message("sessiecontroleRequest", compared), school.contract))
    try:
        root = school.client.post_xml(school.state.option(TC_URL), question, party="Traffic Center")
        checked = read_answer(root, school.contract, "sessiecontroleResponse")
    except (Unreachable, MalformedAnswer, SoapFault):
        text = "the session could not be checked"
        raise SoapFault("Server", text, str(uuid4()), "TechnischeFout") from None
    code = checked.values.get("resultaat")
    if code is not None:
        raise Refused(code)


def _wanted(values: Mapping[str, Any]) -> Pupil:
    """The pupil of the zoeksleutel; a number that was never published has nothing ready."""
    if "koppelsleutel" in values:
        raise Refused("KoppelsleutelOnbekend")
    subject, algorithm = values["zoeksleutelPgnfrag"], SimulationSearchKey()
    for pupil in pupils():
        fits = pupil.number.reveal().endswith(subject["pgnfrag"])
        if fits and algorithm.matches(pupil.number, subject["zoeksleutel"]):
            return pupil
    raise Refused("LeerlinginfoNietBeschikbaar")


def _collected(pupil: Pupil, asked: datetime | None) -> datetime:
    """The collecting that is delivered: only one after the asked moment (wire 2.3).

    A renewed dossier is given in its first form to whoever asks without a date.
    """
    newest = COLLECTED_AGAIN if pupil.variant == "renewed" else COLLECTED
    if asked is None:
        return COLLECTED
    if asked >= newest:
        raise Refused("LeerlinginfoNietGewijzigd")
    return newest


def _record(school: Bron, request: Message, peer: Oin, result: str, xml: bytes | None) -> None:
    """Keep what was replied: of a dossier its SHA-256 and size, to compare with what arrived."""
    moment, session = school.clock(), request.values.get("sessieId")
    with school.state.write() as db:
        add_event(
            db,
            moment,
            sender=peer,
            receiver=PARTY,
            message=request.name,
            result=result,
            session=session,
        )
        db.execute(
            "INSERT INTO replies (moment, session, result, dossier_digest, dossier_size)"
            " VALUES (?, ?, ?, ?, ?)",
            (
                instant(moment),
                session or "",
                result,
                None if xml is None else hashlib.sha256(xml).hexdigest(),
                None if xml is None else len(xml),
            ),
        )

"""What came, compared with what was ordered: is it the pupil whom the school asked for?

Another number, of a pupil with the same name and date of birth, is a number that has changed: a
pupil without BSN has an onderwijsnummer first (service, What it is). It is told and holds nothing
up, unless somebody else was ordered here by the number that came: a twin has the same name and date
of birth.
"""

import unicodedata
from dataclasses import dataclass

from oso_adapter.bounded_xml import Limits, XmlRefused, parse
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.contents import PupilIdentity, identity_of
from oso_adapter.exchange.orders import Order, order_of
from oso_adapter.store import exchanges
from oso_adapter.store.models import Exchange
from oso_adapter.store.sealing import Purpose

UNREADABLE = "Het dossier is niet leesbaar."
OTHER_NUMBER = "Het nummer in het dossier is niet het gevraagde nummer."
OTHER_NAME = "De achternaam in het dossier is anders dan die van de aanvraag."
OTHER_BIRTH_DATE = "De geboortedatum in het dossier is anders dan die van de aanvraag."
OTHER_ORDER = (
    "Het nummer in het dossier is niet het gevraagde nummer, maar dat van een andere bestelling "
    "van uw school. Controleer om welke leerling het gaat."
)
NUMBER_CHANGED = (
    "Nummer gewijzigd: het dossier heeft een ander nummer dan waarmee u het hebt opgevraagd; naam "
    "en geboortedatum kloppen. Pas het nummer zo nodig aan."
)


@dataclass(frozen=True)
class Comparison:
    """same_pupil: False keeps the dossier apart for a person; text: what differs, in Dutch."""

    same_pupil: bool
    text: str | None = None


def compare(adapter: Adapter, exchange: Exchange, xml: bytes) -> Comparison:
    """Compare a dossier that came with its order."""
    order = order_of(adapter, exchange)
    try:
        pupil = identity_of(parse(xml, Limits(size=adapter.settings.limits.message_size)))
    except XmlRefused:
        return Comparison(False, UNREADABLE)
    other_person = _other_person(order, pupil)
    if pupil.number == order.pgn.reveal():
        return Comparison(other_person is None, other_person)
    if pupil.number is None or other_person is not None:
        return Comparison(False, OTHER_NUMBER)
    came = adapter.sealer.digest(Purpose.PGN, pupil.number)
    with adapter.store.reading() as session:
        if exchanges.is_ordered(session, exchange, came):
            return Comparison(False, OTHER_ORDER)
    return Comparison(True, NUMBER_CHANGED)


def _other_person(order: Order, pupil: PupilIdentity) -> str | None:
    """In what name or date of birth differ, or None."""
    if _plain(pupil.surname or "") != _plain(order.surname):
        return OTHER_NAME
    if pupil.birth_date != order.birth_date.isoformat():
        return OTHER_BIRTH_DATE
    return None


def _plain(name: str) -> str:
    """A name without case, accents and punctuation, which systems write differently."""
    parts = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in parts if letter.isalnum())

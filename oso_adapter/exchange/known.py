"""A received dossier beside what the school's own system knows of its pupil by now."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from lxml import etree

from oso_adapter.bounded_xml import Limits, XmlRefused, parse
from oso_adapter.errors import NotAllowed, PluginFailed
from oso_adapter.exchange import receive
from oso_adapter.exchange.adapter import Adapter, reference
from oso_adapter.exchange.contents import identity_of
from oso_adapter.exchange.orders import order_of
from oso_adapter.hookspecs import PupilMatch
from oso_adapter.identifiers import plain_text
from oso_adapter.standard import codec
from oso_adapter.standard.attachments import unpacked
from oso_adapter.standard.differences import Difference, differences
from oso_adapter.standard.pack import pack_of
from oso_adapter.store import exchanges
from oso_adapter.store.models import Received

HOOK = "oso_known_pupil"


@dataclass(frozen=True, repr=False)
class Known:
    """The pupil in the school's own system, by its reference, and where that differs."""

    pupil: str
    differences: tuple[Difference, ...]


def known_pupil(adapter: Adapter, received: Received, account: str) -> Known | None:
    """Compare a received dossier with what a plugin knows of its pupil; None when none does.

    Who reads these is recorded. Raises PluginFailed, and NotAllowed for a dossier of a release
    that is not known here.
    """
    xml = receive.opened(adapter, received)
    try:
        root = parse(xml, Limits(size=adapter.settings.limits.message_size))
    except XmlRefused:
        raise NotAllowed("dit dossier is niet te lezen, en dus niet te vergelijken") from None
    pack = pack_of(etree.QName(root).namespace or "")
    if pack is None:
        raise NotAllowed("dit dossier is van een versie die hier niet bekend is")
    came = unpacked(codec.to_dict(root, pack), pack)
    with adapter.store.reading() as session:
        exchange = exchanges.found(session, received.exchange_id)
    ordered = order_of(adapter, exchange).pgn.reveal()
    number = identity_of(root).number
    match = _match(came, number, () if number == ordered else (ordered,))
    found = adapter.plugins.known_pupil(reference(exchange.administration), account, match)
    if found is None:
        return None
    plugin, known = found
    try:
        pupil = plain_text(known.pupil, 200)
        differing = tuple(differences(known.dossier, came, pack))
    except Exception:  # objects of a plugin may raise anything when they are looked at
        raise PluginFailed(plugin, HOOK, "gave something that cannot be compared") from None
    receive.show(adapter, received, account)
    return Known(pupil, differing)


def _match(came: dict[str, Any], number: str | None, former: tuple[str, ...]) -> PupilMatch:
    pupil = came.get("huidigeschool", {}).get("leerling", {})

    def text(name: str) -> str | None:
        value = pupil.get(name)
        return value if isinstance(value, str) else None

    born = pupil.get("geboortedatum")
    return PupilMatch(
        pgn=number,
        former_pgns=former,
        leerlingid=text("leerlingid"),
        achternaam=text("achternaam"),
        voorvoegsel=text("voorvoegsel"),
        voornamen=" ".join(pupil.get("voornaam", ())) or None,
        roepnaam=text("roepnaam"),
        date_of_birth=born if isinstance(born, date) else None,
    )

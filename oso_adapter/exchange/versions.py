"""The versions of a pupil's prepared dossier: finding, opening and showing one.

Each collection makes the next version of its profile. An older one stays as it was shown, readable
by its number until it is destroyed.
"""

from collections.abc import Collection

from oso_adapter.errors import NotAllowed, NotFound
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.snapshot import record
from oso_adapter.store import dossiers
from oso_adapter.store.models import Administration, Prepared, PreparedState
from oso_adapter.store.sealing import Purpose


def show(
    adapter: Adapter,
    administration: Administration,
    account: str,
    pupil: str,
    *,
    version: int | None = None,
    profile: str | None = None,
) -> bytes:
    """A prepared dossier as XML, exactly as it will be sent; that it was shown is recorded.

    version: its number, or else the newest; profile: of which profile, or else that of the pupil's
    newest dossier. Raises NotFound.
    """
    prepared = found(adapter, administration, pupil, version=version, profile=profile)
    xml = opened(adapter, prepared)
    moment = adapter.clock()
    with adapter.store.writing() as session:
        record(session, "dossier.shown", prepared, moment, account)
    return xml


def current(
    adapter: Adapter, administration: Administration, pupil: str, profile: str | None = None
) -> Prepared:
    """The newest version for a pupil, of that profile if one is named; raises NotFound."""
    return found(adapter, administration, pupil, profile=profile)


def meant(
    adapter: Adapter, administration: Administration, pupil: str, profile: str | None
) -> Prepared:
    """The version that a next step is about: as :func:`current`, where that is beyond doubt.

    Raises NotFound, and NotAllowed when no profile is named and a dossier of another profile than
    the newest waits for a next step too: what the parents saw of one is not recorded of the other.
    """
    prepared = current(adapter, administration, pupil, profile)
    if profile is not None:
        return prepared
    with adapter.store.reading() as session:
        waiting = dossiers.versions(
            session, administration.id, prepared.pupil_hmac, dossiers.UNFINISHED
        )
    profiles = {prepared.profile, *(version.profile for version in waiting)}
    if len(profiles) > 1:
        raise NotAllowed(
            "deze leerling heeft dossiers van meer dan een profiel; noem het profiel dat u bedoelt:"
            f" {', '.join(sorted(profiles))}"
        )
    return prepared


def found(
    adapter: Adapter,
    administration: Administration,
    pupil: str,
    *,
    version: int | None = None,
    profile: str | None = None,
) -> Prepared:
    """A version for a pupil, see :func:`show`; raises NotFound."""
    digest = adapter.sealer.digest(Purpose.PUPIL, pupil)
    with adapter.store.reading() as session:
        newest = dossiers.newest(session, administration.id, digest, profile)
        if newest is None:
            raise NotFound("voor deze leerling is nog niets verzameld")
        prepared = newest if version is None else dossiers.version(session, newest, version)
    if prepared is None:
        raise NotFound(f"versie {version} is er niet; de nieuwste is versie {newest.version}")
    return prepared


def opened(adapter: Adapter, prepared: Prepared) -> bytes:
    """The dossier in the clear."""
    with adapter.store.reading() as session:
        sealed = dossiers.sealed_payload(session, prepared.payload_id)
    if sealed is None:
        raise NotFound("de inhoud van dit dossier is vernietigd")
    return adapter.sealer.open(sealed, Purpose.PAYLOAD)


def pupil_of(adapter: Adapter, prepared: Prepared) -> str:
    """The supplier's reference of the pupil."""
    return adapter.sealer.open_field(prepared.pupil_sealed, Purpose.PUPIL).decode()


def require_state(prepared: Prepared, allowed: Collection[PreparedState]) -> None:
    """Raise NotAllowed for a version in another state."""
    if prepared.state not in allowed:
        raise NotAllowed(f"dat kan niet met een dossier dat {prepared.state} is; verzamel opnieuw")


def require_unchanged(row: Prepared, judged: Prepared) -> None:
    """What was judged outside the transaction must still be what is there."""
    if (row.payload_id, row.state) != (judged.payload_id, judged.state):
        raise NotAllowed("het dossier is intussen gewijzigd; probeer het opnieuw")

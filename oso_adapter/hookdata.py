"""What hooks get and give: frozen data, and not shown where it is about a person."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Literal

from oso_adapter.clock import Clock


@dataclass(frozen=True)
class AdministrationRef:
    """The administration for which a hook is called."""

    brin: str
    routing_id: str
    kind: str
    name: str
    tenant: str


@dataclass(frozen=True)
class HookContext:
    """What every hook is told: for whom, by whose order, why and until when.

    administration: None where the hook serves the whole adapter (search_key, key_provider), and for
    an event that is of no administration.
    account: the school employee by whose order it is done, or None for background work.
    release: of the dossier standard; contract: of the wire; reason: why the hook is called.
    deadline: aware UTC moment after which the host no longer waits.
    """

    administration: AdministrationRef | None
    account: str | None
    release: str
    contract: str
    clock: Clock
    deadline: datetime
    reason: str
    sections: Mapping[str, Mapping[str, Any]] = field(
        default_factory=lambda: MappingProxyType({}), repr=False
    )

    @property
    def tenant(self) -> str | None:
        """The tenant of the administration."""
        return self.administration.tenant if self.administration else None

    def settings(self, plugin: str) -> Mapping[str, Any]:
        """Your section ``[plugins.<plugin>]`` of the configuration; empty when there is none.

        As your schema OSO_SETTINGS made it, or as it stands there when you have no schema.
        """
        return self.sections.get(plugin, MappingProxyType({}))


@dataclass(frozen=True, repr=False)
class CollectedDossier:
    """A pupil's data in the dict form, and former numbers under which it may be asked for.

    pupil: the reference of the pupil whose data these are, as the supplier's system has it; a
    dossier of another pupil than was asked is refused. So is one with another leerlingid.
    """

    dossier: Mapping[str, Any]
    former_numbers: tuple[str, ...] = ()
    pupil: str | None = None


@dataclass(frozen=True, repr=False)
class ReceivedDossier:
    """A fetched dossier: ``dossier`` in the dict form, attachments unpacked; ``xml`` as it came.

    ``id`` stays the same however often the dossier is offered. ``former_numbers``: other numbers of
    this pupil than the one in the dossier, such as the number under which it was ordered; look for
    the pupil under these too, or you make a second one.
    """

    id: str
    dossier: Mapping[str, Any]
    xml: bytes
    release: str
    profile: str | None
    bron_brin: str
    former_numbers: tuple[str, ...] = ()


@dataclass(frozen=True)
class ImportAnswer:
    """What the supplier's system did with a received dossier.

    categories: which categories of the standard were taken over (``cat_verzuim``), empty for all;
    reason: in Dutch, for the user; it must not hold personal data. Raises ValueError for a category
    that no release has: what is stored in the clear is a name of the standard and nothing else.
    """

    outcome: Literal["accepted", "postponed", "rejected"]
    categories: tuple[str, ...] = ()
    reason: str | None = None

    def __post_init__(self) -> None:
        """Judge the categories where they are given, so that a plugin's own tests see it."""
        if not self.categories:
            return
        # most of what a process of a plugin would import, and not every plugin needs it
        from oso_adapter.standard.pack import available, load_pack  # noqa: PLC0415

        known = {name for release in available() for name in load_pack(release).profiles.data}
        if not known.issuperset(self.categories):
            raise ValueError("a category is a name of the standard, such as cat_verzuim")


@dataclass(frozen=True)
class ReceivedNotification:
    """A school that was asked in vain, or whose dossier came, says that there is a (newer) one.

    ``id`` stays the same however often it is told. reference: the caller's own name of the order
    that was placed then, order_id: the id of that order. The dossier does not come with it: order
    it again, with ``oso-adapter notifications fetch ID``.
    """

    id: str
    reference: str
    order_id: str
    bron_brin: str
    bron_routing_id: str
    received_at: datetime


@dataclass(frozen=True)
class AuditEvent:
    """Something that happened, as it stands in the store; never a number, a name or content.

    For which administration it happened is in the context. fault_id: as in the log and in what the
    other side was told; reason: why there was no answer, in a word.
    """

    id: int
    moment: datetime
    name: str
    account: str | None
    subject: str | None
    session_id: str | None
    counterpart: str | None
    result: str | None
    fault_id: str | None = None
    reason: str | None = None


@dataclass(frozen=True, repr=False)
class PupilQuery:
    """What a user looks for among the pupils; what is None does not matter.

    name: part of a name, as it was typed. group: of the school, in its own words (``8a``).
    leaving_before: only who leaves before this day. destination: BRIN of the school that they go
    to. limit: how many pupils are of use; more are not shown.
    """

    name: str | None = None
    group: str | None = None
    leaving_before: date | None = None
    destination: str | None = None
    limit: int = 100


@dataclass(frozen=True, repr=False)
class FoundPupil:
    """A pupil that was looked for, as a user recognises one.

    pupil: the supplier's own reference (leerlingid), by which the dossier is collected, never a
    personal number. name: as the user reads it. destination: BRIN; leaving_on: the last day here.
    """

    pupil: str
    name: str
    group: str | None = None
    date_of_birth: date | None = None
    destination: str | None = None
    leaving_on: date | None = None


@dataclass(frozen=True, repr=False)
class Candidate:
    """A pupil who may be the one that was asked for.

    pupil: the supplier's own reference. pgn: BSN or onderwijsnummer, nine digits, which is compared
    with the zoeksleutel and then forgotten; give a pupil with two numbers twice.
    """

    pupil: str
    pgn: str


@dataclass(frozen=True, repr=False)
class PupilMatch:
    """By what a pupil of a received dossier may be known here; what is None was not in it.

    pgn: BSN or onderwijsnummer; former_pgns: other numbers of this pupil. leerlingid: of the school
    that sent it. koppelsleutel: of the exchange with a partnership (SWV). The parts of the name are
    those of the standard, voornamen separated by a space.
    """

    pgn: str | None = None
    former_pgns: tuple[str, ...] = ()
    leerlingid: str | None = None
    koppelsleutel: str | None = None
    achternaam: str | None = None
    voorvoegsel: str | None = None
    voornamen: str | None = None
    roepnaam: str | None = None
    date_of_birth: date | None = None


@dataclass(frozen=True, repr=False)
class KnownPupil:
    """A pupil who is known here: the supplier's own reference, and what stands there now.

    dossier: in the dict form of ``oso_collect_dossier``; what is left out is not compared.
    """

    pupil: str
    dossier: Mapping[str, Any]


@dataclass(frozen=True)
class DeliveryRequest:
    """A school that asks for a dossier, after all our own checks.

    doel_brin, doel_routing_id: of the school that asks; peer_oin: OIN in the certificate of its
    system. sector: of that school, as the Traffic Center gave it. asked_after: only a dossier that
    was collected after this moment is wanted; None for any.
    """

    session_id: str
    doel_brin: str
    doel_routing_id: str
    peer_oin: str
    sector: str
    overdrachtsoort: str
    asked_after: datetime | None = None


@dataclass(frozen=True)
class PreparedRef:
    """The prepared dossier that is about to be delivered; pupil: the supplier's own reference."""

    id: str
    version: int
    profile: str
    release: str
    collected_at: datetime
    ready_until: date | None
    pupil: str = field(repr=False)


@dataclass(frozen=True)
class ExtraRule:
    """One agreement beyond the standard, such as of a region: data, judged by the adapter itself.

    id: in your own words, without blanks; a finding bears it behind the name of the plugin.
    context, assertion: XPath 1.0 with the prefix ``od`` for the elements of the dossier, such as
    ``//od:leerling`` and ``od:roepnaam``; the assertion must hold at every node of the context.
    Macros of our own rules do not count. message: in Dutch, what is wrong and how to mend it.
    severity: an ``error`` keeps a dossier from being collected, put or made ready.
    """

    id: str
    context: str
    assertion: str
    message: str
    severity: Literal["error", "warning", "info"] = "warning"

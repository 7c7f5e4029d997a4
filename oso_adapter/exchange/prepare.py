"""Preparing a dossier: collect or put, show, record inzage, make ready, withdraw.

A prepared dossier is a snapshot: all mapping and judging happens here, so that delivery only has
to open and send bytes. Between collecting and delivery only the inzage block changes.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal
from uuid import uuid4

from lxml import etree

from oso_adapter.bounded_xml import Limits, parse
from oso_adapter.clock import school_date
from oso_adapter.errors import NotAllowed, NotFound
from oso_adapter.exchange.adapter import Adapter, reference
from oso_adapter.exchange.contents import identity_of, transfer_of, with_inzage
from oso_adapter.exchange.policy import BETWEEN_SCHOOLS, POLICIES, fits
from oso_adapter.exchange.snapshot import (
    Outcome,
    former,
    judge,
    keep,
    record,
    require_no_errors,
    require_past,
    require_same,
)
from oso_adapter.identifiers import Brin, holds_number, without_number
from oso_adapter.standard import codec, fields, lexical
from oso_adapter.standard.categories import SWITCHED_OFF
from oso_adapter.standard.pack import Pack, load_pack, pack_of
from oso_adapter.standard.profiles import Profile, complete, profile, profile_of
from oso_adapter.standard.protection import protect
from oso_adapter.standard.texts import text_of
from oso_adapter.store import dossiers
from oso_adapter.store.models import (
    Administration,
    AdministrationKind,
    Payload,
    Prepared,
    PreparedSchool,
    PreparedState,
)
from oso_adapter.store.sealing import Purpose

Answer = Literal["Ja", "Nee", "Onbekend"]

PROVISIONAL: Final = {"voorlopigdossier": True}


@dataclass(frozen=True)
class Inzage:
    """What the school records after the parents saw the dossier.

    on: date; akkoord: whether they agree, a remark and never a veto; reason: why not;
    toestemming: consent, which only vo-vo needs.
    """

    on: date
    akkoord: Answer
    reason: str | None = None
    toestemming: Answer | None = None

    def block(self) -> dict[str, bool | date | str]:
        """The inzage block of the dossier in the dict form."""
        values: dict[str, bool | date | str | None] = {
            "voorlopigdossier": False,
            "inzage": True,
            "inzagedatum": self.on,
            "akkoord": self.akkoord,
            "redennietakkoord": self.reason,
            "toestemming": self.toestemming,
        }
        return {name: value for name, value in values.items() if value is not None}


def collect(
    adapter: Adapter,
    administration: Administration,
    account: str,
    pupil: str,
    profile_name: str,
    switched_off: Collection[str] = (),
) -> Outcome:
    """Collect (verzamelen) a pupil's dossier from the supplier's data.

    pupil: the supplier's own reference, never a personal number; switched_off: optional
    categories that stay out (cat_verzuim).
    Raises NotFound, PluginFailed, or :class:`NotPrepared` with findings.
    """
    pack = adapter.pack
    chosen = _supported(profile_name, pack, administration)
    without_number(pupil)
    collected = adapter.plugins.collect_dossier(
        reference(administration), account, pupil, chosen.name
    )
    if collected is None:
        raise NotFound("geen plugin kent deze leerling; controleer de verwijzing (leerlingid)")
    findings = fields.check(collected.dossier, pack)
    require_no_errors(findings)
    package = adapter.settings.package
    data, removed = complete(
        collected.dossier,
        pack,
        chosen,
        package=package.name,
        package_version=package.version,
        on=school_date(adapter.clock()),
        switched_off=frozenset(switched_off),
    )
    if POLICIES[chosen.name].inzage:
        data["inzage"] = dict(PROVISIONAL)
    numbers = [former(number) for number in collected.former_numbers]
    root = codec.to_element(data, pack)
    removed += protect(root, pack, chosen, numbers)
    return keep(
        adapter,
        administration,
        account,
        pupil,
        chosen,
        codec.serialised(root),
        numbers,
        [*findings, *removed],
    )


def put(
    adapter: Adapter,
    administration: Administration,
    account: str,
    xml: bytes,
    pupil: str | None = None,
) -> Outcome:
    """Take a complete dossier as XML, made by the supplier's own software.

    pupil: the supplier's reference, by default the leerlingid in the dossier. Its bytes are kept,
    unless something in it may not leave the school; inzage that stands in it counts as recorded by
    this account.
    """
    root = parse(xml, Limits(size=adapter.settings.limits.message_size))
    pack = _accepted(adapter, root)
    _require_own(administration, root, pack)
    chosen = profile_of(*transfer_of(root), pack)
    if chosen is None:
        raise NotAllowed("overdrachtsoort en overstap van dit dossier vormen geen bekend profiel")
    identity = identity_of(root)
    name = pupil or identity.reference
    if name is None:
        raise NotAllowed("het dossier heeft geen leerlingid; geef zelf een verwijzing op (--pupil)")
    if name == identity.number or holds_number(name):
        raise NotAllowed(
            "de verwijzing (leerlingid) is of bevat een BSN of onderwijsnummer; "
            "geef zelf een andere op (--pupil)"
        )
    chosen = _supported(chosen.name, pack, administration)
    if removed := protect(root, pack, chosen):
        xml = codec.serialised(root)
    return keep(adapter, administration, account, name, chosen, xml, [], removed)


def record_inzage(
    adapter: Adapter,
    administration: Administration,
    account: str,
    pupil: str,
    inzage: Inzage,
    digest: str | None = None,
) -> Outcome:
    """Record that the parents saw the dossier: fills the inzage block and nothing else.

    digest: the controlegetal of what they saw, which has to be that of the dossier. Raises
    NotAllowed, also for a day that is still to come and where inzage is no part of the dossier.
    """
    require_past(adapter, inzage.on)
    if inzage.reason is not None and not lexical.fits_xml(inzage.reason):
        raise NotAllowed("de reden heeft een teken dat niet in een dossier kan, zoals een piep")
    prepared = current(adapter, administration, pupil)
    _require_state(prepared, dossiers.UNFINISHED)
    if digest is not None and "".join(digest.split()).lower() != prepared.content_digest:
        raise NotAllowed(
            "de ouders hebben een ander dossier gezien dan er nu klaarligt (controlegetal); "
            "laat hun dit dossier zien"
        )
    root = parse(opened(adapter, prepared), Limits(size=adapter.settings.limits.message_size))
    pack = load_pack(prepared.release)
    _require_inzage_delivered(root, pack)
    xml = with_inzage(root, pack, inzage.block())
    findings = judge(adapter, xml, inzage=False)
    sealed = adapter.sealer.seal(xml, Purpose.PAYLOAD)
    moment = adapter.clock()
    with adapter.store.writing() as session:
        row = session.get_one(Prepared, prepared.id)
        _require_unchanged(row, prepared)
        old = session.get_one(Payload, row.payload_id)
        new = dossiers.payload(str(uuid4()), sealed)
        session.add(new)
        session.flush()
        row.payload_id = new.id
        session.delete(old)
        row.seen = True
        row.consent = inzage.toestemming == "Ja"
        row.state, row.changed_at, row.account = PreparedState.SEEN, moment, account
        record(session, "dossier.seen", row, moment, account)
    return Outcome(row.id, row.version, PreparedState.SEEN, tuple(findings))


def make_ready(
    adapter: Adapter,
    administration: Administration,
    account: str,
    pupil: str,
    brins: Collection[Brin],
    until: date | None = None,
) -> Outcome:
    """Make ready (klaarzetten) for one or more schools; from now on they can fetch it.

    Raises :class:`NotAllowed` with the step that is missing, NotPrepared when the whole is not
    valid. Older versions that were ready lapse.
    """
    if not brins:
        raise NotAllowed("noem ten minste een school (BRIN) die het dossier mag ophalen")
    prepared = current(adapter, administration, pupil)
    _require_state(prepared, (*dossiers.UNFINISHED, *dossiers.DELIVERABLE))
    if missing := adapter.what_is_missing(prepared):
        raise NotAllowed(f"het dossier kan nog niet klaar: {missing}")
    xml = opened(adapter, prepared)
    findings = judge(adapter, xml)
    require_same(adapter, xml, prepared)
    moment = adapter.clock()
    with adapter.store.writing() as session:
        row = session.get_one(Prepared, prepared.id)
        _require_unchanged(row, prepared)
        row.schools = [PreparedSchool(brin=str(brin)) for brin in sorted(set(brins))]
        row.ready_until = until
        row.state, row.changed_at, row.account = PreparedState.READY, moment, account
        lapsing = (*dossiers.DELIVERABLE, *dossiers.UNFINISHED)
        dossiers.supersede(session, row, lapsing, PreparedState.SUPERSEDED, moment)
        for brin in sorted(set(brins)):
            record(session, "dossier.ready", row, moment, account, counterpart=str(brin))
    return Outcome(row.id, row.version, PreparedState.READY, tuple(findings))


def withdraw(adapter: Adapter, administration: Administration, account: str, pupil: str) -> Outcome:
    """Withdraw (intrekken) every version of the pupil's dossier that could still be fetched.

    Those of another profile too: who withdraws means the pupil, not one of several overstappen.
    """
    prepared = current(adapter, administration, pupil)
    open_states = (*dossiers.UNFINISHED, *dossiers.DELIVERABLE)
    moment = adapter.clock()
    with adapter.store.writing() as session:
        rows = dossiers.versions(session, administration.id, prepared.pupil_hmac, open_states)
        if not rows:  # also when somebody else was just before
            _require_state(session.get_one(Prepared, prepared.id), open_states)
        for row in rows:
            row.state, row.changed_at, row.account = PreparedState.WITHDRAWN, moment, account
            record(session, "dossier.withdrawn", row, moment, account)
    return Outcome(rows[0].id, rows[0].version, PreparedState.WITHDRAWN, ())


def show(adapter: Adapter, administration: Administration, account: str, pupil: str) -> bytes:
    """The prepared dossier as XML, exactly as it will be sent; that it was shown is recorded."""
    prepared = current(adapter, administration, pupil)
    xml = opened(adapter, prepared)
    moment = adapter.clock()
    with adapter.store.writing() as session:
        record(session, "dossier.shown", prepared, moment, account)
    return xml


def current(adapter: Adapter, administration: Administration, pupil: str) -> Prepared:
    """The newest version for a pupil; raises NotFound."""
    digest = adapter.sealer.digest(Purpose.PUPIL, pupil)
    with adapter.store.reading() as session:
        prepared = dossiers.newest(session, administration.id, digest)
    if prepared is None:
        raise NotFound("voor deze leerling is nog niets verzameld")
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


def _supported(name: str, pack: Pack, administration: Administration) -> Profile:
    """The profile, when it is one that this school can use: no other would ever be delivered."""
    if name not in BETWEEN_SCHOOLS:
        raise NotAllowed(f"het profiel {name} kan nog niet; kies uit {', '.join(BETWEEN_SCHOOLS)}")
    if not fits(name, administration.sector, None):
        raise NotAllowed(
            f"het profiel {name} past niet bij een school van de sector {administration.sector}; "
            "kies een ander profiel, of verbeter de sector (oso-adapter administration sector)"
        )
    return profile(name, pack)


def _accepted(adapter: Adapter, root: etree._Element) -> Pack:
    """The release of a dossier that was made elsewhere, when it is one that is in use."""
    pack = pack_of(etree.QName(root).namespace or "")
    if pack is None or not adapter.accepts(pack.release):
        raise NotAllowed(
            "dit dossier is niet van een versie van de standaard die nu in gebruik is; "
            f"maak het in versie {adapter.pack.release}"
        )
    return pack


def _require_own(administration: Administration, root: etree._Element, pack: Pack) -> None:
    """A school hands out its own dossiers; a RIS or an SWV those of other schools too."""
    space = pack.namespace
    brin = text_of(root.find(f"{{{space}}}huidigeschool/{{{space}}}brincode")).strip()
    if brin and administration.kind == AdministrationKind.LAS and brin != administration.brin:
        raise NotAllowed(
            "de huidige school (brincode) in dit dossier is niet de school van deze administratie; "
            "lever het aan voor de administratie van die school"
        )


def _require_inzage_delivered(root: etree._Element, pack: Pack) -> None:
    """A dossier that leaves the category out may have no inzage block (rule OS.cat02)."""
    space = f"{{{pack.namespace}}}"
    for category, data in pack.profiles.data.items():
        declared = root.find(f"{space}metadata/{space}categorie_uitlevering/{space}{category}")
        if "/dossier/inzage" in data and text_of(declared).strip() in ("VERBODEN", SWITCHED_OFF):
            raise NotAllowed(
                f"dit dossier levert de inzage niet uit ({category} staat uit); "
                "maak het opnieuw met die categorie om inzage vast te leggen"
            )


def _require_state(prepared: Prepared, allowed: Collection[PreparedState]) -> None:
    if prepared.state not in allowed:
        raise NotAllowed(f"dat kan niet met een dossier dat {prepared.state} is; verzamel opnieuw")


def _require_unchanged(row: Prepared, judged: Prepared) -> None:
    """What was judged outside the transaction must still be what is there."""
    if (row.payload_id, row.state) != (judged.payload_id, judged.state):
        raise NotAllowed("het dossier is intussen gewijzigd; probeer het opnieuw")

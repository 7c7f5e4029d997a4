"""A snapshot of a pupil's dossier becomes a prepared dossier: judged, sealed and stored."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import uuid4

from lxml import etree
from sqlalchemy.orm import Session

from oso_adapter.bounded_xml import Limits, parse
from oso_adapter.clock import school_date
from oso_adapter.errors import InvalidIdentifier, NotAllowed, OsoError
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.contents import content_digest, identity_of
from oso_adapter.exchange.extra_rules import extra_findings
from oso_adapter.exchange.pupil_numbers import sealed_number
from oso_adapter.identifiers import Pgn
from oso_adapter.standard import validate
from oso_adapter.standard.findings import Finding
from oso_adapter.standard.pack import pack_of
from oso_adapter.standard.profiles import Profile
from oso_adapter.standard.texts import text_of
from oso_adapter.standard.wording import of_school
from oso_adapter.store import dossiers, events
from oso_adapter.store.models import Administration, Prepared, PreparedState
from oso_adapter.store.sealing import Purpose

_FAR_OFF: Final = re.compile(r"[0-9]{5}")
"""A year of five digits or more, which the schema allows and Python cannot hold."""


class NotPrepared(OsoError):
    """The dossier cannot be prepared; its findings say why."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("het dossier kan niet worden klaargemaakt; zie de bevindingen")
        self.findings = tuple(findings)


@dataclass(frozen=True)
class Outcome:
    """A prepared dossier: its id, the version of this pupil, and what the preparer should know."""

    id: str
    version: int
    state: PreparedState
    findings: tuple[Finding, ...]


def keep(
    adapter: Adapter,
    administration: Administration,
    account: str,
    pupil: str,
    chosen: Profile,
    xml: bytes,
    former_numbers: Collection[Pgn],
    findings: Sequence[Finding],
) -> Outcome:
    """Judge a new snapshot, seal it, and store it as the next version of this pupil.

    findings: what is already known of it; the outcome has these too. Raises :class:`NotPrepared`.
    """
    require_no_errors(findings)
    root = parse(xml, _limits(adapter))
    seen, consent = _recorded_inzage(root)
    if seen:
        require_past(adapter, _day_of_inzage(root))
    judged = judge(adapter, xml, inzage=seen)
    pgn = _number(root)
    sealed = adapter.sealer.seal(xml, Purpose.PAYLOAD)
    moment = adapter.clock()
    prepared = Prepared(
        id=str(uuid4()),
        administration_id=administration.id,
        pupil_hmac=adapter.sealer.digest(Purpose.PUPIL, pupil),
        pupil_sealed=adapter.sealer.seal_field(pupil.encode(), Purpose.PUPIL),
        profile=chosen.name,
        release=_release(root),
        state=PreparedState.SEEN if seen else PreparedState.COLLECTED,
        account=account,
        collected_at=moment,
        changed_at=moment,
        content_digest=content_digest(root),
        seen=seen,
        consent=consent,
    )
    numbers = [sealed_number(adapter, prepared, number) for number in {pgn, *former_numbers}]
    with adapter.store.writing() as session:
        prepared.version = dossiers.next_version(
            session, administration.id, prepared.pupil_hmac, chosen.name
        )
        row = dossiers.payload(str(uuid4()), sealed)
        session.add(row)
        session.flush()
        prepared.payload_id = row.id
        session.add(prepared)
        session.flush()
        session.add_all(numbers)
        supersede(session, prepared, dossiers.UNFINISHED, moment, account)
        record(session, "dossier.collected", prepared, moment, account)
    notes = (*findings, *judged)
    return Outcome(prepared.id, prepared.version, PreparedState(prepared.state), notes)


def unchanged(
    adapter: Adapter, administration: Administration, pupil: str, profile: str, xml: bytes
) -> Outcome | None:
    """The newest version of this pupil and profile, when it is this dossier already and counts.

    Whoever puts a dossier again, not knowing whether the first time succeeded, must not make a
    version that nobody has seen. Inzage that was recorded since then stays; other inzage in what
    is put makes it another dossier.
    """
    with adapter.store.reading() as session:
        digest = adapter.sealer.digest(Purpose.PUPIL, pupil)
        row = dossiers.newest(session, administration.id, digest, profile)
        if row is None or row.state not in (*dossiers.UNFINISHED, *dossiers.DELIVERABLE):
            return None
        sealed = dossiers.sealed_payload(session, row.payload_id)
    root = parse(xml, _limits(adapter))
    if sealed is None or content_digest(root) != row.content_digest:
        return None
    stored = adapter.sealer.open(sealed, Purpose.PAYLOAD)
    if _recorded_inzage(root)[0] and _inzage(root) != _inzage(parse(stored, _limits(adapter))):
        return None
    findings = judge(adapter, stored, inzage=row.seen)
    return Outcome(row.id, row.version, PreparedState(row.state), tuple(findings))


def judge(adapter: Adapter, xml: bytes, *, inzage: bool = True) -> list[Finding]:
    """The findings about a whole dossier; raises :class:`NotPrepared` when one is an error.

    Those of the standard, and where these have no error those of plugins with rules of their own.
    inzage: False while nobody can have seen it yet, which leaves the rules about that out.
    """
    report = validate(xml, inzage=inzage, limits=_limits(adapter))
    findings = list(report.findings)
    require_no_errors(findings)
    root = parse(xml, _limits(adapter))
    pack = pack_of(etree.QName(root).namespace or "")
    if pack is not None and report.profile is not None:
        findings += extra_findings(adapter, root, pack, report.profile, inzage=inzage)
        require_no_errors(findings)
    return findings


def supersede(
    session: Session,
    prepared: Prepared,
    states: Collection[PreparedState],
    moment: datetime,
    account: str,
) -> None:
    """Let the other versions of the same pupil and profile that are in these states lapse."""
    for row in dossiers.others(session, prepared, states):
        row.state, row.changed_at, row.account = PreparedState.SUPERSEDED, moment, account
        record(session, "dossier.lapsed", row, moment, account, reason="newer-version")


def require_same(adapter: Adapter, xml: bytes, prepared: Prepared) -> None:
    """Raise NotAllowed when anything but the inzage block changed since it was collected."""
    if content_digest(parse(xml, _limits(adapter))) != prepared.content_digest:
        raise NotAllowed("het dossier is niet meer wat er verzameld is; verzamel opnieuw")


def require_past(adapter: Adapter, on: date | None) -> None:
    """Raise NotAllowed for inzage on a day that is still to come."""
    if on is not None and on > school_date(adapter.clock()):
        raise NotAllowed("de inzage kan niet in de toekomst liggen")


def _release(root: etree._Element) -> str:
    """The release of a document that was judged, and so is of a known one."""
    pack = pack_of(etree.QName(root).namespace or "")
    return pack.release if pack else ""


def _limits(adapter: Adapter) -> Limits:
    return Limits(size=adapter.settings.limits.message_size)


def require_no_errors(findings: Sequence[Finding]) -> None:
    """Raise :class:`NotPrepared` when a finding is an error."""
    if any(finding.severity == "error" for finding in findings):
        raise NotPrepared(findings)


def former_number(number: str) -> Pgn:
    """A former number as a plugin gives it."""
    try:
        return Pgn(number)
    except InvalidIdentifier:
        raise NotAllowed("de plugin gaf een oud nummer dat geen negen cijfers heeft") from None


def _number(root: etree._Element) -> Pgn:
    """The number that the dossier is found by; its elfproef is judged with the rest."""
    try:
        return Pgn(identity_of(root).number or "")
    except InvalidIdentifier:
        finding = of_school(
            "PGN.ontbreekt",
            "/dossier/huidigeschool/leerling",
            None,
            "Het dossier heeft geen BSN of onderwijsnummer van negen cijfers.",
        )
        raise NotPrepared([finding]) from None


def _recorded_inzage(root: etree._Element) -> tuple[bool, bool]:
    """Whether the dossier itself says that it was seen, and that there is consent."""
    space = etree.QName(root).namespace
    block = root.find(f"{{{space}}}inzage")
    if block is None:
        return False, False
    seen = text_of(block.find(f"{{{space}}}inzage")).strip() in ("true", "1")
    provisional = text_of(block.find(f"{{{space}}}voorlopigdossier")).strip() in ("true", "1")
    consent = text_of(block.find(f"{{{space}}}toestemming")).strip() == "Ja"
    return seen and not provisional, consent and not provisional


def _inzage(root: etree._Element) -> bytes:
    """The block in its canonical form; empty where there is none."""
    block = root.find(f"{{{etree.QName(root).namespace}}}inzage")
    return b"" if block is None else etree.tostring(block, method="c14n", exclusive=True)


def _day_of_inzage(root: etree._Element) -> date | None:
    """The day on which the parents saw it; what is no day at all is judged with the rest."""
    space = etree.QName(root).namespace
    written = text_of(root.find(f"{{{space}}}inzage/{{{space}}}inzagedatum")).strip()
    try:
        return date.fromisoformat(written[:10])  # a time zone may stand behind it
    except ValueError:
        return date.max if _FAR_OFF.match(written) else None


def record(
    session: Session,
    name: str,
    prepared: Prepared,
    moment: datetime,
    account: str | None,
    counterpart: str | None = None,
    reason: str | None = None,
) -> None:
    """Record an event about a prepared dossier; account: None for what nobody ordered."""
    events.record(
        session,
        name,
        moment,
        administration_id=prepared.administration_id,
        account=account,
        subject=prepared.id,
        counterpart=counterpart,
        reason=reason,
    )

"""Recording inzage: the one block of a dossier that is filled after it was collected."""

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal
from uuid import uuid4

from lxml import etree

from oso_adapter.bounded_xml import Limits, parse
from oso_adapter.clock import school_date
from oso_adapter.errors import NotAllowed
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.contents import with_inzage
from oso_adapter.exchange.snapshot import Outcome, judge, record, require_past
from oso_adapter.exchange.versions import meant, opened, require_state, require_unchanged
from oso_adapter.standard import lexical
from oso_adapter.standard.categories import SWITCHED_OFF
from oso_adapter.standard.findings import Finding
from oso_adapter.standard.pack import Pack, load_pack
from oso_adapter.standard.texts import text_of
from oso_adapter.store import dossiers
from oso_adapter.store.models import Administration, Payload, Prepared, PreparedState
from oso_adapter.store.sealing import Purpose

Answer = Literal["Ja", "Nee", "Onbekend"]

_EARLIER: Final = Finding(
    rule="INZAGE.eerder",
    severity="warning",
    path="/dossier/inzage/inzagedatum",
    line=None,
    message="De inzage is van voor de dag waarop deze versie van het dossier is verzameld.",
    owner="verzendende school",
    next_step="Controleer de datum. Zagen de ouders een eerdere versie, laat hun dan deze zien.",
)


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


def record_inzage(
    adapter: Adapter,
    administration: Administration,
    account: str,
    pupil: str,
    inzage: Inzage,
    digest: str | None = None,
    *,
    profile: str | None = None,
) -> Outcome:
    """Record that the parents saw the dossier: fills the inzage block and nothing else.

    digest: the controlegetal of what they saw, which has to be that of the dossier. profile: of
    which dossier, where dossiers of more than one wait. A day before that of the collection is a
    warning among the findings: this version was not there yet. Raises NotAllowed, also for a day
    that is still to come and where inzage is no part of the dossier.
    """
    require_past(adapter, inzage.on)
    if inzage.reason is not None and not lexical.fits_xml(inzage.reason):
        raise NotAllowed("de reden heeft een teken dat niet in een dossier kan, zoals een piep")
    prepared = meant(adapter, administration, pupil, profile)
    require_state(prepared, dossiers.UNFINISHED)
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
    if inzage.on < school_date(prepared.collected_at):
        findings.append(_EARLIER)
    sealed = adapter.sealer.seal(xml, Purpose.PAYLOAD)
    moment = adapter.clock()
    with adapter.store.writing() as session:
        row = session.get_one(Prepared, prepared.id)
        require_unchanged(row, prepared)
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

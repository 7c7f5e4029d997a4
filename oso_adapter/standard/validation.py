"""The verdict on a document: XML, release, schema, values, profile."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from lxml import etree

from oso_adapter import bounded_xml
from oso_adapter.bounded_xml import Limits, XmlRefused
from oso_adapter.standard.attachment_checks import attachment_findings
from oso_adapter.standard.categories import Profile
from oso_adapter.standard.checks import (
    code_findings,
    hidden_number_findings,
    number_findings,
    rule_findings,
    status_findings,
    value_findings,
)
from oso_adapter.standard.conformity import schema_findings
from oso_adapter.standard.findings import LIMIT, Finding, Report, Severity, strictly
from oso_adapter.standard.official import official_findings
from oso_adapter.standard.pack import Pack, available, load_pack, pack_of
from oso_adapter.standard.texts import text_of
from oso_adapter.standard.wording import of_supplier

LIMITS: Final = Limits()

_REFUSALS: Final[dict[bounded_xml.Reason, tuple[str, str]]] = {
    "too-large": ("XML.size", "Het bestand is groter dan is toegestaan."),
    "doctype": ("XML.doctype", "Het bestand heeft een DOCTYPE; dat mag niet."),
    "encoding": ("XML.encoding", "Het bestand is geen UTF-8."),
    "not-well-formed": ("XML.wellformed", "Het bestand is geen welgevormde XML."),
    "too-deep": ("XML.bounds", "De elementen zijn dieper genest dan is toegestaan."),
    "too-many-elements": (
        "XML.bounds",
        "Er zijn meer elementen of andere opmaak dan is toegestaan.",
    ),
    "too-many-attributes": ("XML.bounds", "Een element heeft meer attributen dan is toegestaan."),
}


def validate(
    xml: bytes,
    *,
    profile: str | None = None,
    strict: bool = False,
    inzage: bool = True,
    limits: Limits = LIMITS,
) -> Report:
    """Judge a document; whatever is wrong with it is a finding and never an exception.

    profile: the kind of transfer (POPO, POVO, VOVO, BB, POSWV, VOSWV) that it must be; without it,
    what the document itself says. An unknown name raises NotFound. strict: warnings are errors.
    inzage: also the rules about inzage, which a dossier that was just collected cannot keep yet.
    limits: how much XML is read.
    """
    if profile is not None:
        _require_known(profile)
    try:
        root = bounded_xml.parse(xml, limits)
    except XmlRefused as refused:
        rule, message = _REFUSALS[refused.reason]
        return Report((of_supplier(rule, "/", refused.line, message),), profile=profile)
    name = etree.QName(root)
    pack = pack_of(name.namespace or "")
    if pack is None or name.localname not in pack.structure.roots:
        return Report((_no_release(root),), profile=profile)
    declared = _declared_profile(root, pack)
    judged = pack.profiles.named(profile) if profile else declared
    findings = _judge(root, pack, judged, inzage=inzage)
    if judged != declared:
        findings.insert(0, _other_profile(root, judged))
    if strict:
        findings = [strictly(finding) for finding in findings]
    return Report(_bounded(findings), pack.release, judged.name if judged else None)


def _judge(
    root: etree._Element, pack: Pack, profile: Profile | None, *, inzage: bool
) -> list[Finding]:
    """Everything about a document of this release, in the order in which it is looked at."""
    findings = schema_findings(root, pack)
    if any(finding.rule == "XML.bounds" for finding in findings):
        return findings
    gathered = _Gathered()
    if not findings:
        gathered.take(value_findings(root, pack), "warning")
    rules = rule_findings(root, pack, profile, inzage=inzage, full=gathered.full)
    gathered.take(rules, "error", "warning")
    gathered.take(code_findings(root, pack, full=gathered.full), "error", "warning")
    gathered.take(status_findings(root, pack, profile), "warning")
    gathered.take(number_findings(root, pack), "warning")
    gathered.take(hidden_number_findings(root, pack, profile), "warning")
    gathered.take(attachment_findings(root, pack, profile), "warning")
    return [*findings, *gathered.findings, *official_findings(root, pack, inzage=inzage)]


class _Gathered:
    """LIMIT findings of each severity at most, so that many warnings never hide an error."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self._count: Counter[Severity] = Counter()

    def full(self, severity: Severity) -> bool:
        return self._count[severity] >= LIMIT

    def take(self, findings: Iterable[Finding], *severities: Severity) -> None:
        """Let a check that tells these severities look, as long as one of them has room."""
        if all(map(self.full, severities)):
            return
        for finding in findings:
            self.findings.append(finding)
            self._count[finding.severity] += 1
            if all(map(self.full, severities)):
                return


def _require_known(profile: str) -> None:
    """The newest release tells, since only what is no XML at all has none of its own."""
    load_pack(available()[-1]).profiles.named(profile)


def _declared_profile(root: etree._Element, pack: Pack) -> Profile | None:
    names = {"o": pack.namespace}
    kind = root.find("o:overdrachtsoort", names)
    return pack.profiles.of(text_of(kind), text_of(root.find("o:metadata/o:overstap", names)))


def _no_release(root: etree._Element) -> Finding:
    known = ", ".join(available())
    message = f"Dit is geen document van een bekende uitgave van de standaard (bekend: {known})."
    return of_supplier("STD.release", "/", root.sourceline, message)


def _other_profile(root: etree._Element, wanted: Profile | None) -> Finding:
    name = wanted.name if wanted else ""
    message = f"De soort overdracht van dit dossier is een andere dan {name}."
    return of_supplier("STD.profile", "/dossier/overdrachtsoort", root.sourceline, message)


def _bounded(findings: list[Finding]) -> tuple[Finding, ...]:
    """At most LIMIT findings, errors before others, and then one that says so.

    That one judges nothing itself; with what was left out the report would say the same.
    """
    if len(findings) < LIMIT:
        return tuple(findings)
    places = sorted(range(len(findings)), key=lambda place: findings[place].severity != "error")
    kept = [findings[place] for place in sorted(places[:LIMIT])]
    message = f"Er staan ten hoogste {LIMIT} meldingen in dit rapport; er kunnen er meer zijn."
    closing = replace(of_supplier("STD.limit", "/", None, message), severity="info")
    return (*kept, closing)

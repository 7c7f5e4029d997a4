"""The verdict on a document: XML, release, schema, values, profile."""

from dataclasses import replace
from typing import Final

from lxml import etree

from oso_adapter import bounded_xml
from oso_adapter.bounded_xml import XmlRefused
from oso_adapter.standard.codec import to_dict
from oso_adapter.standard.conformity import schema_findings
from oso_adapter.standard.findings import LIMIT, Finding, Report, strictly
from oso_adapter.standard.pack import Pack, available, pack_of
from oso_adapter.standard.profiles import profile as profile_named
from oso_adapter.standard.wording import of_supplier

_REFUSALS: Final[dict[bounded_xml.Reason, tuple[str, str]]] = {
    "too-large": ("XML.size", "Het bestand is groter dan is toegestaan."),
    "doctype": ("XML.doctype", "Het bestand heeft een DOCTYPE; dat mag niet."),
    "encoding": ("XML.encoding", "Het bestand is geen UTF-8."),
    "not-well-formed": ("XML.wellformed", "Het bestand is geen welgevormde XML."),
    "too-deep": ("XML.bounds", "De elementen zijn dieper genest dan is toegestaan."),
    "too-many-elements": ("XML.bounds", "Er zijn meer elementen dan is toegestaan."),
    "too-many-attributes": ("XML.bounds", "Een element heeft meer attributen dan is toegestaan."),
}


def validate(xml: bytes, *, profile: str | None = None, strict: bool = False) -> Report:
    """Judge a document; whatever is wrong with it is a finding and never an exception.

    profile: the kind of transfer (POPO, POVO, VOVO, BB, POSWV, VOSWV) that it must be; without it,
    what the document itself says. An unknown name raises NotFound. strict: warnings are errors.
    """
    wanted = profile_named(profile).name if profile else None
    try:
        root = bounded_xml.parse(xml)
    except XmlRefused as refused:
        rule, message = _REFUSALS[refused.reason]
        return Report((of_supplier(rule, "/", refused.line, message),), profile=wanted)
    name = etree.QName(root)
    pack = pack_of(name.namespace or "")
    if pack is None or name.localname not in pack.structure.roots:
        return Report((_no_release(root),), profile=wanted)
    findings = schema_findings(root, pack)
    if not findings:
        to_dict(root, pack, findings)
    declared = _declared_profile(root, pack)
    if wanted and declared != wanted:
        findings.insert(0, _other_profile(root, wanted))
    if strict:
        findings = [strictly(finding) for finding in findings]
    return Report(_bounded(findings), pack.release, wanted or declared)


def _declared_profile(root: etree._Element, pack: Pack) -> str | None:
    names = {"o": pack.namespace}
    kind = root.findtext("o:overdrachtsoort", namespaces=names)
    found = pack.profiles.of(kind, root.findtext("o:metadata/o:overstap", namespaces=names))
    return found.name if found else None


def _no_release(root: etree._Element) -> Finding:
    known = ", ".join(available())
    message = f"Dit is geen document van een bekende uitgave van de standaard (bekend: {known})."
    return of_supplier("STD.release", "/", root.sourceline, message)


def _other_profile(root: etree._Element, wanted: str) -> Finding:
    message = f"De soort overdracht van dit dossier is een andere dan {wanted}."
    return of_supplier("STD.profile", "/dossier/overdrachtsoort", root.sourceline, message)


def _bounded(findings: list[Finding]) -> tuple[Finding, ...]:
    """At most LIMIT findings, and then one that says so; it judges nothing itself."""
    if len(findings) < LIMIT:
        return tuple(findings)
    message = f"Er staan ten hoogste {LIMIT} meldingen in dit rapport; er kunnen er meer zijn."
    closing = replace(of_supplier("STD.limit", "/", None, message), severity="info")
    return (*findings[:LIMIT], closing)

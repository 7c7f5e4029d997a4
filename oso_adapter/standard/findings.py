"""What is told about a dossier: findings with a path, never with a value.

A path is local names with 1-based positions where an element can repeat, the same for XML and for
the dict form: ``/dossier/huidigeschool/leerling/toetslijst/toets[2]/afname/afnamedatum``. A name
that the standard does not know is ``*``, since in the wrong place even a name can be personal.

Rules of the structure, beside the official ids of the business rules:

========== ==================================================================================
XML.*      the text is no acceptable XML: size, doctype, encoding, wellformed, bounds
STD.*      the document as a whole: release (unknown), profile (another one), limit (cut off),
           value (read, but no Python value can hold it), category (data left out), tegenspraak
           (two systems gave different things for one dossier)
XSD.*      against the schema: structure, value, text, attribute
DICT.*     the dict form of a plugin: structure, type, text (not for XML), reserved
JSON.*     the JSON form: size, encoding, wellformed, bounds; structure, type, text as above
========== ==================================================================================
"""

from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Literal

Severity = Literal["error", "warning", "info"]
Owner = Literal["verzendende school", "ontvangende school", "leverancier"]

LIMIT: Final = 200
"""How many findings a report has at most; the last one says that there were more."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, or worth knowing, about one place in a dossier.

    rule: id of the rule. path and line: where; the line is None for the dict form.
    message: the cause, in Dutch. owner: who can mend it. next_step: what to do now, in Dutch.
    """

    rule: str
    severity: Severity
    path: str
    line: int | None
    message: str
    owner: Owner
    next_step: str


@dataclass(frozen=True)
class Report:
    """The verdict on one document; version is the release, profile the kind of transfer."""

    findings: tuple[Finding, ...]
    version: str | None = None
    profile: str | None = None

    @property
    def valid(self) -> bool:
        """No finding is an error."""
        return all(finding.severity != "error" for finding in self.findings)

    def as_dict(self) -> dict[str, Any]:
        """The form that is printed as JSON (``validate --format json``, without the file)."""
        return {
            "valid": self.valid,
            "version": self.version,
            "profile": self.profile,
            "findings": [asdict(finding) for finding in self.findings],
        }


def strictly(finding: Finding) -> Finding:
    """The finding as strict mode sees it: a warning is an error."""
    return replace(finding, severity="error") if finding.severity == "warning" else finding

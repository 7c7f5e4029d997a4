"""Findings about attachments: one each, a warning, never a reason to refuse a dossier.

Gegevensset 2019.1 names the kinds of file and asks for Base64 of a ZIP; real dossiers carry ZIPs
that are truncated or hold another name.

========== ==================================================================================
ATT.*      base64, zip, truncated, files (not exactly one), encrypted, damaged: cannot be opened;
           kind (not one of the allowed), content (is not what its name says), executable,
           name (the file inside is called otherwise), size (larger than our limit)
========== ==================================================================================
"""

from collections.abc import Iterator, Mapping
from typing import Final

from lxml import etree

from oso_adapter.standard.attachments import (
    CONTENT,
    KINDS,
    MAX_TOTAL,
    MAX_UNPACKED,
    NAME,
    Attachment,
    AttachmentError,
    Budget,
    Reason,
    examine,
)
from oso_adapter.standard.categories import Profile
from oso_adapter.standard.checks import hidden_number
from oso_adapter.standard.findings import Finding
from oso_adapter.standard.number_search import holds_any_number
from oso_adapter.standard.pack import Pack
from oso_adapter.standard.paths import path_of
from oso_adapter.standard.texts import holds_elements, text_of

_EXECUTABLE: Final = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe")
_PROGRAMS: Final = frozenset(
    {"bat", "cmd", "com", "exe", "hta", "jar", "js", "jse", "lnk", "msi", "msp", "pif", "ps1"}
    | {"reg", "scr", "sh", "vbe", "vbs", "wsf", "wsh"}
)
_MESSAGES: Final[Mapping[Reason, tuple[str, str]]] = {
    "not-base64": ("ATT.base64", "De bijlage is geen Base64."),
    "not-a-zip": ("ATT.zip", "De bijlage is geen ZIP-bestand."),
    "truncated": ("ATT.truncated", "Het ZIP-bestand van de bijlage is afgebroken of beschadigd."),
    "not-one-file": ("ATT.files", "Het ZIP-bestand van de bijlage bevat niet precies één bestand."),
    "encrypted": ("ATT.encrypted", "De bijlage is met een wachtwoord versleuteld."),
    "compression": ("ATT.zip", "De bijlage is ingepakt op een manier die niet te openen is."),
    "too-large": ("ATT.size", "De bijlage is uitgepakt groter dan {} MB en wordt niet geopend."),
    "damaged": ("ATT.damaged", "De bijlage is beschadigd."),
}

_TOGETHER: Final = (
    "De bijlagen zijn samen uitgepakt groter dan {} MB; deze wordt niet meer geopend."
)


def attachment_findings(
    root: etree._Element, pack: Pack, profile: Profile | None = None, *, limit: int = MAX_UNPACKED
) -> Iterator[Finding]:
    """What is wrong with the attachments of a dossier; limit: bytes of one unpacked file.

    profile: what it is judged as; in some the name of a file inside may hold no number.
    All files together have a limit too (MAX_TOTAL); what comes after that is not opened.
    """
    numberless = profile is not None and profile.name in pack.profiles.without_number
    budget = Budget()
    space = f"{{{pack.namespace}}}"
    for element in root.iter(f"{space}{CONTENT}"):
        document = element.getparent()
        if document is None or holds_elements(element):
            continue
        name = text_of(document.find(f"{space}{NAME}")).strip()
        try:
            file = examine(text_of(element), limit, budget)
        except AttachmentError as error:
            told = [_unreadable(error, limit, budget)]
        else:
            told = list(_judge(file, name))
            if numberless and holds_any_number(file.name):
                yield hidden_number(path_of(element, pack), element.sourceline)
        for rule, message in told:
            yield _finding(rule, message, path_of(element, pack), element.sourceline)


def _unreadable(error: AttachmentError, limit: int, budget: Budget) -> tuple[str, str]:
    rule, message = _MESSAGES[error.reason]
    if error.reason == "too-large" and budget.left < 0:
        rule, message, limit = "ATT.size", _TOGETHER, MAX_TOTAL
    return rule, message.format(limit // 2**20)


def _judge(file: Attachment, name: str) -> Iterator[tuple[str, str]]:
    if file.name.casefold() != name.casefold():
        yield "ATT.name", "Het bestand in de bijlage heet anders dan bestandsnaam zegt."
    extension = file.name.rpartition(".")[2].casefold()
    if _runs(file, name):
        yield "ATT.executable", "De bijlage is een programma; open hem niet."
    elif extension not in KINDS or name.rpartition(".")[2].casefold() not in KINDS:
        yield "ATT.kind", "De bijlage is geen toegestane soort bestand (zoals PDF, JPG of DOCX)."
    elif not file.head.startswith(KINDS[extension]):
        yield "ATT.content", "De inhoud van de bijlage is niet van de soort die de naam noemt."


def _runs(file: Attachment, name: str) -> bool:
    named = {file.name.rpartition(".")[2].casefold(), name.rpartition(".")[2].casefold()}
    return bool(named & _PROGRAMS) or file.head.startswith(_EXECUTABLE)


def _finding(rule: str, message: str, path: str, line: int | None) -> Finding:
    return Finding(
        rule=rule,
        severity="warning",
        path=path,
        line=line,
        message=message,
        owner="verzendende school",
        next_step="De verzendende school vervangt de bijlage en maakt het dossier opnieuw.",
    )

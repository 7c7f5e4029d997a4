"""What is what among official files: the schema, the stylesheets, and what these include."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import unquote

from lxml import etree

from oso_adapter import bounded_xml
from oso_adapter.bounded_xml import XmlRefused
from oso_adapter.standard.official_files import (
    LIMITS,
    Files,
    OfficialFilesRefused,
    clean,
    folder_of,
)

OF_FOLDER: Final[Mapping[str, tuple[str, ...]]] = {
    "OV": ("overstapdossier", "overdrachtbinnenbrin"),
    "PAO": ("swv-dossier",),
}
"""Which overdrachtsoort the stylesheets in the folders of a release judge."""

KINDS: Final = tuple(kind for kinds in OF_FOLDER.values() for kind in kinds)

_XSD: Final = "{http://www.w3.org/2001/XMLSchema}"
_XSL: Final = "{http://www.w3.org/1999/XSL/Transform}"
_INCLUDES: Final = {
    **{f"{_XSD}{name}": "schemaLocation" for name in ("include", "import", "redefine")},
    **{f"{_XSL}{name}": "href" for name in ("include", "import")},
}
_NAMESPACE: Final = re.compile(
    r"http://www\.edustandaard\.nl/oso_gegevensset/(?P<release>[0-9.]+)/dossier/?"
)
_MESSAGES: Final = b"/schemas/Meldingen"
_DECLARED: Final = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_ENCODINGS: Final = frozenset({b"iso-8859-1", b"iso-8859-15", b"windows-1252", b"us-ascii"})
"""Those in which a letter is a byte; XML itself is not hidden by them."""

_XSDS: Final = (".xsd",)
_XSLS: Final = (".xsl", ".xslt")
_OF_RULES: Final = re.compile(rb"oso_gegevensset|Meldingen|<(?:[\w.-]+:)?(?:include|import)\b")
"""In a file that cannot be read, a sign that it may be a part of the rules."""

_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


@dataclass(frozen=True)
class Sources:
    """The files of a release. Raises OfficialFilesRefused for XML that is not safe or not right."""

    files: Files
    _trees: dict[str, etree._Element] = field(default_factory=dict, repr=False)

    def tree(self, path: str) -> etree._Element:
        """The root element of a file; a DOCTYPE, and so every entity, is refused."""
        if path not in self._trees:
            try:
                self._trees[path] = parsed(self.files[path])
            except XmlRefused as refused:
                raise OfficialFilesRefused(f"{path}: {refused}") from None
        return self._trees[path]

    @cached_property
    def unread(self) -> dict[str, str]:
        """XSDs and stylesheets that cannot be read, and why; a release may hold other things."""
        found = {}
        for path in self._all(*_XSDS, *_XSLS):
            try:
                self.tree(path)
            except OfficialFilesRefused as refused:
                found[path] = str(refused)
        return found

    def _require_clear(self, *endings: str) -> None:
        """Refuse to choose where a file that cannot be read may be a part of the rules."""
        for path, why in self.unread.items():
            text = self.files[path].replace(b"\0", b"")
            if path.lower().endswith(endings) and _OF_RULES.search(text):
                raise OfficialFilesRefused(why)

    def schema(self, wanted: str | None = None) -> str:
        """The XSD of the dossier: the one with its namespace that no other one includes.

        wanted: the file, where there are several.
        """
        if wanted is not None:
            return self.named(wanted, self._all(*_XSDS))
        self._require_clear(*_XSDS)
        named = [
            path for path in self._readable(*_XSDS) if _NAMESPACE.fullmatch(self.namespace(path))
        ]
        if not named:
            raise OfficialFilesRefused("there is no XSD with the namespace of the dossier")
        tops = self._tops(named)
        found = [path for path in tops if any(map(self._declares, self._present(path)))] or tops
        different = {self._identity(path): path for path in reversed(found)}
        if len(different) != 1:
            names = ", ".join(sorted(different.values()))
            raise OfficialFilesRefused(f"more than one XSD may be the dossier's: {names}")
        return next(iter(different.values()))

    def namespace(self, schema: str) -> str:
        """The target namespace of an XSD."""
        return self.tree(schema).get("targetNamespace") or ""

    def named_release(self, schema: str) -> str | None:
        """The release or year in the namespace, such as ``2019``."""
        match = _NAMESPACE.fullmatch(self.namespace(schema))
        return match["release"] if match else None

    def stylesheets(self, named: Mapping[str, str]) -> dict[str, str]:
        """By overdrachtsoort the stylesheet that judges it, and no other one includes.

        named: what the user says, KIND to FILE; KIND is an overdrachtsoort, OV or PaO.
        """
        given: dict[str, str] = {}
        for kind, file in named.items():
            kinds = OF_FOLDER.get(kind.upper(), (kind,))
            if not set(kinds) <= set(KINDS):
                raise OfficialFilesRefused(f"there is no kind {kind}; there are {_kinds()}")
            path = self.named(file, self._all(*_XSLS))
            given |= dict.fromkeys(kinds, path)
        if not set(KINDS) <= given.keys():
            self._require_clear(*_XSLS)
        tops = self._tops(self._readable(*_XSLS))
        judging = [path for path in tops if self._judges(path)] or tops
        # Where the user told which one judges one kind, another one judges the other.
        judging = [path for path in judging if path not in given.values()]
        found: dict[str, str] = {}
        for folder, of_folder in OF_FOLDER.items():
            untold = [kind for kind in of_folder if kind not in given]
            if untold and (top := self._for(folder, judging)):
                found |= dict.fromkeys(untold, top)
        return found | given

    def modules(self, path: str) -> list[str]:
        """A file and everything that it includes; something that is not there is refused.

        A static variable is refused too: it is read while the stylesheet may still read files.
        """
        for file in (found := self._present(path)):
            if any(node.get("static") or node.get("_static") for node in self.tree(file).iter("*")):
                raise OfficialFilesRefused(f"{file} has a static variable")
            for target in self.includes(file):
                if target not in self.files:
                    raise OfficialFilesRefused(f"{file} includes {target}, which is not there")
        return found

    def includes(self, path: str) -> list[str]:
        """What a file includes or imports itself, whether it is there or not."""
        found = []
        for location in _locations(self.tree(path)):
            if _SCHEME.match(location) or location.startswith("//"):
                raise OfficialFilesRefused(f"{path} includes something from elsewhere")
            found.append(clean(unquote(location), folder_of(path)))
        return found

    def _present(self, path: str) -> list[str]:
        """A file and what it includes, as far as it is there.

        What a folder shares as a link may lie in another folder without what it includes.
        """
        found: list[str] = []
        pending = [path]
        while pending:
            file = pending.pop()
            if file in self.files and file not in found:
                found.append(file)
                pending += self._followed(file)
        return found

    def _followed(self, path: str) -> list[str]:
        """What a file includes; nothing for one that may not be used, until it is."""
        try:
            return self.includes(path)
        except OfficialFilesRefused:
            return []

    def named(self, file: str, among: Iterable[str]) -> str:
        """The file with this path, or the only one with this name."""
        wanted = clean(file)
        found = [path for path in among if path == wanted]
        found = found or [path for path in among if path.endswith(f"/{wanted}")]
        if len(found) != 1:
            raise OfficialFilesRefused(f"there is no one file {file}")
        return found[0]

    def _readable(self, *endings: str) -> list[str]:
        return [path for path in self._all(*endings) if path not in self.unread]

    def _all(self, *endings: str) -> list[str]:
        return sorted(p for p in self.files if PurePosixPath(p).suffix.lower() in endings)

    def _declares(self, path: str) -> bool:
        return any(
            element.get("name") == "dossier" for element in self.tree(path).iterchildren(f"{_XSD}*")
        )

    def _tops(self, paths: list[str]) -> list[str]:
        """Those that no other includes; a link and what it names are one file."""
        included = {
            self._identity(file)
            for path in paths
            for file in self._followed(path)
            if file in self.files
        }
        return [path for path in paths if self._identity(path) not in included]

    def _identity(self, path: str) -> str:
        return self._identities[path]

    @cached_property
    def _identities(self) -> dict[str, str]:
        return {path: hashlib.sha256(text).hexdigest() for path, text in self.files.items()}

    def _judges(self, path: str) -> bool:
        """Whether it writes messages; a release may have a stylesheet to look at a dossier too."""
        return any(_MESSAGES in self.files[file] for file in self._present(path))

    def _for(self, folder: str, judging: list[str]) -> str | None:
        """The one for a folder: in it, or named after it, or the only one that there is."""
        others = [other for other in OF_FOLDER if other != folder]
        by_folder = [p for p in judging if folder in folder_of(p).upper().split("/")]
        by_name = [p for p in judging if folder in _words(p)]
        free = [
            path
            for path in judging
            if not any(
                other in _words(path) or other in path.upper().split("/") for other in others
            )
        ]
        found = by_folder or by_name or free
        if len({self._identity(path) for path in found}) > 1:
            names = ", ".join(found)
            kind = "PaO" if folder == "PAO" else folder
            raise OfficialFilesRefused(
                f"which stylesheet judges {kind} is not clear ({names}); name it as {kind}=FILE"
            )
        return found[0] if found else None


def parsed(content: bytes) -> etree._Element:
    """The root element of an XSD or stylesheet, in UTF-8 or the old encoding that it declares.

    Raises XmlRefused.
    """
    declared = _DECLARED.match(content)
    if declared is None or declared[1].lower() not in _ENCODINGS:
        return bounded_xml.parse(content, LIMITS)
    try:
        text = content.decode(declared[1].decode("ascii"))
    except UnicodeDecodeError:
        raise XmlRefused("encoding", 1) from None
    start, end = declared.span(1)
    return bounded_xml.parse(f"{text[:start]}UTF-8{text[end:]}".encode(), LIMITS)


def modules_of(stylesheet: Path) -> list[Path]:
    """A stylesheet of a pack and its modules, on disk; what was imported has been checked."""
    found: list[Path] = []
    pending = [stylesheet]
    while pending:
        file = pending.pop()
        if file not in found:
            found.append(file)
            root = parsed(file.read_bytes())
            pending += [(file.parent / unquote(each)).resolve() for each in _locations(root)]
    return found


def _locations(root: etree._Element) -> list[str]:
    found = []
    for node in root.iter(*_INCLUDES):
        location = node.get(_INCLUDES[str(node.tag)])
        if location:  # an import without one names a namespace only
            found.append(location.strip())
    return found


def _words(path: str) -> set[str]:
    return set(re.findall(r"[A-Z]+", PurePosixPath(path).stem.upper()))


def _kinds() -> str:
    return ", ".join([*KINDS, "OV", "PaO"])

"""Making a pack of a supplier's own copy of an official release: ``standard import``.

The official files are not ours to publish, so they become a pack outside the adapter: our table of
the structure derived from the XSD, beside the XSD and the stylesheets as they are. Everything is
checked before anything is seen: the pack is written under another name and renamed at the end.
"""

import re
import shutil
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from lxml import etree

from oso_adapter import bounded_xml
from oso_adapter.bounded_xml import XmlRefused
from oso_adapter.errors import ConfigurationError
from oso_adapter.standard import saxon
from oso_adapter.standard.conformity import schema_findings
from oso_adapter.standard.findings import Report
from oso_adapter.standard.official import official_findings
from oso_adapter.standard.official_codes import content_of, csv_files, of_source, table_of
from oso_adapter.standard.official_files import LIMITS, OfficialFilesRefused, read_files
from oso_adapter.standard.official_pack import write_pack
from oso_adapter.standard.official_sources import KINDS, Sources
from oso_adapter.standard.pack import Pack, built_in_releases, load_pack, read_pack
from oso_adapter.standard.wording import of_supplier

_RELEASE: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,39}")
_YEAR: Final = re.compile(r"[0-9]{4}")
_CARRIED: Final = "dossier"
_MAX_EXAMPLES: Final = 500


@dataclass(frozen=True)
class Example:
    """An example dossier that came with a release, and the verdict on it."""

    file: str
    report: Report


@dataclass(frozen=True)
class ImportReport:
    """What became of official files.

    folder: of the pack. schema, stylesheets: files of the source, the latter by overdrachtsoort.
    code_lists: keys of those that came with it. assumed: what the files do not say and we filled
    in, to be checked. examples: with their verdicts; a bad one does not stop the import. unused:
    files that may have been meant to be used, each with why they are not.
    """

    release: str
    namespace: str
    folder: Path
    schema: str
    stylesheets: Mapping[str, str]
    code_lists: tuple[str, ...]
    assumed: tuple[str, ...]
    examples: tuple[Example, ...] = field(default=(), repr=False)
    unused: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The form that is printed as JSON."""
        examples = [{"file": each.file, **each.report.as_dict()} for each in self.examples]
        return {
            **asdict(self),
            "folder": str(self.folder),
            "stylesheets": dict(self.stylesheets),
            "examples": examples,
        }


def import_release(
    source: Path,
    to: Path,
    *,
    release: str | None = None,
    validation_version: str | None = None,
    schema: str | None = None,
    stylesheets: Mapping[str, str] | None = None,
    codes: Mapping[str, Path] | None = None,
    replace: bool = False,
) -> ImportReport:
    """Check official files and make the pack ``to/<release>`` of them.

    source: a ZIP or a folder with XSD and XSLT, and perhaps example dossiers and CSV files.
    release, validation_version: as dossiers say them; else from the examples or the namespace.
    schema, stylesheets: files of the source where it is not clear, the latter by OV, PaO or an
    overdrachtsoort. codes: CSV files by number, end of a path or ``toetsen``. replace: put it in
    the place of a pack of the same release, also of a built-in one.

    Raises ConfigurationError, and then nothing is written: the extra ``official`` is missing, the
    files are refused, the schema has no table, a stylesheet is not right, or the release exists.
    """
    saxon.required()
    sources = Sources(read_files(source))
    found = sources.schema(schema)
    namespace = sources.namespace(found)
    sheets = sources.stylesheets(stylesheets or {})
    examples = _examples(sources, namespace)
    name, version, assumed = _versions(
        release, validation_version, sources.named_release(found), examples
    )
    assumed += _not_judged(sheets)
    _free(to, name, namespace, replace=replace)
    to.mkdir(parents=True, exist_ok=True)
    half = Path(tempfile.mkdtemp(prefix=".import-", dir=to))
    try:
        lists, unused = _write(half, sources, found, sheets, (name, version, assumed), codes or {})
        pack = _checked(half)
        verdicts = tuple(_judged(file, root, pack) for file, root in examples.items())
        half.chmod(0o755)
        _put(half, to / name)
    finally:
        saxon.close(half)  # what was compiled had another name
        shutil.rmtree(half, ignore_errors=True)
    return ImportReport(
        release=name,
        namespace=namespace,
        folder=to / name,
        schema=found,
        stylesheets=sheets,
        code_lists=lists,
        assumed=tuple(assumed),
        examples=verdicts,
        unused=(*sources.unread.values(), *unused),
    )


def _examples(sources: Sources, namespace: str) -> dict[str, etree._Element | XmlRefused]:
    """XML files in the namespace of the release, and those that cannot be read at all."""
    found: dict[str, etree._Element | XmlRefused] = {}
    for path in sorted(sources.files):
        if not path.lower().endswith(".xml") or len(found) == _MAX_EXAMPLES:
            continue
        try:
            root = bounded_xml.parse(sources.files[path], LIMITS)
        except XmlRefused as refused:
            found[path] = refused
            continue
        if etree.QName(root).namespace == namespace:
            found[path] = root
    return found


def _versions(
    release: str | None,
    version: str | None,
    named: str | None,
    examples: Mapping[str, etree._Element | XmlRefused],
) -> tuple[str, str, list[str]]:
    """Name and version of the rules; what is told, else what examples say, else assumed."""
    assumed = []
    release = release or _said("standaardversie", examples)
    if not release and named:
        release = f"{named}.1" if _YEAR.fullmatch(named) else named
        assumed.append(f"release {release}, after the namespace")
    if not release:
        raise OfficialFilesRefused("the files do not tell the release; name it (--release)")
    if not _RELEASE.fullmatch(release):
        raise OfficialFilesRefused("a release is named with letters, digits, dots and hyphens")
    version = version or _said("validatieversie", examples)
    if not version:
        version = f"{release}.1"
        assumed.append(f"validation version {version}, after the release")
    return release, version, assumed


def _not_judged(sheets: Mapping[str, str]) -> list[str]:
    """What the release has no official rules for."""
    if not sheets:
        return ["no stylesheets, so that dossiers are judged without the official rules"]
    return [
        f"no stylesheet for {kind}, so that none is valid" for kind in KINDS if kind not in sheets
    ]


def _said(name: str, examples: Mapping[str, etree._Element | XmlRefused]) -> str | None:
    """What all examples say of themselves; where they differ, nothing."""
    said = {
        root.findtext(f"{{*}}metadata/{{*}}{name}", "").strip()
        for root in examples.values()
        if isinstance(root, etree._Element)
    } - {""}
    return said.pop() if len(said) == 1 else None


def _free(to: Path, release: str, namespace: str, *, replace: bool) -> None:
    """Whether there is room: no such release, and no other one with this namespace."""
    if not replace and ((to / release).exists() or release in built_in_releases()):
        raise ConfigurationError(f"release {release} exists already; say so to replace it")
    others = [load_pack(name) for name in built_in_releases()]
    others += [read_pack(file.parent) for file in sorted(to.glob("[!.]*/pack.toml"))]
    for other in others:
        if other.release != release and other.namespace == namespace:
            raise ConfigurationError(
                f"release {other.release} has the same namespace; name this one so (--release)"
            )


def _write(
    half: Path,
    sources: Sources,
    schema: str,
    sheets: Mapping[str, str],
    versions: tuple[str, str, list[str]],
    codes: Mapping[str, Path],
) -> tuple[tuple[str, ...], list[str]]:
    """Keys of the code lists, and what was not used."""
    pack, assumed = write_pack(half, sources, schema, sheets, versions[:2])
    versions[2].extend(assumed)
    known = load_pack(built_in_releases()[-1]).codelists
    named = of_source(sources.files, known, codes.keys())
    contents = {key: (path, sources.files[path]) for key, path in named.items()}
    contents |= {key: content_of(file) for key, file in codes.items()}
    lists = table_of(contents, known, pack.structure, codes.keys())
    ours = pack.table("codelists.toml")  # only that of a release that is replaced
    if lists:
        import tomli_w  # noqa: PLC0415 - of the extra official

        kept = tomllib.loads(ours.read_text(encoding="utf-8")) if ours.exists() else {}
        text = tomli_w.dumps({**kept, **lists})
        (half / "codelists.toml").write_text(text, encoding="utf-8")
    used = {sources.files[path] for key, path in named.items() if key in lists}
    unused = [path for path in csv_files(sources.files) if sources.files[path] not in used]
    return tuple(lists), [f"{path}: not used; --codes takes it as a code list" for path in unused]


def _checked(half: Path) -> Pack:
    """The pack as it will be used: its schema compiles, its stylesheets too."""
    pack = read_pack(half)
    try:
        pack.schema  # noqa: B018
    except etree.XMLSchemaParseError as error:
        line = error.error_log.last_error.line if error.error_log.last_error else 0
        raise OfficialFilesRefused(f"the XSD cannot be used (line {line})") from None
    root = pack.structure.roots.get(_CARRIED)
    if root is None or not {"metadata", "overdrachtsoort", "huidigeschool"} <= set(root.children):
        raise OfficialFilesRefused("the XSD does not describe a dossier")
    for file in dict.fromkeys(pack.stylesheets.values()):
        try:
            saxon.compiled(file)
        except saxon.SaxonFailed as failed:
            raise OfficialFilesRefused(f"stylesheet {file.name}: {failed}") from None
    return pack


def _judged(file: str, root: etree._Element | XmlRefused, pack: Pack) -> Example:
    if isinstance(root, XmlRefused):
        message = "Dit bestand is geen XML die gelezen kan worden."
        return Example(file, Report((of_supplier("XML.wellformed", "/", root.line, message),)))
    findings = (*schema_findings(root, pack), *official_findings(root, pack))
    return Example(file, Report(findings, pack.release))


def _put(half: Path, place: Path) -> None:
    """Rename it to its place; what was there before goes away only once it is replaced."""
    if not place.exists():
        half.rename(place)
        return
    before = Path(tempfile.mkdtemp(prefix=".before-", dir=place.parent)) / place.name
    place.rename(before)
    try:
        half.rename(place)
    except OSError:
        before.rename(place)
        raise
    finally:
        shutil.rmtree(before.parent, ignore_errors=True)

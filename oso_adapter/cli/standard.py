"""``oso-adapter standard``: what a field is, which codes it takes, what a new release changes."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import click
from lxml import etree

from oso_adapter.bounded_xml import parse
from oso_adapter.cli.common import (
    NO,
    format_option,
    packs_option,
    print_findings,
    print_json,
    print_rows,
)
from oso_adapter.cli.views import view_format_option
from oso_adapter.errors import NotFound
from oso_adapter.exchange import forms
from oso_adapter.standard import codec, jsonform, samples
from oso_adapter.standard.conformity import schema_findings
from oso_adapter.standard.describe import Description
from oso_adapter.standard.describe import describe as described
from oso_adapter.standard.diff import diff as differences
from oso_adapter.standard.findings import Finding
from oso_adapter.standard.mutations import mutation, mutations
from oso_adapter.standard.official_import import ImportReport, import_release
from oso_adapter.standard.pack import Pack, available, load_pack, pack_of
from oso_adapter.standard.typed_dicts import one_module

release_option = click.option(
    "--release", help="Which release; the newest that the adapter knows when left out."
)


@click.group()
@packs_option
def standard() -> None:
    """The dossier standard: its releases, elements, codes and rules."""


def _pairs_of(ctx: click.Context, option: click.Parameter, values: Sequence[str]) -> dict[str, str]:
    """``KEY=VALUE`` as many times as given."""
    pairs = [value.partition("=") for value in values]
    if not all(key and value for key, _, value in pairs):
        raise click.BadParameter(f"is written as {option.metavar}")
    return {key: value for key, _, value in pairs}


def chosen(release: str | None) -> Pack:
    """The release that was asked for, or the newest."""
    return load_pack(release or available()[-1])


@standard.command("list")
@format_option
def list_releases(form: str) -> None:
    """List the releases."""
    rows = [
        {
            "release": pack.release,
            "validatieversie": pack.validation_version,
            "elements": sum(1 for _ in pack.structure.walk(pack.carried)),
            "code lists": len(pack.codelists.lists),
            "rules": len(pack.rules.rules),
            "official rules": bool(pack.stylesheets),
            "folder": "built in" if pack.built_in else str(pack.folder),
        }
        for pack in map(load_pack, available())
    ]
    print_rows(rows, form, "there is no release")


@standard.command()
@release_option
@format_option
def show(release: str | None, form: str) -> None:
    """Show every element of a release, with its type, codes and label."""
    pack = chosen(release)
    rows = []
    for path, element in pack.structure.walk(pack.carried):
        names = tuple(path.strip("/").split("/"))
        codes = pack.codelists.by_path.find(names)
        rows.append(
            {
                "path": path,
                "type": element.type,
                "min": element.min,
                "max": "*" if element.max is None else element.max,
                "codes": codes.number if codes else "",
                "label": pack.labels.of(names).text,
            }
        )
    print_rows(rows, form, "there is no element")


@standard.command()
@click.argument("path")
@release_option
@format_option
def describe(path: str, release: str | None, form: str) -> None:
    """Tell what a field is: meaning, type, codes, profiles, privacy, rules.

    PATH as in a finding (/dossier/metadata/datum), or the end of it (adres/plaats, advies).
    """
    found = described(chosen(release), path)
    if form == "json":
        print_json([description.as_dict() for description in found])
        return
    seen: dict[str, str] = {}
    for description in found:
        text = "\n".join(_told(description))
        same = seen.setdefault(text, description.path)
        click.echo(click.style(description.path, bold=True))
        click.echo(text if same == description.path else f"  the same as {same}")
        for line in _told_of_place(description):
            click.echo(line)


@standard.command()
@click.argument("number", required=False)
@release_option
@format_option
def codelist(number: str | None, release: str | None, form: str) -> None:
    """Show a code list by its number, or which lists there are."""
    lists = chosen(release).codelists
    if number is None:
        rows: list[dict[str, Any]] = [
            {"list": found.number, "name": found.name, "elements": ", ".join(found.elements)}
            for found in lists.lists.values()
        ]
    else:
        codes = lists.number(number).codes
        rows = [{"code": code, "meaning": meaning} for code, meaning in codes.items()]
    print_rows(rows, form, "this release has no code lists")


@standard.command()
@click.argument("old")
@click.argument("new")
@format_option
@click.pass_context
def diff(ctx: click.Context, old: str, new: str, form: str) -> None:
    """Tell what a supplier has to change from one release to another; what breaks comes first.

    Exit code 1 when something breaks a dossier that was right.
    """
    changes = differences(load_pack(old), load_pack(new))
    if form == "json":
        print_json([change.as_dict() for change in changes])
    else:
        for change in changes:
            mark = "breaks" if change.breaks else "      "
            click.echo(f"{mark}  {change.text}")
        breaking = sum(change.breaks for change in changes)
        click.echo(f"{len(changes)} changes, {breaking} of which break a dossier that was right")
    if any(change.breaks for change in changes):
        ctx.exit(NO)


@standard.command()
@click.option("--json", "as_json", is_flag=True, help="JSON Schema of the JSON form.")
@release_option
def schema(as_json: bool, release: str | None) -> None:
    """Print the schema of a release: XSD, or with --json the JSON Schema of the JSON form."""
    pack = chosen(release)
    if as_json:
        print_json(jsonform.schema(pack))
    else:
        click.echo((pack.folder / "dossier.xsd").read_text(encoding="utf-8"), nl=False)


@standard.command()
@release_option
@click.option(
    "--output",
    type=click.File("w", encoding="utf-8", atomic=True),
    default="-",
    metavar="FILE",
    help="The module to write; standard output when left out.",
)
def types(release: str | None, output: IO[str]) -> None:
    """Write a Python module with types for the dict form, for a plugin in `mypy --strict`.

    Those of the releases that the adapter ships are in oso_adapter.standard.typed already.
    """
    output.write(one_module(chosen(release)))


@standard.command()
@click.argument("file", type=click.File("rb"), metavar="FILE")
@click.option(
    "--release", help="Of JSON without metadata: which release; the newest when left out."
)
@click.pass_context
def convert(ctx: click.Context, file: Any, release: str | None) -> None:
    """Print a dossier in its other form: of XML the JSON form, of JSON the XML.

    FILE may be - for standard input. JSON is judged as it is read. Of XML everything is printed
    that the schema knows, and exit code 1 with findings tells what was lost or is not as it asks.
    """
    content = file.read()
    if content.lstrip()[:1] in (b"{", b"["):
        click.echo(_as_xml(content, release))
        return
    root = parse(content)
    found = pack_of(etree.QName(root).namespace or "")
    if found is None:
        raise NotFound("this is no document of a release that the adapter knows")
    if etree.QName(root).localname != found.carried:
        raise NotFound(f"only a document with {found.carried} as its root has a JSON form")
    lost: list[Finding] = []
    click.echo(jsonform.to_json(codec.to_dict(root, found, lost), found, indent=2))
    findings = lost or schema_findings(root, found)
    print_findings(findings)
    if findings:
        ctx.exit(NO)


def _as_xml(content: bytes, release: str | None) -> bytes:
    try:
        pack = jsonform.pack_for(content, release)
        return codec.to_xml(jsonform.from_json(content, pack), pack)
    except jsonform.JsonRefused as refused:
        print_findings(refused.findings)
        raise


@standard.command()
@click.argument("file", type=click.File("rb"), metavar="FILE")
@view_format_option
def view(file: Any, form: str) -> None:
    """Print a dossier as a person reads it, in Dutch: HTML, or PDF with the extra `pdf`.

    FILE may be - for standard input; it need not be valid.
    """
    click.echo(forms.shown(file.read(), form), nl=False)


@standard.command()
@click.option("--profile", default="POVO", show_default=True, help="The kind of transfer.")
@click.option(
    "--size",
    type=click.Choice(list(samples.SIZES)),
    default="small",
    show_default=True,
    help="full has every element, huge about 12 MB.",
)
@click.option("--seed", default=1, show_default=True, help="The same seed, the same dossier.")
@click.option("--broken", metavar="WAY", help="Broken in this way; `list` shows the ways.")
@click.option("--json", "as_json", is_flag=True, help="In the JSON form.")
@release_option
def sample(
    profile: str,
    size: samples.Size,
    seed: int,
    broken: str | None,
    as_json: bool,
    release: str | None,
) -> None:
    """Make a synthetic dossier that is valid for its profile, or broken in one named way."""
    pack = chosen(release)
    data = samples.sample(profile, size=size, seed=seed, pack=pack)
    xml = codec.to_xml(data, pack)
    if broken == "list":
        for way in mutations(xml):
            click.echo(f"{way.rule:<20}{way.name}")
    elif broken is not None:
        click.echo(mutation(xml, broken).apply())
    else:
        click.echo(jsonform.to_json(data, pack, indent=2) if as_json else xml)


@standard.command("import")
@click.argument("source", type=click.Path(path_type=Path, exists=True))
@click.option(
    "--to",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Your folder with releases; [standard] packs then names it.",
)
@click.option("--release", help="Name of the release, when the files do not tell.")
@click.option("--validation-version", help="As in metadata/validatieversie.")
@click.option("--schema", "schema_file", help="The XSD, when there are several.")
@click.option(
    "--stylesheet",
    "stylesheets",
    multiple=True,
    callback=_pairs_of,
    metavar="KIND=FILE",
    help="Top stylesheet of an overdrachtsoort, when it cannot be told.",
)
@click.option(
    "--codes",
    multiple=True,
    callback=_pairs_of,
    metavar="KEY=FILE",
    help="A code list as CSV: by number, by the end of a path, or `toetsen` for the yearly list.",
)
@click.option("--replace", is_flag=True, help="Take the place of a release that is there already.")
@format_option
@click.pass_context
def import_files(ctx: click.Context, /, source: Path, form: str, **given: Any) -> None:
    """Make a release of your own copy of official files (XSD, XSLT, code lists).

    SOURCE is a ZIP or a folder. Everything is checked before anything is written; nothing of it
    leaves your machine. Example dossiers that come with it are judged, exit code 1 when one is not
    valid.
    """
    report = import_release(
        source,
        given["to"],
        release=given["release"],
        validation_version=given["validation_version"],
        schema=given["schema_file"],
        stylesheets=given["stylesheets"],
        codes={key: Path(file) for key, file in given["codes"].items()},
        replace=given["replace"],
    )
    if form == "json":
        print_json(report.as_dict())
    else:
        _print_import(report)
    if not all(example.report.valid for example in report.examples):
        ctx.exit(NO)


def _print_import(report: ImportReport) -> None:
    click.echo(f"release {report.release} is in {report.folder}")
    click.echo(f"  schema       {report.schema}")
    for kind, file in report.stylesheets.items():
        click.echo(f"  rules        {file} (for {kind})")
    click.echo(f"  code lists   {', '.join(report.code_lists) or 'none came with it'}")
    for what in report.assumed:
        click.echo(f"  assumed      {what}; check this")
    for what in report.unused:
        click.echo(f"  not used     {what}")
    for example in report.examples:
        verdict = "valid" if example.report.valid else "not valid"
        click.echo(f"  example      {example.file}: {verdict}")
        print_findings(example.report.findings)
    click.echo(
        "use it: [standard] packs in oso-adapter.toml, or OSO_STANDARD__PACKS, names its folder"
    )


def _told(about: Description) -> Iterator[str]:
    """The lines about what it is, wherever it stands."""
    yield f"  {about.label}: {about.documentation}"
    facets = ", ".join(f"{name} {value}" for name, value in about.facets.items())
    yield f"  type      {about.type}{f' ({facets})' if facets else ''}, occurs {about.occurs}"
    yield f"  privacy   {about.privacy}"
    if about.attributes:
        yield f"  beside it {', '.join(about.attributes)}"
    if about.choice:
        yield f"  either    this, or {', or '.join(about.choice)}"
    if about.codelist:
        yield f"  codes     list {about.codelist}"
        yield from (f"            {line}" for line in _pairs(about.codes))
    if about.content:
        yield f"  holds     {', '.join(about.content)}"


def _told_of_place(about: Description) -> Iterator[str]:
    """The lines about where it stands: its category, and the rules that look there."""
    if about.category:
        statuses = ", ".join(f"{profile} {status}" for profile, status in about.statuses.items())
        yield f"  category  {about.category}: {statuses}"
    for rule, meaning in about.rules.items():
        yield f"  rule      {rule}: {meaning}"


def _pairs(pairs: Mapping[str, str]) -> Iterator[str]:
    width = max(map(len, pairs), default=0)
    for name, text in pairs.items():
        yield f"{name:<{width}}  {text}".rstrip()

"""``oso-adapter standard``: what a field is, which codes it takes, what a new release changes."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from oso_adapter.cli.common import NO, format_option, print_json, print_rows
from oso_adapter.standard.describe import Description
from oso_adapter.standard.describe import describe as described
from oso_adapter.standard.diff import diff as differences
from oso_adapter.standard.pack import Pack, available, load_pack, use_folder

release_option = click.option(
    "--release", help="Which release; the newest that the adapter knows when left out."
)


@click.group()
@click.option(
    "--packs",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    envvar="OSO_STANDARD__PACKS",
    help="A folder with releases of your own, as made by `standard import`.",
)
def standard(packs: Path | None) -> None:
    """The dossier standard: its releases, elements, codes and rules."""
    if packs is not None:
        use_folder(packs)


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


def _told(about: Description) -> Iterator[str]:
    """The lines under the path."""
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
    if about.category:
        yield f"  category  {about.category}"
        yield from (f"            {line}" for line in _pairs(about.statuses))
    for rule, meaning in about.rules.items():
        yield f"  rule      {rule}: {meaning}"
    if about.content:
        yield f"  holds     {', '.join(about.content)}"


def _pairs(pairs: Mapping[str, str]) -> Iterator[str]:
    width = max(map(len, pairs), default=0)
    for name, text in pairs.items():
        yield f"{name:<{width}}  {text}".rstrip()

"""The command ``oso-directory``: make the folders, and check them and what is in them.

Exit codes: 0 all is well, 1 there are errors, 2 wrong use.
"""

import json
import os
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import NoReturn

import click

from oso_adapter.clock import school_date, utc_now
from oso_adapter.errors import InvalidIdentifier, NotFound
from oso_adapter.identifiers import Brin, RoutingId
from oso_adapter.standard.pack import Pack, load_pack
from oso_directory import check as checking
from oso_directory import names
from oso_directory.durable import make_folder
from oso_directory.errors import FolderProblem
from oso_directory.guarded import Folder

_WRONG_USE = 2
_FOLDER = click.argument("folder", type=click.Path(path_type=Path, file_okay=False))


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Make the folders of oso-directory, and check them and what is in them."""


@main.command()
@_FOLDER
@click.option("--profile", "wanted", multiple=True, help="Only this profile; may be given again.")
@click.option("--release", help="Of the standard; by default the newest.")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="The day of collecting; today.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def check(
    folder: Path, wanted: tuple[str, ...], release: str | None, on: datetime | None, form: str
) -> None:
    """Look at FOLDER: owners, modes, and every dossier in it, for each profile.

    It changes nothing, and tells nothing of what is in a file.
    """
    try:
        pack = load_pack(release) if release else load_pack()
    except NotFound as unknown:
        _end(str(unknown))
    known = _profiles(pack)
    if not set(wanted) <= set(known):
        _end(f"the profiles are {', '.join(known)}")
    day = on.date() if on else school_date(utc_now())
    checked = checking.check(folder, pack, wanted or known, day)
    if form == "json":
        shown = [asdict(each) for each in checked.problems]
        click.echo(json.dumps(shown, ensure_ascii=False, indent=2))
    else:
        for line in checking.problems_of(checked):
            click.echo(line)
        told = f"{len(checked.problems)} problems; {checked.dossiers} dossiers looked at"
        click.echo(told, err=True)
    sys.exit(any(each.severity == "error" for each in checked.problems))


@main.command()
@_FOLDER
@click.option("--brin", required=True, help="The BRIN of the school.")
@click.option("--routing-id", required=True, help="Its routeringskenmerk.")
def make(folder: Path, brin: str, routing_id: str) -> None:
    """Make FOLDER and those in it for a school, for its owner alone; what is there is left.

    What is there and not safe is refused, with the command that mends it.
    """
    try:
        name = f"{Brin(brin)}-{RoutingId(routing_id)}"
    except InvalidIdentifier as wrong:
        _end(str(wrong))
    try:
        if not os.path.lexists(folder):
            folder.mkdir(mode=0o700)
        with Folder.opened(folder) as root:
            for way in (names.OUT, names.IN):
                make_folder(root, way)
                with root.inner(way) as inner:
                    make_folder(inner, name)
                    with inner.inner(name) as school:
                        click.echo(school.path)
    except FolderProblem as problem:
        click.echo(str(problem), err=True)
        sys.exit(1)
    except OSError as error:
        _end(f"{folder}: it cannot be made ({error.strerror})")


def _profiles(pack: Pack) -> tuple[str, ...]:
    """The profiles that are collected for: those that may carry a personal number."""
    known = pack.profiles
    return tuple(name for name in known.profiles if name not in known.without_number)


def _end(line: str) -> NoReturn:
    click.echo(line, err=True)
    sys.exit(_WRONG_USE)

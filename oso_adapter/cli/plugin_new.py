"""``oso-adapter plugins new``: a package to begin with, whose tests pass at once."""

from pathlib import Path
from shlex import quote

import click

from oso_adapter.scaffold import made


@click.command()
@click.argument("name")
@click.option(
    "--kind",
    type=click.Choice(made.KINDS),
    default=made.KINDS[0],
    show_default=True,
    help="What is behind it: code of your own, a mapping on an SQL database (oso-sql),"
    " a web server in any language (oso-webhook), or files in a folder (oso-directory).",
)
@click.option(
    "--directory",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where to write it; a new folder with the name when left out.",
)
def new(name: str, kind: str, directory: Path | None) -> None:
    """Make a plugin NAME to begin with: complete, with tests that pass at once.

    NAME is that of the package (my-las), and with underscores that of the plugin (my_las).
    """
    folder = directory or Path(name)
    written = made.make(name, kind, folder)
    click.echo(f"{len(written)} files in {folder}; what now:")
    click.echo(
        f'  1. cd {quote(str(folder))} && pip install "oso-adapter[testing]" {_INSTALL[kind]}'
    )
    click.echo("  2. pytest            # the suite that every plugin has to pass")
    click.echo("  3. read README.md: it says what to replace by yours")


_INSTALL = {
    "python": "-e .",
    "sql": "oso-sql",
    "webhook": "oso-webhook",
    "directory": "oso-directory",
}

"""The command ``oso-adapter``."""

from pathlib import Path

import click

from oso_adapter import __version__
from oso_adapter.cli.administration import administration
from oso_adapter.cli.common import OsoGroup
from oso_adapter.cli.config import config
from oso_adapter.cli.db import db
from oso_adapter.cli.demo import demo
from oso_adapter.cli.dossier import dossier
from oso_adapter.cli.fetch import fetch
from oso_adapter.cli.osr import osr
from oso_adapter.cli.received import received
from oso_adapter.cli.serve import serve
from oso_adapter.cli.simulator import simulator
from oso_adapter.cli.validate import validate


@click.group(cls=OsoGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    default=Path("oso-adapter.toml"),
    envvar="OSO_CONFIG",
    show_default=True,
    help="The configuration file.",
)
def main(config: Path) -> None:
    """Exchange pupil dossiers over OSO, beside your own administration system.

    Try `oso-adapter demo` first: it needs nothing but this package.
    """


for command in (
    administration,
    config,
    db,
    demo,
    dossier,
    fetch,
    osr,
    received,
    serve,
    simulator,
    validate,
):
    main.add_command(command)

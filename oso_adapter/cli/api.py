"""``oso-adapter api``: the JSON API described; who may call it is a matter of ``token``."""

import click

from oso_adapter.cli.common import print_json
from oso_adapter.web.api import document


@click.group()
def api() -> None:
    """The JSON API of the internal listener."""


@api.command()
def openapi() -> None:
    """Print the OpenAPI 3.0.3 document, from which a client is generated."""
    print_json(document())

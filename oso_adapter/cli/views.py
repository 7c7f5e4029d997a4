"""The forms in which a dossier is shown: as it is sent, or as a person reads it."""

from collections.abc import Callable, Mapping
from typing import Final

import click

from oso_adapter.standard import render

VIEWS: Final[Mapping[str, Callable[..., str | bytes]]] = {"html": render.html, "pdf": render.pdf}
"""The forms of the reading view."""

view_format_option = click.option(
    "--format",
    "form",
    type=click.Choice(list(VIEWS)),
    default="html",
    show_default=True,
    help="HTML, to read and to print, or PDF (extra `pdf`).",
)

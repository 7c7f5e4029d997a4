"""The options that say in which form a dossier is shown."""

import click

from oso_adapter.exchange.forms import READING

view_format_option = click.option(
    "--format",
    "form",
    type=click.Choice(READING),
    default="html",
    show_default=True,
    help="HTML, to read and to print, or PDF (extra `pdf`).",
)
shown_format_option = click.option(
    "--format",
    "form",
    type=click.Choice(["xml", "json", *READING]),
    default="xml",
    show_default=True,
    help="XML as it is sent; JSON for programs; HTML or PDF (extra `pdf`) to read, with the"
    " controlegetal.",
)

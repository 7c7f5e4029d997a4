"""``oso-adapter plugins``: what connects the adapter with an administration system."""

import click

from oso_adapter.cli.plugin_doctor import doctor
from oso_adapter.cli.plugin_list import list_, show
from oso_adapter.cli.plugin_new import new
from oso_adapter.cli.plugin_run import run
from oso_adapter.cli.plugin_trace import trace


@click.group()
def plugins() -> None:
    """Plugins: what connects the adapter with an administration system."""


plugins.add_command(list_)
plugins.add_command(show)
plugins.add_command(doctor)
plugins.add_command(trace)
plugins.add_command(new)
plugins.add_command(run)

"""``oso-adapter plugins run``: the commands that plugins bring, each below the name of its own.

A plugin is only loaded when its name is given, so that no other command, and no help text of ours,
waits for it or fails with it; and it cannot take the place of a command of ours.
"""

import sys
from typing import Any

import click

from oso_adapter.cli.common import OsoGroup
from oso_adapter.cli.opened import settings_of
from oso_adapter.errors import NotFound
from oso_adapter.logs import configure_logs
from oso_adapter.plugins import PluginHost


class PluginGroup(click.Group):
    """Has a group of commands for each plugin that brings some, and lists none without asking."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The commands of one plugin; raises NotFound with the reason when it has none."""
        configure_logs(sys.stderr)
        host = PluginHost(settings_of(ctx))
        for problem in host.problems:
            if problem.plugin == cmd_name:
                raise NotFound(str(problem))
        if cmd_name not in host.listeners("oso_commands"):
            able = ", ".join(host.listeners("oso_commands")) or "none"
            raise NotFound(f"no enabled plugin of this name brings commands; those that do: {able}")
        group = OsoGroup(cmd_name, help=f"The commands of the plugin {cmd_name}.")
        ctx.obj = host.commands(cmd_name, group)
        return group


@click.group(cls=PluginGroup, subcommand_metavar="PLUGIN COMMAND [ARGS]...")
def run(**_: Any) -> None:
    """Run a command that a plugin brings: `plugins run PLUGIN --help` lists those of one."""

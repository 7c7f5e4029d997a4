"""The command ``oso-adapter``."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import click

from oso_adapter import __version__
from oso_adapter.cli.common import OsoGroup
from oso_adapter.cli.wrong_use import in_own_words

COMMANDS: Final = (
    "administration",
    "api",
    "audit",
    "config",
    "db",
    "demo",
    "dossier",
    "fetch",
    "notifications",
    "osr",
    "plugins",
    "received",
    "results",
    "serve",
    "simulator",
    "standard",
    "token",
    "validate",
)
"""Each is a module of this package that holds a command of the same name."""


class MainGroup(OsoGroup):
    """Imports only the command that is called: most of the time of a short one is importing."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """Read the options that stand before the command."""
        with in_own_words():
            return super().make_context(info_name, args, parent, **extra)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command with that name."""
        if cmd_name not in COMMANDS:
            return None
        name = f"oso_adapter.cli.{cmd_name}"
        if name not in sys.modules:
            with _loading():
                import_module(name)
        found: click.Command = getattr(sys.modules[name], cmd_name)
        return found


@contextmanager
def _loading() -> Iterator[None]:
    """A time in which modules are loaded; what they make stays, and is no garbage to be looked for.

    Looking for it again and again, also at the end, is a third of the time of a short command.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


@click.group(cls=MainGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    default=Path("oso-adapter.toml"),
    envvar="OSO_CONFIG",
    show_default=True,
    help="The configuration file.",
)
@click.option(
    "--plugins-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder with plugins, instead of [plugins] directory.",
)
def main(config: Path, plugins_dir: Path | None) -> None:
    """Exchange pupil dossiers over OSO, beside your own administration system.

    Try `oso-adapter demo` first: it needs nothing but this package and the example product, which
    `make install` installs as well.
    """

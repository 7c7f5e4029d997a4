"""``oso-adapter simulator``: a Traffic Center, an OSR, a test school and a PKI on this machine."""

import re
import socket
import sys
from pathlib import Path
from typing import Final, get_args

import click

from oso_adapter.cli.common import format_option, print_json
from oso_adapter.cli.files import made_folder
from oso_adapter.cli.texts import NAME
from oso_adapter.cli.wrong_use import WrongUse
from oso_adapter.errors import NotAllowed, NotFound
from oso_adapter.identifiers import Brin, Oin
from oso_adapter.logs import configure_logs
from oso_adapter.simulator import seed
from oso_adapter.simulator.parties import PARTIES, Party
from oso_adapter.simulator.pki import OWN_NAMES, Pki
from oso_adapter.simulator.run import DEFAULT_PORTS, STATE_FILE, RefuseWith, open_simulation
from oso_adapter.simulator.run import run as run_parties

PORT: Final = click.IntRange(1, 65535)

_LEAF_NAME: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}")
"""A file name that is a common name too, of at most 64 characters (X.520)."""


def _three_ports(ctx: click.Context, option: click.Parameter, value: str) -> dict[Party, int]:
    """A port for each party."""
    numbers = value.split(",")
    if len(set(numbers)) != len(PARTIES) or len(numbers) != len(PARTIES):
        raise click.BadParameter("it takes three numbers, such as 8441,8442,8443")
    ports = [PORT(number, option, ctx) for number in numbers]
    return dict(zip(PARTIES, ports, strict=True))


def _own_host(ctx: click.Context, option: click.Parameter, value: str) -> str:
    """An address of this machine, found out by listening there for a moment."""
    try:
        socket.create_server((value, 0)).close()
    except (OSError, UnicodeError):
        raise click.BadParameter("this machine does not have that address") from None
    return value


def _hosts(ctx: click.Context, option: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Names as a certificate holds them: one with other letters in its xn-- form."""
    if not all(value and value.isascii() and value.isprintable() for value in values):
        raise click.BadParameter("a host in a certificate is ASCII, such as localhost")
    return values


@click.group()
def simulator() -> None:
    """The simulated chain, also for somebody else's software. Never for real pupils."""


@simulator.command()
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
@click.option("--only", type=click.Choice(PARTIES), help="Run one party.")
@click.option("--port", type=PORT, help="Port of that one party.")
@click.option(
    "--ports",
    metavar="TC,OSR,SCHOOL",
    callback=_three_ports,
    default=",".join(str(DEFAULT_PORTS[party]) for party in PARTIES),
    show_default=True,
    help="Ports of the three.",
)
@click.option(
    "--host",
    default="127.0.0.1",
    callback=_own_host,
    show_default=True,
    help="Address to listen on.",
)
@click.option(
    "--refuse-with",
    type=click.Choice(get_args(RefuseWith)),
    default="resultaat",
    show_default=True,
    help="How the Traffic Center and the test school refuse: both ways occur.",
)
@click.pass_context
def run(
    ctx: click.Context,
    directory: Path,
    only: Party | None,
    port: int | None,
    ports: dict[Party, int],
    host: str,
    refuse_with: RefuseWith,
) -> None:
    """Run the parties; state, PKI and simulator.json stay in DIRECTORY.

    Prints one line of JSON with the addresses when all are listening, and runs until it is
    stopped.
    """
    if (port is None) != (only is None):
        raise WrongUse("--port and --only go together")
    if only is not None and port is not None:
        ports = {only: port}
    made_folder(directory)
    configure_logs(sys.stderr)
    ctx.exit(run_parties(directory, only=only, ports=ports, host=host, refuse_with=refuse_with))


def _leaf_name(ctx: click.Context, option: click.Parameter, value: str | None) -> str | None:
    """The name of a certificate and its files: none that somebody else has."""
    if value is None:
        return None
    if not _LEAF_NAME.fullmatch(value):
        raise click.BadParameter("a name is 1 to 64 letters, digits, dots, dashes or underscores")
    if value in (*OWN_NAMES, *PARTIES):
        raise click.BadParameter(f"{value} is a certificate of the simulation; choose another name")
    return value


@simulator.command()
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--name", callback=_leaf_name, help="Also issue a certificate, with this name, for --oin."
)
@click.option("--oin", help="OIN in that certificate, of the test range 00000099.")
@click.option(
    "--host", "hosts", multiple=True, callback=_hosts, help="Host in that certificate (localhost)."
)
@format_option
def pki(
    directory: Path, name: str | None, oin: str | None, hosts: tuple[str, ...], form: str
) -> None:
    """Make a test PKI in DIRECTORY, or issue a certificate with the one that is there."""
    if (name is None) != (oin is None) or (hosts and name is None):
        raise WrongUse("a certificate is issued with --name and --oin")
    if oin is not None and not Oin(oin).is_test:
        raise NotAllowed("a test certificate gets an OIN of the test range: 00000099 + 12 digits")
    made_folder(directory)
    made = Pki.open(directory) if (directory / "issuer.key").exists() else Pki.create(directory)
    files = {"roots": made.roots}
    if name is not None and oin is not None:
        leaf = made.leaf(name, oin=Oin(oin), hosts=hosts or ("localhost", "127.0.0.1"))
        files |= {"certificate": leaf.certificate, "key": leaf.key}
    if form == "json":
        print_json({what: str(file) for what, file in files.items()})
    else:
        for what, file in files.items():
            click.echo(f"{what:<13}{file}")


@simulator.command()
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
@click.option("--brin", required=True, help="BRIN of the school.")
@click.option("--name", type=NAME, required=True, help="Name of the school.")
@click.option(
    "--sector", type=click.Choice(["PO", "VO", "SO"]), required=True, help="Sector of the school."
)
@click.option("--oin", required=True, help="OIN of the supplier whose system gets the mandate.")
@click.option("--api-key", required=True, help="API key of that system for the OSR.")
def school(directory: Path, brin: str, name: str, sector: str, oin: str, api_key: str) -> None:
    """Add a school that has mandated a supplier's system."""
    if not Brin(brin).is_test:
        raise NotAllowed("a simulated school gets a test BRIN: 99 and two capitals")
    if not (directory / STATE_FILE).exists():
        raise NotFound(f"there is no simulation in {directory}; oso-adapter simulator run makes it")
    state = open_simulation(directory).state
    seed.add_school(state, Brin(brin), name, sector)
    seed.add_supplier(state, Oin(oin), name, api_key)
    seed.add_mandate(state, Brin(brin), Oin(oin))
    click.echo(f"{brin} {name} ({sector}) has mandated the system with OIN {oin}")

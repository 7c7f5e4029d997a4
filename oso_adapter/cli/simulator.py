"""``oso-adapter simulator``: a Traffic Center, an OSR, a test school and a PKI on this machine."""

import re
import socket
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final, get_args

import click

from oso_adapter.cli.common import NO, format_option, print_json
from oso_adapter.cli.files import made_folder
from oso_adapter.cli.texts import NAME
from oso_adapter.cli.wrong_use import WrongUse
from oso_adapter.clock import utc_now
from oso_adapter.errors import NotAllowed, NotFound
from oso_adapter.identifiers import Brin, Oin, Pgn, SessionId
from oso_adapter.logs import configure_logs
from oso_adapter.results import result
from oso_adapter.simulator import acting, seed
from oso_adapter.simulator.parties import PARTIES, Party
from oso_adapter.simulator.pki import OWN_NAMES, Pki
from oso_adapter.simulator.run import (
    DEFAULT_PORTS,
    STATE_FILE,
    RefuseWith,
    Simulation,
    open_simulation,
)
from oso_adapter.simulator.run import run as run_parties
from oso_adapter.simulator.school import Bron
from oso_adapter.simulator.seed import TEST_SCHOOL_OIN
from oso_adapter.transport.client import HttpsClient
from oso_adapter.transport.tls import TlsFiles
from oso_adapter.wire.contract import load

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
    state = _existing(directory).state
    seed.add_school(state, Brin(brin), name, sector)
    seed.add_supplier(state, Oin(oin), name, api_key)
    seed.add_mandate(state, Brin(brin), Oin(oin))
    click.echo(f"{brin} {name} ({sector}) has mandated the system with OIN {oin}")


@simulator.command()
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
@click.option("--brin", required=True, help="BRIN of the school that is asked.")
@click.pass_context
def ask(ctx: click.Context, directory: Path, brin: str) -> None:
    """Let the test school ask a school for a dossier; the number is read from a prompt.

    The parties of DIRECTORY have to be running.
    """
    number = Pgn.checked(
        click.prompt("BSN of onderwijsnummer", hide_input=sys.stdin.isatty(), err=True).strip()
    )
    with _test_school(directory) as school:
        code = acting.ask(school, number, Brin(brin))
    _tell(ctx, code, acting.DELIVERED)


@simulator.command()
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
@click.option("--session", help="The sessieId of the request; without it the last one.")
@click.pass_context
def notify(ctx: click.Context, directory: Path, session: str | None) -> None:
    """Let the test school tell the system that asked it that a dossier is ready.

    What its numbers give stays as published. The parties of DIRECTORY have to be running.
    """
    wanted = SessionId(session) if session else None
    with _test_school(directory) as school:
        code = acting.notify(school, wanted)
    _tell(ctx, code, "NotificatieOntvangen")


@contextmanager
def _test_school(directory: Path) -> Iterator[Bron]:
    """The test school with a certificate of its own."""
    simulation = _existing(directory)
    leaf = simulation.pki.leaf("school-client", TEST_SCHOOL_OIN)
    files = TlsFiles(leaf.certificate, leaf.key, (simulation.pki.roots,))
    with closing(HttpsClient(files)) as client:
        yield Bron(simulation.state, load(), client, utc_now)


def _existing(directory: Path) -> Simulation:
    if not (directory / STATE_FILE).exists():
        raise NotFound(f"there is no simulation in {directory}; oso-adapter simulator run makes it")
    return open_simulation(directory)


def _tell(ctx: click.Context, code: str, good: str) -> None:
    """Code and text of a result; the exit code says whether it is the good one."""
    click.echo(f"{code}: {result(code).text}")
    ctx.exit(0 if code == good else NO)

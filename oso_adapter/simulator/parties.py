"""One simulated party, in a process that was forked for it."""

import os
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, get_args

from flask import Flask

from oso_adapter.clock import utc_now
from oso_adapter.errors import OsoError
from oso_adapter.identifiers import Oin
from oso_adapter.logs import configure_logs
from oso_adapter.simulator.apps import osr_app, school_app, traffic_center_app
from oso_adapter.simulator.school import Bron
from oso_adapter.simulator.seed import OSR_OIN, TC_OIN, TEST_SCHOOL_OIN
from oso_adapter.simulator.state import State
from oso_adapter.transport.client import HttpsClient
from oso_adapter.transport.parent import die_with_parent
from oso_adapter.transport.server import ServerSettings, run_https
from oso_adapter.transport.tls import TlsFiles
from oso_adapter.wire.contract import load

Party = Literal["tc", "osr", "school"]

ENDING: Final = (signal.SIGTERM, signal.SIGINT)
"""The signals that end a party, and whoever runs the parties."""

PARTIES: Final[tuple[Party, ...]] = get_args(Party)
OINS: Final[dict[Party, Oin]] = {"tc": TC_OIN, "osr": OSR_OIN, "school": TEST_SCHOOL_OIN}
PATHS: Final[dict[Party, str]] = {"tc": "/tc", "osr": "/api/v2", "school": "/oso/20200910"}


@dataclass(frozen=True)
class Place:
    """Where a party runs and what it uses.

    state, certificate, key, roots: paths. ready: a file descriptor, written to once the party is
    listening. parent: id of the process without which the party does not go on.
    """

    party: Party
    host: str
    port: int
    state: str
    certificate: str
    key: str
    roots: str
    ready: int
    parent: int

    @property
    def url(self) -> str:
        """The address of the party: of its service, or for the OSR of its interface."""
        return f"https://{self.host}:{self.port}{PATHS[self.party]}"


def be(place: Place) -> None:
    """Be that party until the process is ended; what stops it from starting is one line.

    To be called in a process that was forked for it, with the signals blocked that end it: what
    the process before it does with them is not for this one. It has a session of its own, and its
    log goes to standard error. Ends with SystemExit.
    """
    os.setsid()
    for number in ENDING:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    try:
        _serve(place)
    except OsoError as error:
        print(f"{place.party}: {error}", file=sys.stderr, flush=True)
        sys.exit(error.exit_code)
    except Exception:  # told as the log tells it, without what it quotes
        sys.excepthook(*sys.exc_info())
        sys.exit(1)


def _serve(place: Place) -> None:
    die_with_parent(place.parent)
    configure_logs()
    tls = TlsFiles(Path(place.certificate), Path(place.key), (Path(place.roots),))

    def ready() -> None:
        with suppress(BrokenPipeError):  # nobody waits any more when a worker is replaced
            os.write(place.ready, b".")
        os.close(place.ready)

    settings = ServerSettings(host=place.host, port=place.port)
    run_https(lambda: _app(place, tls), tls, settings, on_ready=ready)


def _app(place: Place, tls: TlsFiles) -> Flask:
    state = State(Path(place.state))
    if place.party == "tc":
        return traffic_center_app(state, load())
    if place.party == "osr":
        return osr_app(state)
    return school_app(Bron(state, load(), HttpsClient(tls), utc_now))

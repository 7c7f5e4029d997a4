"""Running the simulated parties, each in a process of its own, on one directory."""

import json
import os
import queue
import select
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.context import ForkProcess
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal

from oso_adapter.errors import ConfigurationError
from oso_adapter.simulator.apps import API_KEY_HEADER, REFUSE_WITH
from oso_adapter.simulator.parties import ENDING, OINS, PARTIES, Party, Place, be
from oso_adapter.simulator.pki import Pki
from oso_adapter.simulator.seed import publish_test_school, seed
from oso_adapter.simulator.state import State
from oso_adapter.wire.contract import load

DEFAULT_PORTS: Final[Mapping[Party, int]] = {"tc": 8441, "osr": 8442, "school": 8443}

STATE_FILE: Final = "simulator.sqlite"
DESCRIPTION_FILE: Final = "simulator.json"

_START_SECONDS: Final = 30.0
_STOP_SECONDS: Final = 10.0

RefuseWith = Literal["resultaat", "fault"]


@dataclass(frozen=True)
class Simulation:
    """A directory with everything of a simulation: its PKI and its state."""

    directory: Path
    pki: Pki
    state: State


@dataclass(frozen=True)
class _Child:
    """A party that was started; ``listening`` gives one octet once it listens, or ends."""

    place: Place
    process: ForkProcess
    listening: BinaryIO


def open_simulation(directory: Path) -> Simulation:
    """Open the simulation in a directory, or make one there: a PKI, and a state with test school
    00YY and the OSO service.
    """
    directory.mkdir(parents=True, exist_ok=True)
    folder = directory / "pki"
    state = State(directory / STATE_FILE)
    with state.write():  # whoever opens it at the same moment has the same authority
        pki = Pki.open(folder) if (folder / "issuer.key").exists() else Pki.create(folder)
    seed(state, load().namespace)
    return Simulation(directory, pki, state)


def run(
    directory: Path,
    *,
    only: Party | None = None,
    ports: Mapping[Party, int] = DEFAULT_PORTS,
    host: str = "127.0.0.1",
    refuse_with: RefuseWith = "resultaat",
    api_key_header: str = "API-Key",
) -> int:
    """Run the parties until one ends, or this process gets SIGTERM or SIGINT; then end them all.

    When all are listening it prints one line of JSON, which is also kept as ``simulator.json`` in
    the directory. only: one party instead of the three; those on the same directory know each
    other. ports: of the parties that run, all above 0. host: to listen on, and in the urls. Call it
    from the main thread, which gets the signals; when that dies, the parties end as well.
    Returns the exit code: 0 when it was told to stop, 1 when a party ended by itself. Raises
    ConfigurationError when a party cannot start.
    """
    simulation = open_simulation(directory)
    simulation.state.set_option(REFUSE_WITH, refuse_with)
    simulation.state.set_option(API_KEY_HEADER, api_key_header)
    endings: queue.SimpleQueue[int] = queue.SimpleQueue()
    with _told_to_stop(endings), _ending_all() as children:
        for party in [only] if only else PARTIES:
            children.append(_start(simulation, party, host, ports[party]))
        for child in children:
            _await(child, simulation.state)
            watch = threading.Thread(target=_watch, args=(child.process, endings), daemon=True)
            watch.start()
        pids = {child.place.party: child.process.pid for child in children}
        print(_write_description(simulation, pids), flush=True)
        return endings.get()


def _write_description(simulation: Simulation, pids: Mapping[Party, int | None]) -> str:
    """Keep what others need to know, for those that come later; gives it as one line of JSON."""
    beside = simulation.directory / f"{DESCRIPTION_FILE}.new"
    with simulation.state.write():  # parties that were started side by side write one by one
        line = json.dumps({**describe(simulation), "pids": pids})
        beside.write_text(line, encoding="utf-8")
        beside.replace(simulation.directory / DESCRIPTION_FILE)
    return line


def describe(simulation: Simulation) -> dict[str, Any]:
    """What other tools need: urls of the parties that ran last, roots and state."""
    urls = {party: simulation.state.option(f"url.{party}") for party in PARTIES}
    return {
        "urls": {party: url for party, url in urls.items() if url},
        "roots": str(simulation.pki.roots),
        "state": str(simulation.state.path),
        "pki": str(simulation.directory / "pki"),
    }


def _start(simulation: Simulation, party: Party, host: str, port: int) -> _Child:
    """Start a party with a certificate of its own; its log goes to standard error."""
    leaf = simulation.pki.leaf(party, OINS[party], hosts=("localhost", "127.0.0.1", host))
    listening, ready = os.pipe()
    place = Place(
        party=party,
        host=host,
        port=port,
        state=str(simulation.state.path),
        certificate=str(leaf.certificate),
        key=str(leaf.key),
        roots=str(simulation.pki.roots),
        ready=ready,
        parent=os.getpid(),
    )
    # a copy of this process: what a party needs is loaded once, and not by each of them again
    process = get_context("fork").Process(target=be, args=(place,))
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    process.start()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
    os.close(ready)
    return _Child(place, process, os.fdopen(listening, "rb"))


def _await(child: _Child, state: State) -> None:
    """Wait until a party listens, and make its address known to the others."""
    with child.listening as listening:
        readable, _, _ = select.select([listening], [], [], _START_SECONDS)
        if not readable or not listening.read(1):
            party, port = child.place.party, child.place.port
            raise ConfigurationError(f"{party} does not start on port {port}; is the port free?")
    state.set_option(f"url.{child.place.party}", child.place.url)
    if child.place.party == "school":
        publish_test_school(state, child.place.url)


@contextmanager
def _ending_all() -> Iterator[list[_Child]]:
    """The parties that were started, all ended when the block is left."""
    children: list[_Child] = []
    try:
        yield children
    finally:
        for child in children:
            child.process.terminate()
        for child in children:
            _end(child.process)


def _end(process: ForkProcess) -> None:
    """Give a process time to end, then end what is left of it and of what it started."""
    process.join(_STOP_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid or 0, signal.SIGKILL)
    process.join()


@contextmanager
def _told_to_stop(endings: "queue.SimpleQueue[int]") -> Iterator[None]:
    """While in the block, SIGTERM and SIGINT are an ending with exit code 0."""
    before = {number: signal.signal(number, lambda *_: endings.put(0)) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _watch(process: ForkProcess, endings: "queue.SimpleQueue[int]") -> None:
    process.join()
    endings.put(1)

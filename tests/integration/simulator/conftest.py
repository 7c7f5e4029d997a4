"""Simulated parties as real processes, and suppliers that call them over mutual TLS."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, ClassVar

import pytest
from support.chain import free_ports

from oso_adapter.identifiers import Brin, Oin, RoutingId
from oso_adapter.simulator.pki import Pki
from oso_adapter.simulator.run import open_simulation
from oso_adapter.simulator.seed import add_endpoint, add_mandate, add_school, add_supplier
from oso_adapter.simulator.state import State
from oso_adapter.transport.client import HttpsClient
from oso_adapter.transport.tls import TlsFiles
from oso_adapter.wire.contract import Contract, load
from oso_adapter.wire.envelope import read_answer, wrap
from oso_adapter.wire.messages import Message, write

_PROGRAM = """
import json, sys
from pathlib import Path
from oso_adapter.simulator.run import run
sys.exit(run(Path(sys.argv[1]), **json.loads(sys.argv[2])))
"""


@dataclass
class Running:
    """A process that runs the parties of one directory; its first line says where they are."""

    process: subprocess.Popen[bytes]
    description: dict[str, Any] = field(default_factory=dict)

    def wait_until_ready(self) -> None:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        self.description = json.loads(line) if line else {}

    def url(self, party: str) -> str:
        url: str = self.description["urls"][party]
        return url

    def stop(self) -> int:
        """End it as an operator would; gives its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.ended()

    def ended(self) -> int:
        self.process.communicate(timeout=30)
        return self.process.returncode


@dataclass
class World:
    """A directory with a simulation: po school 99AA, vo school 99BB, and a supplier of each."""

    directory: Path
    pki: Pki
    state: State
    contract: Contract
    running: list[Running] = field(default_factory=list)
    clients: list[HttpsClient] = field(default_factory=list)

    po, vo = Brin("99AA"), Brin("99BB")
    bron, doel = Oin("00000099000000005000"), Oin("00000099000000006000")
    po_routing_id, vo_routing_id = RoutingId.of_school(po, 1), RoutingId.of_school(vo, 1)
    key: ClassVar = {"zoeksleutel": "c2xldXRlbA==", "pgnfrag": "1234"}

    def start(self, errors: int | IO[bytes] = subprocess.DEVNULL, **options: Any) -> Running:
        """Start parties, on free ports unless told otherwise, and wait until they listen."""
        ports = dict(zip(("tc", "osr", "school"), free_ports(3), strict=True))
        arguments = json.dumps({"ports": ports, **options})
        process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, str(self.directory), arguments],
            stdout=subprocess.PIPE,
            stderr=errors,
        )
        running = Running(process)
        self.running.append(running)
        running.wait_until_ready()
        return running

    def client(self, oin: Oin | None, *, pki: Pki | None = None, **options: Any) -> HttpsClient:
        """A supplier's client with a certificate of its own."""
        leaf = (pki or self.pki).leaf(f"klant-{oin}", oin)
        files = TlsFiles(leaf.certificate, leaf.key, (self.pki.roots,))
        client = HttpsClient(files, **options)
        self.clients.append(client)
        return client

    def hang_up(self) -> None:
        """Close the connections that are kept, for which a party that stops would wait."""
        for client in self.clients:
            client.close()

    def call(self, client: HttpsClient, url: str, name: str, values: Mapping[str, Any]) -> Message:
        """Send a message and read its answer."""
        body = wrap(write(Message(name, values), self.contract))
        root = client.post_xml(url, body, party="other side")
        response = name.removesuffix("Request") + "Response"
        return read_answer(root, self.contract, response)

    def asking(self, **other: Any) -> dict[str, Any]:
        """The values of an overdrachtRequest, with other values or None to leave one out."""
        values = {
            "bronBrin": self.po,
            "doelBrin": self.vo,
            "doelRouteringsKenmerk": self.vo_routing_id,
            "zoeksleutelPgnfrag": self.key,
            "overdrachtsoort": "overstapdossier",
        }
        return {name: value for name, value in {**values, **other}.items() if value is not None}

    def checking(self, session: str) -> dict[str, Any]:
        """The values of a sessiecontroleRequest."""
        return self.asking(bronRouteringsKenmerk=self.po_routing_id, sessieId=session)

    def closing(self, session: str, result: str = "OverdrachtGeslaagd") -> dict[str, Any]:
        """The values of an afmeldingRequest."""
        return self.asking(
            zoeksleutelPgnfrag=None, overdrachtsoort=None, sessieId=session, resultaat=result
        )


@pytest.fixture(scope="module")
def make_world() -> Iterator[Callable[[Path], World]]:
    worlds = []

    def make(directory: Path) -> World:
        simulation = open_simulation(directory)
        state = simulation.state
        world = World(directory, simulation.pki, state, load())
        for brin, sector, supplier in ((world.po, "PO", world.bron), (world.vo, "VO", world.doel)):
            add_school(state, brin, f"School {brin}", sector)
            add_supplier(state, supplier, f"Leverancier {brin}", f"sleutel-{brin}")
            token = add_mandate(state, brin, supplier)
            routing_id = RoutingId.of_school(brin, 1)
            add_endpoint(state, token, routing_id, f"https://{brin}.example/oso")
        worlds.append(world)
        return world

    yield make
    for world in worlds:
        world.hang_up()
        for running in world.running:
            if running.process.poll() is None:
                running.stop()


@pytest.fixture
def world(make_world: Callable[[Path], World], tmp_path: Path) -> World:
    """A simulation of this test alone, of which nothing runs yet."""
    return make_world(tmp_path)


@pytest.fixture(scope="module")
def chain(make_world: Callable[[Path], World], tmp_path_factory: pytest.TempPathFactory) -> World:
    """A simulation of which all parties run, for all tests of a module."""
    world = make_world(tmp_path_factory.mktemp("chain"))
    world.start()
    return world

"""A chain on this machine: simulator processes, and schools that each have an adapter."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from threading import Event
from typing import Any

from click.testing import CliRunner, Result

from oso_adapter.cli.main import main
from oso_adapter.clock import Clock, utc_now
from oso_adapter.exchange.adapter import Adapter, build
from oso_adapter.exchange.orders import Order
from oso_adapter.identifiers import Brin, Oin, Pgn, RoutingId
from oso_adapter.settings import Settings, read_settings
from oso_adapter.simulator import seed
from oso_adapter.simulator.pki import Pki
from oso_adapter.simulator.run import open_simulation
from oso_adapter.simulator.state import State
from oso_adapter.store import administrations
from oso_adapter.store.keys import new_keys
from oso_adapter.store.models import Administration, AdministrationKind
from oso_adapter.transport.client import HttpsClient
from oso_adapter.transport.tls import TlsFiles
from support.dossiers import BORN, SURNAME
from support.started import Running, Started
from support.stores import upgraded

ACCOUNT = "medewerker@school.example"

CONFIGURATION = """\
environment = "simulation"
[chain]
traffic_center_url = "{tc}"
osr_url = "{osr}"
osr_api_key = "{api_key}"
osr_read_interval = 0
[transport]
certificate = "{certificate}"
key = "{key}"
roots = ["{roots}"]
host = "127.0.0.1"
port = {port}
public_url = "https://localhost:{port}/oso/20200910"
[internal]
port = {internal}
[store]
url = "sqlite:///{folder}/adapter.sqlite"
[keys]
file = "keys.toml"
[fetching]
tick = 0.1
"""


PORTS = range(10_000, 30_000)
"""Below those that the system gives to outgoing connections, of which one is soon in use again."""


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now, and that nobody is given while one of ours is restarted."""
    found: list[int] = []
    with ExitStack() as stack:
        while len(found) < count:
            port = secrets.choice(PORTS)
            with suppress(OSError):
                stack.enter_context(socket.create_server(("127.0.0.1", port)))
                found.append(port)
    return found


def program(*arguments: str) -> list[str]:
    """The command line of ``oso-adapter`` in this environment."""
    return [sys.executable, "-m", "oso_adapter.cli", *arguments]


@dataclass
class School:
    """A school with an adapter: its files, its certificate, and its row in the register."""

    chain: "Chain"
    brin: Brin
    oin: Oin
    folder: Path
    port: int
    internal: int
    processes: list[Running] = field(default_factory=list)
    adapters: list[Adapter] = field(default_factory=list)

    @property
    def routing_id(self) -> RoutingId:
        return RoutingId.of_school(self.brin, 1)

    @property
    def config(self) -> Path:
        return self.folder / "oso-adapter.toml"

    @property
    def log(self) -> Path:
        return self.folder / "adapter.log"

    @property
    def store_file(self) -> Path:
        return self.folder / "adapter.sqlite"

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}/oso/20200910"

    def settings(self) -> Settings:
        return read_settings(self.config, {})

    def adapter(self, clock: Clock = utc_now) -> Adapter:
        """An adapter in this process, on the same store as the processes of the school."""
        adapter = build(self.settings(), clock=clock)
        self.adapters.append(adapter)
        return adapter

    def administration(self, adapter: Adapter) -> Administration:
        with adapter.store.reading() as session:
            found = administrations.by_routing_id(session, self.routing_id)
        assert found is not None
        return found

    def configure(self, text: str) -> None:
        """Add settings at the end of the configuration."""
        with self.config.open("a", encoding="utf-8") as file:
            file.write(text)

    def start(self, *only: str, env: dict[str, str] | None = None, afresh: bool = False) -> Running:
        """Start ``serve`` (or one part: "public") and wait until the public port listens."""
        process = self.spawn(*only, env=env, afresh=afresh)
        if only in ((), ("public",)):
            wait_for_port(self.port, process, self.log)
        return process

    def spawn(self, *only: str, env: dict[str, str] | None = None, afresh: bool = False) -> Running:
        """Start ``serve`` (or one part) and do not wait; afresh: as a program."""
        arguments = ["--config", str(self.config), "serve"]
        arguments += ["--only", only[0]] if only else []
        environment = {**os.environ, **(env or {})}
        if afresh or "PYTHONPATH" in (env or {}):  # which Python reads when it starts
            with self.log.open("ab") as log:
                process: Running = subprocess.Popen(
                    program(*arguments), stdout=log, stderr=log, env=environment
                )
        else:
            process = Started(arguments, self.log, environment, heard=False)
        self.processes.append(process)
        return process

    def register(self) -> None:
        """Put the endpoint in the OSR, without a process."""
        token = seed.add_mandate(self.chain.state, self.brin, self.oin)
        seed.add_endpoint(self.chain.state, token, self.routing_id, self.url)

    def cli(self, *arguments: str, text: str | bytes = "") -> Result:
        """Run a command in this process."""
        return CliRunner().invoke(main, ["--config", str(self.config), *arguments], input=text)

    def client(self, **options: Any) -> HttpsClient:
        """A client with the certificate of this school."""
        transport = self.settings().transport
        return HttpsClient(
            TlsFiles(transport.certificate, transport.key, transport.roots), **options
        )

    def logged(self) -> list[dict[str, Any]]:
        """The events that its processes logged."""
        lines = self.log.read_text(encoding="utf-8").splitlines() if self.log.exists() else []
        return [json.loads(line) for line in lines if line.startswith("{")]

    def stop(self) -> None:
        for adapter in self.adapters:
            adapter.close()
        for process in self.processes:
            end(process)


@dataclass
class Chain:
    """Traffic Center, OSR and test school as processes on one directory."""

    folder: Path
    pki: Pki
    state: State
    ports: dict[str, int]
    processes: dict[str, Started] = field(default_factory=dict)
    groups: dict[str, int] = field(default_factory=dict)
    schools: list[School] = field(default_factory=list)

    @classmethod
    def create(cls, folder: Path) -> "Chain":
        simulation = open_simulation(folder / "chain")
        ports = dict(zip(("tc", "osr", "school"), free_ports(3), strict=True))
        return cls(folder, simulation.pki, simulation.state, ports)

    def url(self, party: str) -> str:
        path = {"tc": "tc", "osr": "api/v2", "school": "oso/20200910"}[party]
        return f"https://localhost:{self.ports[party]}/{path}"

    def start(self, *parties: str, refuse_with: str = "resultaat") -> None:
        """Start parties ("tc", "osr", "school") and wait until each listens.

        With the Traffic Center comes the OSR: who is not known there may ask nothing.
        """
        if parties in ((), ("tc",)) and "osr" not in self.processes:
            parties = ("tc", "osr")
        for party in parties:
            self.processes[party] = self._begin(party, refuse_with)
        for party in parties:
            answer = self.processes[party].stdout
            assert answer is not None
            described = answer.readline()
            assert described, (self.folder / f"{party}.log").read_text()
            self.groups[party] = json.loads(described)["pids"][party]

    def _begin(self, party: str, refuse_with: str) -> Started:
        arguments = ["simulator", "run", str(self.folder / "chain"), "--only", party]
        arguments += ["--port", str(self.ports[party]), "--refuse-with", refuse_with]
        return Started(arguments, self.folder / f"{party}.log", os.environ, heard=True)

    def kill(self, party: str) -> None:
        """End a party as a crash would; when this returns nothing listens on its port."""
        process = self.processes.pop(party)
        process.kill()
        process.wait()
        with suppress(ProcessLookupError):
            os.killpg(self.groups.pop(party), signal.SIGKILL)
        until_nothing_listens(self.ports[party])
        if process.stdout:
            process.stdout.close()

    @contextmanager
    def without(self, party: str) -> Iterator[None]:
        """A time in which a party is down; whatever happens, it is there again afterwards."""
        self.kill(party)
        try:
            yield
        finally:
            self.start(party)

    def add_school(
        self,
        brin: str,
        sector: str = "PO",
        *,
        oin: str | None = None,
        registered: bool = True,
        extra: str = "",
    ) -> School:
        """A school with a configured, upgraded and empty adapter; extra: more configuration."""
        folder = self.folder / brin.lower()
        folder.mkdir()
        number = f"000000990000000{len(self.schools) + 11:02d}000"
        port, internal = free_ports(2)
        school = School(self, Brin(brin), Oin(oin or number), folder, port, internal)
        leaf = self.pki.leaf(brin.lower(), oin=school.oin)
        school.config.write_text(
            CONFIGURATION.format(
                tc=self.url("tc"),
                osr=self.url("osr"),
                api_key=f"sleutel-{brin}",
                certificate=leaf.certificate,
                key=leaf.key,
                roots=self.pki.roots,
                port=port,
                internal=internal,
                folder=folder,
            )
            + extra,
            encoding="utf-8",
        )
        (folder / "keys.toml").write_text(new_keys(), encoding="utf-8")
        store = upgraded(school.store_file)
        with store.writing() as session:
            administrations.add(
                session,
                brin=school.brin,
                routing_id=school.routing_id,
                kind=AdministrationKind.LAS,
                name=f"School {brin}",
                tenant=brin.lower(),
                valid_from=date(2020, 8, 1),
                sector=sector,
            )
        store.close()
        seed.add_school(self.state, school.brin, f"School {brin}", sector)
        seed.add_supplier(self.state, school.oin, f"Systeem {brin}", f"sleutel-{brin}")
        seed.add_mandate(self.state, school.brin, school.oin)
        if registered:
            school.register()
        self.schools.append(school)
        return school

    def stop(self) -> None:
        for school in self.schools:
            school.stop()
        for process in self.processes.values():
            end(process)


def an_order(number: str, bron: str = "99AA", reference: str = "P-1", **more: Any) -> Order:
    """An order for a pupil of :mod:`support.dossiers`."""
    values = {"surname": SURNAME, "birth_date": BORN, **more}
    return Order(pgn=Pgn(number), bron_brin=Brin(bron), reference=reference, **values)


def wait_for_port(port: int, process: Running, log: Path) -> None:
    """Until something listens; the process must not end before that."""
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            try:
                process.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
            raise AssertionError(log.read_text()) from None
        return
    raise AssertionError(f"nothing listens on port {port}")


def until_nothing_listens(port: int) -> None:
    """Until a process that is ending has let go of its port; one that does not end is told."""
    with suppress(ConnectionRefusedError):
        for _ in range(600):
            with suppress(ConnectionResetError):  # it was still taken, and then dropped
                socket.create_connection(("127.0.0.1", port)).close()
            Event().wait(0.05)
        raise AssertionError(f"port {port} is still listened on")


def end(process: Running) -> None:
    """End a process as an operator would, and wait."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    if process.stdout:
        process.stdout.close()


def references(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Rows of ``fetch ... --format json`` by the caller's reference."""
    return {row["verwijzing"]: row for row in rows}

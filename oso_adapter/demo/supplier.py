"""One supplier of the demonstration: an administration system with an adapter beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from oso_adapter.demo.processes import (
    Processes,
    command,
    free_ports,
    listens,
    must,
    wait_until,
)
from oso_adapter.exchange import administrations
from oso_adapter.exchange.adapter import build
from oso_adapter.identifiers import Brin, Oin, RoutingId
from oso_adapter.settings import Settings, read_settings
from oso_adapter.simulator.pki import Pki
from oso_adapter.store.engine import Store
from oso_adapter.store.keys import make_key_file
from oso_adapter.store.models import AdministrationKind

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

[package]
name = "magister_like"
version = "1.0"

[plugins]
enabled = ["magister_like"]

[plugins.magister_like]
database = "{database}"
"""


@dataclass(frozen=True)
class Supplier:
    """A school with its supplier: who it is, and where its files are."""

    name: str
    brin: Brin
    sector: str
    oin: Oin
    api_key: str
    folder: Path
    database: Path

    @property
    def routing_id(self) -> RoutingId:
        """The routeringskenmerk of its one administration."""
        return RoutingId.of_school(self.brin, 1)

    @property
    def config(self) -> Path:
        """Its configuration file."""
        return self.folder / "oso-adapter.toml"

    @property
    def log(self) -> Path:
        """Where its processes write."""
        return self.folder / "adapter.log"

    @property
    def store(self) -> Path:
        """The database of its adapter."""
        return self.folder / "adapter.sqlite"

    def install(self, chain: Mapping[str, Any], pki: Pki) -> int:
        """Write the configuration, make keys and database, add the school; gives the port."""
        self.folder.mkdir(parents=True, exist_ok=True)
        leaf = pki.leaf(self.brin.lower(), oin=self.oin)
        port, internal = free_ports(2)
        self.config.write_text(
            CONFIGURATION.format(
                tc=chain["urls"]["tc"],
                osr=chain["urls"]["osr"],
                api_key=self.api_key,
                certificate=leaf.certificate,
                key=leaf.key,
                roots=pki.roots,
                port=port,
                internal=internal,
                folder=self.folder,
                database=self.database,
            ),
            encoding="utf-8",
        )
        make_key_file(self.folder / "keys.toml")
        self._begin(read_settings(self.config))
        return port

    def _begin(self, settings: Settings) -> None:
        """Make the database and add the school, here: as commands each would be a process."""
        store = Store(settings.store.url, timeout=settings.store.timeout)
        try:
            store.upgrade()
        finally:
            store.close()
        adapter = build(settings)
        try:
            administrations.add(adapter, None, self._administration)
        finally:
            adapter.close()

    @property
    def _administration(self) -> dict[str, Any]:
        return {
            "brin": self.brin,
            "routing_id": self.routing_id,
            "kind": AdministrationKind.LAS,
            "name": self.name,
            "tenant": self.brin.lower(),
            "valid_from": None,
            "valid_until": None,
            "sector": None,
        }

    @property
    def _account(self) -> str:
        return f"administratie@{self.brin.lower()}.example"

    def serve(self, processes: Processes, port: int) -> None:
        """Start its adapter, register it in the OSR, and wait until it listens."""
        process = processes.start(command("serve", config=self.config), self.log)
        self.command("osr", "sync", "--account", self._account)
        wait_until(lambda: listens(port), process, self.log)

    def command(self, *arguments: str, text: str = "") -> str:
        """Run ``oso-adapter`` for this school; it has to succeed."""
        return must(*arguments, config=self.config, log=self.log, text=text)

    def order(self, *arguments: str, text: str = "") -> str:
        """Run a command that is done by the order of an employee of the school."""
        who = ["--administration", self.routing_id, "--account", self._account]
        return self.command(*arguments, *who, text=text)

    def collect(self, pupils: Sequence[str]) -> None:
        """Collect the dossiers of pupils."""
        self.order("dossier", "collect", "--from", "-", "--profile", "POVO", text=_list(pupils))

    def record_inzage(self, pupils: Sequence[str], on: date) -> None:
        """Record that the parents of these pupils saw the dossier and agree."""
        seen = ("--on", on.isoformat(), "--akkoord", "Ja")
        self.order("dossier", "inzage", "--from", "-", *seen, text=_list(pupils))

    def make_ready(self, pupils: Sequence[str], brin: Brin) -> None:
        """Make the dossiers of pupils ready for a school."""
        self.order("dossier", "ready", "--from", "-", "--for", brin, text=_list(pupils))


def _list(pupils: Sequence[str]) -> str:
    return "\n".join(pupils) + "\n"

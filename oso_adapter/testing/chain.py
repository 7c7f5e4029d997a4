"""The simulated chain in this process: Traffic Center, OSR and test school over mutual TLS."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from shutil import copy

from oso_adapter.clock import Clock, utc_now
from oso_adapter.identifiers import Brin, Oin
from oso_adapter.simulator.apps import osr_app, school_app, traffic_center_app
from oso_adapter.simulator.parties import OINS, PARTIES, PATHS, Party
from oso_adapter.simulator.pki import Pki
from oso_adapter.simulator.run import open_simulation
from oso_adapter.simulator.school import Bron
from oso_adapter.simulator.seed import publish_test_school
from oso_adapter.simulator.state import State
from oso_adapter.store.engine import Store
from oso_adapter.testing.servers import Listener, listening
from oso_adapter.transport.client import HttpsClient
from oso_adapter.transport.server import WSGIApp
from oso_adapter.transport.tls import TlsFiles
from oso_adapter.wire.contract import load


@dataclass
class Chain:
    """The parties that every school needs, and what schools are made of.

    pki: everybody's certificates; state: what Traffic Center and OSR know; urls: of the parties.
    clock: what the parties go by; a test may put in one that it moves.
    """

    folder: Path
    pki: Pki
    state: State
    clock: Clock = utc_now
    urls: dict[Party, str] = field(default_factory=dict)
    suppliers: dict[Brin, Oin] = field(default_factory=dict)

    def now(self) -> datetime:
        """The moment that it is for all parties."""
        return self.clock()

    def supplier(self, brin: Brin) -> Oin:
        """The OIN of a school's supplier: it stays the same when the school comes back."""
        serial = len(self.suppliers) + 1
        return self.suppliers.setdefault(brin, Oin(f"000000990000001{serial:02d}000"))

    def tls(self, name: str, **leaf: object) -> TlsFiles:
        """A new certificate with its key, and whom to trust; leaf: as of :meth:`Pki.leaf`."""
        made = self.pki.leaf(name, **leaf)  # type: ignore[arg-type]
        return TlsFiles(made.certificate, made.key, (self.pki.roots,))

    def new_store(self, file: Path) -> str:
        """A store of the adapter without a school; gives its address.

        The tables are made once, for that takes longer than all else.
        """
        copy(self._empty_store, file)
        return f"sqlite:///{file}"

    @cached_property
    def _empty_store(self) -> Path:
        file = self.folder / "empty.sqlite"
        store = Store(f"sqlite:///{file}")
        store.upgrade()
        store.close()
        return file


@contextmanager
def running(folder: Path) -> Iterator[Chain]:
    """A chain whose parties listen; they stop when the block is left."""
    simulation = open_simulation(folder)
    chain = Chain(folder, simulation.pki, simulation.state)
    with ExitStack() as stack:
        for party in PARTIES:
            tls = chain.tls(party, oin=OINS[party])
            listener: Listener = stack.enter_context(listening(tls))
            chain.urls[party] = f"https://localhost:{listener.port}{PATHS[party]}"
            chain.state.set_option(f"url.{party}", chain.urls[party])
            listener.app = _APPS[party](chain, tls, stack)
        publish_test_school(chain.state, chain.urls["school"])
        yield chain


def _traffic_center(chain: Chain, tls: TlsFiles, stack: ExitStack) -> WSGIApp:
    return traffic_center_app(chain.state, load(), clock=chain.now).wsgi_app


def _osr(chain: Chain, tls: TlsFiles, stack: ExitStack) -> WSGIApp:
    return osr_app(chain.state, clock=chain.now).wsgi_app


def _school(chain: Chain, tls: TlsFiles, stack: ExitStack) -> WSGIApp:
    client = HttpsClient(tls)
    stack.callback(client.close)
    return school_app(Bron(chain.state, load(), client, chain.now)).wsgi_app


_APPS: dict[Party, Callable[[Chain, TlsFiles, ExitStack], WSGIApp]] = {
    "tc": _traffic_center,
    "osr": _osr,
    "school": _school,
}

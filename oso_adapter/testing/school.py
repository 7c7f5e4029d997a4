"""A school in the chain: an adapter in this process, with a plugin and an endpoint that answers."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from oso_adapter.clock import Clock, school_date
from oso_adapter.exchange import prepare, receive
from oso_adapter.exchange.adapter import Adapter, build
from oso_adapter.exchange.orders import Order, place
from oso_adapter.exchange.prepare import Answer, Inzage
from oso_adapter.exchange.snapshot import Outcome
from oso_adapter.identifiers import Brin, Oin, Pgn, RoutingId
from oso_adapter.settings import settings_from
from oso_adapter.simulator import seed
from oso_adapter.store import administrations, dossiers, exchanges
from oso_adapter.store.keys import new_keys
from oso_adapter.store.models import Administration, AdministrationKind
from oso_adapter.testing.chain import Chain
from oso_adapter.testing.dossiers import identity
from oso_adapter.testing.hosts import ACCOUNT, Section, configured, host_of
from oso_adapter.testing.servers import listening
from oso_adapter.web.endpoint import create_app
from oso_adapter.work.inline import Runner

_VALID_FROM: Final = date(2020, 8, 1)


@dataclass(frozen=True)
class Fetched:
    """What came of an order.

    result: the code of the exchange; state: of the dossier that came, as ``received list`` shows
    it, None when none came; reason: what was said of it, in Dutch; xml: as it came.
    """

    result: str | None
    state: str | None = None
    reason: str | None = None
    xml: bytes | None = None


@dataclass
class School:
    """One school. adapter: its parts, for what is not a method here."""

    adapter: Adapter
    administration: Administration
    url: str

    @property
    def brin(self) -> Brin:
        """Who it is."""
        return Brin(self.administration.brin)

    def collect(self, pupil: str, profile: str = "POVO") -> Outcome:
        """Collect the dossier of a pupil; raises what ``dossier collect`` tells."""
        return prepare.collect(self.adapter, self.administration, ACCOUNT, pupil, profile)

    def hand_over(self, pupil: str, to: "School", profile: str = "POVO") -> Outcome:
        """Collect a dossier, record that the parents have seen it, and make it ready for a school.

        Gives what came of the last step, findings included.
        """
        self.collect(pupil, profile)
        mine = (self.adapter, self.administration, ACCOUNT, pupil)
        day = school_date(self.adapter.clock())
        consent: Answer | None = "Ja" if profile == "VOVO" else None
        prepare.record_inzage(*mine, Inzage(day, "Ja", toestemming=consent), profile=profile)
        return prepare.make_ready(*mine, [to.brin], profile=profile)

    def fetch(self, dossier: Mapping[str, Any], bron: "School") -> Fetched:
        """Order the dossier of the pupil whom a dossier is about, and carry the order out."""
        number, surname, born = identity(dossier)
        order = Order(Pgn(number), surname, born, bron.brin, reference="bestelling-1")
        [order_id] = place(self.adapter, self.administration, ACCOUNT, [order])
        Runner(self.adapter).run_due([order_id])
        with self.adapter.store.reading() as session:
            exchange = exchanges.found(session, order_id)
            came = dossiers.received_for(session, [order_id]).get(order_id)
        if came is None:
            return Fetched(exchange.result)
        reason = receive.reason_of(self.adapter, came)
        return Fetched(exchange.result, came.state, reason, receive.opened(self.adapter, came))


@contextmanager
def a_school(
    chain: Chain,
    folder: Path,
    brin: str = "99AA",
    sector: str = "PO",
    *,
    plugin: object = None,
    name: str = "plugin",
    section: Section | None = None,
    clock: Clock | None = None,
) -> Iterator[School]:
    """A school whose endpoint answers; it is gone when the block is left.

    folder: an empty one for its files. sector: PO or VO. plugin: the module behind the entry point,
    or an object with hooks; name and section: its name and its settings.
    """
    oin = chain.supplier(Brin(brin))
    api_key = f"sleutel-{brin}"
    tls = chain.tls(f"school-{brin}", oin=oin)
    with listening(tls) as listener:
        url = f"https://localhost:{listener.port}/oso/20200910"
        keys = folder / "keys.toml"
        keys.write_text(new_keys(), encoding="utf-8")
        told = settings_from(
            {
                "environment": "simulation",
                "chain": {
                    "traffic_center_url": chain.urls["tc"],
                    "osr_url": chain.urls["osr"],
                    "osr_api_key": api_key,
                    "osr_read_interval": 0,
                },
                "transport": {
                    "certificate": str(tls.certificate),
                    "key": str(tls.key),
                    "roots": [str(root) for root in tls.roots],
                    "public_url": url,
                },
                "store": {"url": chain.new_store(folder / "adapter.sqlite")},
                "keys": {"file": str(keys)},
                "plugins": configured(plugin, name, section or {}),
            },
            {},
            folder,
        )
        now = clock or chain.now
        adapter = build(told, clock=now, plugins=host_of(plugin, name, told, clock=now))
        try:
            administration = _add(adapter, Brin(brin), sector)
            _register(chain, Brin(brin), sector, oin, api_key, url)
            listener.app = create_app(adapter).wsgi_app
            yield School(adapter, administration, url)
        finally:
            adapter.close()


def _add(adapter: Adapter, brin: Brin, sector: str) -> Administration:
    with adapter.store.writing() as session:
        return administrations.add(
            session,
            brin=brin,
            routing_id=RoutingId.of_school(brin, 1),
            kind=AdministrationKind.LAS,
            name=f"School {brin}",
            tenant=brin.lower(),
            valid_from=_VALID_FROM,
            sector=sector,
        )


def _register(chain: Chain, brin: Brin, sector: str, oin: Oin, api_key: str, url: str) -> None:
    """What the board and the supplier would do in the OSR."""
    seed.add_school(chain.state, brin, f"School {brin}", sector)
    with chain.state.write() as db:  # a test before this one may have had it in another sector
        db.execute("UPDATE schools SET sector = ? WHERE brin = ?", (sector, brin))
    seed.add_supplier(chain.state, oin, f"Systeem {brin}", api_key)
    token = seed.add_mandate(chain.state, brin, oin)
    seed.add_endpoint(chain.state, token, RoutingId.of_school(brin, 1), url)

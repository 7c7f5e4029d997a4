"""The adapter put together: the settings made into working parts, once, at start-up."""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.exc import SQLAlchemyError

from oso_adapter.chain.asking import Asking
from oso_adapter.chain.osr import Osr
from oso_adapter.chain.osr_calls import OsrCaller
from oso_adapter.chain.soap import SoapCaller
from oso_adapter.chain.traffic_center import TrafficCenter
from oso_adapter.clock import Clock, school_date, utc_now
from oso_adapter.environment import require_allowed, require_brins
from oso_adapter.errors import ConfigurationError, StoreUnavailable
from oso_adapter.exchange.destinations import Destinations
from oso_adapter.exchange.policy import what_is_missing
from oso_adapter.hookspecs import AdministrationRef
from oso_adapter.identifiers import Oin
from oso_adapter.plugins import PluginHost, Trouble
from oso_adapter.releases import releases_in_use
from oso_adapter.settings import Settings
from oso_adapter.standard.active import Releases
from oso_adapter.standard.pack import Pack
from oso_adapter.store import administrations, plugin_failures
from oso_adapter.store.engine import Store
from oso_adapter.store.keys import KeyProvider, read_keys
from oso_adapter.store.models import Administration, Prepared
from oso_adapter.store.pace import Pace
from oso_adapter.store.sealing import Sealer, check_key
from oso_adapter.transport.client import HttpsClient
from oso_adapter.transport.peer import oin_of_file
from oso_adapter.transport.tls import TlsFiles
from oso_adapter.wire.contract import Contract, load
from oso_adapter.wire.search_key import SearchKeyAlgorithm, SimulationSearchKey

_ASKED_TOGETHER = (
    ("oso_import_dossier",),
    ("oso_collect_dossier", "oso_enrich_dossier", "oso_extra_rules"),
)
"""The hooks that one step of an exchange, or one item of a job, can call after one another."""


@dataclass(frozen=True)
class Adapter:
    """The parts that the use cases work with.

    rules_asked: when plugins were asked for their rules, by release and profile.
    """

    settings: Settings
    clock: Clock
    releases: Releases
    contract: Contract
    store: Store
    sealer: Sealer
    plugins: PluginHost
    search_key: SearchKeyAlgorithm
    soap: SoapCaller
    traffic_center: TrafficCenter
    osr: Osr
    destinations: Destinations
    asking: Asking = field(default_factory=Asking)
    rules_asked: dict[tuple[str, str], datetime] = field(default_factory=dict)

    @property
    def pack(self) -> Pack:
        """The release that dossiers are made in today."""
        return self.releases.pack_on(school_date(self.clock()))

    def accepts(self, release: str | None) -> bool:
        """Whether a dossier of this release may be delivered or taken over today."""
        return release in self.releases.accepted_on(school_date(self.clock()))

    def what_is_missing(self, prepared: Prepared) -> str | None:
        """What still has to happen before this dossier may go, in Dutch; see exchange.policy."""
        return what_is_missing(
            prepared.profile,
            seen=prepared.seen,
            consent=prepared.consent,
            consent_asked=self.settings.policy.consent_between_vo,
        )

    @property
    def own_oin(self) -> Oin:
        """The OIN in our own certificate for outgoing calls."""
        return oin_of_file(outgoing_files(self.settings).certificate)

    @property
    def longest_step(self) -> timedelta:
        """Longer than one step of an exchange can take: a call to another party, the plugins, and
        some writing. A lease lasts as long, so that no other takes over what still goes on.
        """
        asking = max(sum(map(self.plugins.longest, hooks)) for hooks in _ASKED_TOGETHER)
        seconds = self.soap.client.longest_call + asking
        return timedelta(seconds=seconds + 2 * self.settings.store.timeout, minutes=1)

    def close(self) -> None:
        """Let go of connections, of the processes of plugins and of the database."""
        self.plugins.close()
        self.soap.client.close()
        self.store.close()


def build(
    settings: Settings, *, clock: Clock = utc_now, plugins: PluginHost | None = None
) -> Adapter:
    """Make the adapter from its settings; refuses whatever does not fit the environment.

    plugins: the host where it is not that of a command, which calls plugins in its own process.
    Raises :class:`ConfigurationError` with the sentence that says which setting, and WrongKey
    when the keys do not open the store.
    """
    plugins = plugins or PluginHost(settings, clock=clock)
    search_key = plugins.search_key() or SimulationSearchKey()
    require_allowed(settings, search_key.name)
    contract = load(settings.chain.contract, settings.chain.contract_override)
    store = Store(settings.store.url, timeout=settings.store.timeout)
    try:
        store.check_ready()
        plugins.remember = partial(_remember, store, clock)
        with store.reading() as session:
            require_brins(settings.environment, administrations.brins(session))
        sealer = Sealer(key_provider(settings, plugins))
        check_key(store, sealer)
    except Exception:  # whatever it is, it goes on up: only the database is let go of first
        store.close()
        raise
    transport = settings.transport
    client = HttpsClient(
        outgoing_files(settings),
        connect_timeout=transport.connect_timeout,
        read_timeout=transport.read_timeout,
        proxy_url=transport.proxy_url,
        max_size=settings.limits.message_size,
    )
    soap = SoapCaller(client, contract)
    osr = _osr(settings, client, store, clock)
    return Adapter(
        settings=settings,
        clock=clock,
        releases=releases_in_use(settings),
        contract=contract,
        store=store,
        sealer=sealer,
        plugins=plugins,
        search_key=search_key,
        soap=soap,
        traffic_center=TrafficCenter(soap, settings.chain.traffic_center_url),
        osr=osr,
        destinations=Destinations(osr, clock, pace=settings.chain.osr_read_interval),
    )


def _remember(store: Store, clock: Clock, trouble: Trouble) -> None:
    """Keep that a call of a plugin went wrong; that this cannot be kept holds nothing up."""
    with suppress(StoreUnavailable, SQLAlchemyError), store.writing() as session:
        plugin_failures.remember(session, trouble.plugin[:100], trouble.hook, trouble.code, clock())


def _osr(settings: Settings, client: HttpsClient, store: Store, clock: Clock) -> Osr:
    chain = settings.chain
    if len(chain.osr_available_parameters) != 2:
        raise ConfigurationError("[chain] osr_available_parameters must be two names")
    school, namespace = chain.osr_available_parameters
    pace = Pace(store, chain.osr_read_interval, clock)
    calls = OsrCaller(
        *(client, chain.osr_url, chain.osr_api_key, chain.osr_api_key_header, pace.wait),
        error_fields=chain.osr_error_fields,
    )
    return Osr(calls, chain.osr_namespace, chain.osr_service_code, (school, namespace))


def key_provider(settings: Settings, plugins: PluginHost) -> KeyProvider:
    """The plugin's key provider, or else the key file."""
    provided = plugins.key_provider()
    if provided is not None:
        return provided
    if settings.keys.file is None:
        raise ConfigurationError(
            "[keys] file is missing; make one with: oso-adapter config keys FILE"
        )
    try:
        return read_keys(settings.keys.file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"the key file cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigurationError("the key file is not text; is it the right file?") from None


def incoming_files(settings: Settings) -> TlsFiles:
    """Certificate, key and roots of the public listener."""
    transport = settings.transport
    return TlsFiles(transport.certificate, transport.key, transport.roots, transport.crl)


def outgoing_files(settings: Settings) -> TlsFiles:
    """Certificate, key and roots for our own calls."""
    transport = settings.transport
    if (transport.client_certificate is None) != (transport.client_key is None):
        raise ConfigurationError("[transport] client_certificate and client_key belong together")
    certificate = transport.client_certificate or transport.certificate
    key = transport.client_key or transport.key
    return TlsFiles(certificate, key, transport.roots, transport.crl)


def reference(administration: Administration) -> AdministrationRef:
    """The administration as plugins see it."""
    return AdministrationRef(
        brin=administration.brin,
        routing_id=administration.routing_id,
        kind=administration.kind,
        name=administration.name,
        tenant=administration.tenant,
    )

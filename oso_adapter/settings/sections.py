"""Every setting, in the section that holds it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from oso_adapter.settings.retention import Retention

EnvironmentName = Literal["simulation", "sandbox", "qualification", "production"]
WhenUnavailable = Literal["refuse", "allow_and_flag"]


@dataclass(frozen=True)
class Chain:
    """The central parties of the chain."""

    traffic_center_url: str = field(metadata={"help": "https address of the Traffic Center"})
    osr_url: str = field(
        metadata={"help": "https address of the OSR, up to and with /api/v2 or /api/v3"}
    )
    osr_api_key: str | None = field(
        default=None, repr=False, metadata={"help": "API key of this administration system"}
    )
    osr_api_key_header: str = field(
        default="API-Key", metadata={"help": "header that carries the API key (assumed, OSR U1)"}
    )
    osr_namespace: str = field(
        default="http://xml.kennisnet.nl/schemas/Overstapservice/20200910",
        metadata={"help": "key of the service version in the OSR (assumed, OSR U10)"},
    )
    osr_next_namespace: str | None = field(
        default=None,
        metadata={"help": "key of next year's version; in use from [standard] cut_over"},
    )
    osr_sync_hour: int = field(
        default=3,
        metadata={"help": "hour of the night, 0 to 23, in which the runner repeats osr sync"},
    )
    osr_service_code: str = field(
        default="OSO-OV", metadata={"help": "code of the OSO service (assumed, OSR U9)"}
    )
    osr_available_parameters: tuple[str, ...] = field(
        default=("school_oin", "service_version_namespace"),
        metadata={
            "help": "names under which the OSR takes the OIN of a school and the namespace when it "
            "proposes a kenmerk (assumed, OSR U7)"
        },
    )
    osr_error_fields: tuple[str, ...] = field(
        default=("message", "errors"),
        metadata={"help": "names under which the OSR says why it refused (assumed, OSR U3)"},
    )
    osr_read_interval: float = field(
        default=1.0, metadata={"help": "least seconds between two reads (assumed, OSR U5)"}
    )
    osr_unavailable: WhenUnavailable = field(
        default="refuse",
        metadata={"help": "what becomes of an asker about whom the OSR was never heard"},
    )
    contract: str = field(default="20200910", metadata={"help": "wire contract"})
    contract_override: Path | None = field(
        default=None, metadata={"help": "TOML that replaces assumed facts of the contract"}
    )


@dataclass(frozen=True)
class Transport:
    """Mutual TLS: who we are, whom we trust, where we listen."""

    certificate: Path = field(metadata={"help": "our certificate with its chain, PEM"})
    key: Path = field(metadata={"help": "the private key of that certificate, PEM"})
    roots: tuple[Path, ...] = field(metadata={"help": "files with the trusted roots, PEM"})
    client_certificate: Path | None = field(
        default=None, metadata={"help": "certificate for outgoing calls, when it is another (G4)"}
    )
    client_key: Path | None = field(default=None, metadata={"help": "its private key"})
    crl: tuple[Path, ...] = field(
        default=(), metadata={"help": "files with revocation lists, PEM; refused when out of date"}
    )
    proxy_url: str | None = field(
        default=None, repr=False, metadata={"help": "proxy for outgoing calls"}
    )
    host: str = field(default="0.0.0.0", metadata={"help": "address of the public listener"})  # noqa: S104 - the endpoint is public
    port: int = field(default=8443, metadata={"help": "port of the public listener"})
    public_url: str | None = field(
        default=None, metadata={"help": "address of our endpoint as registered in the OSR"}
    )
    threads: int = field(
        default=16, metadata={"help": "threads of the public listener", "least": 1}
    )
    connect_timeout: float = field(
        default=10.0, metadata={"help": "seconds (assumed, wire U13)", "least": 0.1}
    )
    read_timeout: float = field(
        default=60.0, metadata={"help": "seconds (assumed, wire U13)", "least": 0.1}
    )


@dataclass(frozen=True)
class Internal:
    """The listener for health checks and the supplier's own system; never a public address."""

    host: str = field(default="127.0.0.1", metadata={"help": "address of the internal listener"})
    port: int = field(default=8080, metadata={"help": "port of the internal listener"})


@dataclass(frozen=True)
class StoreSettings:
    """Where the adapter keeps its state."""

    url: str = field(
        default="sqlite:///oso-adapter.sqlite", repr=False, metadata={"help": "SQLAlchemy URL"}
    )
    timeout: float = field(
        default=30.0, metadata={"help": "seconds that a write waits for another one"}
    )


@dataclass(frozen=True)
class Keys:
    """The keys that seal what is stored; leave out when a plugin provides them."""

    file: Path | None = field(
        default=None, metadata={"help": "key file, made by: oso-adapter config keys FILE"}
    )


@dataclass(frozen=True)
class Limits:
    """How much is accepted from outside."""

    message_size: int = field(
        default=50 * 2**20,
        metadata={"help": "bytes of one message (assumed, wire U13)", "least": 1},
    )


@dataclass(frozen=True)
class Fetching:
    """How orders to fetch are carried out."""

    parallel: int = field(default=4, metadata={"help": "exchanges at the same time", "least": 1})
    attempts: int = field(
        default=5,
        metadata={"help": "sessions asked for before an order ends as GeenAntwoord", "least": 1},
    )
    retry_after: float = field(
        default=30.0, metadata={"help": "seconds until the next attempt, doubled each time"}
    )
    tick: float = field(
        default=5.0, metadata={"help": "seconds between looks for due work", "least": 0.1}
    )


@dataclass(frozen=True)
class Policy:
    """What has to have happened before a dossier may go, where the public sources do not agree."""

    consent_between_vo: bool = field(
        default=True,
        metadata={"help": "between two vo schools toestemming has to be recorded (assumed)"},
    )


@dataclass(frozen=True)
class Package:
    """The administration system that the dossiers name as their maker (metadata)."""

    name: str = field(default="oso-adapter", metadata={"help": "pakketnaam"})
    version: str = field(default="0.1", metadata={"help": "pakketversie"})


@dataclass(frozen=True)
class ServiceDesk:
    """Your own service desk, as schools are told to turn to it."""

    name: str | None = field(default=None, metadata={"help": "how a school knows it"})
    phone: str | None = field(default=None, metadata={"help": "telephone number"})
    email: str | None = field(default=None, metadata={"help": "e-mail address"})
    url: str | None = field(default=None, metadata={"help": "page for questions"})

    @property
    def reached(self) -> str:
        """The desk as it stands in a Dutch sentence: its name, and how it is reached."""
        name = self.name or "de servicedesk van uw leverancier"
        ways = ", ".join(way for way in (self.email, self.phone, self.url) if way)
        return f"{name} ({ways})" if ways else name


@dataclass(frozen=True)
class Standard:
    """The releases of the dossier standard that are in use."""

    release: str = field(default="2019.1", metadata={"help": "release that dossiers are made in"})
    next_release: str | None = field(
        default=None, metadata={"help": "release that follows it; already accepted before then"}
    )
    cut_over: date | None = field(
        default=None, metadata={"help": "first day on which dossiers are made in the next release"}
    )
    accepted_until: date | None = field(
        default=None, metadata={"help": "last day on which one of the old release is accepted"}
    )
    packs: Path | None = field(
        default=None, metadata={"help": "folder with your own releases (standard import)"}
    )


@dataclass(frozen=True)
class Plugins:
    """Which plugins are loaded, and their own sections."""

    enabled: tuple[str, ...] = field(
        default=(), metadata={"help": "names of the entry points to load; nothing else is loaded"}
    )
    directory: Path | None = field(
        default=None,
        metadata={
            "help": "folder with plugins that are a file NAME.py or a package NAME, beside those "
            "that are installed; they are loaded only when enabled names them"
        },
    )
    strict: bool = field(
        default=False,
        metadata={"help": "a plugin that fails, or that there is a warning of, stops the start"},
    )
    memory: int = field(
        default=1024,
        metadata={"help": "MiB that the process of a plugin may take under serve", "least": 128},
    )
    seconds: float = field(
        default=60.0,
        metadata={
            "help": "the longest that a plugin may take for a call; a hook with a shorter time "
            "keeps that",
            "least": 0.1,
        },
    )
    loading: float = field(
        default=30.0,
        metadata={"help": "seconds that a plugin may take to be loaded", "least": 0.1},
    )
    sections: Mapping[str, Mapping[str, Any]] = field(
        default_factory=lambda: MappingProxyType({}), repr=False
    )


@dataclass(frozen=True)
class Settings:
    """Everything the adapter is told."""

    environment: EnvironmentName
    chain: Chain
    transport: Transport
    internal: Internal = Internal()
    store: StoreSettings = StoreSettings()
    keys: Keys = Keys()
    limits: Limits = Limits()
    fetching: Fetching = Fetching()
    policy: Policy = Policy()
    retention: Retention = field(default_factory=Retention)
    package: Package = Package()
    service_desk: ServiceDesk = ServiceDesk()
    standard: Standard = Standard()
    plugins: Plugins = field(default_factory=Plugins)

"""The environment decides which roots, hosts, keys, numbers and algorithms are allowed.

One table, judged at start-up. A mixture (a test certificate in production, a production address in
a simulation) is refused with the sentence that says which setting does not fit. Which roots and
hosts there are is public only in part (osr-and-security 1.1, 3.3); what is assumed says so.
"""

import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from oso_adapter.errors import ConfigurationError
from oso_adapter.identifiers import Brin
from oso_adapter.settings import EnvironmentName, Settings
from oso_adapter.transport.peer import oin_of_file


@dataclass(frozen=True)
class Environment:
    """What belongs together.

    roots: pattern that the whole common name of every trusted root matches.
    host: pattern of the OSR's host name, or None for any host.
    local: whether the central parties are on this machine (loopback), or on public hosts.
    rsa_bits: smallest RSA key; curves: allowed elliptic curves.
    test_numbers: whether our own OIN and BRINs are of the test ranges, or of the real ones.
    simulated_key: whether the search key algorithm of the simulation may be used.
    """

    roots: str
    host: str | None
    local: bool
    rsa_bits: int
    curves: tuple[str, ...]
    test_numbers: bool
    simulated_key: bool


_OSR: Final = "[chain] osr_url"
_OURS: Final = "[transport] public_url"

SIMULATED_ROOT: Final = "OSO-simulatie"
PRIVATE_ROOTS: Final = (
    "Staat der Nederlanden Private Root CA - G1"
    "|Staat der Nederlanden - G4 Root Priv G-(TLS|Other) - 2024"
)
"""The private roots of PKIoverheid, and not its web roots (PKI005, osr-and-security 3.3; the names
of G4 are those of https://cps.pkioverheid.nl, that OSO uses both is assumed)."""

ENVIRONMENTS: Final[Mapping[EnvironmentName, Environment]] = {
    "simulation": Environment(
        roots=f"{SIMULATED_ROOT} .*",
        host=None,
        local=True,
        rsa_bits=2048,
        curves=("secp256r1", "secp384r1"),
        test_numbers=True,
        simulated_key=True,
    ),
    # osr-sb.kennisnet.nl and TRIAL PKIoverheid are attested; certificates that Kennisnet issues
    # for tests come from a root whose name is not public (assumed: it names Kennisnet).
    "sandbox": Environment(
        roots="TRIAL PKIoverheid .*|.*Kennisnet.*",
        host=r"osr-sb\.kennisnet\.nl",
        local=False,
        rsa_bits=2048,
        curves=("secp256r1", "secp384r1"),
        test_numbers=True,
        simulated_key=True,
    ),
    # The hosts of qualification are not public: any public host but those of the others.
    "qualification": Environment(
        roots=f"TRIAL PKIoverheid .*|.*Kennisnet.*|{PRIVATE_ROOTS}",
        host=r"(?!osr(-sb)?\.kennisnet\.nl$).*",
        local=False,
        rsa_bits=2048,
        curves=("secp256r1", "secp384r1"),
        test_numbers=True,
        simulated_key=False,
    ),
    "production": Environment(
        roots=PRIVATE_ROOTS,
        host=r"osr\.kennisnet\.nl",
        local=False,
        rsa_bits=2048,
        curves=("secp256r1", "secp384r1"),
        test_numbers=False,
        simulated_key=False,
    ),
}


def require_allowed(settings: Settings, search_key: str) -> None:
    """Refuse settings that do not fit their environment.

    search_key: name of the zoeksleutel algorithm in use. Raises :class:`ConfigurationError`.
    """
    name = settings.environment
    environment = ENVIRONMENTS[name]
    if search_key == "simulation" and not environment.simulated_key:
        raise ConfigurationError(
            f"environment {name}: the zoeksleutel algorithm of the simulation is not allowed; "
            "a plugin must give the real one (hook oso_search_key)"
        )
    for key, url in (
        ("[chain] traffic_center_url", settings.chain.traffic_center_url),
        (_OSR, settings.chain.osr_url),
        (_OURS, settings.transport.public_url),
    ):
        if url is not None:
            _require_host(name, environment, key, url)
    for file in settings.transport.roots:
        _require_roots(name, environment, file)
    certificates = {settings.transport.certificate, settings.transport.client_certificate}
    for certificate in certificates:
        if certificate is not None:
            _require_certificate(name, environment, certificate)


def require_brins(name: EnvironmentName, brins: Iterable[str]) -> None:
    """Refuse administrations of the test ranges in production, and real ones elsewhere."""
    environment = ENVIRONMENTS[name]
    for brin in brins:
        if Brin(brin).is_test != environment.test_numbers:
            kind = "a test BRIN" if Brin(brin).is_test else "no test BRIN"
            raise ConfigurationError(
                f"environment {name}: {brin} is {kind} (test: 00YY and 99.., assumed); "
                "use the environment that belongs to this school"
            )


def _require_host(name: str, environment: Environment, key: str, url: str) -> None:
    host = _host(url)
    if host is None:
        raise ConfigurationError(f"{key} must be an https address")
    if key == _OURS and set("?#").intersection(url):
        raise ConfigurationError(f"{key} must be an address without ? and #")
    if not (_is_loopback(host) if environment.local else _is_public(host)):
        where = "on this machine" if environment.local else "on a public host"
        raise ConfigurationError(f"environment {name}: {key} must be {where}")
    fits = environment.host is None or re.fullmatch(environment.host, host)
    if key == _OSR and not fits:
        raise ConfigurationError(f"environment {name}: {key} is the address of another environment")


def _host(url: str) -> str | None:
    """The host of an https address, or None when it is no such address."""
    try:
        parts = urlsplit(url)
        return parts.hostname if parts.scheme == "https" and parts.port != 0 else None
    except ValueError:
        return None


def _is_loopback(host: str) -> bool:
    address = _address(host)
    return host == "localhost" if address is None else address.is_loopback


def _is_public(host: str) -> bool:
    address = _address(host)
    if address is not None:
        return address.is_global
    return "." in host.rstrip(".") and not host.rstrip(".").endswith(".localhost")


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _require_roots(name: str, environment: Environment, file: Path) -> None:
    for certificate in _certificates(file):
        names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        fits = len(names) == 1 and re.fullmatch(environment.roots, str(names[0].value))
        simulated = SIMULATED_ROOT in certificate.subject.rfc4514_string()
        if not fits or simulated != environment.local:
            raise ConfigurationError(
                f"environment {name}: {file.name} holds a root of another environment"
            )


def _require_certificate(name: str, environment: Environment, file: Path) -> None:
    key = _certificates(file)[0].public_key()
    strong = (isinstance(key, rsa.RSAPublicKey) and key.key_size >= environment.rsa_bits) or (
        isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in environment.curves
    )
    if not strong:
        raise ConfigurationError(
            f"environment {name}: the key of {file.name} must be RSA of {environment.rsa_bits} "
            f"bits or more, or on the curve {' or '.join(environment.curves)}"
        )
    if oin_of_file(file).is_test != environment.test_numbers:
        kind = "must be" if environment.test_numbers else "may not be"
        raise ConfigurationError(
            f"environment {name}: the OIN in {file.name} {kind} of the test range (00000099)"
        )


def _certificates(file: Path) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(file.read_bytes())
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be read: {error.strerror}") from None
    except ValueError:
        raise ConfigurationError(f"{file} holds no certificates in PEM form") from None

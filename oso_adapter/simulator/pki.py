"""A certificate authority for tests and simulations, in the shape of PKIoverheid.

A root, an issuer under it, and leaves that hold an OIN in ``subject:serialNumber`` (PKI001,
osr-and-security 3.3). Another directory is another authority that nobody here trusts. The keys
of the authority lie open in the directory: it is for simulation, never for a real chain.
"""

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Final, Literal, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from oso_adapter.errors import ConfigurationError
from oso_adapter.identifiers import Oin

Purpose = Literal["both", "client", "server"]
KeyType = Literal["ec", "rsa"]
PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

ROOT_NAME: Final = "OSO-simulatie Root CA"
ISSUER_NAME: Final = "OSO-simulatie Issuing CA"
ORGANIZATION: Final = "OSO-simulatie"

_ORGANIZATION_IDENTIFIER: Final = ObjectIdentifier("2.5.4.97")
_SCHEME: Final = "NTRNL-"
_DAY: Final = timedelta(days=1)
_CLIENT: Final = ExtendedKeyUsageOID.CLIENT_AUTH
_SERVER: Final = ExtendedKeyUsageOID.SERVER_AUTH
_USAGES: Final = {"both": (_SERVER, _CLIENT), "client": (_CLIENT,), "server": (_SERVER,)}


OWN_NAMES: Final = ("roots", "issuer", "crl")
"""The files of the authority itself; a leaf of that name would destroy it."""


@dataclass(frozen=True)
class LeafFiles:
    """Where a leaf is: its certificate followed by the issuer's, and its key; both PEM."""

    certificate: Path
    key: Path


@dataclass(frozen=True)
class _Authority:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)


class Pki:
    """One authority in one directory."""

    def __init__(self, directory: Path, issuer: _Authority) -> None:
        self.directory = directory
        self._issuer = issuer

    @classmethod
    def create(cls, directory: Path) -> Self:
        """Make root and issuer, valid for ten years, and write them to ``directory``."""
        directory.mkdir(parents=True, exist_ok=True)
        root_key = ec.generate_private_key(ec.SECP256R1())
        root = _Authority(_authority(ROOT_NAME, root_key, None), root_key)
        key = ec.generate_private_key(ec.SECP256R1())
        issuer = _Authority(_authority(ISSUER_NAME, key, root), key)
        (directory / "roots.pem").write_bytes(root.pem)
        (directory / "issuer.pem").write_bytes(issuer.pem)
        _write_key(directory / "issuer.key", key)
        return cls(directory, issuer)

    @classmethod
    def open(cls, directory: Path) -> Self:
        """Take up an authority that was made before in ``directory``; FileNotFoundError if none."""
        certificate = x509.load_pem_x509_certificate((directory / "issuer.pem").read_bytes())
        key = serialization.load_pem_private_key((directory / "issuer.key").read_bytes(), None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise TypeError("the issuer's key is not an elliptic curve key")
        return cls(directory, _Authority(certificate, key))

    @property
    def roots(self) -> Path:
        """The file to trust: the root, PEM."""
        return self.directory / "roots.pem"

    def leaf(
        self,
        name: str,
        oin: Oin | None = None,
        *,
        organization_identifier: Oin | None = None,
        hosts: tuple[str, ...] = ("localhost", "127.0.0.1"),
        purpose: Purpose = "both",
        not_before: datetime | None = None,
        not_after: datetime | None = None,
        key_type: KeyType = "ec",
    ) -> LeafFiles:
        """Issue a certificate and write it as ``<name>.pem`` and ``<name>.key``, over older ones.

        oin: for ``subject:serialNumber``. organization_identifier: the OIN as PKIoverheid G4 may
        write it, with a scheme before it (OIN-Stelsel issue 42). hosts: names and addresses for
        the SAN. not_before, not_after: aware moments; a day ago and a year from now unless given.
        Raises ConfigurationError for a name of the authority itself.
        """
        if name in OWN_NAMES:
            raise ConfigurationError(f"{name} is a file of the PKI itself; choose another name")
        now = datetime.now(UTC)
        key = _new_key(key_type)
        subject = [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "NL"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANIZATION),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
        if oin is not None:
            subject.append(x509.NameAttribute(NameOID.SERIAL_NUMBER, oin))
        if organization_identifier is not None:
            text = _SCHEME + organization_identifier
            subject.append(x509.NameAttribute(_ORGANIZATION_IDENTIFIER, text))
        builder = _builder(x509.Name(subject), key, self._issuer)
        builder = builder.not_valid_before(not_before or min(now, not_after or now) - _DAY)
        builder = builder.not_valid_after(not_after or now + 365 * _DAY)
        builder = (
            builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage(_USAGES[purpose]), critical=False)
            .add_extension(
                x509.SubjectAlternativeName([_general_name(host) for host in hosts]),
                critical=False,
            )
        )
        certificate = builder.sign(self._issuer.key, hashes.SHA256())
        files = LeafFiles(self.directory / f"{name}.pem", self.directory / f"{name}.key")
        pem = certificate.public_bytes(serialization.Encoding.PEM)
        _replace(files.certificate, pem + self._issuer.pem, 0o644)
        _write_key(files.key, key)
        return files

    def crl(
        self,
        *revoked: Path,
        last_update: datetime | None = None,
        next_update: datetime | None = None,
    ) -> Path:
        """Write the issuer's revocation list to ``crl.pem``, over an older one.

        revoked: certificate files made by :meth:`leaf`. last_update, next_update: aware moments;
        a day ago and a week from now unless given.
        """
        now = datetime.now(UTC)
        until = next_update or now + 7 * _DAY
        since = last_update or min(now, until) - _DAY
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self._issuer.certificate.subject)
            .last_update(since)
            .next_update(until)
            .add_extension(x509.CRLNumber(int(now.timestamp() * 1000)), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._issuer.key.public_key()),
                critical=False,
            )
        )
        for file in revoked:
            serial = x509.load_pem_x509_certificate(file.read_bytes()).serial_number
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(since)
            builder = builder.add_revoked_certificate(entry.build())
        path = self.directory / "crl.pem"
        pem = builder.sign(self._issuer.key, hashes.SHA256())
        _replace(path, pem.public_bytes(serialization.Encoding.PEM), 0o644)
        return path


def _authority(
    name: str, key: ec.EllipticCurvePrivateKey, issuer: _Authority | None
) -> x509.Certificate:
    now = datetime.now(UTC)
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "NL"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANIZATION),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )
    path_length = 1 if issuer is None else 0
    return (
        _builder(subject, key, issuer)
        # well before the leaves that are made expired, so that only the leaf is out of date
        .not_valid_before(now - 3650 * _DAY)
        .not_valid_after(now + 3650 * _DAY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .sign(key if issuer is None else issuer.key, hashes.SHA256())
    )


def _builder(
    subject: x509.Name, key: PrivateKey, issuer: _Authority | None
) -> x509.CertificateBuilder:
    """What root, issuer and leaf share: names, number, and both key identifiers."""
    issuer_key = key.public_key() if issuer is None else issuer.key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if issuer is None else issuer.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False
        )
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _new_key(key_type: KeyType) -> PrivateKey:
    if key_type == "rsa":
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return ec.generate_private_key(ec.SECP256R1())


def _write_key(path: Path, key: PrivateKey) -> None:
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    _replace(path, pem, 0o600)


def _replace(path: Path, data: bytes, mode: int) -> None:
    """Write beside it and move, so that a reader never sees half a file."""
    beside = path.with_name(path.name + ".new")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
        file.write(data)
    beside.replace(path)

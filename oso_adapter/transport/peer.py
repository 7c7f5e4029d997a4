"""Who a peer is: the OIN in its certificate, read in one place.

The OIN stands in ``subject:serialNumber`` (PKI001, osr-and-security 3.3); PKIoverheid G4 may put
it in ``subject:organizationIdentifier``, behind a scheme such as ``NTRNL-`` (OIN-Stelsel issue
42). The certificate was verified in the handshake before anybody asks.
"""

from pathlib import Path
from typing import Final, Literal

from cryptography import x509
from cryptography.x509.oid import NameOID, ObjectIdentifier

from oso_adapter.errors import ConfigurationError, InvalidIdentifier, OsoError
from oso_adapter.identifiers import Oin

Reason = Literal["no-certificate", "unreadable", "no-oin", "invalid-oin"]

_ORGANIZATION_IDENTIFIER: Final = ObjectIdentifier("2.5.4.97")
_MESSAGES: Final[dict[Reason, str]] = {
    "no-certificate": "the peer gave no certificate",
    "unreadable": "the certificate cannot be read",
    "no-oin": "the certificate holds no OIN",
    "invalid-oin": "what stands in the place of the OIN in the certificate is not one",
}


class PeerRefused(OsoError):
    """The peer's certificate does not say for whom it speaks."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(_MESSAGES[reason])
        self.reason = reason


def oin_of(der: bytes) -> Oin:
    """The OIN in a certificate.

    der: the certificate, DER; empty when the peer gave none. Raises :class:`PeerRefused` when
    there is no certificate, or no OIN in it, or two of the same kind.
    """
    if not der:
        raise PeerRefused("no-certificate")
    try:
        subject = x509.load_der_x509_certificate(der).subject
    except ValueError:
        raise PeerRefused("unreadable") from None
    return _oin_in(subject)


def oin_of_file(certificate: Path) -> Oin:
    """The OIN in our own certificate.

    certificate: PEM file, the leaf first. Raises :class:`ConfigurationError`.
    """
    try:
        leaf = x509.load_pem_x509_certificate(certificate.read_bytes())
        return _oin_in(leaf.subject)
    except (OSError, ValueError):
        raise ConfigurationError(f"{certificate} does not hold a certificate") from None
    except PeerRefused as refused:
        raise ConfigurationError(f"{certificate}: {refused}") from None


def _oin_in(subject: x509.Name) -> Oin:
    serials = _texts(subject, NameOID.SERIAL_NUMBER)
    identifiers = _texts(subject, _ORGANIZATION_IDENTIFIER)
    if not serials and not identifiers:
        raise PeerRefused("no-oin")
    if len(serials) > 1 or len(identifiers) > 1:
        raise PeerRefused("invalid-oin")
    # only an organizationIdentifier has a scheme before it
    for text in [*serials, *(identifier.rpartition("-")[2] for identifier in identifiers)]:
        try:
            return Oin(text)
        except InvalidIdentifier:
            continue
    raise PeerRefused("invalid-oin")


def _texts(subject: x509.Name, place: ObjectIdentifier) -> list[str]:
    return [str(attribute.value) for attribute in subject.get_attributes_for_oid(place)]

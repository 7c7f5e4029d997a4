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
_PLACES: Final = (NameOID.SERIAL_NUMBER, _ORGANIZATION_IDENTIFIER)
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
    found = [subject.get_attributes_for_oid(place) for place in _PLACES]
    texts = [str(attribute.value) for attributes in found for attribute in attributes]
    if not texts:
        raise PeerRefused("no-oin")
    if any(len(attributes) > 1 for attributes in found):
        raise PeerRefused("invalid-oin")
    for text in texts:
        try:
            return Oin(text.rpartition("-")[2])
        except InvalidIdentifier:
            continue
    raise PeerRefused("invalid-oin")

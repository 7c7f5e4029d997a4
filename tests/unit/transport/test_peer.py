from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID, ObjectIdentifier

from oso_adapter.errors import ConfigurationError
from oso_adapter.identifiers import Oin
from oso_adapter.simulator.pki import LeafFiles, Pki
from oso_adapter.transport.peer import PeerRefused, oin_of, oin_of_file

ORGANIZATION_IDENTIFIER = ObjectIdentifier("2.5.4.97")
OIN = Oin("00000099000000004000")
OTHER = Oin("00000099000000005000")


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return Pki.create(tmp_path_factory.mktemp("pki"))


def der(leaf: LeafFiles) -> bytes:
    certificate = x509.load_pem_x509_certificate(leaf.certificate.read_bytes())
    return certificate.public_bytes(Encoding.DER)


def test_the_oin_is_read_from_the_serial_number_of_the_subject(pki: Pki) -> None:
    assert oin_of(der(pki.leaf("a", OIN))) == OIN


def test_a_g4_certificate_may_hold_it_as_organization_identifier(pki: Pki) -> None:
    assert oin_of(der(pki.leaf("g4", organization_identifier=OIN))) == OIN


def test_the_serial_number_goes_before_the_organization_identifier(pki: Pki) -> None:
    assert oin_of(der(pki.leaf("both", OIN, organization_identifier=OTHER))) == OIN


def named(*attributes: tuple[ObjectIdentifier, str]) -> bytes:
    """A certificate with this subject; it is only read here."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(place, text) for place, text in attributes])
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, moment, moment)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


@pytest.mark.parametrize("scheme", ["NTRNL-", "OIN:NL-", ""])
def test_a_scheme_before_an_organization_identifier_is_left_out(scheme: str) -> None:
    assert OIN == oin_of(named((ORGANIZATION_IDENTIFIER, scheme + OIN)))


def test_a_serial_number_that_is_none_does_not_hide_the_organization_identifier() -> None:
    subject = named((NameOID.SERIAL_NUMBER, "12"), (ORGANIZATION_IDENTIFIER, f"NTRNL-{OIN}"))
    assert OIN == oin_of(subject)


@pytest.mark.parametrize(
    "attributes",
    [
        [(NameOID.SERIAL_NUMBER, OIN), (NameOID.SERIAL_NUMBER, OTHER)],
        [(NameOID.SERIAL_NUMBER, OIN), (NameOID.SERIAL_NUMBER, OIN)],
        [(ORGANIZATION_IDENTIFIER, OIN), (ORGANIZATION_IDENTIFIER, OTHER)],
        [(NameOID.SERIAL_NUMBER, OIN), *[(ORGANIZATION_IDENTIFIER, OTHER)] * 2],
        [(NameOID.SERIAL_NUMBER, f"NTRNL-{OIN}")],
        [(NameOID.SERIAL_NUMBER, f"x-{OIN}")],
        [(ORGANIZATION_IDENTIFIER, "NTRNL-12345678")],
    ],
)
def test_two_of_a_kind_or_another_form_is_refused(
    attributes: list[tuple[ObjectIdentifier, str]],
) -> None:
    with pytest.raises(PeerRefused) as refused:
        oin_of(named(*attributes))

    assert "invalid-oin" == refused.value.reason


@pytest.mark.parametrize(
    ("data", "reason"), [(b"", "no-certificate"), (b"not a certificate", "unreadable")]
)
def test_what_is_no_certificate_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(PeerRefused) as refused:
        oin_of(data)

    assert reason == refused.value.reason


def test_a_certificate_without_an_oin_is_refused(pki: Pki) -> None:
    with pytest.raises(PeerRefused) as refused:
        oin_of(der(pki.leaf("without")))

    assert "no-oin" == refused.value.reason


def test_a_serial_number_that_is_no_oin_is_refused_without_repeating_it(pki: Pki) -> None:
    wrong = str.__new__(Oin, "KVK-12345")

    with pytest.raises(PeerRefused) as refused:
        oin_of(der(pki.leaf("wrong", wrong)))

    assert "invalid-oin" == refused.value.reason
    assert "12345" not in str(refused.value)


def test_our_own_oin_is_read_from_the_file_with_the_chain(pki: Pki) -> None:
    assert oin_of_file(pki.leaf("own", OIN).certificate) == OIN


def test_an_own_certificate_that_is_missing_or_has_no_oin_is_a_configuration_error(
    pki: Pki, tmp_path: Path
) -> None:
    for file in (tmp_path / "none.pem", pki.leaf("anonymous").certificate):
        with pytest.raises(ConfigurationError, match=file.name):
            oin_of_file(file)

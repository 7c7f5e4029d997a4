from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from oso_adapter.errors import ConfigurationError
from oso_adapter.identifiers import Oin
from oso_adapter.simulator.pki import LeafFiles, Pki

OIN = Oin("00000099000000004000")


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return Pki.create(tmp_path_factory.mktemp("pki"))


def certificates(path: Path) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(path.read_bytes())


def test_a_leaf_is_followed_by_its_issuer_and_verifies_up_to_the_root(pki: Pki) -> None:
    leaf, issuer = certificates(pki.leaf("chain", OIN).certificate)
    (root,) = certificates(pki.roots)

    leaf.verify_directly_issued_by(issuer)
    issuer.verify_directly_issued_by(root)
    assert "OSO-simulatie" in root.subject.rfc4514_string()


def test_the_oin_stands_in_the_serial_number_of_the_subject(pki: Pki) -> None:
    leaf = certificates(pki.leaf("oin", OIN).certificate)[0]

    assert [OIN] == [a.value for a in leaf.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)]


def test_a_leaf_without_an_oin_has_no_serial_number_in_its_subject(pki: Pki) -> None:
    leaf = certificates(pki.leaf("none").certificate)[0]

    assert [] == leaf.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)


def test_key_identifiers_and_constraints_tell_authority_from_leaf(pki: Pki) -> None:
    leaf, issuer = certificates(pki.leaf("extensions", OIN).certificate)
    of_issuer = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    in_leaf = leaf.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value

    assert of_issuer.digest == in_leaf.key_identifier
    assert not leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert issuer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


@pytest.mark.parametrize(
    ("purpose", "expected"),
    [
        ("both", {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH}),
        ("server", {ExtendedKeyUsageOID.SERVER_AUTH}),
        ("client", {ExtendedKeyUsageOID.CLIENT_AUTH}),
    ],
)
def test_the_purpose_is_the_extended_key_usage(pki: Pki, purpose, expected) -> None:
    leaf = certificates(pki.leaf("purpose", OIN, purpose=purpose).certificate)[0]

    assert expected == set(leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)


def test_a_leaf_can_be_expired(pki: Pki) -> None:
    past = datetime.now(UTC) - timedelta(days=30)

    leaf = certificates(pki.leaf("old", OIN, not_after=past).certificate)[0]

    assert past.replace(microsecond=0) == leaf.not_valid_after_utc
    assert leaf.not_valid_before_utc < leaf.not_valid_after_utc


@pytest.mark.parametrize(
    ("key_type", "kind"),
    [("ec", ec.EllipticCurvePublicKey), ("rsa", rsa.RSAPublicKey)],
)
def test_the_kind_of_key_can_be_chosen(pki: Pki, key_type, kind) -> None:
    leaf = certificates(pki.leaf("key", OIN, key_type=key_type).certificate)[0]

    assert isinstance(leaf.public_key(), kind)


def test_keys_are_for_their_owner_only(pki: Pki) -> None:
    leaf = pki.leaf("private", OIN)

    assert 0o600 == leaf.key.stat().st_mode & 0o777
    assert 0o600 == (pki.directory / "issuer.key").stat().st_mode & 0o777


def test_an_authority_that_is_opened_again_issues_under_the_same_root(pki: Pki) -> None:
    leaf: LeafFiles = Pki.open(pki.directory).leaf("later", OIN)

    leaf_certificate, issuer = certificates(leaf.certificate)
    leaf_certificate.verify_directly_issued_by(issuer)
    issuer.verify_directly_issued_by(certificates(pki.roots)[0])


def test_there_is_nothing_to_open_in_an_empty_directory(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Pki.open(tmp_path)


def test_a_crl_names_what_was_revoked_and_is_signed_by_the_issuer(pki: Pki) -> None:
    leaf = pki.leaf("revoked", OIN)
    certificate, issuer = certificates(leaf.certificate)
    until = datetime.now(UTC) + timedelta(hours=1)

    crl = x509.load_pem_x509_crl(pki.crl(leaf.certificate, next_update=until).read_bytes())

    assert crl.is_signature_valid(issuer.public_key())
    assert crl.get_revoked_certificate_by_serial_number(certificate.serial_number) is not None
    assert until.replace(microsecond=0) == crl.next_update_utc


@pytest.mark.parametrize("name", ["roots", "issuer", "crl"])
def test_a_leaf_never_replaces_the_authority(pki: Pki, name: str) -> None:
    roots = pki.roots.read_bytes()

    with pytest.raises(ConfigurationError, match="is a file of the PKI itself"):
        pki.leaf(name, OIN)

    assert roots == pki.roots.read_bytes()

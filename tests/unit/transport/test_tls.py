import io
import json
import ssl
from dataclasses import replace
from pathlib import Path

import pytest

from oso_adapter.errors import ConfigurationError
from oso_adapter.identifiers import Oin
from oso_adapter.logs import configure_logs
from oso_adapter.simulator.pki import Pki
from oso_adapter.transport.tls import (
    ContextHolder,
    TlsFiles,
    client_context,
    one_sided_context,
    server_context,
)

OIN = Oin("00000099000000004000")


@pytest.fixture
def pki(tmp_path: Path) -> Pki:
    return Pki.create(tmp_path / "pki")


@pytest.fixture
def files(pki: Pki) -> TlsFiles:
    leaf = pki.leaf("leaf", OIN)
    return TlsFiles(leaf.certificate, leaf.key, (pki.roots,))


@pytest.fixture
def log() -> io.StringIO:
    stream = io.StringIO()
    configure_logs(stream)
    return stream


@pytest.mark.parametrize("make", [server_context, client_context])
def test_both_sides_verify_the_other_and_speak_nothing_older_than_tls_1_2(make, files) -> None:
    context = make(files)

    assert ssl.CERT_REQUIRED == context.verify_mode
    assert ssl.TLSVersion.TLSv1_2 == context.minimum_version
    assert ssl.OP_NO_COMPRESSION in context.options
    assert ssl.OP_NO_RENEGOTIATION in context.options


@pytest.mark.parametrize("make", [server_context, client_context])
def test_only_suites_with_forward_secrecy_and_authenticated_encryption_are_offered(
    make, files
) -> None:
    suites = [s for s in make(files).get_ciphers() if s["protocol"] == "TLSv1.2"]

    assert suites
    assert all(s["aead"] and s["name"].startswith("ECDHE-") for s in suites)


def test_a_client_without_a_certificate_trusts_the_given_roots_or_those_of_the_machine(
    pki: Pki, tmp_path: Path
) -> None:
    context = one_sided_context((pki.roots,))

    assert 1 == context.cert_store_stats()["x509_ca"]
    for each in (context, one_sided_context()):
        assert ssl.CERT_REQUIRED == each.verify_mode
        assert each.check_hostname
        assert not each.hostname_checks_common_name
        assert ssl.TLSVersion.TLSv1_2 == each.minimum_version
    with pytest.raises(ConfigurationError, match="holds no certificate"):
        one_sided_context((tmp_path / "nowhere.pem",))


def test_a_client_compares_the_host_name_with_the_san_only(files: TlsFiles) -> None:
    context = client_context(files)

    assert context.check_hostname
    assert not context.hostname_checks_common_name


def test_only_the_given_roots_are_trusted(files: TlsFiles, monkeypatch, tmp_path) -> None:
    other = Pki.create(tmp_path / "other")
    monkeypatch.setenv("SSL_CERT_FILE", str(other.roots))

    assert 1 == client_context(files).cert_store_stats()["x509"]


@pytest.mark.parametrize("broken", ["certificate", "key", "missing", "roots", "crl"])
def test_files_that_are_not_usable_are_named(
    broken: str, pki: Pki, files: TlsFiles, tmp_path: Path
) -> None:
    empty = tmp_path / "empty.pem"
    empty.write_text("nothing here")
    wrong = {
        "certificate": replace(files, certificate=empty),
        "key": replace(files, key=pki.leaf("second", OIN).key),
        "missing": replace(files, key=tmp_path / "gone.key"),
        "roots": replace(files, roots=(empty,)),
        "crl": replace(files, crl=(empty,)),
    }

    with pytest.raises(ConfigurationError, match=r"empty\.pem|second\.key|gone\.key"):
        server_context(wrong[broken])


def test_without_a_root_nothing_can_be_trusted_so_there_is_no_context(files: TlsFiles) -> None:
    with pytest.raises(ConfigurationError, match="root"):
        server_context(replace(files, roots=()))


def test_a_crl_switches_on_the_check_of_every_peer(pki: Pki, files: TlsFiles) -> None:
    context = server_context(replace(files, crl=(pki.crl(),)))

    assert ssl.VerifyFlags.VERIFY_CRL_CHECK_LEAF in context.verify_flags


def test_roots_are_not_taken_for_a_crl(pki: Pki, files: TlsFiles) -> None:
    with pytest.raises(ConfigurationError, match="revocation list"):
        server_context(replace(files, crl=(pki.roots,)))


def test_a_holder_keeps_its_context_while_the_files_stay_the_same(files: TlsFiles) -> None:
    holder = ContextHolder(files, server_context)

    assert holder.current() is holder.current()


def test_a_changed_file_makes_a_new_context(pki: Pki, files: TlsFiles, log: io.StringIO) -> None:
    crl = replace(files, crl=(pki.crl(),))
    holder = ContextHolder(crl, server_context)
    before = holder.current()

    pki.crl(files.certificate)

    assert before is not holder.current()
    assert "tls.reloaded" == json.loads(log.getvalue())["event"]


def test_files_that_became_unusable_leave_the_former_context_in_force(
    pki: Pki, files: TlsFiles, log: io.StringIO
) -> None:
    holder = ContextHolder(files, server_context)
    before = holder.current()

    files.certificate.write_text("half a fi")
    assert before is holder.current()
    assert before is holder.current()
    assert ["tls.reload_failed"] == [
        json.loads(line)["event"] for line in log.getvalue().splitlines()
    ]

    pki.leaf("leaf", OIN)
    assert before is not holder.current()


def test_a_file_that_disappears_leaves_the_former_context_in_force(
    files: TlsFiles, log: io.StringIO
) -> None:
    holder = ContextHolder(files, server_context)
    before = holder.current()

    files.key.unlink()

    assert before is holder.current()
    assert "tls.reload_failed" == json.loads(log.getvalue())["event"]


def test_a_holder_does_not_begin_with_unusable_files(files: TlsFiles) -> None:
    files.key.unlink()

    with pytest.raises(ConfigurationError):
        ContextHolder(files, server_context)

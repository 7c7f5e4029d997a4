"""TLS contexts for both directions, and their renewal when files change.

Both sides show a certificate and both verify the whole chain; no switch turns that off. Versions
and suites are those of osr-and-security 3.2 (Digikoppeling TLS001-006, NCSC 2025-05).
"""

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Final

from oso_adapter.errors import ConfigurationError
from oso_adapter.logs import event

_SUITES: Final = ":".join(
    [
        "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ECDHE-RSA-AES256-GCM-SHA384",
        "ECDHE-ECDSA-CHACHA20-POLY1305",
        "ECDHE-RSA-CHACHA20-POLY1305",
        "ECDHE-ECDSA-AES128-GCM-SHA256",
        "ECDHE-RSA-AES128-GCM-SHA256",
        "@SECLEVEL=2",
    ]
)

Stamp = tuple[tuple[int, int, int], ...]


@dataclass(frozen=True)
class TlsFiles:
    """The files that one side of a connection needs; all PEM.

    certificate: ours, then those between it and the root. key: of the certificate, without a
    password. roots: the only authorities that are trusted. crl: revocation lists of the issuers
    of peers' certificates; once there is one, a peer whose issuer has none, or only one past its
    nextUpdate, is refused (PKI002-004).
    """

    certificate: Path
    key: Path
    roots: tuple[Path, ...]
    crl: tuple[Path, ...] = ()

    def stamp(self) -> Stamp:
        """What changes when a file is changed or replaced; raises OSError when one is missing."""
        files = (self.certificate, self.key, *self.roots, *self.crl)
        stats = [file.stat() for file in files]
        return tuple((stat.st_ino, stat.st_mtime_ns, stat.st_size) for stat in stats)


def server_context(files: TlsFiles) -> ssl.SSLContext:
    """For a listener: peers without a valid certificate are refused in the handshake.

    Raises :class:`ConfigurationError` when a file is not usable.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.verify_mode = ssl.CERT_REQUIRED
    context.options |= ssl.OP_CIPHER_SERVER_PREFERENCE | ssl.OP_NO_TICKET
    # no tickets: a peer's certificate is judged again, also against a new CRL, each connection
    context.num_tickets = 0
    return _prepared(context, files)


def client_context(files: TlsFiles) -> ssl.SSLContext:
    """For our own calls: chain and host name (SAN) of the server are verified.

    Raises :class:`ConfigurationError` when a file is not usable.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.hostname_checks_common_name = False
    return _prepared(context, files)


def one_sided_context(roots: tuple[Path, ...] = ()) -> ssl.SSLContext:
    """For calls to a server that asks no certificate of us, such as the school's own system.

    roots: the only authorities that are trusted (PEM); those of this machine when there are none.
    Chain and host name of the server are verified. Raises :class:`ConfigurationError` when a file
    is not usable.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.hostname_checks_common_name = False
    _harden(context)
    if not roots:
        context.load_default_certs()
        return context
    return _trusting(context, roots)


def _harden(context: ssl.SSLContext) -> None:
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_SUITES)
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION


def _prepared(context: ssl.SSLContext, files: TlsFiles) -> ssl.SSLContext:
    _harden(context)
    try:
        # an empty password makes a key that wants one an error instead of a question on screen
        context.load_cert_chain(files.certificate, files.key, password="")
    except OSError:
        raise ConfigurationError(
            f"{files.certificate} and {files.key} are not a certificate and its key (PEM)"
        ) from None
    _trusting(context, (*files.roots, *files.crl))
    if files.crl:
        if not context.cert_store_stats()["crl"]:
            raise ConfigurationError("none of the CRL files holds a revocation list")
        context.verify_flags |= ssl.VerifyFlags.VERIFY_CRL_CHECK_LEAF
    return context


def _trusting(context: ssl.SSLContext, files: tuple[Path, ...]) -> ssl.SSLContext:
    for file in files:
        try:
            context.load_verify_locations(cafile=file)
        except OSError:
            raise ConfigurationError(f"{file} holds no certificate or CRL (PEM)") from None
    if not context.cert_store_stats()["x509_ca"]:
        raise ConfigurationError("none of the roots holds a certificate of an authority")
    return context


class ContextHolder:
    """Keeps a context in step with its files.

    Connections that exist keep what they have; new ones get what :meth:`current` gives.
    """

    def __init__(self, files: TlsFiles, make: Callable[[TlsFiles], ssl.SSLContext]) -> None:
        """Make the first context; raises :class:`ConfigurationError` when it cannot be made."""
        self._files = files
        self._make = make
        self._lock = Lock()
        self._seen = self._stamp()
        self._context = make(files)

    def current(self) -> ssl.SSLContext:
        """The context of the files as they are now, or as they last were usable."""
        with self._lock:
            stamp = self._stamp()
            if stamp != self._seen:
                self._seen = stamp
                self._renew()
            return self._context

    def _stamp(self) -> Stamp | None:
        try:
            return self._files.stamp()
        except OSError:
            return None

    def _renew(self) -> None:
        try:
            self._context = self._make(self._files)
        except ConfigurationError as error:
            event("tls.reload_failed", reason=str(error))
        else:
            event("tls.reloaded", certificate=str(self._files.certificate))

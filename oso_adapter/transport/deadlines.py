"""Sockets that a slow or silent peer cannot keep a thread on.

gunicorn reads blockingly, without limit. These sockets bound the handshake, each read and write,
and the whole request. gunicorn calls ``setblocking(True)`` at the start of every request, which
is where the clock of the request starts.
"""

import errno
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar, Final, TypeVar

from oso_adapter.logs import event

T = TypeVar("T")

_PIECE: Final = 64 * 1024
_CERTIFICATE_REASONS: Final = {
    3: "no-crl",
    9: "not-yet-valid",
    10: "expired",
    12: "crl-expired",
    18: "unknown-ca",
    19: "unknown-ca",
    20: "unknown-ca",
    21: "unknown-ca",
    23: "revoked",
    26: "wrong-purpose",
}
"""X509_V_ERR numbers of OpenSSL (x509_vfy.h)."""


@dataclass(frozen=True)
class Deadlines:
    """Seconds.

    handshake: for the whole TLS handshake. read: for one read or write. request: for taking in a
    request, and again for sending its answer. linger: for taking in what a peer still sends after
    it was answered, so that the answer is not lost to a connection reset. idle: of that, without
    anything coming in.
    """

    handshake: float = 5.0
    read: float = 10.0
    request: float = 60.0
    linger: float = 10.0
    idle: float = 1.0


class BoundedSocket(socket.socket):
    """A connected socket whose reads and writes have an end; raises TimeoutError."""

    deadlines: ClassVar[Deadlines] = Deadlines()
    _until: float | None = None
    _answering = False

    def setblocking(self, flag: bool, /) -> None:
        """Start the clock of a request when ``flag`` is true."""
        super().setblocking(flag)
        self._until = time.monotonic() + self.deadlines.request if flag else None

    def recv(self, *args: Any) -> bytes:
        """Read within the limits."""
        self._answering = False
        return self._within(lambda: super(BoundedSocket, self).recv(*args))

    def send(self, *args: Any) -> int:
        """Write within the limits; the answer has a clock of its own."""
        if not self._answering and self._until is not None:
            self._answering = True
            self._until = time.monotonic() + self.deadlines.request
        return self._within(lambda: super(BoundedSocket, self).send(*args))

    def sendall(self, data: Any, *args: Any) -> None:
        """Write all, each piece within the limits."""
        with memoryview(data).cast("B") as view:
            sent = 0
            while sent < len(view):
                sent += self.send(view[sent : sent + _PIECE])

    def _within(self, call: Callable[[], T]) -> T:
        asked = self.gettimeout()
        if asked == 0.0:
            return call()
        left = self.deadlines.read
        if asked is not None:
            left = min(left, asked)
        if self._until is not None:
            left = min(left, self._until - time.monotonic())
        try:
            self.settimeout(max(left, 0.001))
            return call()
        except TimeoutError:
            if asked is None:
                event("http.stalled", peer=_address(self))
            raise _gave_up() from None
        finally:
            self.settimeout(asked)


class BoundedTlsSocket(BoundedSocket, ssl.SSLSocket):
    """The same for TLS; says in the log why a handshake was refused."""

    def do_handshake(self, block: bool = False) -> None:
        """Shake hands within the limit, and start the clock of the first request."""
        self.settimeout(self.deadlines.handshake)
        try:
            super().do_handshake()
        except OSError as error:
            reason = _reason(error)
            if reason is not None:
                event("tls.handshake_refused", reason=reason, peer=_address(self))
            if isinstance(error, TimeoutError):
                raise _gave_up() from None
            raise
        finally:
            self.setblocking(True)


def bounded(kind: type[BoundedSocket], deadlines: Deadlines) -> type[BoundedSocket]:
    """The socket class with these deadlines."""
    return type(kind.__name__, (kind,), {"deadlines": deadlines})


def close_politely(sock: socket.socket, deadlines: Deadlines) -> None:
    """Close so that the peer can read its answer, even when it was still sending.

    A socket that is closed with unread data in it resets the connection, and a reset destroys
    what the peer did not read yet (RFC 9112 9.6). So: end our side, take in what comes for a
    bounded time, then close. Never raises.
    """
    try:
        with suppress(OSError, ValueError):
            if isinstance(sock, ssl.SSLSocket):
                # without waiting: this sends close_notify and then finds no answer to it yet
                sock.settimeout(0)
                sock.unwrap()
        # from here on beneath TLS: what is discarded need not be decrypted
        socket.socket.shutdown(sock, socket.SHUT_WR)
        until = time.monotonic() + deadlines.linger
        while (left := until - time.monotonic()) > 0:
            sock.settimeout(min(left, deadlines.idle))
            if not socket.socket.recv(sock, _PIECE):
                break
    except OSError:
        pass
    finally:
        sock.close()


def _reason(error: OSError) -> str | None:
    """Why a handshake failed, in a word; None when the peer simply went away."""
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, ssl.SSLCertVerificationError):
        return _CERTIFICATE_REASONS.get(error.verify_code, "invalid-certificate")
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError) or not isinstance(
        error, ssl.SSLError
    ):
        return None
    if error.reason == "PEER_DID_NOT_RETURN_A_CERTIFICATE":
        return "no-certificate"
    return "refused-by-peer" if "ALERT" in (error.reason or "") else "protocol"


def _gave_up() -> TimeoutError:
    """A timeout with a number that gunicorn knows, as of a peer that went away: no traceback."""
    return TimeoutError(errno.ECONNRESET, "the peer is too slow")


def _address(sock: socket.socket) -> str | None:
    try:
        return str(sock.getpeername()[0])
    except OSError:
        return None

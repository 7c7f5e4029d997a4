"""Signatures by the Standard Webhooks convention (version 1.0.0, symmetric scheme ``v1``).

Three headers: ``webhook-id``, ``webhook-timestamp`` (whole seconds since 1970) and
``webhook-signature``, one or more of ``v1,<Base64>`` with blanks between. Signed is
``id.timestamp.body`` by HMAC-SHA256, with a secret that is written ``whsec_<Base64>``. Source:
standard-webhooks/standard-webhooks, ``spec/standard-webhooks.md``, Signature scheme.
"""

import base64
import binascii
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

ID: Final = "webhook-id"
TIMESTAMP: Final = "webhook-timestamp"
SIGNATURE: Final = "webhook-signature"

TOLERANCE: Final = 300
"""Seconds that the moment of a message may lie in the past or the future."""

_PREFIX: Final = "whsec_"
_SIZES: Final = range(24, 65)
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,200}")  # without a dot, which separates what is signed
_SECONDS: Final = re.compile(r"[0-9]{1,12}")


class WrongSecret(ValueError):
    """The secret is not ``whsec_`` and the Base64 of 24 to 64 random bytes."""


class NotSigned(Exception):
    """The signature is not there, not of this message, or not of this moment; text: which."""


class Secrets:
    """The secrets that both sides know, the current one first; shown as ``***``."""

    __slots__ = ("_keys",)

    def __init__(self, text: str) -> None:
        """text: one secret, or several with blanks between while one replaces another.

        Raises :class:`WrongSecret`, which does not quote it.
        """
        self._keys = tuple(_key(part) for part in text.split())
        if not self._keys:
            raise WrongSecret(WrongSecret.__doc__)

    def __repr__(self) -> str:
        """Without what is secret."""
        return "Secrets(***)"

    def signed(self, message_id: str, moment: datetime, body: bytes) -> dict[str, str]:
        """The three headers of a message, with a signature by each secret.

        message_id: letters, digits, ``-`` and ``_``. moment: aware. Raises ValueError for another
        id.
        """
        if not _ID.fullmatch(message_id):
            raise ValueError("the id of a message has letters, digits, - and _ only")
        seconds = str(int(moment.timestamp()))
        signatures = (_signature(key, message_id, seconds, body) for key in self._keys)
        return {ID: message_id, TIMESTAMP: seconds, SIGNATURE: " ".join(signatures)}

    def require(
        self, message_id: str, moment: datetime, headers: Mapping[str, str], body: bytes
    ) -> None:
        """Raise :class:`NotSigned` unless the message has this id and is signed by a secret, now.

        headers: by name, whatever its capitals (as those of urllib3).
        """
        seconds = headers.get(TIMESTAMP, "")
        if headers.get(ID) != message_id:
            raise NotSigned(f"{ID} is not that of the answer to this request")
        if not _SECONDS.fullmatch(seconds):
            raise NotSigned(f"{TIMESTAMP} is not a number of seconds")
        if abs(int(seconds) - moment.timestamp()) > TOLERANCE:
            raise NotSigned(f"{TIMESTAMP} is more than {TOLERANCE} seconds from now")
        given = headers.get(SIGNATURE, "").split()
        if not self._fits(given, message_id, seconds, body):
            raise NotSigned(f"{SIGNATURE} is not of this body by this secret")

    def _fits(self, given: Sequence[str], message_id: str, seconds: str, body: bytes) -> bool:
        own = [_signature(key, message_id, seconds, body).encode() for key in self._keys]
        return any(
            hmac.compare_digest(mine, theirs.encode(errors="replace"))
            for mine in own
            for theirs in given
        )


def _key(text: str) -> bytes:
    try:
        key = base64.b64decode(text.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not text.startswith(_PREFIX) or len(key) not in _SIZES:
        raise WrongSecret(WrongSecret.__doc__)
    return key


def _signature(key: bytes, message_id: str, seconds: str, body: bytes) -> str:
    content = b".".join((message_id.encode(), seconds.encode(), body))
    return f"v1,{base64.b64encode(hmac.digest(key, content, 'sha256')).decode()}"
